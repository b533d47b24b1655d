// Snapshots: the sealed contents of a record store at one epoch, readable while later epochs change it.
//
// A snapshot is taken when no epoch is unsealed. It keeps the chunk arrays it found; the first change of a page after
// that copies the old page into an array of the chunk's shape that is its own (the system commits memory for written
// pages only; pages are charged as they are saved). At the account's limit the snapshot fails, not the writer.
// Readers choose per record: `saved[page] ? copies : words`. Heap values never move under a snapshot, since its own
// list of arenas keeps dropped blocks.

import { AssertionError } from '../core/assert.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { CHUNK_SHIFT, type RecordLayout } from './record-layout.ts'

/** What a snapshot needs of a record store. */
export interface Paged {
  readonly layout: RecordLayout
  readonly words: readonly Int32Array[]
  readonly heap: { readonly arenas: readonly Uint8Array[] }
  readonly size: number
  readonly count: number
  /** Per page: 1 = has changed since the last snapshot or checkpoint; writes need nothing more. */
  readonly guard: Uint8Array
  /** Per page: 1 = has changed since the last checkpoint. */
  readonly dirty: Uint8Array
  readonly snapshots: StoreSnapshot[]
}

export interface StoreSnapshot extends Disposable {
  readonly layout: RecordLayout
  /** Ids below are known to the snapshot. */
  readonly size: number
  readonly count: number
  readonly words: readonly Int32Array[]
  /** By chunk; only pages flagged in `saved` hold something. */
  readonly copies: Int32Array[]
  readonly saved: Uint8Array
  readonly arenas: readonly Uint8Array[]
  readonly account: MemoryAccount
  /** Bytes of saved pages. */
  bytes: number
  /** Set when a page could not be saved: every later read throws it. */
  failed: unknown
}

/** Throws if the snapshot came to its limit or was released. */
export function checkSnapshot(snapshot: { readonly failed: unknown }): void {
  if (snapshot.failed !== undefined) throw snapshot.failed
}

/** Charges what a snapshot keeps; where its account is at its limit the snapshot fails and the writer goes on. */
export function chargeSnapshot(
  snapshot: { readonly account: MemoryAccount; bytes: number; failed: unknown },
  bytes: number,
): boolean {
  if (snapshot.failed !== undefined) return false
  try {
    snapshot.account.charge(bytes)
  } catch (error) {
    snapshot.failed = error
    return false
  }
  snapshot.bytes += bytes
  return true
}

const NOTHING = new Int32Array(0)

export function snapshotStore(store: Paged, account: MemoryAccount): StoreSnapshot {
  const snapshot: StoreSnapshot = {
    layout: store.layout,
    size: store.size,
    count: store.count,
    words: store.words.slice(),
    copies: store.words.map(() => NOTHING),
    saved: new Uint8Array(store.guard.length),
    arenas: store.heap.arenas.slice(),
    account,
    bytes: 0,
    failed: undefined,
    [Symbol.dispose]() {
      const at = store.snapshots.indexOf(snapshot)
      if (at < 0) return
      store.snapshots.splice(at, 1)
      account.charge(-snapshot.bytes)
      snapshot.bytes = 0
      snapshot.failed ??= new AssertionError('a snapshot was read after its release')
    },
  }
  store.snapshots.push(snapshot)
  store.guard.fill(0)
  return snapshot
}

/**
 * The first write of a page since the last snapshot or checkpoint: remembers that, and keeps the old page for
 * readers.
 */
export function savePage(store: Paged, page: number): void {
  for (const snapshot of store.snapshots) savePageTo(snapshot, store, page)
  store.dirty[page] = 1
  store.guard[page] = 1
}

function savePageTo(snapshot: StoreSnapshot, store: Paged, page: number): void {
  const { pageShift, strideWords } = snapshot.layout
  if (page << pageShift >= snapshot.size || snapshot.saved[page] === 1) return
  const chunk = (page << pageShift) >>> CHUNK_SHIFT
  const from = snapshot.words[chunk]!
  // A chunk that has grown, or was dropped, is the snapshot's own already.
  if (from !== store.words[chunk]) return
  const pageWords = strideWords << pageShift
  if (!chargeSnapshot(snapshot, pageWords * 4)) return
  if (snapshot.copies[chunk] === NOTHING) snapshot.copies[chunk] = new Int32Array(from.length)
  const start = (page & ((1 << (CHUNK_SHIFT - pageShift)) - 1)) * pageWords
  snapshot.copies[chunk]!.set(from.subarray(start, start + pageWords), start)
  snapshot.saved[page] = 1
}
