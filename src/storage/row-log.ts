// RowLog: rows in the order they came, never retracted: the `log` form of a view store.
//
// State: records 0…count−1, dense, each with its weight as its last field. Rows of the running epoch stand behind the
// sealed ones; abort drops them, last first, so that ids are handed out in order again.

import { assert } from '../core/assert.ts'
import { type Batch, type Column, i32Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { weightsOf } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import type { Moment } from './key-table.ts'
import { gatherRecords } from './record-gather.ts'
import { type FieldDef, recordLayout } from './record-layout.ts'
import { allocateRecord, createRecordStore, type RecordStore, releaseRecord } from './record-store.ts'
import { writeRecords } from './record-write.ts'
import { checkSnapshot, type StoreSnapshot } from './snapshot.ts'

export interface RowLog {
  readonly store: RecordStore
  /** Rows before the running epoch. */
  sealed: number
}

export const createRowLog = (columns: readonly FieldDef[], account: MemoryAccount): RowLog => ({
  store: createRecordStore(recordLayout([...columns, { kind: 'i32', nullable: false }]), account),
  sealed: 0,
})

/** Appends rows of positive weight; returns the first row that is not, with nothing appended, or −1. */
export function appendLog(log: RowLog, batch: Batch, region: Region): number {
  const weights = weightsOf(batch, region)
  for (let i = 0; i < batch.length; i++) if (weights[i]! <= 0) return i
  const ids = region.i32(batch.length)
  for (let i = 0; i < batch.length; i++) {
    ids[i] = allocateRecord(log.store, 0)
    assert(ids[i] === log.store.count - 1, 'a log has a hole')
  }
  const fields = [...log.store.layout.fields.keys()]
  writeRecords(log.store, fields, ids, batch.length, [...batch.columns, i32Column(weights)])
  return -1
}

/** How many rows there are at that moment; they are 0…n−1. */
export function logLength(log: RowLog, at: Moment | StoreSnapshot): number {
  if (typeof at !== 'string') return at.count
  return at === 'before' ? log.sealed : log.store.count
}

/** Fields of rows; −1 gives NULL. The last field of the layout is the weight. */
export function gatherLog(
  log: RowLog,
  fields: readonly number[],
  ids: Int32Array,
  length: number,
  at: Moment | StoreSnapshot,
  region: Region,
): Column[] {
  const { layout } = log.store
  let absent: Uint8Array | undefined
  for (let i = 0; i < length; i++) {
    if (ids[i]! >= 0) continue
    absent ??= region.nulls(length)
    absent[i] = 1
  }
  if (typeof at === 'string') {
    const { words, heap } = log.store
    return gatherRecords({ source: 'live', layout, words, arenas: heap.arenas }, fields, ids, length, absent, region)
  }
  checkSnapshot(at)
  const { words, arenas, saved, copies } = at
  return gatherRecords(
    { source: 'snapshot', layout, words, arenas, saved, copies },
    fields,
    ids,
    length,
    absent,
    region,
  )
}

export function sealLog(log: RowLog): void {
  log.sealed = log.store.count
}

export function abortLog(log: RowLog): void {
  for (let id = log.store.count - 1; id >= log.sealed; id--) releaseRecord(log.store, id)
}
