// The binary form of ranges and multiranges (range_send, range_recv, multirange_send, multirange_recv).
//
//   range        flags, then each finite bound behind its length
//   multirange   count, then each range behind its length

import { EMPTY_RANGE, subtypeOf } from '../../core/range.ts'
import type { RangeKind, SqlType } from '../../core/type.ts'
import type { RangeBound, SqlMultirange, SqlRange, SqlValue } from '../../core/value.ts'
import { makeMultirange, makeRange } from '../range/make.ts'
import { invalidBinary, missingData } from './binary-numeric.ts'

const EMPTY = 0x01
const LOWER_INCLUSIVE = 0x02
const UPPER_INCLUSIVE = 0x04
const LOWER_INFINITE = 0x08
const UPPER_INFINITE = 0x10

export function rangeFlags(empty: boolean, lower: RangeBound | undefined, upper: RangeBound | undefined): number {
  if (empty) return EMPTY
  const from = lower === undefined ? LOWER_INFINITE : lower.inclusive ? LOWER_INCLUSIVE : 0
  return from | (upper === undefined ? UPPER_INFINITE : upper.inclusive ? UPPER_INCLUSIVE : 0)
}

/** Reads a value behind its length and moves `at`. */
type ReceiveItem = (type: SqlType, view: DataView, cursor: { at: number }) => SqlValue

export function receiveRange(kind: RangeKind, view: DataView, receive: ReceiveItem): SqlRange {
  if (view.byteLength < 1) throw missingData()
  const flags = view.getUint8(0)
  const cursor = { at: 1 }
  const bound = (infinite: number, inclusive: number): RangeBound | undefined => {
    if ((flags & (EMPTY | infinite)) !== 0) return undefined
    const value = receive(subtypeOf(kind), view, cursor)
    if (value === null) throw invalidBinary('invalid range bound')
    return { value, inclusive: (flags & inclusive) !== 0 }
  }
  const lower = bound(LOWER_INFINITE, LOWER_INCLUSIVE)
  const upper = bound(UPPER_INFINITE, UPPER_INCLUSIVE)
  if (cursor.at !== view.byteLength) throw invalidBinary('incorrect binary data format')
  return (flags & EMPTY) === 0 ? makeRange(kind, lower, upper) : EMPTY_RANGE
}

export function receiveMultirange(kind: RangeKind, view: DataView, receive: ReceiveItem): SqlMultirange {
  if (view.byteLength < 4) throw missingData()
  const cursor = { at: 4 }
  const ranges: SqlRange[] = []
  for (let left = view.getInt32(0); left > 0; left--) {
    const range = receive({ kind }, view, cursor)
    if (range === null) throw invalidBinary('invalid range in multirange')
    ranges.push(range as SqlRange)
  }
  if (cursor.at !== view.byteLength) throw invalidBinary('incorrect binary data format')
  return makeMultirange(kind, ranges)
}
