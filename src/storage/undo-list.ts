// UndoList: what the running epoch has changed in a record store, so that `before` can be read and abort can restore.
//
//   position   0          1          2            the mark of record 17 is 0: 17 is touched, since ids[0] is 17
//   ids        17         3          99           (a sparse set: marks need no clearing between epochs)
//   flags      0          fresh      freed
//   words      old 17     –          old 99       records as they were; nothing for fresh ones
//
// Cost: one record copied per touched record and epoch; forgetting all of it is O(1) unless something was freed.

import { compiled, type Source } from '../core/codegen.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { CHUNK_MASK, CHUNK_SHIFT } from './record-layout.ts'
import { guardRecord, type RecordStore } from './record-store.ts'

export const FRESH = 1
export const FREED = 2

const FIRST_POSITIONS = 64
/** A longer list halves when SMALL_EPOCHS epochs, one after the other, have used less than a quarter of it. */
const KEPT_POSITIONS = 8192
const SMALL_EPOCHS = 32

export interface UndoList {
  readonly account: MemoryAccount
  count: number
  /** How many of them are flagged FRESH, and FREED. */
  fresh: number
  freed: number
  ids: Int32Array
  flags: Uint8Array
  words: Int32Array
  /** The same memory as int64. */
  longs: BigInt64Array
  bytes: number
  /** Epochs since the list was needed as long as it is. */
  smallEpochs: number
}

export const createUndoList = (account: MemoryAccount): UndoList => ({
  account,
  count: 0,
  fresh: 0,
  freed: 0,
  ids: new Int32Array(0),
  flags: new Uint8Array(0),
  words: new Int32Array(0),
  longs: new BigInt64Array(0),
  bytes: 0,
  smallEpochs: 0,
})

/** Room for `more` entries. May throw 53200; then nothing changed. */
export function reserveUndo(undo: UndoList, store: RecordStore, more: number): void {
  const needed = undo.count + more
  if (needed > undo.ids.length) resize(undo, store, Math.max(FIRST_POSITIONS, undo.ids.length * 2, needed))
}

function resize(undo: UndoList, store: RecordStore, positions: number): void {
  const { strideWords } = store.layout
  const bytes = positions * (strideWords * 4 + 5)
  undo.account.charge(bytes - undo.bytes)
  undo.bytes = bytes
  const kept = Math.min(undo.count, positions)
  const { ids, flags, words } = undo
  undo.ids = new Int32Array(positions)
  undo.flags = new Uint8Array(positions)
  undo.words = new Int32Array(positions * strideWords)
  undo.longs = new BigInt64Array(undo.words.buffer)
  undo.ids.set(ids.subarray(0, kept))
  undo.flags.set(flags.subarray(0, kept))
  undo.words.set(words.subarray(0, kept * strideWords))
}

/** Position of a touched record, or −1. */
export function undoPosition(undo: UndoList, store: RecordStore, id: number): number {
  const mark = store.words[id >>> CHUNK_SHIFT]![(id & CHUNK_MASK) * store.layout.strideWords + 1]!
  return mark >= 0 && mark < undo.count && undo.ids[mark] === id ? mark : -1
}

/** Notes a record that was allocated in this epoch; room is reserved. */
export function noteFresh(undo: UndoList, store: RecordStore, id: number): void {
  store.words[id >>> CHUNK_SHIFT]![(id & CHUNK_MASK) * store.layout.strideWords + 1] = undo.count
  undo.ids[undo.count] = id
  undo.flags[undo.count++] = FRESH
  undo.fresh++
}

type Touch = (undo: UndoList, store: RecordStore, ids: Int32Array, length: number, guard: typeof guardRecord) => void

/** Copies each record to the list on its first touch in the epoch; −1 is skipped. */
export function touchRecords(undo: UndoList, store: RecordStore, ids: Int32Array, length: number): void {
  reserveUndo(undo, store, length)
  const { strideWords, pageShift } = store.layout
  const touch = compiled<Touch>(`touch ${strideWords} ${pageShift}`, () => touchSource(strideWords, pageShift))
  touch(undo, store, ids, length, guardRecord)
}

/** The copy of a record written out, two words at a time. */
function touchSource(stride: number, pageShift: number): Source {
  const copies = Array.from({ length: stride / 2 }, (_, k) => `old[to + ${k}] = from[first + ${k}]\n`)
  return {
    parameters: ['undo', 'store', 'ids', 'length', 'guardRecord'],
    body: `const touched = undo.ids, old = undo.longs, flags = undo.flags, guard = store.guard
const words = store.words, longs = store.longs
let count = undo.count
for (let i = 0; i < length; i++) {
  const id = ids[i]
  if (id < 0) continue
  const chunk = words[id >>> ${CHUNK_SHIFT}], at = (id & ${CHUNK_MASK}) * ${stride}, mark = chunk[at + 1]
  if (mark < count && touched[mark] === id) continue
  if (guard[id >>> ${pageShift}] === 0) guardRecord(store, id)
  const from = longs[id >>> ${CHUNK_SHIFT}], first = at >> 1, to = count * ${stride / 2}
  ${copies.join('')}chunk[at + 1] = count
  touched[count] = id
  flags[count] = 0
  count++
}
undo.count = count`,
  }
}

/** Flags touched records as removed. */
export function flagFreed(undo: UndoList, store: RecordStore, ids: Int32Array, length: number): void {
  for (let i = 0; i < length; i++) {
    const id = ids[i]!
    if (id < 0) continue
    const mark = store.words[id >>> CHUNK_SHIFT]![(id & CHUNK_MASK) * store.layout.strideWords + 1]!
    if ((undo.flags[mark]! & FREED) !== 0) continue
    undo.flags[mark]! |= FREED
    undo.freed++
  }
}

/** Forgets the epoch. */
export function clearUndo(undo: UndoList, store: RecordStore): void {
  const positions = undo.ids.length
  undo.smallEpochs = positions > KEPT_POSITIONS && undo.count < positions / 4 ? undo.smallEpochs + 1 : 0
  undo.count = 0
  undo.fresh = 0
  undo.freed = 0
  if (undo.smallEpochs < SMALL_EPOCHS) return
  undo.smallEpochs = 0
  resize(undo, store, positions >> 1)
}

/** Gives all memory back. */
export function dropUndo(undo: UndoList): void {
  undo.account.charge(-undo.bytes)
  undo.bytes = 0
  undo.count = 0
  undo.ids = new Int32Array(0)
  undo.flags = new Uint8Array(0)
  undo.words = new Int32Array(0)
  undo.longs = new BigInt64Array(0)
}
