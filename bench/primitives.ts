// The batch primitives, ns a row, on batches of 256, 1,024 and 8,192 rows, called from one long-lived driver. A
// spread of passes above 1.5 hints at code that falls out of the optimised tier (engine §1).

import { batchOf, bytesColumn, type Column, i32Column, i64Column } from '../src/core/batch.ts'
import { memoryAccount } from '../src/core/memory.ts'
import { canonicalKeys, sortRows } from '../src/core/primitives/compare.ts'
import { concat } from '../src/core/primitives/concat.ts'
import { consolidate } from '../src/core/primitives/consolidate.ts'
import { equalRows } from '../src/core/primitives/equal.ts'
import { gatherColumns } from '../src/core/primitives/gather.ts'
import { hashRows } from '../src/core/primitives/hash.ts'
import { Region } from '../src/core/region.ts'
import { type Measured, measure } from './reference/measure.ts'
import { draws } from './reference/random.ts'
import type { BenchCase } from './run.ts'

const ROWS = 1 << 20

/** (bigint, int, text of 8 to 23 bytes), random, one row in four repeated. */
function columnsOf(length: number): readonly Column[] {
  const draw = draws(3)
  const keys = Array.from({ length }, () => draw(length))
  const lengths = Int32Array.from(keys, (key) => 8 + (key % 16))
  const arena = Uint8Array.from({ length: 24 * length }, (_, i) => 97 + (i % 23))
  return [
    i64Column(BigInt64Array.from(keys, (key) => 1_000_000_000_000n + BigInt(key))),
    i32Column(Int32Array.from(keys, (key) => key % 100)),
    bytesColumn({ offsets: Int32Array.from(keys, (key) => key * 23), lengths, arena }),
  ]
}

function each(length: number, work: (columns: readonly Column[], region: Region) => void): Measured {
  const columns = columnsOf(length)
  const region = new Region(memoryAccount('bench'))
  return measure(ROWS, () => {
    for (let done = 0; done < ROWS; done += length) {
      work(columns, region)
      region.recycle()
    }
  })
}

const sizes = [256, 1024, 8192] as const

const primitives = {
  'hash bigint': (length: number) => each(length, ([key], region) => hashRows([key!], length, region.i32(length))),
  'hash text': (length: number) => each(length, ([, , text], region) => hashRows([text!], length, region.i32(length))),
  'hash all three': (length: number) =>
    each(length, (columns, region) => hashRows(columns, length, region.i32(length))),
  equal: (length: number) =>
    each(length, (columns, region) => equalRows({ columns }, { columns }, length, region.u8(length))),
  gather: (length: number) => {
    const rows = Int32Array.from({ length }, (_, i) => (i * 7919) % length)
    return each(length, (columns, region) => void gatherColumns(columns, rows, length, region))
  },
  consolidate: (length: number) =>
    each(length, (columns, region) => void consolidate(batchOf(length, columns), region)),
  concat: (length: number) =>
    each(length, (columns, region) => {
      const half = batchOf(length >> 1, columns)
      concat([half, half], region)
    }),
  sort: (length: number) => {
    const rows = new Int32Array(length)
    return each(length, (columns) => {
      for (let i = 0; i < length; i++) rows[i] = i
      sortRows(columns, canonicalKeys(3), rows, length)
    })
  },
}

export const cases: readonly BenchCase[] = Object.entries(primitives).flatMap(([name, run]) =>
  sizes.map((length) => ({ name: `${name}, ${length}`, run: () => run(length) })),
)
