// OVER by definition: for every position, every position of the partition is asked whether it is in the frame.
// RANGE offsets over integer keys only; aggregates: count, sum, min, max.

import type { Schema } from '../../src/core/schema.ts'
import { numeric, type SqlValue } from '../../src/core/value.ts'
import type { FrameBound, WindowCall, WindowNode } from '../../src/planner/physical.ts'
import { compareKeys, type Fail, orderedCopies, partitions } from './oracle-common.ts'
import { type Row, ZSet } from './zset.ts'

interface Place {
  readonly plan: WindowNode
  readonly rows: readonly Row[]
  /** Peer group number per position. */
  readonly groups: readonly number[]
}

export function windowRows(plan: WindowNode, input: ZSet, _fail: Fail): ZSet {
  const { schema } = plan.input
  const result = new ZSet()
  for (const members of partitions(input, plan.partition).values()) {
    const rows = orderedCopies(schema, members, plan.order)
    const groups: number[] = []
    rows.forEach((row, i) => {
      const fresh = i > 0 && compareKeys(schema, plan.order, rows[i - 1]!, row) !== 0
      groups.push(i === 0 ? 0 : groups[i - 1]! + (fresh ? 1 : 0))
    })
    const place = { plan, rows, groups }
    rows.forEach((row, i) => {
      const values = plan.calls.map((call) => callValue(place, call, i))
      result.add([...row, ...values], 1)
    })
  }
  return result
}

function callValue(place: Place, call: WindowCall, i: number): SqlValue {
  const { rows, groups } = place
  const frame = rows.map((_, j) => j).filter((j) => inFrame(place, call, i, j))
  const arg = (j: number | undefined, k = 0): SqlValue => (j === undefined ? null : (rows[j]?.[call.args[k]!] ?? null))
  const peersBefore = groups.indexOf(groups[i]!)
  switch (call.function.name) {
    case 'row_number':
      return BigInt(i + 1)
    case 'rank':
      return BigInt(peersBefore + 1)
    case 'dense_rank':
      return BigInt(groups[i]! + 1)
    case 'percent_rank':
      return rows.length === 1 ? 0 : peersBefore / (rows.length - 1)
    case 'cume_dist':
      return (groups.lastIndexOf(groups[i]!) + 1) / rows.length
    case 'lag':
      return arg(neighbour(place, call, i, -1))
    case 'lead':
      return arg(neighbour(place, call, i, 1))
    case 'first_value':
      return arg(frame[0])
    case 'last_value':
      return arg(frame.at(-1))
    default:
      return aggregateOf(place, call, frame)
  }
}

function neighbour({ rows }: Place, { args }: WindowCall, i: number, direction: 1 | -1): number | undefined {
  const offset = args[1] === undefined ? 1 : rows[i]![args[1]]!
  return offset === null ? undefined : i + direction * Number(offset)
}

function aggregateOf({ rows, plan }: Place, call: WindowCall, frame: readonly number[]): SqlValue {
  const seen = frame.filter((j) => call.filter === undefined || rows[j]![call.filter] === true)
  if (call.args.length === 0) return BigInt(seen.length)
  const values = seen.map((j) => rows[j]![call.args[0]!]!).filter((value) => value !== null)
  if (call.function.name === 'count') return BigInt(values.length)
  if (values.length === 0) return null
  const numbers = values.map((value) => BigInt(value as number | bigint))
  if (call.function.name === 'sum') {
    const total = numbers.reduce((a, b) => a + b, 0n)
    return call.resultType.kind === 'int8' ? total : numeric(total)
  }
  const best = numbers.reduce((a, b) => ((call.function.name === 'min') === b < a ? b : a))
  return typeOf(plan.input.schema, call) === 'int8' ? best : Number(best)
}

const typeOf = (schema: Schema, call: WindowCall): string => schema[call.args[0]!]!.type.kind

function inFrame(place: Place, call: WindowCall, i: number, j: number): boolean {
  const { groups } = place
  const { frame } = call
  if (frame.exclude === 'current' && i === j) return false
  if (frame.exclude === 'group' && groups[i] === groups[j]) return false
  if (frame.exclude === 'ties' && groups[i] === groups[j] && i !== j) return false
  return reaches(place, call, frame.start, i, j, 1) && reaches(place, call, frame.end, i, j, -1)
}

/** Whether j is not before the start (sign 1), or not after the end (sign −1). */
function reaches(place: Place, call: WindowCall, bound: FrameBound, i: number, j: number, sign: 1 | -1): boolean {
  if (bound.kind === 'unboundedPreceding' || bound.kind === 'unboundedFollowing') return true
  const { plan, rows, groups } = place
  const offset = 'offset' in bound ? Number((bound.offset as { readonly value: bigint }).value) : 0
  const move = bound.kind === 'preceding' ? -offset : offset
  if (call.frame.mode === 'rows') return sign * (j - (i + move)) >= 0
  if (call.frame.mode === 'groups' || bound.kind === 'currentRow') return sign * (groups[j]! - (groups[i]! + move)) >= 0
  const [key] = plan.order
  const [own, other] = [rows[i]![key!.column]!, rows[j]![key!.column]!]
  if (own === null) return sign * (groups[j]! - groups[i]!) >= 0
  // Where the other bound is open, NULLs lie inside or outside by their place in the order.
  if (other === null) return sign * (groups[j]! - groups[i]!) >= 0
  const direction = key!.descending ? -1 : 1
  return sign * (direction * (Number(other) - Number(own)) - move) >= 0
}
