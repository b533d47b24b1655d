// JSON's grammar over bytes (RFC 8259): where a value ends, or where it stops being one. Nothing is built. UTF-8 is
// checked inside strings; elsewhere any byte that is not ASCII is wrong anyhow.
//
// A result ≥ 0 is a position; a failure is −1 − the position at fault, less DEEP if the fault is the nesting. Who calls
// in a loop tests one sign. Cost: about a nanosecond a byte for text without escapes, four bytes at a time.

export const QUOTE = 34
export const COMMA = 44
export const DASH = 45
export const DOT = 46
export const ZERO = 48
export const NINE = 57
export const COLON = 58
export const BACKSLASH = 92
export const OPEN_ARRAY = 91
export const CLOSE_ARRAY = 93
export const OPEN_OBJECT = 123
export const CLOSE_OBJECT = 125
const PLUS = 43
const LETTER_E = 69
const LETTER_U = 117
const LOWER = 32

const DEPTH_MAX = 512
const DEEP = 1 << 30

const letters = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const TRUE = letters('true')
const FALSE = letters('false')
const NULL = letters('null')
const SHORT_ESCAPES = letters('"\\/bfnrt')

export const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE

export function skipBlanks(bytes: Uint8Array, at: number): number {
  let byte = bytes[at]!
  while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at]!
  return at
}

/** The first byte from `at` on that a string does not contain as it stands: quote, escape, control, or not ASCII. */
export function plainEnd(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  for (const last = end - 4; at <= last; at += 4) {
    const word = view.getInt32(at, true)
    // A byte's highest bit comes out set where the byte is one of these; the lowest such byte is exact.
    const found =
      (((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101) | (word - 0x20202020) | word) &
      0x80808080
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3)
  }
  while (at < end) {
    const byte = bytes[at]!
    if (byte === QUOTE || byte === BACKSLASH || byte < 32 || byte > 127) break
    at++
  }
  return at
}

/** From within a string: twice the position of its closing quote, plus one if there are escapes before it. */
export function stringEnd(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  let escaped = 0
  for (;;) {
    at = plainEnd(bytes, view, at, end)
    if (at >= end) return -1 - end
    const byte = bytes[at]!
    if (byte === QUOTE) return 2 * at + escaped
    const length = byte === BACKSLASH ? escapeLength(bytes, at, end) : sequenceLength(bytes, at, end)
    if (length === 0) return -1 - at
    if (byte === BACKSLASH) escaped = 1
    at += length
  }
}

function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return 0
  const letter = bytes[at + 1]!
  if (letter !== LETTER_U) return SHORT_ESCAPES.includes(letter) ? 2 : 0
  if (at + 6 > end) return 0
  for (let i = at + 2; i < at + 6; i++) {
    const lower = bytes[i]! | LOWER
    if (!isDigit(bytes[i]!) && !(lower >= 97 && lower <= 102)) return 0
  }
  return 6
}

/** Bytes of the UTF-8 sequence at `at`, 0 where there is none; no surrogates, no overlong forms (RFC 3629). */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > end) return 0
  const second = bytes[at + 1]!
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < least || second > most) return 0
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0
  return length
}

export function numberEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === DASH) at++
  if (at < end && bytes[at] === ZERO) at++
  else {
    at = digitsEnd(bytes, at, end)
    if (at < 0) return at
  }
  if (at < end && bytes[at] === DOT) {
    at = digitsEnd(bytes, at + 1, end)
    if (at < 0) return at
  }
  if (at >= end || (bytes[at]! & ~LOWER) !== LETTER_E) return at
  at++
  if (at < end && (bytes[at] === PLUS || bytes[at] === DASH)) at++
  return digitsEnd(bytes, at, end)
}

function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  const first = at
  while (at < end && isDigit(bytes[at]!)) at++
  return at === first ? -1 - at : at
}

function wordEnd(word: Uint8Array, bytes: Uint8Array, at: number, end: number): number {
  for (const letter of word) {
    if (at >= end || bytes[at] !== letter) return -1 - at
    at++
  }
  return at
}

/** The end of the value that begins at `at`, which is not a blank. */
export function valueEnd(bytes: Uint8Array, view: DataView, at: number, end: number, depth = 0): number {
  if (at >= end) return -1 - end
  const first = bytes[at]!
  switch (first) {
    case QUOTE: {
      const close = stringEnd(bytes, view, at + 1, end)
      return close < 0 ? close : (close >> 1) + 1
    }
    case OPEN_OBJECT:
    case OPEN_ARRAY:
      return depth === DEPTH_MAX ? -1 - at - DEEP : nestedEnd(bytes, view, at, end, depth + 1)
    case TRUE[0]:
      return wordEnd(TRUE, bytes, at, end)
    case FALSE[0]:
      return wordEnd(FALSE, bytes, at, end)
    case NULL[0]:
      return wordEnd(NULL, bytes, at, end)
    default:
      return first === DASH || isDigit(first) ? numberEnd(bytes, at, end) : -1 - at
  }
}

function nestedEnd(bytes: Uint8Array, view: DataView, at: number, end: number, depth: number): number {
  const close = bytes[at] === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY
  at = skipBlanks(bytes, at + 1)
  if (at < end && bytes[at] === close) return at + 1
  for (;;) {
    if (close === CLOSE_OBJECT) {
      at = keyEnd(bytes, view, at, end)
      if (at < 0) return at
    }
    at = valueEnd(bytes, view, at, end, depth)
    if (at < 0) return at
    at = skipBlanks(bytes, at)
    if (at >= end) return -1 - end
    if (bytes[at] === close) return at + 1
    if (bytes[at] !== COMMA) return -1 - at
    at = skipBlanks(bytes, at + 1)
  }
}

/** Past a key, its colon and blanks. */
function keyEnd(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  if (at >= end || bytes[at] !== QUOTE) return -1 - Math.min(at, end)
  const close = stringEnd(bytes, view, at + 1, end)
  return close < 0 ? close : colonEnd(bytes, (close >> 1) + 1, end)
}

function colonEnd(bytes: Uint8Array, at: number, end: number): number {
  at = skipBlanks(bytes, at)
  if (at >= end || bytes[at] !== COLON) return -1 - Math.min(at, end)
  return skipBlanks(bytes, at + 1)
}

/** What a failed result means, with the byte counted from 0 at `start`. */
export function faultOf(failure: number, bytes: Uint8Array, start: number, end: number): string {
  const code = -1 - failure
  if (code >= DEEP) return `nested deeper than ${DEPTH_MAX} levels at byte ${code - DEEP - start}`
  if (code >= end) return `it ends within a value, at byte ${end - start}`
  const byte = bytes[code]!
  const place = `at byte ${code - start}`
  if (byte > 127) return `invalid UTF-8 or a character that cannot stand there ${place}`
  if (byte < 32) return `control character 0x${byte.toString(16).padStart(2, '0')} ${place}`
  if (byte === BACKSLASH) return `invalid escape sequence ${place}`
  return `unexpected character "${String.fromCharCode(byte)}" ${place}`
}

/**
 * Walks a whole record, which must be one object, and tells of each member: key (between its quotes) and value, as
 * positions. Gives the end, or a failure.
 */
export function walkObject(
  bytes: Uint8Array,
  view: DataView,
  range: { readonly start: number; readonly end: number },
  member: (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
): number {
  const { start, end } = range
  let at = skipBlanks(bytes, start)
  if (at >= end || bytes[at] !== OPEN_OBJECT) return -1 - Math.min(at, end)
  at = skipBlanks(bytes, at + 1)
  let more = !(at < end && bytes[at] === CLOSE_OBJECT)
  while (more) {
    if (at >= end || bytes[at] !== QUOTE) return -1 - Math.min(at, end)
    const key = at + 1
    const close = stringEnd(bytes, view, key, end)
    if (close < 0) return close
    const value = colonEnd(bytes, (close >> 1) + 1, end)
    if (value < 0) return value
    at = valueEnd(bytes, view, value, end, 1)
    if (at < 0) return at
    member(key, close >> 1, value, at)
    at = skipBlanks(bytes, at)
    if (at >= end || (bytes[at] !== COMMA && bytes[at] !== CLOSE_OBJECT)) return -1 - Math.min(at, end)
    more = bytes[at] === COMMA
    if (more) at = skipBlanks(bytes, at + 1)
  }
  at = skipBlanks(bytes, at + 1)
  return at < end ? -1 - at : end
}
