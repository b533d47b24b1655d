// TUMBLE and HOP over grids of ticks: one loop over a batch each.
//
// Every int64 stays inside its loop (engine spec §1); what lives from row to row lies in a small array, so that it
// needs no heap object either. Times so near the ends of their range that a bound might leave it are not decided here:
// they come back in `left` for the general form.

export interface TickGrid {
  readonly step: bigint
  readonly size: bigint
  /** 0 ≤ offset < step */
  readonly offset: bigint
  /** Between these no bound can leave the range. */
  readonly from: bigint
  readonly to: bigint
}

/** Row `rows[k]` is in the window from `starts[k]` to `ends[k]`, for the first so many as the loop returns. */
export interface Found {
  readonly rows: Int32Array
  readonly starts: BigInt64Array
  readonly ends: BigInt64Array
  /** Rows that the general form decides. */
  readonly left: number[]
}

export interface Times {
  readonly values: BigInt64Array
  readonly nulls: Uint8Array | undefined
  readonly length: number
}

/** Streams stay in a window for many rows: its bounds are kept, and only a time outside divides. */
export function tumbleTicks({ values, nulls, length }: Times, grid: TickGrid, out: Found): number {
  const { rows, starts, ends, left } = out
  const size = BigInt.asIntN(64, grid.size)
  const offset = BigInt.asIntN(64, grid.offset)
  const from = BigInt.asIntN(64, grid.from)
  const to = BigInt.asIntN(64, grid.to)
  const edge = new BigInt64Array(2)
  let count = 0
  for (let i = 0; i < length; i++) {
    if (nulls !== undefined && nulls[i] !== 0) continue
    const time = values[i]!
    if (time < edge[0]! || time >= edge[1]!) {
      if (time < from || time > to) {
        left.push(i)
        continue
      }
      const rest = BigInt.asIntN(64, BigInt.asIntN(64, time - offset) % size)
      const start = BigInt.asIntN(64, time - (rest < 0n ? BigInt.asIntN(64, rest + size) : rest))
      edge[0] = start
      edge[1] = BigInt.asIntN(64, start + size)
    }
    rows[count] = i
    starts[count] = edge[0]!
    ends[count++] = edge[1]!
  }
  return count
}

/** A row has all its windows side by side, the earliest first. The arrays hold `windowsMax` a row. */
export function hopTicks({ values, nulls, length }: Times, grid: TickGrid, out: Found): number {
  const { rows, starts, ends, left } = out
  const step = BigInt.asIntN(64, grid.step)
  const size = BigInt.asIntN(64, grid.size)
  const offset = BigInt.asIntN(64, grid.offset)
  const from = BigInt.asIntN(64, grid.from)
  const to = BigInt.asIntN(64, grid.to)
  // The first start to look at lies so far before the last one.
  const back = BigInt.asIntN(64, ((size - 1n) / step) * step)
  /** Bounds of the span in which a time has the same windows as the time before, and the first of them. */
  const edge = new BigInt64Array(3)
  let windows = 0
  let count = 0
  for (let i = 0; i < length; i++) {
    if (nulls !== undefined && nulls[i] !== 0) continue
    const time = values[i]!
    if (time < edge[0]! || time >= edge[1]!) {
      if (time < from || time > to) {
        left.push(i)
        continue
      }
      const rest = BigInt.asIntN(64, BigInt.asIntN(64, time - offset) % step)
      const last = BigInt.asIntN(64, time - (rest < 0n ? BigInt.asIntN(64, rest + step) : rest))
      const earliest = BigInt.asIntN(64, last - back)
      const end = BigInt.asIntN(64, earliest + size)
      const isOver = end <= time
      const first = isOver ? BigInt.asIntN(64, earliest + step) : earliest
      edge[0] = isOver && end > last ? end : last
      const next = BigInt.asIntN(64, last + step)
      edge[1] = isOver || end > next ? next : end
      edge[2] = first
      windows = first > last ? 0 : Number(BigInt.asIntN(64, (last - first) / step)) + 1
    }
    for (let k = 0; k < windows; k++) {
      rows[count] = i
      starts[count] = k === 0 ? edge[2]! : BigInt.asIntN(64, starts[count - 1]! + step)
      ends[count] = BigInt.asIntN(64, starts[count]! + size)
      count++
    }
  }
  return count
}
