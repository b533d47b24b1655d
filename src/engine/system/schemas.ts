// The schemas that are always there and cannot be changed.

/** PostgreSQL's own oids of schemas; millrace's is ours. */
export const systemSchemas: readonly { readonly id: number; readonly name: string }[] = [
  { id: 11, name: 'pg_catalog' },
  { id: 13000, name: 'information_schema' },
  { id: 13001, name: 'millrace' },
]
