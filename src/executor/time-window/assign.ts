// Which windows the rows of a batch are in: the fast loops where the grid is in ticks, the general form for the rest.

import type { Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import type { SqlType } from '../../core/type.ts'
import type { AlignedWindows } from '../../planner/time-window.ts'
import { hopTicks, type TickGrid, type Times, tumbleTicks } from './ticks.ts'
import { timeRange, type Windower, type Windows, windowerOf, windowsMax } from './windows.ts'

/** Row `rows[k]` is in the window from `starts[k]` to `ends[k]`, for the first `count`. */
export interface Assignment {
  count: number
  readonly rows: Int32Array
  readonly starts: BigInt64Array
  readonly ends: BigInt64Array
  /** Rows that no window can be found for: time NULL, infinite, or a bound out of range. */
  readonly unassignable: number[]
}

export class WindowAssigner {
  /** Windows of a row at most. */
  readonly most: number
  readonly #windows: AlignedWindows
  readonly #windower: Windower
  /** Undefined: the grid is civil, or the windows are not all of one size. */
  readonly #grid: TickGrid | undefined
  /** A row's windows in the general form. */
  readonly #found: Windows

  constructor(windows: AlignedWindows, type: SqlType) {
    const range = timeRange(type)
    this.most = windowsMax(windows)
    this.#windows = windows
    this.#windower = windowerOf(windows, range)
    this.#found = { starts: new BigInt64Array(this.most), ends: new BigInt64Array(this.most) }
    const { step, size, offset, grid, kind } = windows
    const margin = step + size
    const [from, to] = [range.least + margin, range.greatest - margin]
    if (grid.kind === 'ticks' && kind !== 'cumulate' && from <= to) this.#grid = { step, size, offset, from, to }
  }

  /** Rows `from…to` of the time column. */
  assign(column: Column, from: number, to: number, region: Region): Assignment {
    const times = timesOf(column, from, to, region)
    const capacity = (to - from) * this.most
    const assigned: Assignment = {
      count: 0,
      rows: region.i32(capacity),
      starts: region.i64(capacity),
      ends: region.i64(capacity),
      unassignable: [],
    }
    const left: number[] = []
    const grid = this.#grid
    if (grid === undefined) for (let i = 0; i < times.length; i++) left.push(i)
    else {
      const loop = this.#windows.kind === 'tumble' ? tumbleTicks : hopTicks
      assigned.count = loop(times, grid, { ...assigned, left })
    }
    for (const i of left) this.#general(times, i, assigned)
    if (times.nulls !== undefined)
      for (let i = 0; i < times.length; i++) if (times.nulls[i] !== 0) assigned.unassignable.push(i)
    if (from > 0) {
      for (let k = 0; k < assigned.count; k++) assigned.rows[k]! += from
      for (const [k, row] of assigned.unassignable.entries()) assigned.unassignable[k] = row + from
    }
    return assigned
  }

  #general(times: Times, row: number, assigned: Assignment): void {
    if (times.nulls !== undefined && times.nulls[row] !== 0) return
    const found = this.#windower(times.values[row]!, this.#found)
    if (found < 0) assigned.unassignable.push(row)
    for (let k = 0; k < found; k++) {
      assigned.rows[assigned.count] = row
      assigned.starts[assigned.count] = this.#found.starts[k]!
      assigned.ends[assigned.count++] = this.#found.ends[k]!
    }
  }
}

/** Rows `from…to` of a time column as int64. */
export function timesOf(column: Column, from: number, to: number, region: Region): Times {
  const length = to - from
  const nulls = column.nulls?.subarray(from, to)
  if (column.kind === 'i64') return { values: column.values.subarray(from, to), nulls, length }
  const values = region.i64(length)
  if (column.kind === 'i32') for (let i = 0; i < length; i++) values[i] = BigInt(column.values[from + i]!)
  return { values, nulls, length }
}
