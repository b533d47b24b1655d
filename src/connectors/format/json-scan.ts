// The quick scan of one record: the whole of it is checked, the common forms of common types are read on the way. It
// may give up on any record; what it accepts is right. Who gives up is read the careful way (json.ts), which also
// knows the words for what is wrong.
//
// It does not depend on the columns' number or order but through arrays, so that one piece of machine code serves every
// schema, wide ones too. Reads may pass the record's end by some bytes; what comes of it is dropped, since the end is
// compared once the record is through.

import type { SqlType } from '../../core/type.ts'
import { type Cells, FAST, NULL, SLOW, WIDE } from './json-cells.ts'
import type { FieldNames } from './json-names.ts'
import {
  CLOSE_OBJECT,
  COLON,
  COMMA,
  DASH,
  DOT,
  isDigit,
  NINE,
  OPEN_OBJECT,
  plainEnd,
  QUOTE,
  skipBlanks,
  stringEnd,
  valueEnd,
  ZERO,
} from './json-syntax.ts'
import { isoDays, isoMicros } from './json-time.ts'
import type { MicrosPerUnit } from './json-value.ts'

const INTEGER = 0
const DECIMAL = 1
const FLOAT = 2
const BOOLEAN = 3
const TEXT = 4
const DATE = 5
const TIMESTAMP = 6
const OTHER = 7

/** How the values of each column are read, by column. */
export interface Readers {
  readonly kind: Uint8Array
  /** INTEGER: the greatest and, negated, the least. DECIMAL: below 10^precision. TEXT: bytes that surely fit. */
  readonly limit: Float64Array
  /** DECIMAL: digits after the point. TIMESTAMP: what a unit of an epoch number is in microseconds, or 0. */
  readonly scale: Float64Array
}

export interface Input {
  readonly bytes: Uint8Array
  readonly view: DataView
}

const integerLimits = { int2: 32_767, int4: 2_147_483_647, int8: Number.POSITIVE_INFINITY } as const

export function readersOf(types: readonly SqlType[], unit: MicrosPerUnit | undefined): Readers {
  const all = types.map((type) => readerOf(type, unit))
  return {
    kind: Uint8Array.from(all, ([kind]) => kind),
    limit: Float64Array.from(all, ([, limit]) => limit),
    scale: Float64Array.from(all, ([, , scale]) => scale),
  }
}

function readerOf(
  type: SqlType,
  unit: MicrosPerUnit | undefined,
): readonly [kind: number, limit: number, scale: number] {
  switch (type.kind) {
    case 'int2':
    case 'int4':
    case 'int8':
      return [INTEGER, integerLimits[type.kind], 0]
    case 'numeric': {
      const { precision, scale = 0 } = type
      const kept = precision !== undefined && precision <= 38 && scale >= 0 && scale <= Math.min(precision, MAX_EXACT)
      return kept ? [DECIMAL, 10 ** Math.min(precision, MAX_EXACT), scale] : [OTHER, 0, 0]
    }
    case 'float8':
      return [FLOAT, 0, 0]
    case 'boolean':
      return [BOOLEAN, 0, 0]
    case 'text':
      return [TEXT, Number.POSITIVE_INFINITY, 0]
    case 'varchar':
      return [TEXT, type.length ?? Number.POSITIVE_INFINITY, 0]
    case 'date':
      return [DATE, 0, 0]
    case 'timestamp':
    case 'timestamptz':
      return (type.precision ?? 6) >= 6 ? [TIMESTAMP, 0, unit ?? 0] : [OTHER, 0, 0]
    default:
      return [OTHER, 0, 0]
  }
}

/** Digits that a double holds whatever they are; twice nine for WIDE. */
const MAX_EXACT = 15
const WIDE_DIGITS = 18

/**
 * Scans the record from `start` to `end` into the cells from `first` on, whose tags are NONE. Gives how many values are
 * left as SLOW, or −1 where it gave up.
 */
export function scanRecord(
  input: Input,
  names: FieldNames,
  readers: Readers,
  cells: Cells,
  range: { start: number; end: number; first: number },
): number {
  const { bytes, view } = input
  const { end, first } = range
  const { tag } = cells
  const { follows } = names
  let slow = 0
  let previous = 0
  let at = skipBlanks(bytes, range.start)
  if (bytes[at] !== OPEN_OBJECT) return -1
  do {
    at++
    if (bytes[at]! <= 32) at = skipBlanks(bytes, at)
    if (bytes[at] !== QUOTE) return -1
    const key = at + 1
    let field = follows[previous]!
    at = names.match(field, view, key, end)
    if (at < 0) {
      const close = stringEnd(bytes, view, key, end)
      if (close < 0 || (close & 1) !== 0) return -1
      at = (close >> 1) + 1
      field = names.find(bytes, key, close >> 1)
      if (field >= 0) follows[previous] = field
    }
    if (bytes[at]! <= 32) at = skipBlanks(bytes, at)
    if (bytes[at] !== COLON) return -1
    at++
    if (bytes[at]! <= 32) at = skipBlanks(bytes, at)
    if (field < 0) at = valueEnd(bytes, view, at, end, 1)
    else {
      const cell = first + field
      if (tag[cell] !== 0) return -1
      at = scanValue(input, readers, field, cells, cell, at, end)
      if (cells.tag[cell] === SLOW) slow++
      previous = field + 1
    }
    if (at < 0 || at >= end) return -1
    if (bytes[at]! <= 32) at = skipBlanks(bytes, at)
  } while (bytes[at] === COMMA)
  if (bytes[at] !== CLOSE_OBJECT) return -1
  at++
  if (at < end) at = skipBlanks(bytes, at)
  return at === end ? slow : -1
}

/** Past the value at `at`, its cell filled; −1: give up. */
function scanValue(
  input: Input,
  readers: Readers,
  field: number,
  cells: Cells,
  cell: number,
  at: number,
  end: number,
): number {
  const { bytes } = input
  const byte = bytes[at]!
  switch (readers.kind[field]) {
    case INTEGER:
      if (byte === DASH || isDigit(byte)) return scanInteger(input, readers.limit[field]!, cells, cell, at, end)
      break
    case TEXT:
      if (byte === QUOTE) return scanText(input, readers.limit[field]!, cells, cell, at, end)
      break
    case TIMESTAMP:
      if (byte === QUOTE) return scanTime(input, isoMicros, cells, cell, at, end)
      if (readers.scale[field] !== 0 && (byte === DASH || isDigit(byte)))
        return scanEpoch(input, readers.scale[field]!, cells, cell, at, end)
      break
    case DECIMAL:
      if (byte === DASH || isDigit(byte))
        return scanDecimal(input, readers.limit[field]!, readers.scale[field]!, cells, cell, at, end)
      break
    case BOOLEAN:
      return scanBoolean(input, cells, cell, at, end)
    case FLOAT:
      if (byte === DASH || isDigit(byte)) return scanFloat(input, cells, cell, at, end)
      break
    case DATE:
      if (byte === QUOTE) return scanTime(input, isoDays, cells, cell, at, end)
      break
  }
  return leave(input, cells, cell, at, end)
}

const LETTER_N = 110
const LETTER_T = 116

/** null, or a value for later. */
function leave({ bytes, view }: Input, cells: Cells, cell: number, at: number, end: number): number {
  const stop = valueEnd(bytes, view, at, end, 1)
  if (stop < 0) return -1
  cells.tag[cell] = bytes[at] === LETTER_N ? NULL : SLOW
  cells.start[cell] = at
  cells.length[cell] = stop - at
  return stop
}

const isNumberPart = (byte: number): boolean => byte === DOT || (byte | 32) === 101

function scanInteger(input: Input, limit: number, cells: Cells, cell: number, from: number, end: number): number {
  const { bytes } = input
  const negative = bytes[from] === DASH
  let at = negative ? from + 1 : from
  const first = at
  let value = 0
  let byte = bytes[at]!
  while (byte >= ZERO && byte <= NINE) {
    value = value * 10 + byte - ZERO
    byte = bytes[++at]!
  }
  const digits = at - first
  if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return -1
  if (isNumberPart(byte) || digits > WIDE_DIGITS || value > limit) return leave(input, cells, cell, from, end)
  if (digits > MAX_EXACT) return scanWide(bytes, cells, cell, { first, at, negative })
  cells.tag[cell] = FAST
  cells.number[cell] = negative ? -value : value
  return at
}

function scanWide(
  bytes: Uint8Array,
  cells: Cells,
  cell: number,
  { first, at, negative }: { first: number; at: number; negative: boolean },
): number {
  let value = 0
  for (let i = first; i < at - 9; i++) value = value * 10 + bytes[i]! - ZERO
  let low = 0
  for (let i = at - 9; i < at; i++) low = low * 10 + bytes[i]! - ZERO
  cells.tag[cell] = WIDE
  cells.number[cell] = negative ? -value : value
  cells.start[cell] = negative ? -low : low
  return at
}

function scanDecimal(
  input: Input,
  limit: number,
  scale: number,
  cells: Cells,
  cell: number,
  from: number,
  end: number,
): number {
  const { bytes } = input
  const negative = bytes[from] === DASH
  let at = negative ? from + 1 : from
  const first = at
  let value = 0
  let byte = bytes[at]!
  while (byte >= ZERO && byte <= NINE) {
    value = value * 10 + byte - ZERO
    byte = bytes[++at]!
  }
  let digits = at - first
  if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return -1
  let missing = scale
  if (byte === DOT) {
    const point = at
    byte = bytes[++at]!
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO
      byte = bytes[++at]!
    }
    if (at === point + 1) return -1
    missing -= at - point - 1
    digits += at - point - 1
  }
  if (missing < 0 || digits + missing > MAX_EXACT || isNumberPart(byte)) return leave(input, cells, cell, from, end)
  const mantissa = value * POWERS[missing]!
  if (mantissa >= limit) return leave(input, cells, cell, from, end)
  cells.tag[cell] = FAST
  cells.number[cell] = negative ? -mantissa : mantissa
  return at
}

const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/** 15 digits at most, divided by an exact power of ten: that rounds as reading the text does (Clinger 1990). */
function scanFloat(input: Input, cells: Cells, cell: number, from: number, end: number): number {
  const { bytes } = input
  const negative = bytes[from] === DASH
  let at = negative ? from + 1 : from
  const first = at
  let value = 0
  while (isDigit(bytes[at]!)) value = value * 10 + bytes[at++]! - ZERO
  let digits = at - first
  if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return -1
  let fraction = 0
  if (bytes[at] === DOT) {
    const point = at++
    while (isDigit(bytes[at]!)) value = value * 10 + bytes[at++]! - ZERO
    fraction = at - point - 1
    if (fraction === 0) return -1
    digits += fraction
  }
  if (digits > MAX_EXACT || isNumberPart(bytes[at]!)) return leave(input, cells, cell, from, end)
  const result = value / POWERS[fraction]!
  cells.tag[cell] = FAST
  cells.number[cell] = negative && result !== 0 ? -result : result
  return at
}

function scanBoolean(input: Input, cells: Cells, cell: number, at: number, end: number): number {
  const stop = leave(input, cells, cell, at, end)
  const byte = input.bytes[at]!
  if (stop < 0 || (byte !== LETTER_T && byte !== 102)) return stop
  cells.tag[cell] = FAST
  cells.number[cell] = byte === LETTER_T ? 1 : 0
  return stop
}

/** Text is taken where it lies. `limit`: characters that it may have; so many bytes cannot be more. */
function scanText(input: Input, limit: number, cells: Cells, cell: number, at: number, end: number): number {
  const { bytes, view } = input
  const start = at + 1
  let close = plainEnd(bytes, view, start, end)
  if (close >= end) return -1
  if (bytes[close] !== QUOTE) {
    const marked = stringEnd(bytes, view, close, end)
    if (marked < 0) return -1
    if ((marked & 1) !== 0) return leave(input, cells, cell, at, end)
    close = marked >> 1
  }
  if (close - start > limit) return leave(input, cells, cell, at, end)
  cells.tag[cell] = FAST
  cells.start[cell] = start
  cells.length[cell] = close - start
  return close + 1
}

function scanTime(
  input: Input,
  read: (bytes: Uint8Array, at: number, end: number) => number,
  cells: Cells,
  cell: number,
  at: number,
  end: number,
): number {
  const { bytes, view } = input
  const close = plainEnd(bytes, view, at + 1, end)
  if (close >= end) return -1
  const value = bytes[close] === QUOTE ? read(bytes, at + 1, close) : Number.NaN
  if (Number.isNaN(value)) return leave(input, cells, cell, at, end)
  cells.tag[cell] = FAST
  cells.number[cell] = value
  return close + 1
}

function scanEpoch(input: Input, unit: number, cells: Cells, cell: number, at: number, end: number): number {
  const stop = scanInteger(input, Number.MAX_SAFE_INTEGER / unit, cells, cell, at, end)
  if (stop >= 0 && cells.tag[cell] === WIDE) return leave(input, cells, cell, at, end)
  if (stop >= 0 && cells.tag[cell] === FAST) cells.number[cell]! *= unit
  return stop
}
