// The names and numbers that PostgreSQL gives types: format_type, oid, typmod, typlen, and names read back.
//
// `typeName` is format_type(oid, typmod): what catalogs and EXPLAIN show. `baseTypeName` is format_type_be(oid): what
// messages show, without modifiers. Row types of relations have the relation's own type oid, which the catalog knows;
// here every row is `record`. Numbers are PostgreSQL 15's pg_type.dat.

import { SqlError } from './error.ts'
import { multirangeKinds, rangeKinds } from './range.ts'
import type { SqlType, TypeKind } from './type.ts'

interface Numbers {
  readonly oid: number
  readonly array: number
  readonly length: number
}

const numbers = {
  boolean: { oid: 16, array: 1000, length: 1 },
  bytea: { oid: 17, array: 1001, length: -1 },
  char: { oid: 18, array: 1002, length: 1 },
  name: { oid: 19, array: 1003, length: 64 },
  int8: { oid: 20, array: 1016, length: 8 },
  int2: { oid: 21, array: 1005, length: 2 },
  int4: { oid: 23, array: 1007, length: 4 },
  text: { oid: 25, array: 1009, length: -1 },
  oid: { oid: 26, array: 1028, length: 4 },
  json: { oid: 114, array: 199, length: -1 },
  float4: { oid: 700, array: 1021, length: 4 },
  float8: { oid: 701, array: 1022, length: 8 },
  unknown: { oid: 705, array: 1009, length: -2 },
  bpchar: { oid: 1042, array: 1014, length: -1 },
  varchar: { oid: 1043, array: 1015, length: -1 },
  date: { oid: 1082, array: 1182, length: 4 },
  time: { oid: 1083, array: 1183, length: 8 },
  timestamp: { oid: 1114, array: 1115, length: 8 },
  timestamptz: { oid: 1184, array: 1185, length: 8 },
  interval: { oid: 1186, array: 1187, length: 16 },
  timetz: { oid: 1266, array: 1270, length: 12 },
  numeric: { oid: 1700, array: 1231, length: -1 },
  row: { oid: 2249, array: 2287, length: -1 },
  void: { oid: 2278, array: 0, length: 4 },
  uuid: { oid: 2950, array: 2951, length: 16 },
  jsonb: { oid: 3802, array: 3807, length: -1 },
  bit: { oid: 1560, array: 1561, length: -1 },
  varbit: { oid: 1562, array: 1563, length: -1 },
  jsonpath: { oid: 4072, array: 4073, length: -1 },
  int4range: { oid: 3904, array: 3905, length: -1 },
  numrange: { oid: 3906, array: 3907, length: -1 },
  tsrange: { oid: 3908, array: 3909, length: -1 },
  tstzrange: { oid: 3910, array: 3911, length: -1 },
  daterange: { oid: 3912, array: 3913, length: -1 },
  int8range: { oid: 3926, array: 3927, length: -1 },
  int4multirange: { oid: 4451, array: 6150, length: -1 },
  nummultirange: { oid: 4532, array: 6151, length: -1 },
  tsmultirange: { oid: 4533, array: 6152, length: -1 },
  tstzmultirange: { oid: 4534, array: 6153, length: -1 },
  datemultirange: { oid: 4535, array: 6155, length: -1 },
  int8multirange: { oid: 4536, array: 6157, length: -1 },
} satisfies Record<Exclude<TypeKind, 'array' | 'reg' | 'enum'>, Numbers>

type RegKind = Extract<SqlType, { kind: 'reg' }>['of']

const regNumbers = {
  proc: { oid: 24, array: 1008, length: 4 },
  procedure: { oid: 2202, array: 2207, length: 4 },
  operator: { oid: 2204, array: 2209, length: 4 },
  class: { oid: 2205, array: 2210, length: 4 },
  type: { oid: 2206, array: 2211, length: 4 },
  namespace: { oid: 4089, array: 4090, length: 4 },
  role: { oid: 4096, array: 4097, length: 4 },
} satisfies Record<RegKind, Numbers>

function numbersOf(type: Exclude<SqlType, { kind: 'array' }>): Numbers {
  if (type.kind === 'enum') return { oid: type.oid, array: type.arrayOid, length: 4 }
  return type.kind === 'reg' ? regNumbers[type.of] : numbers[type.kind]
}

/** pg_type.oid. An array of arrays is the array itself, as in PostgreSQL. */
export function typeOid(type: SqlType): number {
  return type.kind === 'array' ? arrayOid(type.element) : numbersOf(type).oid
}

/** pg_type.typarray: the oid of the array type over `type`; 0 where there is none. */
export function arrayOid(type: SqlType): number {
  return type.kind === 'array' ? arrayOid(type.element) : numbersOf(type).array
}

/** pg_type.typlen: bytes of a fixed-length type, −1 for varlena, −2 for a C string. */
export const typeLength = (type: SqlType): number => (type.kind === 'array' ? -1 : numbersOf(type).length)

const INTERVAL_FIELDS: Readonly<Record<string, number>> = {
  month: 1 << 1,
  year: 1 << 2,
  day: 1 << 3,
  hour: 1 << 10,
  minute: 1 << 11,
  second: 1 << 12,
}
const INTERVAL_ORDER = ['year', 'month', 'day', 'hour', 'minute', 'second']
const INTERVAL_ALL = 0x7fff
const NO_PRECISION = 0xffff

/** The units that a field restriction such as `day to second` keeps, largest first; all of them without one. */
export function intervalUnits(fields: string | undefined): readonly string[] {
  if (fields === undefined) return INTERVAL_ORDER
  const [from, to = from] = fields.split(' to ')
  return INTERVAL_ORDER.slice(INTERVAL_ORDER.indexOf(from!), INTERVAL_ORDER.indexOf(to!) + 1)
}

/** pg_attribute.atttypmod: the modifiers packed as PostgreSQL does; −1 where there are none. */
export function typeModifier(type: SqlType): number {
  switch (type.kind) {
    case 'numeric':
      return type.precision === undefined ? -1 : (type.precision << 16) + ((type.scale ?? 0) & 0x7ff) + 4
    case 'varchar':
    case 'bpchar':
      return type.length === undefined ? -1 : type.length + 4
    case 'bit':
    case 'varbit':
      return type.length ?? -1
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return type.precision ?? -1
    case 'interval': {
      if (type.fields === undefined && type.precision === undefined) return -1
      const mask = intervalUnits(type.fields).reduce((bits, unit) => bits | INTERVAL_FIELDS[unit]!, 0)
      return ((type.fields === undefined ? INTERVAL_ALL : mask) << 16) | (type.precision ?? NO_PRECISION)
    }
    case 'array':
      return typeModifier(type.element)
    default:
      return -1
  }
}

const plainNames = {
  boolean: 'boolean',
  bytea: 'bytea',
  char: '"char"',
  name: 'name',
  int8: 'bigint',
  int2: 'smallint',
  int4: 'integer',
  text: 'text',
  oid: 'oid',
  json: 'json',
  float4: 'real',
  float8: 'double precision',
  unknown: 'unknown',
  bpchar: 'character',
  varchar: 'character varying',
  date: 'date',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  interval: 'interval',
  timetz: 'time with time zone',
  numeric: 'numeric',
  void: 'void',
  uuid: 'uuid',
  jsonb: 'jsonb',
  bit: 'bit',
  varbit: 'bit varying',
  jsonpath: 'jsonpath',
  int4range: 'int4range',
  int8range: 'int8range',
  numrange: 'numrange',
  tsrange: 'tsrange',
  tstzrange: 'tstzrange',
  daterange: 'daterange',
  int4multirange: 'int4multirange',
  int8multirange: 'int8multirange',
  nummultirange: 'nummultirange',
  tsmultirange: 'tsmultirange',
  tstzmultirange: 'tstzmultirange',
  datemultirange: 'datemultirange',
} satisfies Record<Exclude<TypeKind, 'array' | 'reg' | 'row' | 'enum'>, string>

/** The type's name without modifiers, as messages say it: `character varying`, `integer[]`. */
export function baseTypeName(type: SqlType): string {
  if (type.kind === 'array') return `${baseTypeName(elementBase(type))}[]`
  if (type.kind === 'reg') return `reg${type.of}`
  if (type.kind === 'row') return type.name ?? 'record'
  if (type.kind === 'enum') return type.name
  return plainNames[type.kind]
}

/** pg_type.typname: `int4`, `_text`. */
export function catalogTypeName(type: SqlType): string {
  if (type.kind === 'array') return `_${catalogTypeName(elementBase(type))}`
  if (type.kind === 'boolean') return 'bool'
  if (type.kind === 'row') return type.name ?? 'record'
  if (type.kind === 'enum') return type.name
  return type.kind === 'reg' ? `reg${type.of}` : type.kind
}

const elementBase = (type: SqlType): SqlType => (type.kind === 'array' ? elementBase(type.element) : type)

/** The type's name with its modifiers, as catalogs say it: `character varying(10)`, `numeric(12,2)[]`. */
export function typeName(type: SqlType): string {
  switch (type.kind) {
    case 'array':
      return `${typeName(elementBase(type))}[]`
    case 'numeric':
      return type.precision === undefined ? 'numeric' : `numeric(${type.precision},${type.scale ?? 0})`
    case 'varchar':
      return type.length === undefined ? 'character varying' : `character varying(${type.length})`
    case 'bpchar':
      return type.length === undefined ? 'bpchar' : `character(${type.length})`
    case 'bit':
      return type.length === undefined ? '"bit"' : `bit(${type.length})`
    case 'varbit':
      return type.length === undefined ? 'bit varying' : `bit varying(${type.length})`
    case 'time':
    case 'timestamp':
      return `${type.kind}${precisionSuffix(type.precision)} without time zone`
    case 'timetz':
    case 'timestamptz':
      return `${type.kind.slice(0, -2)}${precisionSuffix(type.precision)} with time zone`
    case 'interval':
      return `interval${type.fields === undefined ? '' : ` ${type.fields}`}${precisionSuffix(type.precision)}`
    default:
      return baseTypeName(type)
  }
}

const precisionSuffix = (precision: number | undefined): string => (precision === undefined ? '' : `(${precision})`)

type Build = (modifiers: readonly number[], fields: string | undefined) => SqlType

const plain =
  (type: SqlType): Build =>
  (modifiers) => {
    if (modifiers.length > 0) throw modifierNotAllowed(baseTypeName(type))
    return type
  }

const timeLike =
  (kind: 'time' | 'timetz' | 'timestamp' | 'timestamptz'): Build =>
  ([precision]) =>
    precision === undefined ? { kind } : { kind, precision: Math.min(precision, 6) }

const characters =
  (kind: 'varchar' | 'bpchar', shown: string, implied?: number): Build =>
  (modifiers) => {
    const length = modifiers[0] ?? implied
    if (length === undefined) return { kind }
    if (length < 1) throw invalidModifier(`length for type ${shown} must be at least 1`)
    if (length > 10485760) throw invalidModifier(`length for type ${shown} cannot exceed 10485760`)
    return { kind, length }
  }

const BITS_MAX = 83886080

const bits =
  (kind: 'bit' | 'varbit', shown: string, implied?: number): Build =>
  (modifiers) => {
    const length = modifiers[0] ?? implied
    if (length === undefined) return { kind }
    if (length < 1) throw invalidModifier(`length for type ${shown} must be at least 1`)
    if (length > BITS_MAX) throw invalidModifier(`length for type ${shown} cannot exceed ${BITS_MAX}`)
    return { kind, length }
  }

const numericType: Build = (modifiers) => {
  const [precision, scale = 0] = modifiers
  if (precision === undefined) return { kind: 'numeric' }
  if (modifiers.length > 2) throw invalidModifier('invalid NUMERIC type modifier')
  if (precision < 1 || precision > 1000)
    throw invalidModifier(`NUMERIC precision ${precision} must be between 1 and 1000`)
  if (scale < -1000 || scale > 1000) throw invalidModifier(`NUMERIC scale ${scale} must be between -1000 and 1000`)
  return { kind: 'numeric', precision, scale }
}

const floatType: Build = ([precision]) => {
  if (precision === undefined) return { kind: 'float8' }
  if (precision < 1) throw invalidModifier('precision for type float must be at least 1 bit')
  if (precision > 53) throw invalidModifier('precision for type float must be less than 54 bits')
  return { kind: precision <= 24 ? 'float4' : 'float8' }
}

const intervalType: Build = ([precision], fields) => ({
  kind: 'interval',
  ...(fields === undefined ? {} : { fields }),
  ...(precision === undefined ? {} : { precision: Math.min(precision, 6) }),
})

const int2 = plain({ kind: 'int2' })
const int4 = plain({ kind: 'int4' })
const int8 = plain({ kind: 'int8' })
const float8 = plain({ kind: 'float8' })
const text = plain({ kind: 'text' })
const bytea = plain({ kind: 'bytea' })
const varchar = characters('varchar', 'varchar')
const character = characters('bpchar', 'char', 1)
const timestamp = timeLike('timestamp')
const timestamptz = timeLike('timestamptz')

const builders: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['boolean', plain({ kind: 'boolean' })],
  ['bool', plain({ kind: 'boolean' })],
  ['smallint', int2],
  ['int2', int2],
  ['tinyint', int2],
  ['integer', int4],
  ['int', int4],
  ['int4', int4],
  ['bigint', int8],
  ['int8', int8],
  ['real', plain({ kind: 'float4' })],
  ['float4', plain({ kind: 'float4' })],
  ['double precision', float8],
  ['double', float8],
  ['float8', float8],
  ['float', floatType],
  ['numeric', numericType],
  ['decimal', numericType],
  ['dec', numericType],
  ['text', text],
  ['string', text],
  ['character varying', varchar],
  ['char varying', varchar],
  ['national character varying', varchar],
  ['varchar', varchar],
  ['character', character],
  ['char', character],
  ['nchar', character],
  ['national character', character],
  ['bpchar', characters('bpchar', 'char')],
  ['"char"', plain({ kind: 'char' })],
  ['name', plain({ kind: 'name' })],
  ['bytea', bytea],
  ['bytes', bytea],
  ['date', plain({ kind: 'date' })],
  ['time', timeLike('time')],
  ['time without time zone', timeLike('time')],
  ['timetz', timeLike('timetz')],
  ['time with time zone', timeLike('timetz')],
  ['timestamp', timestamp],
  ['timestamp without time zone', timestamp],
  ['datetime', timestamp],
  ['timestamptz', timestamptz],
  ['timestamp with time zone', timestamptz],
  ['interval', intervalType],
  ['uuid', plain({ kind: 'uuid' })],
  ['json', plain({ kind: 'json' })],
  ['jsonb', plain({ kind: 'jsonb' })],
  ['jsonpath', plain({ kind: 'jsonpath' })],
  ['bit', bits('bit', 'bit', 1)],
  ['"bit"', bits('bit', 'bit')],
  ['varbit', bits('varbit', 'varbit')],
  ['bit varying', bits('varbit', 'varbit')],
  ...[...rangeKinds, ...multirangeKinds].map((kind): [string, Build] => [kind, plain({ kind })]),
  ['oid', plain({ kind: 'oid' })],
  ['unknown', plain({ kind: 'unknown' })],
  ['void', plain({ kind: 'void' })],
  ...Object.keys(regNumbers).map((of): [string, Build] => [`reg${of}`, plain({ kind: 'reg', of: of as RegKind })]),
])

/**
 * The built-in type of this name, or undefined. `name` is folded as the parser folds it, several words joined by one
 * blank; the catalog's one-byte type is `"char"` with its quotes. A leading `_` or trailing `[]` makes an array.
 * Throws 22023 for a modifier out of bounds, 42601 for one that the type does not take.
 */
export function typeFromName(
  name: string,
  modifiers: readonly number[] = [],
  intervalFields?: string,
): SqlType | undefined {
  if (name.endsWith('[]')) return arrayOf(typeFromName(name.slice(0, -2).trimEnd(), modifiers, intervalFields))
  const build = builders.get(name)
  if (build !== undefined) return build(modifiers, intervalFields)
  return name.startsWith('_') ? arrayOf(builders.get(name.slice(1))?.(modifiers, intervalFields)) : undefined
}

const arrayOf = (element: SqlType | undefined): SqlType | undefined =>
  element === undefined || element.kind === 'array' ? element : { kind: 'array', element }

const byOid: ReadonlyMap<number, SqlType> = new Map(
  [
    ...Object.keys(numbers)
      .filter((kind) => kind !== 'row')
      .map((kind) => ({ kind }) as SqlType),
    ...Object.keys(regNumbers).map((of): SqlType => ({ kind: 'reg', of: of as RegKind })),
  ].flatMap((type): [number, SqlType][] => [
    [typeOid(type), type],
    ...(type.kind === 'unknown' || type.kind === 'void'
      ? []
      : [[arrayOid(type), { kind: 'array', element: type }] satisfies [number, SqlType]]),
  ]),
)

/** The built-in type of this oid, without modifiers; undefined for oids that are not a built-in type's. */
export const typeFromOid = (oid: number): SqlType | undefined => byOid.get(oid)

const invalidModifier = (message: string): SqlError => new SqlError({ code: '22023', message })
const modifierNotAllowed = (name: string): SqlError =>
  new SqlError({ code: '42601', message: `type modifier is not allowed for type "${name}"` })
