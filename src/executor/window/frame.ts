// Window frames (PostgreSQL, section 4.2.8): per position the positions start … end − 1, some of them excluded.
//
//   ROWS counts positions, GROUPS peer groups, RANGE moves the sort key. CURRENT ROW is the row in ROWS, its peers
//   elsewhere. A NULL key's RANGE offsets reach its own peers; other rows' offsets never reach NULLs.

import { SqlError } from '../../core/error.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { Frame, FrameBound, SortKey } from '../../planner/physical.ts'
import { constantOf, type Environment } from '../expr/closures.ts'
import type { Partition } from './partition.ts'
import { type RangeKey, rangeKey } from './range-offset.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

export type FrameOf = (partition: Partition, position: number) => Span

const badOffset = (message: string, code: string): SqlError => new SqlError({ code, message })

export function frameReader(frame: Frame, order: readonly SortKey[], schema: Schema, env: Environment): FrameOf {
  const range = rangeOf(frame, order, schema, env)
  const start = boundReader(frame, frame.start, 'starting', range, env)
  const end = boundReader(frame, frame.end, 'ending', range, env)
  return (partition, position) => {
    const length = partition.rows.length
    const from = Math.min(Math.max(start(partition, position), 0), length)
    return { start: from, end: Math.max(from, Math.min(end(partition, position), length)) }
  }
}

/** Whether EXCLUDE takes `other` out of the frame of `position`. */
export function isExcluded(exclude: Frame['exclude'], partition: Partition, position: number, other: number): boolean {
  if (exclude === 'none') return false
  if (exclude === 'current') return other === position
  const peer = partition.group[other] === partition.group[position]
  return peer && (exclude === 'group' || other !== position)
}

export interface Range {
  readonly key: RangeKey
  readonly column: number
  readonly descending: boolean
}

/** What RANGE with an offset moves. */
export function rangeOf(frame: Frame, order: readonly SortKey[], schema: Schema, env: Environment): Range | undefined {
  const offsets = [frame.start, frame.end].some((bound) => 'offset' in bound)
  if (frame.mode !== 'range' || !offsets) return undefined
  const { column, descending } = order[0]!
  return { key: rangeKey(schema[column]!.type, env.context.timeZone), column, descending }
}

type BoundOf = (partition: Partition, position: number) => number

function boundReader(
  frame: Frame,
  bound: FrameBound,
  side: 'starting' | 'ending',
  range: Range | undefined,
  env: Environment,
): BoundOf {
  const after = side === 'ending' ? 1 : 0
  switch (bound.kind) {
    case 'unboundedPreceding':
      return () => 0
    case 'unboundedFollowing':
      return ({ rows }) => rows.length
    case 'currentRow':
      if (frame.mode === 'rows') return (_, position) => position + after
      return ({ group, groupStart }, position) => groupStart[group[position]! + after]!
    default: {
      const forward = bound.kind === 'following'
      const offsetOf = () => checkedOffset(constantOf(bound.offset, env), side, range)
      if (range !== undefined) return rangeBound(range, offsetOf, forward, side)
      return countedBound(frame.mode === 'groups', () => Number(offsetOf()), forward, after)
    }
  }
}

/** The offset of a bound that has one; undefined where it is an error of every row. */
export function boundOffset(
  bound: Extract<FrameBound, { readonly offset: unknown }>,
  side: 'starting' | 'ending',
  range: Range | undefined,
  env: Environment,
): SqlValue | undefined {
  try {
    return checkedOffset(constantOf(bound.offset, env), side, range)
  } catch (error) {
    if (error instanceof SqlError) return undefined
    throw error
  }
}

function checkedOffset(offset: SqlValue, side: 'starting' | 'ending', range: Range | undefined): SqlValue {
  if (offset === null) throw badOffset(`frame ${side} offset must not be null`, '22004')
  if (range === undefined ? (offset as bigint) < 0n : range.key.isNegative(offset))
    throw badOffset(
      range === undefined
        ? `frame ${side} offset must not be negative`
        : 'invalid preceding or following size in window function',
      '22013',
    )
  return offset
}

function countedBound(groups: boolean, offsetOf: () => number, forward: boolean, after: number): BoundOf {
  if (!groups) return (_, position) => position + (forward ? offsetOf() : -offsetOf()) + after
  return ({ group, groupStart, rows }, position) => {
    const wanted = group[position]! + (forward ? offsetOf() : -offsetOf()) + after
    return wanted < 0 ? 0 : (groupStart[wanted] ?? rows.length)
  }
}

function rangeBound(
  { key, column, descending }: Range,
  offsetOf: () => SqlValue,
  forward: boolean,
  side: 'starting' | 'ending',
): BoundOf {
  const sign = descending ? -1 : 1
  return (partition, position) => {
    const offset = offsetOf()
    const values = partition.column(column)
    const own = values[position]!
    const { group, groupStart } = partition
    if (own === null) return groupStart[group[position]! + (side === 'ending' ? 1 : 0)]!
    const target = key.moved(own, offset, forward !== descending)
    const isBefore = (other: SqlValue): boolean => {
      const order = sign * key.compare(key.plain(other), target)
      return side === 'starting' ? order < 0 : order <= 0
    }
    return firstNot(values, isBefore)
  }
}

/** The first position among the keys that are not NULL for which the condition no longer holds. */
function firstNot(values: readonly SqlValue[], holds: (value: SqlValue) => boolean): number {
  let low = values.findIndex((value) => value !== null)
  let high = values.findLastIndex((value) => value !== null) + 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(values[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}
