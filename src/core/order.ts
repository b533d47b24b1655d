// Order and equality of single values (operators spec §1.1). Two relations per type: SQL's order, whose zero is `=` and
// GROUP BY; and the canonical order, which breaks those ties by identity (display scale, months and days, trailing
// blanks), so that only values which print alike are the same. NULL is last and equal to itself in both.
//
// These agree with memcmp over encoding/encoding.ts; generated primitives compare the bytes, single values come here.
// PostgreSQL's own comparison functions are followed: bpcharcmp, numeric_cmp, interval_cmp, timetz_cmp,
// compareJsonbContainers, array_cmp, record_cmp; text by code point (its collation "C").

import { isJsonArray, isJsonNumber, isJsonObject } from './encoding/json-form.ts'
import { intervalEstimate, type NotNull, trailingBlanks } from './encoding/scalar-form.ts'
import { type CompareValues, compareMultiranges, compareRanges, isRangeKind, rangeKindOf, subtypeOf } from './range.ts'
import type { Field, MultirangeKind, RangeKind, SqlType } from './type.ts'
import type {
  Interval,
  Json,
  JsonNode,
  JsonObject,
  Numeric,
  RangeBound,
  SqlArray,
  SqlMultirange,
  SqlRange,
  SqlRow,
  SqlValue,
  TimeTz,
} from './value.ts'

/** SQL's order of two values of one type, NULL last: 0 iff they are one group (NULL = NULL). */
export function compareSql(type: SqlType, a: SqlValue, b: SqlValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return compareValues(type, a, b)
}

/** SQL's order, ties broken by identity: 0 iff the two are the same value to the last shown digit. */
export function compareCanonical(type: SqlType, a: SqlValue, b: SqlValue): number {
  return compareSql(type, a, b) || compareIdentity(type, a, b)
}

/** `a = b` for GROUP BY, DISTINCT and IS NOT DISTINCT FROM: NULL equals NULL. */
export const sqlEquals = (type: SqlType, a: SqlValue, b: SqlValue): boolean => compareSql(type, a, b) === 0

/** Whether the two are one value for consolidation and retraction. */
export const sameIdentity = (type: SqlType, a: SqlValue, b: SqlValue): boolean => compareCanonical(type, a, b) === 0

const order = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : a > b ? 1 : 0)

function compareValues(type: SqlType, a: NotNull, b: NotNull): number {
  switch (type.kind) {
    case 'boolean':
      return Number(a) - Number(b)
    case 'int2':
    case 'int4':
    case 'date':
    case 'oid':
    case 'reg':
    case 'int8':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return order(a as number, b as number)
    case 'float4':
    case 'float8':
    case 'enum':
      return compareFloats(a as number, b as number)
    case 'numeric':
      return compareNumerics(a as Numeric, b as Numeric)
    case 'text':
    case 'varchar':
    case 'name':
    case 'char':
    case 'json':
    case 'jsonpath':
    case 'bit':
    case 'varbit':
    case 'unknown':
      return compareText(a as string, b as string)
    case 'bpchar':
      return compareText(withoutBlanks(a as string), withoutBlanks(b as string))
    case 'bytea':
    case 'uuid':
      return compareBytes(a as Uint8Array, b as Uint8Array)
    case 'timetz':
      return compareTimeTz(a as TimeTz, b as TimeTz)
    case 'interval':
      return order(intervalEstimate(a as Interval), intervalEstimate(b as Interval))
    case 'jsonb':
      return compareJson((a as Json).value, (b as Json).value)
    case 'array':
      return compareArrays(type.element, a as SqlArray, b as SqlArray)
    case 'row':
      return compareRows(type.fields, a as SqlRow, b as SqlRow)
    case 'void':
      return 0
    default:
      return compareOfRanges(type, a, b)
  }
}

function compareOfRanges(type: { readonly kind: RangeKind | MultirangeKind }, a: NotNull, b: NotNull): number {
  if (isRangeKind(type.kind)) return compareRanges(valuesOf(type.kind), a as SqlRange, b as SqlRange)
  return compareMultiranges(valuesOf(rangeKindOf(type.kind)), a as SqlMultirange, b as SqlMultirange)
}

/** How bounds of the range type compare in SQL. */
const valuesOf = (kind: RangeKind): CompareValues => {
  const type = subtypeOf(kind)
  return (a, b) => compareValues(type, a, b)
}

/** NaN equals itself and is greatest. */
export function compareFloats(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

const specialRank = { '-Infinity': -1, Infinity: 1, NaN: 2 } as const
const rankOf = (value: Numeric): number => (value.special === undefined ? 0 : specialRank[value.special])

/** By value: 1.5 and 1.50 compare equal. */
export function compareNumerics(a: Numeric, b: Numeric): number {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0 || a.special !== undefined) return rank
  if (a.scale === b.scale) return order(a.digits, b.digits)
  return a.scale < b.scale
    ? order(a.digits * 10n ** BigInt(b.scale - a.scale), b.digits)
    : order(a.digits, b.digits * 10n ** BigInt(a.scale - b.scale))
}

/** By code point, which is the order of the UTF-8 bytes but not that of UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return x < 0xd800 || y < 0xd800 ? x - y : inCodePointOrder(x) - inCodePointOrder(y)
  }
  return a.length - b.length
}

/** Moves surrogates above U+E000–U+FFFF, where the characters they stand for belong. */
const inCodePointOrder = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit + 0x2000)

const withoutBlanks = (text: string): string => text.slice(0, text.length - trailingBlanks(text))

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

/** By instant; of the same instant the one farther east first. */
const compareTimeTz = (a: TimeTz, b: TimeTz): number =>
  order(a.micros - BigInt(a.zone) * 1_000_000n, b.micros - BigInt(b.zone) * 1_000_000n) || order(b.zone, a.zone)

/** PostgreSQL's order of jsonb, in which an empty array at the top is less than everything. */
export function compareJson(a: JsonNode, b: JsonNode): number {
  const emptyA = isJsonArray(a) && a.length === 0
  const emptyB = isJsonArray(b) && b.length === 0
  return emptyA || emptyB ? Number(emptyB) - Number(emptyA) : compareNodes(a, b)
}

function jsonRank(node: JsonNode): number {
  if (node === null) return 0
  if (typeof node === 'string') return 1
  if (typeof node === 'boolean') return 3
  if (isJsonArray(node)) return 4
  return isJsonObject(node) ? 5 : 2
}

function compareNodes(a: JsonNode, b: JsonNode): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (isJsonNumber(a) && isJsonNumber(b)) return compareNumerics(a, b)
  if (isJsonArray(a) && isJsonArray(b)) return a.length - b.length || firstDifference(a, b, compareNodes)
  if (isJsonObject(a) && isJsonObject(b))
    return a.entries.length - b.entries.length || firstDifference(a.entries, b.entries, compareEntries)
  return jsonRank(a) - jsonRank(b)
}

type Entry = JsonObject['entries'][number]
const compareEntries = (a: Entry, b: Entry): number => compareText(a[0], b[0]) || compareNodes(a[1], b[1])

function firstDifference<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T, i: number) => number): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const result = compare(a[i]!, b[i]!, i)
    if (result !== 0) return result
  }
  return 0
}

/** Elements first, then their number, then dimensions, their lengths and their lower bounds. */
const compareArrays = (element: SqlType, a: SqlArray, b: SqlArray): number =>
  firstDifference(a.elements, b.elements, (x, y) => compareSql(element, x, y)) ||
  a.elements.length - b.elements.length ||
  a.lengths.length - b.lengths.length ||
  firstDifference(a.lengths, b.lengths, order) ||
  firstDifference(a.lowerBounds, b.lowerBounds, order)

function compareRows(fields: readonly Field[], a: SqlRow, b: SqlRow): number {
  for (const [i, field] of fields.entries()) {
    const result = compareSql(field.type, a.fields[i] ?? null, b.fields[i] ?? null)
    if (result !== 0) return result
  }
  return 0
}

/** Of two values that are equal in SQL: by what `=` does not see. */
function compareIdentity(type: SqlType, a: SqlValue, b: SqlValue): number {
  if (a === null || b === null) return 0
  switch (type.kind) {
    case 'numeric':
      return (a as Numeric).scale - (b as Numeric).scale
    case 'interval':
      return order((a as Interval).months, (b as Interval).months) || order((a as Interval).days, (b as Interval).days)
    case 'bpchar':
      return (a as string).length - (b as string).length
    case 'jsonb':
      return compareScales((a as Json).value, (b as Json).value)
    case 'array':
      return firstDifference((a as SqlArray).elements, (b as SqlArray).elements, (x, y) =>
        compareIdentity(type.element, x, y),
      )
    case 'numrange':
      return compareBoundScales(a as SqlRange, b as SqlRange)
    case 'nummultirange':
      return firstDifference((a as SqlMultirange).ranges, (b as SqlMultirange).ranges, compareBoundScales)
    case 'row':
      return firstDifference((a as SqlRow).fields, (b as SqlRow).fields, (x, y, i) =>
        compareIdentity(type.fields[i]!.type, x, y),
      )
    default:
      return 0
  }
}

const scaleOf = (bound: RangeBound | undefined): number => (bound === undefined ? 0 : (bound.value as Numeric).scale)

const compareBoundScales = (a: SqlRange, b: SqlRange): number =>
  scaleOf(a.lower) - scaleOf(b.lower) || scaleOf(a.upper) - scaleOf(b.upper)

function compareScales(a: JsonNode, b: JsonNode): number {
  if (isJsonNumber(a) && isJsonNumber(b)) return a.scale - b.scale
  if (isJsonArray(a) && isJsonArray(b)) return firstDifference(a, b, compareScales)
  if (isJsonObject(a) && isJsonObject(b))
    return firstDifference(a.entries, b.entries, (x, y) => compareScales(x[1], y[1]))
  return 0
}
