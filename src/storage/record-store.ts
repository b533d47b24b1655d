// RecordStore: the memory under every state structure: records of one layout, and a heap for their bytes.
//
// State: chunks of 64 K records. The first grows by doubling from 64 records (its arrays are then replaced, and
// snapshots keep the old ones); later chunks are whole and never move. Freed records are reused first, last freed
// first. One guard byte per page: 0 = unchanged since the last snapshot or checkpoint (snapshot.ts).
// Invariant: whoever writes a record has called `guardRecord` for it since the last snapshot was taken.
// Cost: allocation and release O(1); memory is given back when the last record goes.

import { assert } from '../core/assert.ts'
import { limitReached } from '../core/error.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { type ByteHeap, clearHeap, compactHeap, createByteHeap, freeBytes, type HeapOwners } from './byte-heap.ts'
import { CHUNK_MASK, CHUNK_SHIFT, type RecordLayout } from './record-layout.ts'
import { type Paged, type StoreSnapshot, savePage } from './snapshot.ts'

const CHUNK_RECORDS = CHUNK_MASK + 1
const FIRST_RECORDS = 64
/** Ids have 27 bits: the hash index keeps four bits of the hash beside them. */
export const RECORDS_MAX = 2 ** 27

export interface RecordStore extends Paged {
  readonly layout: RecordLayout
  readonly account: MemoryAccount
  /** The same memory seen as 32-bit words, as int64 and as doubles; one entry per chunk. */
  readonly words: Int32Array[]
  readonly longs: BigInt64Array[]
  readonly doubles: Float64Array[]
  readonly heap: ByteHeap
  /** What a new record holds behind hash and mark. */
  readonly template: Int32Array
  guard: Uint8Array
  dirty: Uint8Array
  /** Ids handed out so far are 0…size−1. */
  size: number
  /** Records in use. */
  count: number
  /** Records that fit the chunks. */
  capacity: number
  /** First of the free records, linked through their marks; −1: none. */
  freeHead: number
  /** Bytes charged for chunks and guards; the heap counts its own. */
  bytes: number
  readonly snapshots: StoreSnapshot[]
}

export const createRecordStore = (
  layout: RecordLayout,
  account: MemoryAccount,
  template = new Int32Array(layout.strideWords),
): RecordStore => ({
  layout,
  account,
  template,
  words: [],
  longs: [],
  doubles: [],
  heap: createByteHeap(account),
  guard: new Uint8Array(0),
  dirty: new Uint8Array(0),
  size: 0,
  count: 0,
  capacity: 0,
  freeHead: -1,
  bytes: 0,
  snapshots: [],
})

export const storeBytes = (store: RecordStore): number => store.bytes + store.heap.bytes

/** Marks of free records are −2 − next. */
const freeMark = (next: number): number => -2 - next

/** A record with mark 0 that holds the template otherwise. May throw 53200; then nothing changed. */
export function allocateRecord(store: RecordStore, hash: number): number {
  let id = store.freeHead
  if (id < 0) {
    if (store.size === store.capacity) grow(store)
    id = store.size
  }
  const { layout } = store
  const words = store.words[id >>> CHUNK_SHIFT]!
  const at = (id & CHUNK_MASK) * layout.strideWords
  guardRecord(store, id)
  if (id === store.size) store.size++
  else store.freeHead = freeMark(words[at + 1]!)
  words[at] = hash
  words[at + 1] = 0
  const { template } = store
  for (let k = 2; k < template.length; k++) words[at + k] = template[k]!
  store.count++
  return id
}

/** Room for `more` records, so that allocating them cannot fail. May throw 53200. */
export function reserveRecords(store: RecordStore, more: number): void {
  while (store.capacity - store.count < more) grow(store)
}

/** Frees the record and its heap values. Its id may be handed out again at once: only in seal or abort. */
export function releaseRecord(store: RecordStore, id: number): void {
  const { layout } = store
  guardRecord(store, id)
  const words = store.words[id >>> CHUNK_SHIFT]!
  const at = (id & CHUNK_MASK) * layout.strideWords
  freeRecordBytes(store, words, at)
  words[at + 1] = freeMark(store.freeHead)
  store.freeHead = id
  store.count--
}

/** Frees the heap values of the record at `words[at…]` and empties its bytes fields. */
export function freeRecordBytes(store: RecordStore, words: Int32Array, at: number): void {
  const { bytesFields, fields } = store.layout
  for (let k = 0; k < bytesFields.length; k++) {
    const place = at + fields[bytesFields[k]!]!.word
    freeBytes(store.heap, words[place]!, words[place + 1]!)
    words[place + 1] = 0
  }
}

/** Must come before the first write of a record since the last snapshot. */
export function guardRecord(store: RecordStore, id: number): void {
  const page = id >>> store.layout.pageShift
  if (store.guard[page] === 0) savePage(store, page)
}

export const isLive = (store: RecordStore, id: number): boolean =>
  store.words[id >>> CHUNK_SHIFT]![(id & CHUNK_MASK) * store.layout.strideWords + 1]! >= 0

/** In seal, after all releases: compacts the heap a little, and starts from nothing where nothing is left. */
export function tidyStore(store: RecordStore): void {
  if (store.count === 0) {
    if (store.capacity > 0) clearStore(store)
  } else if (store.heap.sparse.length > 0) compactHeap(store.heap, ownersIn(store))
}

/** Forgets all records and gives their memory back; snapshots keep what they read. */
export function clearStore(store: RecordStore): void {
  clearHeap(store.heap)
  store.account.charge(-store.bytes)
  store.bytes = 0
  store.words.length = 0
  store.longs.length = 0
  store.doubles.length = 0
  store.guard = new Uint8Array(0)
  store.dirty = new Uint8Array(0)
  store.size = 0
  store.count = 0
  store.capacity = 0
  store.freeHead = -1
}

const ownersIn = (store: RecordStore): HeapOwners => {
  const { bytesFields, fields, strideWords } = store.layout
  return {
    fieldAt(owner, reference) {
      const words = store.words[owner >>> CHUNK_SHIFT]!
      const at = (owner & CHUNK_MASK) * strideWords
      if (words[at + 1]! < 0) return -1
      for (const field of bytesFields) {
        const place = at + fields[field]!.word
        if (words[place] === reference && words[place + 1] !== 0) return field
      }
      return -1
    },
    setReference(owner, field, reference) {
      guardRecord(store, owner)
      const at = (owner & CHUNK_MASK) * strideWords
      store.words[owner >>> CHUNK_SHIFT]![at + fields[field]!.word] = reference
    },
  }
}

/** The first chunk doubles, up to a whole one; then whole chunks are added. */
function grow(store: RecordStore): void {
  if (store.capacity >= RECORDS_MAX) throw limitReached('state holds more than 134,217,728 rows')
  const whole = store.capacity >= CHUNK_RECORDS
  const records = whole ? CHUNK_RECORDS : Math.max(FIRST_RECORDS, store.capacity * 2)
  const { strideWords, pageShift } = store.layout
  const capacity = whole ? store.capacity + records : records
  const pages = Math.ceil(capacity / 2 ** pageShift)
  const replaced = whole ? 0 : (store.words[0]?.byteLength ?? 0)
  const charged = records * strideWords * 4 - replaced + 2 * (pages - store.guard.length)
  store.account.charge(charged)
  store.bytes += charged
  addChunk(store, new ArrayBuffer(records * strideWords * 4), whole)
  store.capacity = capacity
  store.guard = extended(store.guard, pages)
  store.dirty = extended(store.dirty, pages)
  assert(store.words.length === Math.ceil(capacity / CHUNK_RECORDS), 'chunks')
}

function addChunk(store: RecordStore, buffer: ArrayBuffer, whole: boolean): void {
  const words = new Int32Array(buffer)
  const chunk = whole ? store.words.length : 0
  const old = store.words[chunk]
  if (old !== undefined) words.set(old)
  store.words[chunk] = words
  store.longs[chunk] = new BigInt64Array(buffer)
  store.doubles[chunk] = new Float64Array(buffer)
}

/** Pages that did not exist are as good as saved. */
function extended(flags: Uint8Array, pages: number): Uint8Array {
  const longer = new Uint8Array(pages).fill(1)
  longer.set(flags)
  return longer
}
