// Which positions of a touched partition have to be evaluated again: stretches around its changed rows, the same
// distance from the ends of the partition before the epoch and after it.
//
//   before   a b [c d e] f g h [i] j        [ ] stretches; what lies between keeps rows and values, one for one
//   after    a b [c X d e] f g h [] j
//
// Cost: a few look-ups of O(log n) a changed row, where those are few; many of one partition make one stretch.

import { SqlError } from '../../core/error.ts'
import type { PendingBlock } from '../../storage/ordered-pending.ts'
import type { Span } from './frame.ts'
import type { Places } from './places.ts'
import type { Reach } from './reach.ts'

export interface Stretch {
  readonly before: Span
  readonly after: Span
}

/** Changed rows of one partition above which they are one stretch from the first to the last. */
const SEPARATE_MAX = 4

/** Both moments of a partition. */
export interface Moments {
  readonly before: Places
  readonly after: Places
}

export function stretchesOf(changes: PendingBlock, moments: Moments, reaches: readonly Reach[]): readonly Stretch[] {
  const { before, after } = moments
  try {
    // Rows between two changes keep their values, but not their numbers.
    const counts = reaches.some((reach) => reach.counts)
    const felt: Felt[] = []
    for (const changed of changedStretches(changes, counts)) {
      let next = feltAround(changed, moments, reaches)
      for (let last = felt.at(-1); last !== undefined && meet(last, next); last = felt.at(-1)) {
        felt.pop()
        next = feltAround(hull(last.changed, changed), moments, reaches)
      }
      felt.push(next)
    }
    const toEnd = counts && before.total !== after.total
    return felt.map((each) => widened(each, toEnd ? before.total : each.ahead, before.total))
  } catch (error) {
    // A key cannot be moved by an offset: the rows of the whole partition will say so.
    if (!(error instanceof SqlError)) throw error
    return [{ before: { start: 0, end: before.total }, after: { start: 0, end: after.total } }]
  }
}

/** Where the changed rows stand: apart, or all in one. */
function changedStretches({ ranks, stored, starts, weights }: PendingBlock, asOne: boolean): readonly Stretch[] {
  const each = Array.from(ranks, (rank, k): Stretch => {
    const start = starts[k]!
    const held = stored[k]!
    return { before: { start: rank, end: rank + held }, after: { start, end: start + held + weights[k]! } }
  })
  return each.length === 0 || (each.length <= SEPARATE_MAX && !asOne) ? each : [hull(each[0]!, each.at(-1)!)]
}

const hull = (first: Stretch, last: Stretch): Stretch => ({
  before: { start: Math.min(first.before.start, last.before.start), end: Math.max(first.before.end, last.before.end) },
  after: { start: Math.min(first.after.start, last.after.start), end: Math.max(first.after.end, last.after.end) },
})

/** Changed rows, and how many positions on either side feel it. */
interface Felt {
  readonly changed: Stretch
  readonly back: number
  readonly ahead: number
}

function feltAround(changed: Stretch, { before, after }: Moments, reaches: readonly Reach[]): Felt {
  const was = feltBy(before, changed.before, reaches)
  const is = feltBy(after, changed.after, reaches)
  return {
    changed,
    back: Math.max(changed.before.start - was.start, changed.after.start - is.start),
    ahead: Math.max(was.end - changed.before.end, is.end - changed.after.end),
  }
}

/** No row between them keeps its values. */
const meet = (last: Felt, next: Felt): boolean =>
  last.ahead + next.back >= next.changed.before.start - last.changed.before.end

/** As far as the partition goes; no changed row stands in what is added. */
function widened({ changed: { before, after }, back }: Felt, ahead: number, total: number): Stretch {
  const fromStart = Math.min(back, before.start)
  const beyond = Math.min(ahead, total - before.end)
  return {
    before: { start: before.start - fromStart, end: before.end + beyond },
    after: { start: after.start - fromStart, end: after.end + beyond },
  }
}

/** The positions that feel a change of these rows. */
function feltBy(places: Places, { start, end }: Span, reaches: readonly Reach[]): Span {
  if (start === end) return { start, end }
  return {
    start: Math.min(start, ...reaches.map((reach) => reach.affectsFrom(places, start))),
    end: Math.max(end, ...reaches.map((reach) => reach.affectsTo(places, end - 1))),
  }
}

/** What the values of a span read, the span included. */
export function readBy(places: Places, { start, end }: Span, reaches: readonly Reach[]): Span {
  const whole = { start: 0, end: places.total }
  try {
    const from = Math.min(start, ...reaches.map((reach) => reach.readsFrom(places, start)))
    const to = Math.max(end, ...reaches.map((reach) => reach.readsTo(places, end - 1)))
    return { start: Math.max(from, 0), end: Math.min(to, places.total) }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return whole
  }
}
