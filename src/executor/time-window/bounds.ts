// The columns window_start, window_end and window_time of rows whose windows are known.

import { type Column, i32Column, i64Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import type { TimeWindowNode } from '../../planner/physical.ts'

interface Bounds {
  readonly count: number
  readonly starts: BigInt64Array
  readonly ends: BigInt64Array
}

/** The bounds that the plan shows, in the time column's physical kind. */
export function boundColumns(plan: TimeWindowNode, found: Bounds, region: Region): Column[] {
  const { count, starts, ends } = found
  const { kind } = plan.input.schema[plan.time]!.physical
  return plan.bounds.map((bound) => {
    const values = (bound === 'start' ? starts : ends).subarray(0, count)
    const by = bound === 'time' ? 1n : 0n
    return kind === 'i64' ? i64Column(moved(values, by, region)) : i32Column(narrowed(values, by, region))
  })
}

function moved(values: BigInt64Array, back: bigint, region: Region): BigInt64Array {
  if (back === 0n) return values
  const result = region.i64(values.length)
  for (let k = 0; k < values.length; k++) result[k] = BigInt.asIntN(64, values[k]! - 1n)
  return result
}

function narrowed(values: BigInt64Array, back: bigint, region: Region): Int32Array {
  const result = region.i32(values.length)
  for (let k = 0; k < values.length; k++) result[k] = Number(values[k]! - back)
  return result
}
