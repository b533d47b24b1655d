// Types, functions, and the small fixed tables of pg_catalog: access methods, collations, the database, the one role.

import type { SqlType, TypeKind } from '../../core/type.ts'
import { arrayOid, baseTypeName, catalogTypeName, typeLength, typeOid } from '../../core/type-name.ts'
import { sqlArray } from '../../core/value.ts'
import type { FunctionRegistry, ParameterType, ResultType, SqlFunction } from '../../functions/registry.ts'
import type { NamedRow, Rows } from './build.ts'
import { OWNER_OID } from './pg-relations.ts'

/** Kind → category and whether the type is its category's preferred one (PostgreSQL, CREATE TYPE). */
const categories: Partial<Record<TypeKind, readonly [category: string, preferred: boolean]>> = {
  boolean: ['B', true],
  int2: ['N', false],
  int4: ['N', false],
  int8: ['N', false],
  float4: ['N', false],
  float8: ['N', true],
  numeric: ['N', false],
  oid: ['N', true],
  text: ['S', true],
  varchar: ['S', false],
  bpchar: ['S', false],
  name: ['S', false],
  char: ['Z', false],
  bytea: ['U', false],
  date: ['D', false],
  time: ['D', false],
  timetz: ['D', false],
  timestamp: ['D', false],
  timestamptz: ['D', true],
  interval: ['T', true],
  uuid: ['U', false],
  json: ['U', false],
  jsonb: ['U', false],
  jsonpath: ['U', false],
  bit: ['V', false],
  varbit: ['V', true],
  int4range: ['R', false],
  int4multirange: ['R', false],
  int8range: ['R', false],
  int8multirange: ['R', false],
  numrange: ['R', false],
  nummultirange: ['R', false],
  tsrange: ['R', false],
  tsmultirange: ['R', false],
  tstzrange: ['R', false],
  tstzmultirange: ['R', false],
  daterange: ['R', false],
  datemultirange: ['R', false],
}

const DEFAULT_COLLATION = 100

/** Types that have columns. */
export const namedTypes: readonly SqlType[] = Object.keys(categories).map((kind) => ({ kind }) as SqlType)

export const types: Rows = function* (facts) {
  yield* declaredTypes(facts)
  for (const type of namedTypes) {
    const [category, preferred] = categories[type.kind]!
    const name = catalogTypeName(type)
    yield {
      ...typeRow(typeOid(type), name, { length: typeLength(type), category, preferred, array: arrayOid(type) }),
      typcollation: category === 'S' ? DEFAULT_COLLATION : 0,
    }
    yield {
      ...typeRow(arrayOid(type), `_${name}`, { length: -1, category: 'A', preferred: false, array: 0 }),
      typelem: typeOid(type),
    }
  }
}

/** CREATE TYPE's, and their arrays. */
const declaredTypes: Rows = function* ({ catalog }) {
  for (const { id, schema, name, type } of catalog.types.values()) {
    const namespace = catalog.schemas.get(schema)?.id ?? 0
    const category = type.kind === 'enum' ? 'E' : 'C'
    yield {
      ...typeRow(id, name, { length: type.kind === 'enum' ? 4 : -1, category, preferred: false, array: id + 1 }),
      typnamespace: namespace,
      typtype: type.kind === 'enum' ? 'e' : 'c',
    }
    yield {
      ...typeRow(id + 1, `_${name}`, { length: -1, category: 'A', preferred: false, array: 0 }),
      typnamespace: namespace,
      typelem: id,
    }
  }
}

const ENUM_LABELS = 1_000_000_000

/** Labels are numbered on their own, in order of their types. */
export const enumLabels: Rows = function* ({ catalog }) {
  let oid = ENUM_LABELS
  for (const { id, type } of catalog.types.values()) {
    if (type.kind !== 'enum') continue
    for (const { place, label } of type.labels.labels)
      yield { oid: oid++, enumtypid: id, enumsortorder: place, enumlabel: label }
  }
}

const typeRow = (
  oid: number,
  name: string,
  of: { readonly length: number; readonly category: string; readonly preferred: boolean; readonly array: number },
): NamedRow => ({
  oid,
  typname: name,
  typnamespace: 11,
  typowner: OWNER_OID,
  typlen: of.length,
  typbyval: of.length > 0 && of.length <= 8,
  typtype: 'b',
  typcategory: of.category,
  typispreferred: of.preferred,
  typisdefined: true,
  typdelim: ',',
  typarray: of.array,
  typalign: 'i',
  typstorage: of.length < 0 ? 'x' : 'p',
  typtypmod: -1,
})

/** Functions of ours have no number in PostgreSQL: they are counted from here, in order of name. */
const FIRST_FUNCTION = 6000

export const functions: Rows = function* ({ registry }) {
  let oid = FIRST_FUNCTION
  for (const entry of numberedFunctions(registry)) {
    const args = entry.args.map(parameterOid)
    yield {
      oid: oid++,
      proname: entry.name,
      pronamespace: 11,
      proowner: OWNER_OID,
      prolang: 12,
      prokind: entry.kind === 'aggregate' ? 'a' : entry.kind === 'window' ? 'w' : 'f',
      proisstrict: 'strict' in entry && entry.strict,
      proretset: entry.kind === 'table',
      provolatile: 'volatility' in entry ? entry.volatility.charAt(0) : 'i',
      proparallel: 's',
      pronargs: args.length,
      prorettype: entry.kind === 'table' ? 2249 : resultOid(entry.result),
      proargtypes: sqlArray(args),
      prosrc: entry.name,
    }
  }
}

/** The functions that have names, in the order of their numbers. */
function numberedFunctions(registry: FunctionRegistry): readonly SqlFunction[] {
  const known = numbered.get(registry)
  if (known !== undefined) return known
  const functions = allFunctions(registry).filter(({ name }) => /^[a-z_]/.test(name))
  numbered.set(registry, functions)
  return functions
}

const numbered = new WeakMap<FunctionRegistry, readonly SqlFunction[]>()

/** What \df shows of a function. */
export function functionByOid(
  registry: FunctionRegistry,
  oid: number,
): { readonly arguments: string; readonly result: string } | undefined {
  const entry = numberedFunctions(registry)[oid - FIRST_FUNCTION]
  if (entry === undefined) return undefined
  const variadic = 'variadic' in entry && entry.variadic
  const args = entry.args.map(parameterText)
  return {
    arguments: args
      .map((arg, i) => (variadic && i === args.length - 1 ? `VARIADIC ${variadicText(arg)}` : arg))
      .join(', '),
    result:
      entry.kind === 'table'
        ? 'SETOF record'
        : typeof entry.result === 'function'
          ? '"any"'
          : parameterText(entry.result),
  }
}

const variadicText = (element: string): string => (element === '"any"' ? element : `${element}[]`)

function parameterText(type: ParameterType): string {
  if (type === 'any') return '"any"'
  if (type in pseudoOids) return type
  if (type.endsWith('[]')) return `${parameterText(type.slice(0, -2) as ParameterType)}[]`
  if (type === 'reg') return 'regclass'
  return type === 'array' || type === 'row' ? 'record' : baseTypeName({ kind: type } as SqlType)
}

function allFunctions(registry: FunctionRegistry) {
  const { scalars, tables, aggregates, windows } = registry
  const lists = [...scalars.values(), ...tables.values(), ...aggregates.values(), ...windows.values()]
  return lists.flat().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

const pseudoOids: Readonly<Record<string, number>> = {
  any: 2276,
  anyelement: 2283,
  anyarray: 2277,
  anynonarray: 2776,
  anyenum: 3500,
  anycompatible: 5077,
  anycompatiblearray: 5078,
  anycompatiblenonarray: 5079,
  record: 2249,
}

function parameterOid(type: ParameterType): number {
  const pseudo = pseudoOids[type]
  if (pseudo !== undefined) return pseudo
  if (type.endsWith('[]')) return arrayOid({ kind: type.slice(0, -2) } as SqlType)
  if (type === 'reg') return 2205
  if (type === 'array' || type === 'row') return pseudoOids.record!
  return typeOid({ kind: type } as SqlType)
}

const resultOid = (result: ResultType): number =>
  typeof result === 'function' ? pseudoOids.any! : parameterOid(result)

export const accessMethods: Rows = () => [
  { oid: 2, amname: 'heap', amhandler: 0, amtype: 't' },
  { oid: 403, amname: 'btree', amhandler: 0, amtype: 'i' },
]

export const collations: Rows = () =>
  ['default', 'C', 'POSIX', 'ucs_basic'].map((name, i) => ({
    oid: [100, 950, 951, 12000][i]!,
    collname: name,
    collnamespace: 11,
    collowner: OWNER_OID,
    collprovider: name === 'default' ? 'd' : 'c',
    collisdeterministic: true,
    collencoding: -1,
    collcollate: 'C',
    collctype: 'C',
  }))

export const languages: Rows = () => [
  { oid: 12, lanname: 'internal', lanowner: OWNER_OID },
  { oid: 14, lanname: 'sql', lanowner: OWNER_OID, lanpltrusted: true },
]

export const databases: Rows = ({ database }) => [
  {
    oid: 5,
    datname: database,
    datdba: OWNER_OID,
    encoding: 6,
    datlocprovider: 'c',
    datallowconn: true,
    datconnlimit: -1,
    dattablespace: 1663,
    datcollate: 'C',
    datctype: 'C',
  },
]

export const tablespaces: Rows = () => [
  { oid: 1663, spcname: 'pg_default', spcowner: OWNER_OID },
  { oid: 1664, spcname: 'pg_global', spcowner: OWNER_OID },
]

export const roles: Rows = ({ user }) => [
  {
    oid: OWNER_OID,
    rolname: user,
    rolsuper: true,
    rolinherit: true,
    rolcreaterole: true,
    rolcreatedb: true,
    rolcanlogin: true,
    rolconnlimit: -1,
    rolbypassrls: true,
    rolpassword: '********',
    usename: user,
    usesysid: OWNER_OID,
    usecreatedb: true,
    usesuper: true,
    userepl: false,
    usebypassrls: true,
    passwd: '********',
  },
]
