// SQL types, and the five physical kinds that columns of them have (spec/engine.md §1).
//
// A `SqlType` is what SQL shows: name, modifiers. A `Physical` is how the values of one column of one plan lie in
// memory; it is fixed by the plan and never changes with the data. NUMERIC is the only type with a choice: i64 or i128
// mantissa of a known scale, or bytes. `defaultPhysical` is what a column has whose plan derived nothing narrower.

import type { EnumLabels } from './enum-labels.ts'

export type SqlType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'int2' }
  | { readonly kind: 'int4' }
  | { readonly kind: 'int8' }
  | { readonly kind: 'float4' }
  | { readonly kind: 'float8' }
  /** `precision` and `scale` are the declared ones (typmod) or absent; derived ones are a plan property (Physical). */
  | { readonly kind: 'numeric'; readonly precision?: number; readonly scale?: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'varchar'; readonly length?: number }
  | { readonly kind: 'bpchar'; readonly length?: number }
  | { readonly kind: 'name' }
  /** The catalog's one-byte type `"char"`. */
  | { readonly kind: 'char' }
  | { readonly kind: 'bytea' }
  /** Bit strings: BIT(n) of exactly, BIT VARYING(n) of at most `length` bits; absent: any length. */
  | { readonly kind: 'bit'; readonly length?: number }
  | { readonly kind: 'varbit'; readonly length?: number }
  | { readonly kind: 'date' }
  | { readonly kind: 'time'; readonly precision?: number }
  | { readonly kind: 'timetz'; readonly precision?: number }
  | { readonly kind: 'timestamp'; readonly precision?: number }
  | { readonly kind: 'timestamptz'; readonly precision?: number }
  | { readonly kind: 'interval'; readonly fields?: string; readonly precision?: number }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'json' }
  | { readonly kind: 'jsonb' }
  /** A compiled SQL/JSON path. */
  | { readonly kind: 'jsonpath' }
  | { readonly kind: RangeKind }
  | { readonly kind: MultirangeKind }
  /** CREATE TYPE … AS ENUM. */
  | EnumType
  | { readonly kind: 'oid' }
  /** regclass, regtype, regproc, regnamespace …: an oid that prints as a name. */
  | { readonly kind: 'reg'; readonly of: 'class' | 'type' | 'proc' | 'procedure' | 'namespace' | 'role' | 'operator' }
  | { readonly kind: 'array'; readonly element: SqlType }
  /** A row value or composite type. `name` is that of a declared type or relation; absent for ROW(…). */
  | { readonly kind: 'row'; readonly fields: readonly Field[]; readonly name?: string }
  /** An untyped literal or NULL before the binder has given it a type; survives only as an output column's `text`. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'void' }

/** PostgreSQL's built-in range types (range.ts says over what), and the multirange type of each. */
export type RangeKind = 'int4range' | 'int8range' | 'numrange' | 'tsrange' | 'tstzrange' | 'daterange'
export type MultirangeKind =
  | 'int4multirange'
  | 'int8multirange'
  | 'nummultirange'
  | 'tsmultirange'
  | 'tstzmultirange'
  | 'datemultirange'

export interface EnumType {
  readonly kind: 'enum'
  readonly oid: number
  readonly arrayOid: number
  readonly schema: string
  readonly name: string
  readonly labels: EnumLabels
}

export interface Field {
  readonly name: string
  readonly type: SqlType
}

export type TypeKind = SqlType['kind']

export type Physical =
  | { readonly kind: 'i32' }
  /**
   * `scale` is present for NUMERIC: the value is mantissa / 10^scale; `precision` bounds the mantissa's digits (≤ 18).
   */
  | { readonly kind: 'i64'; readonly precision?: number; readonly scale?: number }
  /** Two int64 words, low first, two's complement. NUMERIC of known scale, precision ≤ 38. */
  | { readonly kind: 'i128'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'f64' }
  | { readonly kind: 'bytes' }

export type PhysicalKind = Physical['kind']

const i32: Physical = { kind: 'i32' }
const i64: Physical = { kind: 'i64' }
const f64: Physical = { kind: 'f64' }
const bytes: Physical = { kind: 'bytes' }

/** NUMERIC of `precision` digits, `scale` of them after the point. Beyond 38 digits or a negative scale: bytes. */
export function numericPhysical(precision: number, scale: number): Physical {
  if (scale < 0 || scale > precision) return bytes
  if (precision <= 18) return { kind: 'i64', precision, scale }
  if (precision <= 38) return { kind: 'i128', precision, scale }
  return bytes
}

const physicalOf = {
  boolean: i32,
  int2: i32,
  int4: i32,
  int8: i64,
  float4: f64,
  float8: f64,
  numeric: bytes,
  text: bytes,
  varchar: bytes,
  bpchar: bytes,
  name: bytes,
  char: bytes,
  bytea: bytes,
  bit: bytes,
  varbit: bytes,
  date: i32,
  time: i64,
  timetz: bytes,
  timestamp: i64,
  timestamptz: i64,
  interval: bytes,
  uuid: bytes,
  json: bytes,
  jsonb: bytes,
  jsonpath: bytes,
  int4range: bytes,
  int8range: bytes,
  numrange: bytes,
  tsrange: bytes,
  tstzrange: bytes,
  daterange: bytes,
  int4multirange: bytes,
  int8multirange: bytes,
  nummultirange: bytes,
  tsmultirange: bytes,
  tstzmultirange: bytes,
  datemultirange: bytes,
  enum: f64,
  // As doubles, since words have a sign.
  oid: f64,
  reg: f64,
  array: bytes,
  row: bytes,
  unknown: bytes,
  void: bytes,
} satisfies Record<TypeKind, Physical>

/** The physical kind of a stored column of this type, where no plan has derived a narrower one. */
export function defaultPhysical(type: SqlType): Physical {
  if (type.kind === 'numeric' && type.precision !== undefined) return numericPhysical(type.precision, type.scale ?? 0)
  return physicalOf[type.kind]
}

export const samePhysical = (a: Physical, b: Physical): boolean =>
  a.kind === b.kind &&
  ('scale' in a ? a.scale : undefined) === ('scale' in b ? b.scale : undefined) &&
  ('precision' in a ? a.precision : undefined) === ('precision' in b ? b.precision : undefined)

/** Same type including modifiers, element and field types. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a.kind !== b.kind) return false
  if (a.kind === 'array' && b.kind === 'array') return sameType(a.element, b.element)
  if (a.kind === 'row' && b.kind === 'row')
    return (
      a.fields.length === b.fields.length &&
      a.fields.every((field, i) => field.name === b.fields[i]!.name && sameType(field.type, b.fields[i]!.type))
    )
  if (a.kind === 'reg' && b.kind === 'reg') return a.of === b.of
  if (a.kind === 'enum' && b.kind === 'enum') return a.oid === b.oid
  const x = a as { precision?: number; scale?: number; length?: number; fields?: unknown }
  const y = b as { precision?: number; scale?: number; length?: number; fields?: unknown }
  return x.precision === y.precision && x.scale === y.scale && x.length === y.length && x.fields === y.fields
}
