// Decimal digits and civil dates written as bytes, without strings and without BigInt: the inner loops of text
// output.
//
// Each function writes at `at` and returns the position behind what it wrote; callers reserve the room (24 bytes hold
// any 64-bit number, 26 any timestamp of the years 1 to 9999). Numbers come as doubles that hold them exactly.

const ZERO = 48
const DASH = 45
const COLON = 58
const POINT = 46
const BLANK = 32

/** The two digits of every number below 100, side by side. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10))

const CHUNK = 100_000_000

/** A whole number, 0 ≤ value < 2^53. */
export function putWhole(bytes: Uint8Array, at: number, value: number): number {
  if (value < CHUNK) return putSmall(bytes, at, value | 0)
  const upper = Math.floor(value / CHUNK)
  return putPadded(bytes, putWhole(bytes, at, upper), (value - upper * CHUNK) | 0, 8)
}

/** 0 ≤ value < 10^8 */
function putSmall(bytes: Uint8Array, at: number, value: number): number {
  let width = 1
  if (value >= 10_000) width = value >= 1_000_000 ? (value >= 10_000_000 ? 8 : 7) : value >= 100_000 ? 6 : 5
  else if (value >= 100) width = value >= 1_000 ? 4 : 3
  else if (value >= 10) width = 2
  return putPadded(bytes, at, value, width)
}

/** Exactly `width` digits of an int32, zeros in front. */
export function putPadded(bytes: Uint8Array, at: number, value: number, width: number): number {
  let rest = value | 0
  let to = at + width
  while (to - at >= 2) {
    const quotient = (rest / 100) | 0
    const pair = (rest - quotient * 100) << 1
    to -= 2
    bytes[to] = PAIRS[pair]!
    bytes[to + 1] = PAIRS[pair + 1]!
    rest = quotient
  }
  if (to > at) bytes[at] = ZERO + rest
  return at + width
}

/** mantissa / 10^scale with all its digits after the point; |mantissa| < 2^53. */
export function putDecimal(bytes: Uint8Array, at: number, mantissa: number, scale: number): number {
  let to = at
  if (mantissa < 0) bytes[to++] = DASH
  const size = Math.abs(mantissa)
  if (scale === 0) return putWhole(bytes, to, size)
  const unit = POWERS[scale]
  // A mantissa of 53 bits has no more than 16 digits: behind 22 zeros all of them are fraction.
  const whole = unit === undefined ? 0 : Math.floor(size / unit)
  to = putWhole(bytes, to, whole)
  bytes[to++] = POINT
  return putFraction(bytes, to, unit === undefined ? size : size - whole * unit, scale)
}

const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)

function putFraction(bytes: Uint8Array, at: number, value: number, width: number): number {
  if (width <= 8) return putPadded(bytes, at, value, width)
  const upper = Math.floor(value / CHUNK)
  return putPadded(bytes, putFraction(bytes, at, upper, width - 8), value - upper * CHUNK, 8)
}

/** `YYYY-MM-DD`, year 1 to 9999. */
export function putDate(bytes: Uint8Array, at: number, year: number, month: number, day: number): number {
  putPadded(bytes, at, year, 4)
  bytes[at + 4] = DASH
  putPadded(bytes, at + 5, month, 2)
  bytes[at + 7] = DASH
  return putPadded(bytes, at + 8, day, 2)
}

/** `hh:mm:ss[.ffffff]` of the µs of a day, without trailing zeros. */
export function putTime(bytes: Uint8Array, at: number, micros: number): number {
  const seconds = Math.floor(micros / 1_000_000) | 0
  const minutes = (seconds / 60) | 0
  const hours = (minutes / 60) | 0
  putPadded(bytes, at, hours, 2)
  bytes[at + 2] = COLON
  putPadded(bytes, at + 3, minutes - hours * 60, 2)
  bytes[at + 5] = COLON
  putPadded(bytes, at + 6, seconds - minutes * 60, 2)
  const fraction = micros - seconds * 1_000_000
  if (fraction === 0) return at + 8
  bytes[at + 8] = POINT
  let end = putPadded(bytes, at + 9, fraction, 6)
  while (bytes[end - 1] === ZERO) end--
  return end
}

/** `+hh[:mm]`: an offset of whole minutes. */
export function putOffset(bytes: Uint8Array, at: number, secondsEast: number): number {
  const minutes = (Math.abs(secondsEast) / 60) | 0
  const hours = (minutes / 60) | 0
  bytes[at] = secondsEast < 0 ? DASH : PLUS
  putPadded(bytes, at + 1, hours, 2)
  if (minutes === hours * 60) return at + 3
  bytes[at + 3] = COLON
  return putPadded(bytes, at + 4, minutes - hours * 60, 2)
}

const PLUS = 43

export function putBlank(bytes: Uint8Array, at: number): number {
  bytes[at] = BLANK
  return at + 1
}
