// Bytes of JavaScript heap that a warm call makes, from V8's count of used heap: a window of calls in which no
// collection ran. Typed arrays outside the heap do not count, objects and BigInts do.

import { getHeapStatistics } from 'node:v8'

const CALLS = 5000
const WINDOW = 100
const WINDOWS = 10

export interface Allocation {
  readonly median: number
  readonly maximum: number
}

/** Bytes a row of the last ten windows, after 5,000 calls of `work` that handle `rows` rows each. */
export function allocationPerRow(rows: number, work: () => void): Allocation {
  for (let i = 0; i < CALLS - WINDOW * WINDOWS; i++) work()
  const windows: number[] = []
  for (let attempt = 0; windows.length < WINDOWS && attempt < 10 * WINDOWS; attempt++) {
    const before = getHeapStatistics().used_heap_size
    for (let i = 0; i < WINDOW; i++) work()
    const made = getHeapStatistics().used_heap_size - before
    if (made >= 0) windows.push(made / (WINDOW * rows)) // below 0: a collection ran
  }
  if (windows.length < WINDOWS) return { median: Number.POSITIVE_INFINITY, maximum: Number.POSITIVE_INFINITY }
  windows.sort((a, b) => a - b)
  return { median: windows[WINDOWS >> 1]!, maximum: windows[WINDOWS - 1]! }
}
