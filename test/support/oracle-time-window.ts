// Time windows by their definitions (spec/windows-and-time.md §2.3, 2.5), over plain rows whose time column is an
// integer or a timestamp: every start on the grid is tried, sessions are chained over the sorted rows.

import type { SqlValue } from '../../src/core/value.ts'
import type { TimeWindowNode } from '../../src/planner/physical.ts'
import type { AlignedWindows, SessionWindows } from '../../src/planner/time-window.ts'
import { partitions } from './oracle-common.ts'
import { type Row, ZSet } from './zset.ts'

type Window = readonly [start: bigint, end: bigint]

export function timeWindowRows(plan: TimeWindowNode, input: ZSet): ZSet {
  const result = new ZSet()
  const add = (row: Row, [start, end]: Window, weight: number): void => {
    const bounds = plan.bounds.map((bound) =>
      asTime(plan, bound === 'start' ? start : bound === 'end' ? end : end - 1n),
    )
    result.add([...row, ...bounds], weight)
  }
  const { windows } = plan
  if (windows.kind === 'session') sessions(plan, windows, input, add)
  else
    for (const [row, weight] of input.rows) {
      const time = timeOf(plan, row)
      if (time !== undefined) for (const window of windowsOf(windows, time)) add(row, window, weight)
    }
  return result
}

const isNarrow = (plan: TimeWindowNode): boolean => plan.input.schema[plan.time]!.physical.kind === 'i32'

const asTime = (plan: TimeWindowNode, value: bigint): SqlValue => (isNarrow(plan) ? Number(value) : value)

function timeOf(plan: TimeWindowNode, row: Row): bigint | undefined {
  const value = row[plan.time]!
  return value === null ? undefined : BigInt(value as bigint)
}

/** Grids in ticks: what the property tests use. */
function windowsOf({ kind, step, size, offset }: AlignedWindows, time: bigint): Window[] {
  const found: Window[] = []
  if (kind === 'cumulate') {
    for (let start = offset - 20n * size; start <= time; start += size)
      for (let end = start + step; end <= start + size; end += step)
        if (time < end && time < start + size) found.push([start, end])
    return found
  }
  for (let start = offset - 20n * step; start <= time; start += step)
    if (time < start + size) found.push([start, start + size])
  return found
}

function sessions(
  plan: TimeWindowNode,
  { partition, gap }: SessionWindows,
  input: ZSet,
  add: (row: Row, window: Window, weight: number) => void,
): void {
  const timed = ZSet.of(input.rows.filter(([row]) => timeOf(plan, row) !== undefined))
  for (const rows of partitions(timed, partition).values()) {
    const sorted = [...rows].sort(([a], [b]) => (timeOf(plan, a)! < timeOf(plan, b)! ? -1 : 1))
    for (let from = 0; from < sorted.length; ) {
      let to = from + 1
      const time = (i: number): bigint => timeOf(plan, sorted[i]![0])!
      while (to < sorted.length && time(to) < time(to - 1) + gap) to++
      for (const [row, weight] of sorted.slice(from, to)) add(row, [time(from), time(to - 1) + gap], weight)
      from = to
    }
  }
}
