// The JavaScript form of single SQL values: what a function's `evaluate` takes and returns, what literals and
// parameters are. Columns never hold these (batch.ts). NULL is `null`.
//
//   boolean                          boolean
//   int2 int4 oid reg                number (integer)
//   date                             number: days from 1970-01-01; ±infinity = DATE_INFINITY, −DATE_INFINITY − 1
//   int8                             bigint
//   time                             bigint: µs of the day            timestamp(tz)   bigint: µs from 1970 (UTC);
//                                    ±infinity = TIMESTAMP_INFINITY, −TIMESTAMP_INFINITY − 1
//   float4 float8                    number, −0 and NaN normalised; float4 rounded by Math.fround
//   numeric                          Numeric
//   text varchar bpchar name char    string (well-formed); bpchar without its trailing blanks' meaning lost
//   json                             string (the text as given)       jsonb           Json
//   bytea uuid                       Uint8Array (uuid: 16)            timetz, interval  TimeTz, Interval
//   bit varbit                       string of 0 and 1                jsonpath        string (as PostgreSQL prints it)
//   enum                             number: the label's place in the type's order (enum-labels.ts)
//   ranges, multiranges              SqlRange, SqlMultirange
//   array, row                       SqlArray, SqlRow

export type SqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Numeric
  | Interval
  | TimeTz
  | Json
  | SqlArray
  | SqlRow
  | SqlRange
  | SqlMultirange

/** `digits` / 10^`scale`; `scale` ≥ 0 is the display scale. `special` overrides both. */
export interface Numeric {
  readonly kind: 'numeric'
  readonly digits: bigint
  readonly scale: number
  readonly special?: 'NaN' | 'Infinity' | '-Infinity'
}

export interface Interval {
  readonly kind: 'interval'
  readonly months: number
  readonly days: number
  readonly micros: bigint
}

/** `micros` of the day as shown, `zone` in seconds east of UTC. */
export interface TimeTz {
  readonly kind: 'timetz'
  readonly micros: bigint
  readonly zone: number
}

/** A jsonb value. Object keys are unique and in PostgreSQL's order (by length in UTF-8 bytes, then bytes). */
export interface Json {
  readonly kind: 'json'
  readonly value: JsonNode
}

export type JsonNode = null | boolean | string | Numeric | readonly JsonNode[] | JsonObject

export interface JsonObject {
  readonly kind: 'object'
  readonly entries: readonly (readonly [key: string, value: JsonNode])[]
}

/** Row-major `elements`; `lengths` and `lowerBounds` per dimension (none: the empty array). */
export interface SqlArray {
  readonly kind: 'array'
  readonly elements: readonly SqlValue[]
  readonly lengths: readonly number[]
  readonly lowerBounds: readonly number[]
}

export interface SqlRow {
  readonly kind: 'row'
  readonly fields: readonly SqlValue[]
}

/** A range's end; absent where the range has none on that side. */
export interface RangeBound {
  readonly value: Exclude<SqlValue, null>
  readonly inclusive: boolean
}

/** `empty` ranges have no bounds. Ranges of discrete types are kept as `[lower, upper)`. */
export interface SqlRange {
  readonly kind: 'range'
  readonly empty: boolean
  readonly lower: RangeBound | undefined
  readonly upper: RangeBound | undefined
}

/** Ranges in order that neither are empty nor touch. */
export interface SqlMultirange {
  readonly kind: 'multirange'
  readonly ranges: readonly SqlRange[]
}

export const DATE_INFINITY = 2147483647
export const TIMESTAMP_INFINITY = 9223372036854775807n
/**
 * The first and the last µs that a finite timestamp can be: 4714-11-24 BC, and the last before infinity, 294247-01-10
 * 04:00:54.775806. PostgreSQL counts from 2000 and has thirty years more; here they are out of range.
 */
export const TIMESTAMP_MIN = -210_866_803_200_000_000n
export const TIMESTAMP_MAX = TIMESTAMP_INFINITY - 1n

export const numeric = (digits: bigint, scale = 0): Numeric => ({ kind: 'numeric', digits, scale })
export const interval = (months: number, days: number, micros: bigint): Interval => ({
  kind: 'interval',
  months,
  days,
  micros,
})
/** A one-dimensional array with lower bound 1; empty: no dimension. */
export const sqlArray = (elements: readonly SqlValue[]): SqlArray => ({
  kind: 'array',
  elements,
  lengths: elements.length === 0 ? [] : [elements.length],
  lowerBounds: elements.length === 0 ? [] : [1],
})
