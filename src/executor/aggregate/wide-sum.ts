// Sums whose accumulator has no fixed width: NUMERIC without a bound on its digits, doubles, intervals (operators spec §5.1).
//
//   NUMERIC    per display scale: count and Σ digits, so that the printed scale also retracts; counts of NaN and ±Infinity
//   doubles    one integer in units of 2⁻¹⁰⁷⁴; counts of NaN and ±Infinity
//   INTERVAL   Σ months, Σ days, Σ µs
//
// A sum is a plain value; `textOf` and `parseSum` are its form in the group's state. Adding is exact and commutes, so neither
// order nor retractions can be seen in a result.

import { assert } from '../../core/assert.ts'
import { SqlError } from '../../core/error.ts'
import { type Interval, interval, type Numeric, numeric, type SqlValue } from '../../core/value.ts'
import { DOUBLE, rounded, SINGLE, unitsOf } from './exact-double.ts'
import { averageInterval, quotient } from './mean.ts'

export type SumDomain = 'numeric' | 'float4' | 'float8' | 'interval'

/** `parts`: Σ weight and Σ weight × value per part. The part's number is the display scale, or 0, 1, 2 of an interval. */
export interface WideSum {
  readonly parts: Map<number, { count: bigint; total: bigint }>
  count: bigint
  nan: bigint
  infinity: bigint
  negativeInfinity: bigint
}

export const emptySum = (): WideSum => ({ parts: new Map(), count: 0n, nan: 0n, infinity: 0n, negativeInfinity: 0n })

/** Adds `weight` copies of a value that is not NULL. */
export function addValue(sum: WideSum, value: SqlValue, weight: bigint): void {
  sum.count += weight
  if (typeof value === 'number') {
    if (Number.isFinite(value)) addPart(sum, 0, weight, unitsOf(value) * weight)
    else addSpecial(sum, Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity', weight)
  } else if (isKind(value, 'interval')) {
    addPart(sum, 0, weight, BigInt(value.months) * weight)
    addPart(sum, 1, weight, BigInt(value.days) * weight)
    addPart(sum, 2, weight, value.micros * weight)
  } else if (isKind(value, 'numeric')) {
    if (value.special !== undefined) addSpecial(sum, value.special, weight)
    else addPart(sum, value.scale, weight, value.digits * weight)
  } else assert(false, 'a sum of something else than a number or interval')
}

function isKind(value: SqlValue, kind: 'interval'): value is Interval
function isKind(value: SqlValue, kind: 'numeric'): value is Numeric
function isKind(value: SqlValue, kind: string): boolean {
  return value !== null && typeof value === 'object' && 'kind' in value && value.kind === kind
}

function addPart(sum: WideSum, part: number, count: bigint, total: bigint): void {
  const found = sum.parts.get(part)
  if (found === undefined) sum.parts.set(part, { count, total })
  else {
    found.count += count
    found.total += total
  }
}

function addSpecial(sum: WideSum, special: 'NaN' | 'Infinity' | '-Infinity', weight: bigint): void {
  if (special === 'NaN') sum.nan += weight
  else if (special === 'Infinity') sum.infinity += weight
  else sum.negativeInfinity += weight
}

export function mergeSum(into: WideSum, other: WideSum): void {
  into.count += other.count
  into.nan += other.nan
  into.infinity += other.infinity
  into.negativeInfinity += other.negativeInfinity
  for (const [part, { count, total }] of other.parts) addPart(into, part, count, total)
}

/** `count nan inf -inf part:count:total …`; parts that cancelled are left out. */
export function textOf(sum: WideSum): string {
  const parts = [...sum.parts]
    .filter(([, { count, total }]) => count !== 0n || total !== 0n)
    .sort(([a], [b]) => a - b)
    .map(([part, { count, total }]) => `${part}:${count}:${total}`)
  return [sum.count, sum.nan, sum.infinity, sum.negativeInfinity, ...parts].join(' ')
}

export function parseSum(text: string): WideSum {
  const [count, nan, infinity, negativeInfinity, ...parts] = text.split(' ')
  return {
    count: BigInt(count!),
    nan: BigInt(nan!),
    infinity: BigInt(infinity!),
    negativeInfinity: BigInt(negativeInfinity!),
    parts: new Map(
      parts.map((part) => {
        const [scale, number, total] = part.split(':')
        return [Number(scale), { count: BigInt(number!), total: BigInt(total!) }]
      }),
    ),
  }
}

/** SUM: NULL of nothing. */
export function sumResult(sum: WideSum, domain: SumDomain): SqlValue {
  if (sum.count === 0n) return null
  const special = specialOf(sum)
  switch (domain) {
    case 'float4':
    case 'float8':
      return special === undefined
        ? rounded(totalOf(sum, 0), 1n, domain === 'float4' ? SINGLE : DOUBLE)
        : Number(special)
    case 'interval':
      return intervalOf(sum)
    case 'numeric':
      return special === undefined ? exactSum(sum) : { kind: 'numeric', digits: 0n, scale: 0, special }
  }
}

/** AVG: the exact sum divided once. */
export function averageResult(sum: WideSum, domain: SumDomain): SqlValue {
  if (sum.count === 0n) return null
  const special = specialOf(sum)
  switch (domain) {
    case 'float4':
    case 'float8':
      return special === undefined ? rounded(totalOf(sum, 0), sum.count, DOUBLE) : Number(special)
    case 'interval':
      return averageInterval(intervalOf(sum), sum.count)
    case 'numeric':
      if (special !== undefined) return { kind: 'numeric', digits: 0n, scale: 0, special }
      return quotient(exactSum(sum), numeric(sum.count))
  }
}

function specialOf(sum: WideSum): 'NaN' | 'Infinity' | '-Infinity' | undefined {
  if (sum.nan > 0n || (sum.infinity > 0n && sum.negativeInfinity > 0n)) return 'NaN'
  if (sum.infinity > 0n) return 'Infinity'
  return sum.negativeInfinity > 0n ? '-Infinity' : undefined
}

const totalOf = (sum: WideSum, part: number): bigint => sum.parts.get(part)?.total ?? 0n

/** With the largest display scale among the values that are there. */
function exactSum(sum: WideSum): Numeric {
  const scales = [...sum.parts].filter(([, { count }]) => count !== 0n).map(([scale]) => scale)
  const scale = scales.reduce((a, b) => Math.max(a, b), 0)
  let digits = 0n
  for (const [part, { total }] of sum.parts) if (total !== 0n) digits += total * 10n ** BigInt(scale - part)
  return numeric(digits, scale)
}

const intervalOutOfRange = (): SqlError => new SqlError({ code: '22008', message: 'interval out of range' })

function intervalOf(sum: WideSum): Interval {
  const [months, days, micros] = [totalOf(sum, 0), totalOf(sum, 1), totalOf(sum, 2)]
  const fits = BigInt.asIntN(32, months) === months && BigInt.asIntN(32, days) === days
  if (!fits || BigInt.asIntN(64, micros) !== micros) throw intervalOutOfRange()
  return interval(Number(months), Number(days), micros)
}
