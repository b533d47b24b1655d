// RANGE with an offset: the sort key moved by the offset, per type (PostgreSQL's in_range support functions).

import { notSupported } from '../../core/error.ts'
import { compareNumerics, compareSql } from '../../core/order.ts'
import type { SqlType } from '../../core/type.ts'
import type { Interval, Numeric, SqlValue } from '../../core/value.ts'
import {
  addToTimestamp,
  addToTimestampTz,
  subtractFromTimestamp,
  subtractFromTimestampTz,
  timestampOfDate,
} from '../../functions/arithmetic/datetime.ts'
import { addIntervals, subtractIntervals } from '../../functions/arithmetic/interval.ts'
import { add, subtract } from '../../functions/arithmetic/numeric.ts'
import { zoneNamed } from '../../functions/datetime/zone.ts'

export interface RangeKey {
  /** Key and moved key in a form that `compare` orders. */
  plain(key: SqlValue): SqlValue
  moved(key: SqlValue, offset: SqlValue, forward: boolean): SqlValue
  compare(a: SqlValue, b: SqlValue): number
  isNegative(offset: SqlValue): boolean
}

const less = (a: SqlValue, b: SqlValue): number => (a! < b! ? -1 : a! > b! ? 1 : 0)
const same = (key: SqlValue): SqlValue => key
const negativeInterval = (offset: SqlValue): boolean =>
  compareSql({ kind: 'interval' }, offset, { kind: 'interval', months: 0, days: 0, micros: 0n }) < 0

/** How keys of this type move; 0A000 for types without. */
export function rangeKey(type: SqlType, timeZone: string): RangeKey {
  switch (type.kind) {
    case 'int2':
    case 'int4':
    case 'int8':
      return {
        plain: (key) => BigInt(key as number | bigint),
        moved: (key, offset, forward) => BigInt(key as number | bigint) + (forward ? 1n : -1n) * (offset as bigint),
        compare: less,
        isNegative: (offset) => (offset as bigint) < 0n,
      }
    case 'float4':
    case 'float8':
      return {
        plain: same,
        moved: (key, offset, forward) => (key as number) + (forward ? 1 : -1) * (offset as number),
        compare: (a, b) => compareSql({ kind: 'float8' }, a, b),
        isNegative: (offset) => (offset as number) < 0,
      }
    case 'numeric':
      return {
        plain: same,
        moved: (key, offset, forward) => (forward ? add : subtract)(key as Numeric, offset as Numeric),
        compare: (a, b) => compareNumerics(a as Numeric, b as Numeric),
        isNegative: (offset) => (offset as Numeric).digits < 0n,
      }
    default:
      return temporalKey(type, timeZone)
  }
}

function temporalKey(type: SqlType, timeZone: string): RangeKey {
  const temporal = { compare: less, isNegative: negativeInterval }
  const shift = (key: bigint, offset: SqlValue, forward: boolean): bigint =>
    (forward ? addToTimestamp : subtractFromTimestamp)(key, offset as Interval)
  switch (type.kind) {
    case 'date':
      return {
        ...temporal,
        plain: (key) => timestampOfDate(key as number),
        moved: (key, offset, forward) => shift(timestampOfDate(key as number), offset, forward),
      }
    case 'timestamp':
      return { ...temporal, plain: same, moved: (key, offset, forward) => shift(key as bigint, offset, forward) }
    case 'timestamptz': {
      const zone = zoneNamed(timeZone)
      return {
        ...temporal,
        plain: same,
        moved: (key, offset, forward) =>
          (forward ? addToTimestampTz : subtractFromTimestampTz)(key as bigint, offset as Interval, zone),
      }
    }
    case 'time':
      return {
        ...temporal,
        plain: same,
        moved: (key, offset, forward) => (key as bigint) + (forward ? 1n : -1n) * (offset as Interval).micros,
      }
    case 'interval':
      return {
        ...temporal,
        plain: same,
        moved: (key, offset, forward) =>
          (forward ? addIntervals : subtractIntervals)(key as Interval, offset as Interval),
        compare: (a, b) => compareSql(type, a, b),
      }
    default:
      throw notSupported(`RANGE with offset PRECEDING/FOLLOWING for column type ${type.kind}`)
  }
}
