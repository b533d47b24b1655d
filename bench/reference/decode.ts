// JSON bids to columns by hand: keys in any order, told apart by length and first letter; numbers by digits; texts as
// positions in the input; the timestamp from its digits. Nothing is validated. It stops at the last wanted field.

import { draws } from './random.ts'

const QUOTE = 34
const COLON = 58
const BACKSLASH = 92
const ZERO = 48
const NINE = 57

// Not exported: V8 reads an exported constant from memory at each use.
const AUCTION = 0
const BIDDER = 1
const PRICE = 2
const TIME = 3
const CHANNEL = 4
const URL = 5
const EXTRA = 6
const FIELDS = 7

/** Texts of messages, one after the other; message i ends at ends[i]. */
export interface Messages {
  readonly bytes: Uint8Array
  readonly ends: Int32Array
}

/** Row by row, so that the loop keeps few arrays alive: with one array a column it takes a third longer. */
export interface BidColumns {
  /** auction, bidder, price, microseconds: exact below 2^53. */
  readonly numbers: Float64Array
  /** channel, url, extra: where each text starts, and its length in bytes. */
  readonly starts: Int32Array
  readonly lengths: Int32Array
}

export function makeBids(count: number): Messages {
  const draw = draws(42)
  const filler = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(2)
  const ends = new Int32Array(count)
  const texts: string[] = []
  let end = 0
  for (let i = 0; i < count; i++) {
    const time = new Date(Date.UTC(2026, 0, 1) + i * 100 + (i % 1000)).toISOString().replace('T', ' ').slice(0, 23)
    const bid = {
      auction: 1000 + draw(10_000),
      bidder: 1000 + draw(100_000),
      price: 1 + draw(10_000_000),
      channel: 'Google',
      url: `https://www.nexmark.com/${draw(9999)}/item.htm?query=1`,
      dateTime: time,
      extra: filler.slice(0, 20 + draw(20)),
    }
    texts.push(JSON.stringify(bid))
    end += texts[i]!.length
    ends[i] = end
  }
  return { bytes: new Uint8Array(Buffer.from(texts.join(''))), ends }
}

export const columnsFor = (rows: number): BidColumns => ({
  numbers: new Float64Array(rows * 4),
  starts: new Int32Array(rows * 3),
  lengths: new Int32Array(rows * 3),
})

/** Which fields to extract, by number. */
export interface Wanted {
  readonly fields: Uint8Array
  readonly count: number
}

const want = (...fields: readonly number[]): Wanted => ({
  fields: Uint8Array.from({ length: FIELDS }, (_, field) => (fields.includes(field) ? 1 : 0)),
  count: fields.length,
})

/** All seven, and the three that most queries need. */
export const ALL_FIELDS = want(AUCTION, BIDDER, PRICE, TIME, CHANNEL, URL, EXTRA)
export const THREE_FIELDS = want(AUCTION, BIDDER, PRICE)

/** The field that a key of this length and first letter names; an if chain, most frequent first, beats a switch. */
function fieldOf(length: number, first: number): number {
  if (length === 7) return first === 97 /* a */ ? AUCTION : CHANNEL
  if (length === 6) return BIDDER
  if (length === 5) return first === 112 /* p */ ? PRICE : EXTRA
  return length === 3 ? URL : TIME
}

/** Microseconds within the year of `YYYY-MM-DD hh:mm:ss.mmm`, months counted as 31 days: what matters is the work. */
function timeAt(bytes: Uint8Array, at: number): number {
  const digit = (offset: number): number => bytes[at + offset]! - ZERO
  const days = (digit(5) * 10 + digit(6)) * 31 + digit(8) * 10 + digit(9)
  const minutes = (days * 24 + digit(11) * 10 + digit(12)) * 60 + digit(14) * 10 + digit(15)
  const seconds = minutes * 60 + digit(17) * 10 + digit(18)
  return (seconds * 1000 + digit(20) * 100 + digit(21) * 10 + digit(22)) * 1000
}

export function decodeBids(messages: Messages, rows: number, wanted: Wanted, columns: BidColumns): void {
  const { bytes, ends } = messages
  const { fields, count } = wanted
  const { numbers, starts, lengths } = columns
  let at = 0
  for (let row = 0; row < rows; row++) {
    const end = ends[row]!
    let left = count
    while (at < end && left > 0) {
      while (bytes[at] !== QUOTE) at++
      const key = ++at
      while (bytes[at] !== QUOTE) at++
      const field = fieldOf(at - key, bytes[key]!)
      while (bytes[at] !== COLON) at++
      at++
      while (bytes[at] === 32) at++
      if (bytes[at] === QUOTE) {
        const start = ++at
        while (bytes[at] !== QUOTE) {
          if (bytes[at] === BACKSLASH) at++
          at++
        }
        if (fields[field] !== 0) {
          left--
          if (field === TIME) numbers[row * 4 + TIME] = timeAt(bytes, start)
          else {
            starts[row * 3 + field - CHANNEL] = start
            lengths[row * 3 + field - CHANNEL] = at - start
          }
        }
        at++
      } else {
        let value = 0
        let digit = bytes[at]!
        while (digit >= ZERO && digit <= NINE) {
          value = value * 10 + digit - ZERO
          digit = bytes[++at]!
        }
        if (fields[field] !== 0) {
          left--
          numbers[row * 4 + field] = value
        }
      }
    }
    at = end
  }
}
