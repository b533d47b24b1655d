// The values of one OVER call for a span of positions of a partition. An error of one position is its row's.

import { notSupported, SqlError } from '../../core/error.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { AggregateFunction } from '../../functions/registry.ts'
import type { SortKey, WindowCall } from '../../planner/physical.ts'
import type { Environment } from '../expr/closures.ts'
import { type FrameOf, frameReader, isExcluded, type Span } from './frame.ts'
import { foldOf } from './frame-aggregate.ts'
import type { Partition } from './partition.ts'

/** One value for each position of the span. */
export type CallValues = (partition: Partition, span: Span) => readonly (SqlValue | SqlError)[]

export function callValues(call: WindowCall, order: readonly SortKey[], schema: Schema, env: Environment): CallValues {
  const frameOf = frameReader(call.frame, order, schema, env)
  const { function: entry } = call
  if (entry.kind === 'aggregate') return aggregateValues(call, entry, frameOf, env)
  const value = positionValue(call, entry.name, frameOf)
  return (partition, span) => eachPosition(span, (position) => value(partition, position))
}

const eachPosition = ({ start, end }: Span, compute: (position: number) => SqlValue): (SqlValue | SqlError)[] =>
  Array.from({ length: end - start }, (_, i) => attempt(() => compute(start + i)))

function attempt(compute: () => SqlValue): SqlValue | SqlError {
  try {
    return compute()
  } catch (error) {
    if (error instanceof SqlError) return error
    throw error
  }
}

type PositionValue = (partition: Partition, position: number) => SqlValue

const notPositive = (name: string, code: string): SqlError =>
  new SqlError({ code, message: `argument of ${name} must be greater than zero` })

function positionValue(call: WindowCall, name: string, frameOf: FrameOf): PositionValue {
  switch (name) {
    case 'row_number':
      return ({ offset }, position) => BigInt(offset + position + 1)
    case 'rank':
      return ({ offset, group, groupStart }, position) => BigInt(offset + groupStart[group[position]!]! + 1)
    case 'dense_rank':
      return ({ group }, position) => BigInt(group[position]! + 1)
    case 'percent_rank':
      return ({ rows, group, groupStart }, position) =>
        rows.length === 1 ? 0 : groupStart[group[position]!]! / (rows.length - 1)
    case 'cume_dist':
      return ({ rows, group, groupStart }, position) => groupStart[group[position]! + 1]! / rows.length
    case 'ntile':
      return ntile(call)
    case 'lag':
      return neighbour(call, -1)
    case 'lead':
      return neighbour(call, 1)
    case 'first_value':
      return framed(call, frameOf, (positions) => positions.next().value)
    case 'last_value':
      return framed(call, frameOf, (positions) => [...positions].at(-1))
    case 'nth_value':
      return nth(call, frameOf)
    default:
      throw notSupported(`the window function ${name}`)
  }
}

/** Buckets of equal size, the first ones larger by one; the argument is that of the partition's first row. */
function ntile({ args }: WindowCall): PositionValue {
  return (partition, position) => {
    const buckets = partition.column(args[0]!)[0] as number | null
    if (buckets === null) return null
    if (buckets <= 0) throw notPositive('ntile', '22014')
    const size = Math.floor(partition.rows.length / buckets)
    const larger = partition.rows.length % buckets
    const inLarger = larger * (size + 1)
    if (position < inLarger) return Math.floor(position / (size + 1)) + 1
    return larger + Math.floor((position - inLarger) / size) + 1
  }
}

/** LAG and LEAD: the value `offset` rows on, or the default. */
function neighbour({ args, ignoreNulls }: WindowCall, direction: 1 | -1): PositionValue {
  const [value, offset, otherwise] = args
  return (partition, position) => {
    const values = partition.column(value!)
    const given = offset === undefined ? 1 : (partition.column(offset)[position] as number | null)
    if (given === null) return null
    const step = given < 0 ? -direction : direction
    let place = position
    for (let left = Math.abs(given); left > 0; ) {
      place += step
      if (place < 0 || place >= values.length) break
      if (!ignoreNulls || values[place] !== null) left--
    }
    if (place >= 0 && place < values.length) return values[place]!
    return otherwise === undefined ? null : partition.column(otherwise)[position]!
  }
}

/** Positions of the frame that EXCLUDE leaves, in order; without those whose value is NULL where NULLs are ignored. */
function* framePositions(
  call: WindowCall,
  frameOf: FrameOf,
  partition: Partition,
  position: number,
): Generator<number, undefined> {
  const { start, end } = frameOf(partition, position)
  const values = call.ignoreNulls ? partition.column(call.args[0]!) : undefined
  for (let other = start; other < end; other++)
    if (!isExcluded(call.frame.exclude, partition, position, other) && values?.[other] !== null) yield other
  return undefined
}

function framed(
  call: WindowCall,
  frameOf: FrameOf,
  choose: (positions: Generator<number, undefined>) => number | undefined,
): PositionValue {
  return (partition, position) => {
    const chosen = choose(framePositions(call, frameOf, partition, position))
    return chosen === undefined ? null : partition.column(call.args[0]!)[chosen]!
  }
}

function nth(call: WindowCall, frameOf: FrameOf): PositionValue {
  return (partition, position) => {
    const n = partition.column(call.args[1]!)[position] as number | null
    if (n === null) return null
    if (n <= 0) throw notPositive('nth_value', '22016')
    let left = n
    for (const other of framePositions(call, frameOf, partition, position))
      if (--left === 0) return partition.column(call.args[0]!)[other]!
    return null
  }
}

/** Slides over the positions where frames only move forward; EXCLUDE and moves back start anew. */
function aggregateValues(call: WindowCall, entry: AggregateFunction, frameOf: FrameOf, env: Environment): CallValues {
  return (partition, span) => {
    const columns = call.args.map((arg) => partition.column(arg))
    const filter = call.filter === undefined ? undefined : partition.column(call.filter)
    const argsAt = (other: number): readonly SqlValue[] | undefined => {
      if (filter !== undefined && filter[other] !== true) return undefined
      const values = columns.map((column) => column[other]!)
      return entry.ignoresNulls && values.some((value) => value === null) ? undefined : values
    }
    let fold = foldOf(call, entry, env)
    let [first, last] = [0, 0]
    return eachPosition(span, (position) => {
      const { start, end } = frameOf(partition, position)
      const { exclude } = call.frame
      const slides = start >= first && start < last && end >= last && (start === first || fold.remove !== undefined)
      if (exclude !== 'none' || !slides) {
        fold = foldOf(call, entry, env)
        first = start
        last = start
      }
      for (; last < end; last++) {
        const values = isExcluded(exclude, partition, position, last) ? undefined : argsAt(last)
        if (values !== undefined) fold.add(values)
      }
      for (; first < start; first++) {
        const values = argsAt(first)
        if (values !== undefined) fold.remove!(values)
      }
      return fold.result()
    })
  }
}
