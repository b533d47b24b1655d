// Sums whose accumulator has no fixed width: NUMERIC without a bound on its digits, doubles, intervals (operators spec
// §5.1).
//
//   doubles    an expansion, and counts of NaN and ±Infinity (functions/arithmetic/exact-sum.ts)
//   NUMERIC    per display scale: count and Σ digits, so that the printed scale also retracts; the specials counted as
//              above
//   INTERVAL   Σ months, Σ days, Σ µs as parts 0, 1, 2
//
// Adding is exact and commutes, so neither order nor retractions can be seen in a result. `writeSum` and `readSum` are
// the form of a sum in its group's state.

import { assert } from '../../core/assert.ts'
import { ByteWriter, utf8Text } from '../../core/byte-writer.ts'
import { type Interval, interval, type Numeric, numeric, type SqlValue } from '../../core/value.ts'
import {
  addValue as addDouble,
  type ExactSum,
  exactSum,
  readExactSum,
  roundedAverage,
  roundedSum,
  writeExactSum,
} from '../../functions/arithmetic/exact-sum.ts'
import { divideInterval, intervalOutOfRange } from '../../functions/arithmetic/interval.ts'
import { divide } from '../../functions/arithmetic/numeric.ts'

export type SumDomain = 'numeric' | 'float4' | 'float8' | 'interval'

export interface WideSum {
  /** Σ weights. */
  count: bigint
  readonly doubles: ExactSum
  /** Σ weight and Σ weight × value per display scale or interval field. */
  readonly parts: Map<number, { count: bigint; total: bigint }>
}

export const emptySum = (): WideSum => ({ count: 0n, doubles: exactSum(), parts: new Map() })

/** Adds `weight` copies of a value that is not NULL. */
export function addToSum(sum: WideSum, value: SqlValue, weight: bigint): void {
  sum.count += weight
  if (typeof value === 'number') addDouble(sum.doubles, value, weight)
  else if (isKind(value, 'interval')) {
    addPart(sum, 0, weight, BigInt(value.months))
    addPart(sum, 1, weight, BigInt(value.days))
    addPart(sum, 2, weight, value.micros)
  } else if (isKind(value, 'numeric')) {
    if (value.special !== undefined) addDouble(sum.doubles, Number(value.special), weight)
    else addPart(sum, value.scale, weight, value.digits)
  } else assert(false, 'a sum of something else than numbers or intervals')
}

function isKind(value: SqlValue, kind: 'interval'): value is Interval
function isKind(value: SqlValue, kind: 'numeric'): value is Numeric
function isKind(value: SqlValue, kind: string): boolean {
  return value !== null && typeof value === 'object' && 'kind' in value && value.kind === kind
}

function addPart(sum: WideSum, part: number, weight: bigint, value: bigint): void {
  const found = sum.parts.get(part)
  if (found === undefined) sum.parts.set(part, { count: weight, total: weight * value })
  else {
    found.count += weight
    found.total += weight * value
  }
}

/** `length text doubles`, the text being `count part:count:total …` without the parts that have cancelled. */
export function writeSum(sum: WideSum): Uint8Array {
  const parts = [...sum.parts]
    .filter(([, { count, total }]) => count !== 0n || total !== 0n)
    .map(([part, { count, total }]) => `${part}:${count}:${total}`)
  const writer = new ByteWriter(64)
  writer.i32(0)
  writer.utf8([sum.count, ...parts].join(' '))
  writer.putI32(0, writer.length - 4)
  writeExactSum(sum.doubles, writer)
  return writer.slice()
}

export function readSum(bytes: Uint8Array): WideSum {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0)
  const [count, ...parts] = utf8Text(bytes, 4, length).split(' ')
  const entries = parts.map((part) => {
    const [scale, number, total] = part.split(':')
    return [Number(scale), { count: BigInt(number!), total: BigInt(total!) }] as const
  })
  return { count: BigInt(count!), doubles: readExactSum(bytes, 4 + length), parts: new Map(entries) }
}

/** SUM: NULL of nothing. */
export function sumResult(sum: WideSum, domain: SumDomain): SqlValue {
  if (sum.count === 0n) return null
  switch (domain) {
    case 'float4':
      return Math.fround(roundedSum(sum.doubles))
    case 'float8':
      return roundedSum(sum.doubles)
    case 'interval':
      return intervalOf(sum)
    case 'numeric':
      return numericOf(sum)
  }
}

/** AVG: the exact sum divided once. */
export function averageResult(sum: WideSum, domain: SumDomain): SqlValue {
  if (sum.count === 0n) return null
  switch (domain) {
    case 'float4':
    case 'float8':
      return roundedAverage(sum.doubles, sum.count)
    case 'interval':
      return divideInterval(intervalOf(sum), Number(sum.count))
    case 'numeric':
      return divide(numericOf(sum), numeric(sum.count))
  }
}

/** With the largest display scale among the values that are there. */
function numericOf(sum: WideSum): Numeric {
  const { nan, positive, negative } = sum.doubles
  if (nan > 0n || (positive > 0n && negative > 0n)) return special('NaN')
  if (positive > 0n) return special('Infinity')
  if (negative > 0n) return special('-Infinity')
  const scales = [...sum.parts].filter(([, { count }]) => count !== 0n).map(([scale]) => scale)
  const scale = scales.reduce((a, b) => Math.max(a, b), 0)
  let digits = 0n
  for (const [part, { total }] of sum.parts) if (total !== 0n) digits += total * 10n ** BigInt(scale - part)
  return numeric(digits, scale)
}

const special = (name: NonNullable<Numeric['special']>): Numeric => ({
  kind: 'numeric',
  digits: 0n,
  scale: 0,
  special: name,
})

function intervalOf(sum: WideSum): Interval {
  const total = (part: number): bigint => sum.parts.get(part)?.total ?? 0n
  const [months, days, micros] = [total(0), total(1), total(2)]
  const fits = BigInt.asIntN(32, months) === months && BigInt.asIntN(32, days) === days
  if (!fits || BigInt.asIntN(64, micros) !== micros) throw intervalOutOfRange()
  return interval(Number(months), Number(days), micros)
}
