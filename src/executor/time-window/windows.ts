// The windows of a time: where they start and end, for TUMBLE, HOP and CUMULATE over any grid.
//
//   tumble     [S, S+size)                       S = the grid point at or before t
//   hop        [S, S+size) for every S ≤ t < S+size, S a multiple of the slide
//   cumulate   [S, S+step), [S, S+2·step) … [S, S+size), of which those that end after t
//
// A `Windower` gives one time's windows in `starts` and `ends`, ascending from 0 on, and returns their number, or −1
// for an infinite time and where a bound would be out of range (§2.6). It is the general form; ticks.ts has the loops
// of grids in ticks, which nearly all streams use.

import type { SqlType } from '../../core/type.ts'
import { TIMESTAMP_INFINITY, TIMESTAMP_MIN } from '../../core/value.ts'
import type { AlignedWindows } from '../../planner/time-window.ts'
import { civilGrid, type GridPoints } from './grid.ts'

export interface Windows {
  /** Long enough for `windowsMax`. */
  readonly starts: BigInt64Array
  readonly ends: BigInt64Array
}

export type Windower = (time: bigint, out: Windows) => number

/** The values that a time column and its windows' bounds can have, both included. */
export interface TimeRange {
  readonly least: bigint
  readonly greatest: bigint
}

/** Finite timestamps that µs from 1970 hold without wrapping; of integers the whole type. */
export function timeRange({ kind }: SqlType): TimeRange {
  switch (kind) {
    case 'int2':
      return { least: -(2n ** 15n), greatest: 2n ** 15n - 1n }
    case 'int4':
      return { least: -(2n ** 31n), greatest: 2n ** 31n - 1n }
    case 'int8':
      return { least: -(2n ** 63n), greatest: 2n ** 63n - 1n }
    default:
      return { least: TIMESTAMP_MIN, greatest: TIMESTAMP_INFINITY - 1n }
  }
}

/** How many windows a row is in at most. */
export const windowsMax = ({ step, size }: AlignedWindows): number => Number((size + step - 1n) / step) + 1

export function windowerOf(windows: AlignedWindows, range: TimeRange): Windower {
  const { kind, step, size } = windows
  const points = pointsOf(windows)
  const inRange = (time: bigint): boolean => time >= range.least && time <= range.greatest
  const windowsAt = kind === 'cumulate' ? cumulate : hop
  const sizes = { step, size }
  return (time, out) => {
    if (!inRange(time)) return -1
    const count = windowsAt(points, time, sizes, out)
    if (count === 0) return 0
    return inRange(out.starts[0]!) && inRange(out.ends[count - 1]!) ? count : -1
  }
}

/**
 * Of the windows that a row at this time or later can be in, the one that starts first and, among those, ends first;
 * undefined beyond the range.
 */
export function firstOpenWindow(
  windows: AlignedWindows,
  type: SqlType,
  time: bigint,
): { readonly start: bigint; readonly end: bigint } | undefined {
  const range = timeRange(type)
  if (time < range.least || time > range.greatest) return undefined
  const { kind, step, size } = windows
  const points = pointsOf(windows)
  if (kind === 'cumulate') {
    const first = points.unitOf(time, size)
    let unit = first + step
    while (points.instantOf(unit) <= time) unit += step
    return { start: points.instantOf(first), end: points.instantOf(unit) }
  }
  let unit = points.unitOf(time, step) - ((size - 1n) / step) * step
  while (points.instantOf(unit + size) <= time) unit += step
  return { start: points.instantOf(unit), end: points.instantOf(unit + size) }
}

const pointsOf = (windows: AlignedWindows): GridPoints =>
  windows.grid.kind === 'ticks' ? ticks(windows.offset) : civilGrid(windows, windows.grid)

/** Units are the column's own. */
const ticks = (offset: bigint): GridPoints => ({
  unitOf: (time, multiple) => {
    const from = time - offset
    const rest = from % multiple
    return rest < 0n ? from - rest - multiple : from - rest
  },
  instantOf: (unit) => unit + offset,
})

interface Sizes {
  readonly step: bigint
  readonly size: bigint
}

/** Bounds that int64 cannot hold are as good as out of range: they are set to one that is. */
const store = (array: BigInt64Array, at: number, value: bigint): void => {
  array[at] = value > TIMESTAMP_INFINITY ? TIMESTAMP_INFINITY : value < -(2n ** 63n) ? -(2n ** 63n) : value
}

function hop(points: GridPoints, time: bigint, { step, size }: Sizes, out: Windows): number {
  const last = points.unitOf(time, step)
  let count = 0
  // The earliest candidate by units; which windows end after the time their instants decide.
  for (let unit = last - ((size - 1n) / step) * step; unit <= last; unit += step) {
    const end = points.instantOf(unit + size)
    if (end <= time) continue
    store(out.starts, count, points.instantOf(unit))
    store(out.ends, count++, end)
  }
  return count
}

function cumulate(points: GridPoints, time: bigint, { step, size }: Sizes, out: Windows): number {
  const first = points.unitOf(time, size)
  const start = points.instantOf(first)
  let count = 0
  for (let unit = first + step; unit <= first + size; unit += step) {
    const end = points.instantOf(unit)
    if (end <= time) continue
    store(out.starts, count, start)
    store(out.ends, count++, end)
  }
  return count
}
