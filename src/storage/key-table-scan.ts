// Scans of a key table: its slots in order, as they are, as they were before the running epoch, or in a snapshot.
//
// A page is either the live one or the snapshot's own copy, so one loop runs over its marks; only what the running
// epoch has touched is asked for slot by slot. Cost: about 1 ns a slot.

import { isPresent, type KeyTable, type Moment, type TableSnapshot } from './key-table.ts'
import { CHUNK_MASK, CHUNK_SHIFT } from './record-layout.ts'
import { checkSnapshot, type StoreSnapshot } from './snapshot.ts'

/** One slice of a scan. */
export interface ScanSlice {
  readonly count: number
  /** Where to go on, or −1 at the end. */
  readonly cursor: number
}

/** Fills `out` with slots that hold a key at that moment, in slot order, from `cursor` on (0 begins). Visits at most
 * 4 × out.length slots. */
export function scan(table: KeyTable, cursor: number, at: Moment | TableSnapshot, out: Int32Array): ScanSlice {
  if (typeof at !== 'string') checkSnapshot(at.store)
  const { size } = typeof at === 'string' ? table.store : at.store
  const end = Math.min(size, cursor + 4 * out.length)
  let count = 0
  let slot = cursor
  while (slot < end && count < out.length) {
    const page = Math.min(end, pageEnd(table, slot), slot + out.length - count)
    count =
      typeof at === 'string' && table.undo.count > 0
        ? scanTouched(table, slot, page, at, out, count)
        : scanPage(
            typeof at === 'string' ? table.store.words : pageWords(at.store, slot),
            table,
            slot,
            page,
            out,
            count,
          )
    slot = page
  }
  return { count, cursor: slot >= size ? -1 : slot }
}

const pageEnd = ({ layout }: KeyTable, slot: number): number => ((slot >>> layout.pageShift) + 1) << layout.pageShift

const pageWords = ({ saved, words, copies, layout }: StoreSnapshot, slot: number): readonly Int32Array[] =>
  saved[slot >>> layout.pageShift] === 0 ? words : copies

/** Slots of one page, none of which is touched. Returns the new count. */
function scanPage(
  words: readonly Int32Array[],
  { layout: { strideWords } }: KeyTable,
  from: number,
  to: number,
  out: Int32Array,
  found: number,
): number {
  const chunk = words[from >>> CHUNK_SHIFT]!
  let count = found
  for (let slot = from, at = (from & CHUNK_MASK) * strideWords + 1; slot < to; slot++, at += strideWords)
    if (chunk[at]! >= 0) out[count++] = slot
  return count
}

function scanTouched(table: KeyTable, from: number, to: number, at: Moment, out: Int32Array, found: number): number {
  let count = found
  for (let slot = from; slot < to; slot++) if (isPresent(table, slot, at)) out[count++] = slot
  return count
}
