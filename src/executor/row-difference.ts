// −old +new of touched keys: which of the rows that a key showed before and shows now have to be emitted.

import { type Batch, batchOf, type Column } from '../core/batch.ts'
import { equalRows } from '../core/primitives/equal.ts'
import { gather } from '../core/primitives/gather.ts'
import type { Region } from '../core/region.ts'
import type { Output } from './operator.ts'

/** Row i of `columns` is what key i shows, where `shown[i]` is 1. */
export interface Shown {
  readonly columns: readonly Column[]
  readonly shown: Uint8Array
}

/** Emits the rows that are no longer shown with −1 and those that now are with +1; unchanged ones not at all. */
export function emitDifference(before: Shown, after: Shown, length: number, out: Output): void {
  const { region } = out
  const same = region.u8(length)
  equalRows({ columns: before.columns }, { columns: after.columns }, length, same)
  for (let i = 0; i < length; i++) if (before.shown[i] === 0 || after.shown[i] === 0) same[i] = 0
  emitShown(before, same, length, -1, out)
  emitShown(after, same, length, 1, out)
}

function emitShown({ columns, shown }: Shown, same: Uint8Array, length: number, weight: number, out: Output): void {
  const { region } = out
  const rows = region.i32(length)
  let count = 0
  for (let i = 0; i < length; i++) if (shown[i] === 1 && same[i] === 0) rows[count++] = i
  if (count === 0) return
  const batch = batchOf(length, columns)
  out.rows(weighted(count === length ? batch : gather(batch, rows, count, region), weight, region))
}

function weighted(batch: Batch, weight: number, region: Region): Batch {
  if (weight === 1) return batch
  return batchOf(batch.length, batch.columns, region.i32(batch.length).fill(weight))
}
