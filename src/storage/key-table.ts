// KeyTable: key columns → dense slot, with fixed-width state columns beside the key (spec/engine.md §4).
//
//   hash index (segments by top hash bits, load ≤ 0.5) ──► slot ──► record: hash, mark, null bits, keys, states
//
// State: records in chunks of 64 K slots that never move, a hash index, a heap for bytes, and the undo list of the
// running epoch. A slot id is stable while its key lives; slots are freed only in seal (new ones also by abort).
// Invariants: `touch` before any write of a slot's states in an epoch; `before` reads the undo list, `after` the
// record. Cost: find about one cache miss for the index and one for the record; touch copies one record per slot and
// epoch.

import { assert } from '../core/assert.ts'
import type { Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { type HashRows, hashRows } from '../core/primitives/hash.ts'
import type { Region } from '../core/region.ts'
import { freeBytes } from './byte-heap.ts'
import { createDictionarySlots, type DictionarySlots, forgetFreed, slotsThrough } from './dictionary-slots.ts'
import { createHashIndex, type HashIndex, type IndexSnapshot, insertEntry, makeRoom } from './hash-index.ts'
import { type SearchFrom, searchKeys, searchOrInsert } from './key-search.ts'
import { type GatherFrom, gatherRecords } from './record-gather.ts'
import { CHUNK_MASK, CHUNK_SHIFT, type FieldDef, fieldWords, type RecordLayout, recordLayout } from './record-layout.ts'
import { allocateRecord, createRecordStore, isLive, type RecordStore, storeBytes } from './record-store.ts'
import { writeRecords } from './record-write.ts'
import { checkSnapshot, type StoreSnapshot } from './snapshot.ts'
import {
  createUndoList,
  FREED,
  FRESH,
  flagFreed,
  noteFresh,
  reserveUndo,
  touchRecords,
  type UndoList,
  undoPosition,
} from './undo-list.ts'

/** Which contents a read sees: those before the running epoch, or with its changes (legal in `finish` only). */
export type Moment = 'before' | 'after'

export interface KeyTableOptions {
  readonly keys: readonly FieldDef[]
  readonly states: readonly FieldDef[]
  readonly account: MemoryAccount
  /** Only tests give another one, to make keys collide. */
  readonly hash?: HashRows
}

export interface KeyTable {
  readonly keys: readonly FieldDef[]
  readonly states: readonly FieldDef[]
  /** Fields 0…keys−1 are the keys, then the states. */
  readonly layout: RecordLayout
  /** `store.words`, `.longs`, `.doubles`: one typed array per chunk, for generated accumulate loops (recordCode). The
   * entries may be replaced by findOrInsert; the array objects stay. */
  readonly store: RecordStore
  readonly index: HashIndex
  readonly undo: UndoList
  readonly dictionaries: DictionarySlots
  readonly hash: HashRows
  /** Scratch of the look-ups. */
  hashes: Int32Array
}

/** A snapshot of a KeyTable: pass it as `at`. */
export interface TableSnapshot extends Disposable {
  readonly kind: 'table-snapshot'
  readonly store: StoreSnapshot
  readonly index: IndexSnapshot
  /** Bytes of saved pages. */
  readonly bytes: number
}

export function createKeyTable(options: KeyTableOptions): KeyTable {
  const { keys, states, account, hash = hashRows } = options
  const layout = recordLayout([...keys, ...states])
  const store = createRecordStore(layout, account, newKey(layout, keys.length))
  return {
    keys,
    states,
    layout,
    store,
    index: createHashIndex(store),
    undo: createUndoList(account),
    dictionaries: createDictionarySlots(account),
    hash,
    hashes: new Int32Array(0),
  }
}

/** Keys present after the running epoch's changes; slots marked by `free` no longer count. */
export const keyCount = (table: KeyTable): number => table.store.count - table.undo.freed

/** Keys present before the running epoch. */
export const keyCountBefore = (table: KeyTable): number => table.store.count - table.undo.fresh

/** Bytes charged to the account. */
export const tableBytes = (table: KeyTable): number =>
  storeBytes(table.store) + table.index.bytes + table.undo.bytes + table.dictionaries.bytes

export interface FindOptions {
  /**
   * True: NULL is a key like any other (GROUP BY, IS NOT DISTINCT FROM). False: a row with a NULL key finds nothing.
   */
  readonly nullsMatch: boolean
  readonly at?: Moment | TableSnapshot
}

/** `out[i]` = slot of row i's key, or −1. Default `at`: after. */
export function find(
  table: KeyTable,
  columns: readonly Column[],
  length: number,
  out: Int32Array,
  options: FindOptions,
): void {
  const { nullsMatch, at = 'after' } = options
  const first = columns[0]
  if (typeof at === 'string' && columns.length === 1 && first?.kind === 'dict')
    slotsThrough(table.dictionaries, table.store, first, length, out, (missing, count, slots) =>
      search(table, missing, count, slots, nullsMatch, at),
    )
  else search(table, columns, length, out, nullsMatch, at)
  hideAbsent(table, out, length, at)
}

function search(
  table: KeyTable,
  columns: readonly Column[],
  length: number,
  out: Int32Array,
  nullsMatch: boolean,
  at: Moment | TableSnapshot,
): void {
  searchKeys(searchFrom(table, at), columns, hashesOf(table, columns, length), length, out, nullsMatch)
}

function searchFrom(table: KeyTable, at: Moment | TableSnapshot): SearchFrom {
  const { layout, store, index } = table
  if (typeof at === 'string')
    return { source: 'live', layout, ...liveParts(store), directory: index.directory, shift: index.shift }
  checkSnapshot(at.store)
  checkSnapshot(at.index)
  const { words, arenas, saved, copies } = at.store
  return {
    source: 'snapshot',
    layout,
    words,
    arenas,
    saved,
    copies,
    directory: at.index.directory,
    shift: at.index.shift,
  }
}

const liveParts = (store: RecordStore) => ({ words: store.words, arenas: store.heap.arenas })

function hashesOf(table: KeyTable, columns: readonly Column[], length: number): Int32Array {
  if (table.hashes.length < length) table.hashes = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(length, 64))))
  table.hash(columns, length, table.hashes)
  return table.hashes
}

/** −1 for slots that hold no key at that moment; the index knows all that live before or after. */
function hideAbsent(table: KeyTable, slots: Int32Array, length: number, at: Moment | TableSnapshot): void {
  if (typeof at !== 'string') return
  const { undo, store } = table
  const flag = at === 'before' ? FRESH : FREED
  if ((at === 'before' ? undo.fresh : undo.freed) === 0) return
  for (let i = 0; i < length; i++) {
    if (slots[i]! < 0) continue
    const position = undoPosition(undo, store, slots[i]!)
    if (position >= 0 && (undo.flags[position]! & flag) !== 0) slots[i] = -1
  }
}

/**
 * `out[i]` = slot of row i's key, inserted where it was absent (NULL is a key); returns how many were. A new slot is
 * touched already, its states are 0 (NULL where nullable; empty for bytes that are not). A slot marked by `free` in
 * this epoch comes back to life with its states so reset.
 */
export function findOrInsert(table: KeyTable, columns: readonly Column[], length: number, out: Int32Array): number {
  const { undo, store } = table
  const before = undo.fresh
  reserveUndo(undo, store, length)
  forgetFreed(table.dictionaries, store)
  const first = columns[0]
  if (columns.length === 1 && first?.kind === 'dict')
    slotsThrough(table.dictionaries, table.store, first, length, out, (missing, count, slots) =>
      insertMissing(table, missing, count, slots),
    )
  else insertMissing(table, columns, length, out)
  if (undo.freed > 0) reviveFreed(table, out, length)
  return undo.fresh - before
}

function insertMissing(table: KeyTable, columns: readonly Column[], length: number, out: Int32Array): void {
  const { store, index, undo } = table
  const hashes = hashesOf(table, columns, length)
  searchOrInsert(store, index, columns, hashes, length, out, (hash) => {
    // What can fail comes first.
    makeRoom(index, hash)
    const slot = allocateRecord(store, hash)
    insertEntry(index, hash, slot)
    noteFresh(undo, store, slot)
    return slot
  })
}

/** A record of a new key: states are NULL, 0 or empty. */
function newKey(layout: RecordLayout, keys: number): Int32Array<ArrayBuffer> {
  const words = new Int32Array(layout.strideWords)
  for (const field of layout.fields.slice(keys)) if (field.nullable) words[field.nullWord]! |= 1 << field.nullBit
  return words
}

function resetStates(table: KeyTable, slot: number): void {
  const { layout, keys, store } = table
  const words = store.words[slot >>> CHUNK_SHIFT]!
  const at = (slot & CHUNK_MASK) * layout.strideWords
  for (const { nullable, nullWord, nullBit, word, kind } of layout.fields.slice(keys.length)) {
    if (nullable) words[at + nullWord]! |= 1 << nullBit
    for (let k = 0; k < fieldWords[kind]; k++) words[at + word + k] = 0
  }
}

function reviveFreed(table: KeyTable, slots: Int32Array, length: number): void {
  const { undo, store } = table
  for (let i = 0; i < length; i++) {
    const position = undoPosition(undo, store, slots[i]!)
    if (position < 0 || (undo.flags[position]! & FREED) === 0) continue
    undo.flags[position]! &= ~FREED
    undo.freed--
    for (let k = 0; k < table.states.length; k++) dropValue(table, stateField(table, k), slots[i]!)
    resetStates(table, slots[i]!)
  }
}

/** Declares that the states of `slots[0…length)` will change: the first time in an epoch copies their records to the
 * undo list. Entries −1 are skipped; repeated ones are allowed. */
export const touch = (table: KeyTable, slots: Int32Array, length: number): void =>
  touchRecords(table.undo, table.store, slots, length)

/**
 * The slots touched in this epoch in order of first touch, new and freed ones included. A view: valid to the next
 * touch.
 */
export const touchedSlots = (table: KeyTable): Int32Array => table.undo.ids.subarray(0, table.undo.count)

/** The keys of `slots[0…length)`; all must be live now or before. */
export const gatherKeys = (table: KeyTable, slots: Int32Array, length: number, region: Region): Column[] =>
  gatherRecords(
    { source: 'live', layout: table.layout, ...liveParts(table.store) },
    [...table.keys.keys()],
    slots,
    length,
    undefined,
    region,
  )

/**
 * Fields of slots as columns: `fields` are positions in `table.layout` (keys first, then states; `stateField(table,
 * k)`). A slot absent at that moment (`present` says so), and −1, give NULL.
 */
export function gatherFields(
  table: KeyTable,
  fields: readonly number[],
  slots: Int32Array,
  length: number,
  at: Moment | TableSnapshot,
  region: Region,
): Column[] {
  return gatherRecords(
    gatherFrom(table, at),
    fields,
    slots,
    length,
    absentMask(table, slots, length, at, region),
    region,
  )
}

/** The same of slots that hold a key at that moment, such as a scan's. */
export const gatherPresent = (
  table: KeyTable,
  fields: readonly number[],
  slots: Int32Array,
  length: number,
  at: Moment | TableSnapshot,
  region: Region,
): Column[] => gatherRecords(gatherFrom(table, at), fields, slots, length, undefined, region)

function gatherFrom(table: KeyTable, at: Moment | TableSnapshot): GatherFrom {
  const { layout, store, undo } = table
  if (typeof at !== 'string') {
    checkSnapshot(at.store)
    const { words, arenas, saved, copies } = at.store
    return { source: 'snapshot', layout, words, arenas, saved, copies }
  }
  if (at === 'after' || undo.count === 0) return { source: 'live', layout, ...liveParts(store) }
  return { source: 'undo', layout, ...liveParts(store), undo }
}

/** Flags slots that are −1 or absent at that moment; undefined where none can be. */
function absentMask(
  table: KeyTable,
  slots: Int32Array,
  length: number,
  at: Moment | TableSnapshot,
  region: Region,
): Uint8Array | undefined {
  let sign = 0
  for (let i = 0; i < length; i++) sign |= slots[i]!
  const { undo } = table
  const all = typeof at === 'string' && (at === 'before' ? undo.fresh : undo.freed) === 0
  if (all && sign >= 0) return undefined
  const mask = region.u8(length)
  present(table, slots, length, at, mask)
  let absent = 0
  for (let i = 0; i < length; i++) absent |= mask[i]! ^= 1
  return absent === 0 ? undefined : mask
}

/** Position in the layout of state column `k`. */
export const stateField = (table: KeyTable, k: number): number => table.keys.length + k

/** `out[i]` = 1 where `slots[i]` holds a key at that moment. */
export function present(
  table: KeyTable,
  slots: Int32Array,
  length: number,
  at: Moment | TableSnapshot,
  out: Uint8Array,
): void {
  for (let i = 0; i < length; i++) out[i] = slots[i]! >= 0 && isPresent(table, slots[i]!, at) ? 1 : 0
}

/** Whether slot id `slot` holds a key at that moment. */
export function isPresent(table: KeyTable, slot: number, at: Moment | TableSnapshot): boolean {
  if (typeof at !== 'string') {
    const { size, words, saved, copies, layout } = at.store
    if (slot >= size) return false
    const chunk = (saved[slot >>> layout.pageShift] === 0 ? words : copies)[slot >>> CHUNK_SHIFT]!
    return chunk[(slot & CHUNK_MASK) * layout.strideWords + 1]! >= 0
  }
  const { store, undo } = table
  if (slot >= store.size || !isLive(store, slot)) return false
  const position = undoPosition(undo, store, slot)
  return position < 0 || (undo.flags[position]! & (at === 'before' ? FRESH : FREED)) === 0
}

/** Writes row `rows[i]` (absent: i) of `column` into state column `state` of `slots[i]`. Slots must be touched. */
export function writeState(
  table: KeyTable,
  state: number,
  slots: Int32Array,
  length: number,
  column: Column,
  rows?: Int32Array,
): void {
  writeRecords(table.store, [stateField(table, state)], slots, length, [column], {
    drop: (field, slot) => dropValue(table, field, slot),
    rows,
  })
}

/** Empties a bytes field of a touched slot; its heap value is freed unless the undo list refers to it. */
function dropValue(table: KeyTable, field: number, slot: number): void {
  const { layout, store, undo } = table
  const { kind, word } = layout.fields[field]!
  if (kind !== 'bytes') return
  const words = store.words[slot >>> CHUNK_SHIFT]!
  const at = (slot & CHUNK_MASK) * layout.strideWords
  const position = words[at + 1]!
  assert(undo.ids[position] === slot, 'a state was written before its slot was touched')
  const old = position * layout.strideWords + word
  const isOld = (undo.flags[position]! & FRESH) === 0 && undo.words[old] === words[at + word]
  if (!isOld) freeBytes(store.heap, words[at + word]!, words[at + word + 1]!)
  words[at + word] = 0
  words[at + word + 1] = 0
}

/** Marks touched slots as removed: absent `after`, freed in seal. Marking twice is allowed. */
export const free = (table: KeyTable, slots: Int32Array, length: number): void =>
  flagFreed(table.undo, table.store, slots, length)
