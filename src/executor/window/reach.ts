// How far a change reaches (operators spec §6.1): which positions' values the row at a position can change, and which
// positions the value at a position reads. The two mirror each other: a frame that goes back n rows is read backwards
// and makes a change felt n rows on.
//
//   position        readsFrom ◄─── p ───► readsTo            value at p
//                 affectsFrom ◄─── p ───► affectsTo          change of the row at p
//
// All four grow with the position, so that those of a stretch are those of its ends. Positions beyond the partition
// may come out; whoever asks clamps them.

import type { SqlValue } from '../../core/value.ts'
import type { Frame, FrameBound, PhysicalPlan, SortKey, WindowCall, WindowNode } from '../../planner/physical.ts'
import type { Environment } from '../expr/closures.ts'
import { boundOffset, type Range, rangeOf } from './frame.ts'
import type { Places } from './places.ts'

type Walk = (places: Places, position: number) => number

export interface Reach {
  readonly readsFrom: Walk
  readonly readsTo: Walk
  readonly affectsFrom: Walk
  readonly affectsTo: Walk
  /** The value counts the rows before: where their number changes, so do all later values. */
  readonly counts: boolean
}

/** One direction in which values are read, and in which therefore changes are felt the other way round. */
interface Side {
  readonly reads: Walk
  readonly affects: Walk
}

/** Steps of single peer groups beyond which the whole partition is as good. */
const GROUPS_MAX = 64

const toStart: Walk = () => 0
const toEnd: Walk = (places) => places.total
const peersFrom: Walk = (places, position) => places.peersFrom(position)
const peersTo: Walk = (places, position) => places.peersTo(position)

const all = { back: { reads: toStart, affects: toEnd }, ahead: { reads: toEnd, affects: toStart } }
const peers = { back: { reads: peersFrom, affects: peersTo }, ahead: { reads: peersTo, affects: peersFrom } }

const rows = (count: number): { readonly back: Side; readonly ahead: Side } => ({
  back: { reads: (_, p) => p - count, affects: (_, p) => p + count + 1 },
  ahead: { reads: (_, p) => p + count + 1, affects: (_, p) => p - count },
})

const reach = (back: Side, ahead: Side, counts = false): Reach => ({
  readsFrom: back.reads,
  readsTo: ahead.reads,
  affectsFrom: ahead.affects,
  affectsTo: back.affects,
  counts,
})

const wholePartition = reach(all.back, all.ahead)

export function reachOf(call: WindowCall, plan: WindowNode, env: Environment): Reach {
  const { function: entry } = call
  if (entry.kind === 'aggregate') return frameReach(call.frame, plan, env)
  switch (entry.name) {
    case 'row_number':
      return reach(rows(0).back, rows(0).ahead, true)
    case 'rank':
      return reach(peers.back, rows(0).ahead, true)
    case 'lag':
    case 'lead':
      return neighbourReach(call, plan.input, entry.name === 'lag' ? 1 : -1)
    case 'first_value':
    case 'last_value':
    case 'nth_value':
      return frameReach(call.frame, plan, env)
    default:
      return wholePartition
  }
}

/** `direction` 1: rows before. Any distance is possible where the offset is not a constant or NULLs are passed over. */
function neighbourReach({ args, ignoreNulls }: WindowCall, input: PhysicalPlan, direction: 1 | -1): Reach {
  const [, offset] = args
  const distance = offset === undefined ? 1 : constantColumn(input, offset)
  if (ignoreNulls || distance === undefined) return wholePartition
  const back = direction * Number(distance ?? 0)
  return reach(rows(Math.max(back, 0)).back, rows(Math.max(-back, 0)).ahead)
}

/** The value of a column that the plan below computes from nothing. */
function constantColumn(input: PhysicalPlan, column: number): SqlValue | undefined {
  const expr = input.kind === 'map' ? input.columns[column] : undefined
  return expr?.kind === 'constant' ? expr.value : undefined
}

function frameReach(frame: Frame, { order, input }: WindowNode, env: Environment): Reach {
  const range = rangeOf(frame, order, input.schema, env)
  const side = (bound: FrameBound, direction: 'back' | 'ahead'): Side => {
    const outward = direction === 'back' ? 'preceding' : 'following'
    switch (bound.kind) {
      case 'unboundedPreceding':
      case 'unboundedFollowing':
        return all[direction]
      case 'currentRow':
        return frame.mode === 'rows' ? rows(0)[direction] : peers[direction]
      default: {
        if (bound.kind !== outward) return frame.mode === 'rows' ? rows(0)[direction] : peers[direction]
        const offset = boundOffset(bound, direction === 'back' ? 'starting' : 'ending', range, env)
        if (offset === undefined) return all[direction]
        if (range !== undefined) return rangeSides(range, order[0]!, offset)[direction]
        if (frame.mode === 'rows') return rows(Number(offset))[direction]
        return Number(offset) > GROUPS_MAX ? all[direction] : groups(Number(offset))[direction]
      }
    }
  }
  return reach(side(frame.start, 'back'), side(frame.end, 'ahead'))
}

function groups(count: number): { readonly back: Side; readonly ahead: Side } {
  const backwards: Walk = (places, position) => {
    let from = places.peersFrom(position)
    for (let left = count; left > 0 && from > 0; left--) from = places.peersFrom(from - 1)
    return from
  }
  const forwards: Walk = (places, position) => {
    let to = places.peersTo(position)
    for (let left = count; left > 0 && to < places.total; left--) to = places.peersTo(to)
    return to
  }
  return { back: { reads: backwards, affects: forwards }, ahead: { reads: forwards, affects: backwards } }
}

/** RANGE … PRECEDING and FOLLOWING: a search for the key that is `offset` away. NULL keys see their peers only. */
function rangeSides({ key }: Range, order: SortKey, offset: SqlValue): { readonly back: Side; readonly ahead: Side } {
  const { descending, nullsFirst } = order
  const sign = descending ? -1 : 1
  /** Where `other` stands towards the end of the frame of `own` that lies `offset` away: < 0 before, > 0 behind it. */
  const place = (other: SqlValue, own: SqlValue, forward: boolean): number =>
    sign * key.compare(key.plain(other), key.moved(own, offset, forward !== descending))
  return {
    back: {
      reads(places, position) {
        const own = places.key(position)
        if (own === null) return places.peersFrom(position)
        return firstWhere(0, position, (q) => {
          const other = places.key(q)
          return other === null ? !nullsFirst : place(other, own, false) >= 0
        })
      },
      affects(places, position) {
        const own = places.key(position)
        if (own === null) return places.peersTo(position)
        return firstWhere(position, places.total, (q) => {
          const other = places.key(q)
          return other === null ? !nullsFirst : place(own, other, false) < 0
        })
      },
    },
    ahead: {
      reads(places, position) {
        const own = places.key(position)
        if (own === null) return places.peersTo(position)
        return firstWhere(position, places.total, (q) => {
          const other = places.key(q)
          return other === null ? !nullsFirst : place(other, own, true) > 0
        })
      },
      affects(places, position) {
        const own = places.key(position)
        if (own === null) return places.peersFrom(position)
        return firstWhere(0, position, (q) => {
          const other = places.key(q)
          return other === null ? !nullsFirst : place(own, other, true) <= 0
        })
      },
    },
  }
}

/** The first position in `low … high` for which the condition holds; `high` where there is none before. */
function firstWhere(low: number, high: number, holds: (position: number) => boolean): number {
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
