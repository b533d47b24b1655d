// Type categories and preferred types (PostgreSQL, pg_type.typcategory and typispreferred): what overload resolution
// weighs candidates by.

import type { SqlType, TypeKind } from '../../core/type.ts'

export type Category =
  | 'boolean'
  | 'numeric'
  | 'string'
  | 'datetime'
  | 'timespan'
  | 'array'
  | 'bits'
  | 'range'
  | 'enum'
  | 'composite'
  | 'user'
  | 'internal'
  | 'unknown'
  | 'pseudo'

const categories = {
  boolean: 'boolean',
  int2: 'numeric',
  int4: 'numeric',
  int8: 'numeric',
  float4: 'numeric',
  float8: 'numeric',
  numeric: 'numeric',
  oid: 'numeric',
  reg: 'numeric',
  text: 'string',
  varchar: 'string',
  bpchar: 'string',
  name: 'string',
  char: 'internal',
  bytea: 'user',
  date: 'datetime',
  time: 'datetime',
  timetz: 'datetime',
  timestamp: 'datetime',
  timestamptz: 'datetime',
  interval: 'timespan',
  uuid: 'user',
  json: 'user',
  jsonb: 'user',
  jsonpath: 'user',
  bit: 'bits',
  varbit: 'bits',
  int4range: 'range',
  int4multirange: 'range',
  int8range: 'range',
  int8multirange: 'range',
  numrange: 'range',
  nummultirange: 'range',
  tsrange: 'range',
  tsmultirange: 'range',
  tstzrange: 'range',
  tstzmultirange: 'range',
  daterange: 'range',
  datemultirange: 'range',
  enum: 'enum',
  array: 'array',
  row: 'composite',
  unknown: 'unknown',
  void: 'pseudo',
} satisfies Record<TypeKind, Category>

const preferred = new Set<TypeKind>(['boolean', 'float8', 'oid', 'text', 'timestamptz', 'interval', 'varbit'])

export const categoryOf = (kind: TypeKind): Category => categories[kind]
export const isPreferred = (kind: TypeKind): boolean => preferred.has(kind)
export const isString = (type: SqlType): boolean => categories[type.kind] === 'string'
