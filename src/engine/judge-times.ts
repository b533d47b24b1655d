// Which rows of one partition are late: one loop over a decoded batch (spec/windows-and-time.md §3.2).
//
//   row i is late     iff   times[i] < C,   C = W − allowed lateness as it stands before the row
//   else              W = max(W, marks[i])
//
// Every int64 stays inside the loop (engine spec §1); what lives on is in `words`. No mark or no watermark is the least
// int64, below which nothing is.

/** Places in the words of a partition's time. */
export const W = 0
export const CLOSING = 1
/** Farthest that a late row was behind C. */
export const LATENESS = 2
/** Time of the row that moved W last. */
export const MOVED = 3
export const WORDS = 4

export const NO_TIME = -9_223_372_036_854_775_808n
/** Rows with an infinite time say nothing of time, as rows without one. */
export const ENDLESS = 9_223_372_036_854_775_807n

/** C of a W. */
export const closingOf = (watermark: bigint, lateness: bigint): bigint => {
  if (watermark === ENDLESS) return ENDLESS
  return watermark < NO_TIME + lateness ? NO_TIME : watermark - lateness
}

export interface JudgedTimes {
  readonly times: BigInt64Array
  readonly marks: BigInt64Array
  readonly nulls: Uint8Array | undefined
}

export interface JudgedOut {
  /** Numbers of late rows, and C before each. */
  readonly late: Int32Array
  readonly closing: BigInt64Array
  /** Counted up: tardy rows, rows without a time. `moved`: the row that moved W last, or −1. */
  tardy: number
  timeless: number
  moved: number
}

/** Judges rows `from` ≤ i < `to`; how many are late. */
export function judgeTimes(
  { times, marks, nulls }: JudgedTimes,
  range: { readonly from: number; readonly to: number },
  lateness: bigint,
  words: BigInt64Array,
  out: JudgedOut,
): number {
  const behind = BigInt.asIntN(64, lateness)
  const { late, closing } = out
  const { to } = range
  let count = 0
  let tardy = 0
  let timeless = 0
  let moved = -1
  for (let i = range.from; i < to; i++) {
    if (nulls !== undefined && nulls[i] !== 0) {
      timeless++
      continue
    }
    const time = times[i]!
    if (time < words[CLOSING]!) {
      const distance = BigInt.asIntN(64, words[CLOSING]! - time)
      if (distance > words[LATENESS]!) words[LATENESS] = distance
      closing[count] = words[CLOSING]!
      late[count++] = i
      continue
    }
    if (time < words[W]!) tardy++
    else if (time === ENDLESS) timeless++
    const mark = marks[i]!
    if (mark > words[W]!) {
      words[W] = mark
      words[MOVED] = time
      moved = i
      const floor = BigInt.asIntN(64, mark - behind)
      words[CLOSING] = floor < mark ? floor : behind === 0n ? mark : NO_TIME
    }
  }
  out.tardy += tardy
  out.timeless += timeless
  if (moved >= 0) out.moved = moved
  return count
}

/** marks[i] = times[i] − lag; an infinite time, or one so early that it has none, has no mark. */
export function laggingMarks(times: BigInt64Array, length: number, lag: bigint, marks: BigInt64Array): void {
  const behind = BigInt.asIntN(64, lag)
  const least = BigInt.asIntN(64, NO_TIME + (behind > 0n ? behind : 0n))
  for (let i = 0; i < length; i++) {
    const time = times[i]!
    marks[i] = time < least || time === ENDLESS ? NO_TIME : BigInt.asIntN(64, time - behind)
  }
}

/** Takes away marks that are ahead of the record's own time by more than the bound; how many. */
export function dropAhead(marks: BigInt64Array, limits: BigInt64Array, length: number): number {
  let count = 0
  for (let i = 0; i < length; i++) {
    if (marks[i]! <= limits[i]!) continue
    marks[i] = NO_TIME
    count++
  }
  return count
}

/** An int32 column's values as int64; its infinities too. */
export function widened(values: Int32Array, length: number, infinite: number | undefined, out: BigInt64Array): void {
  const words = new Int32Array(out.buffer, out.byteOffset, length * 2)
  for (let i = 0; i < length; i++) {
    const value = values[i]!
    words[2 * i] = value
    words[2 * i + 1] = value >> 31
    if (value === infinite) out[i] = ENDLESS
    else if (infinite !== undefined && value === -infinite - 1) out[i] = NO_TIME
  }
}
