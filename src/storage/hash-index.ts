// HashIndex: hash → record ids, the index in front of a record store whose records keep their hash in word 0.
//
//   hash bits   31 ………… 20   19 … 16   16 ………… 0          directory: 2^depth places, by the top bits; places share a
//               segment      tag       place in segment    segment until it is split
//
// An entry is (tag << 27 | id), −1 is empty. Segments: linear probing, load ≤ 0.5, deletion by shifting back. A segment
// doubles up to 128 K entries and is then split in two, alone, so that no insertion waits for more than one rehash of
// 64 K records; limits differ a little by segment, so that segments of even hashes do not split at one time. Extendible
// hashing: Fagin et al., ACM TODS 4(3), 1979. Where hashes are too alike to split, a segment just grows.
// While a snapshot is held, the first change of a segment copies it; the snapshot keeps the old array.

import { assert } from '../core/assert.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { CHUNK_MASK, CHUNK_SHIFT } from './record-layout.ts'
import type { RecordStore } from './record-store.ts'
import { chargeSnapshot } from './snapshot.ts'

export const ID_MASK = (1 << 27) - 1
const TAG_MASK = 15 << 27
const FIRST_ENTRIES = 128
const SEGMENT_ENTRIES = 1 << 17
const DEPTH_MAX = 12
const GUESS_ENTRIES = 1 << 16

interface Segment {
  entries: Int32Array
  count: number
  /** Entries above which it grows or splits. */
  limit: number
  /** Bits of the hash that all its records share. */
  readonly depth: number
  readonly prefix: number
  /** True while a snapshot reads `entries`. */
  shared: boolean
}

export interface HashIndex {
  readonly store: RecordStore
  /** By top hash bits: the entries of the segment. The array object stays; its contents change. */
  readonly directory: Int32Array[]
  readonly segments: Segment[]
  /** 12 − depth: the place in the directory is hash >>> 20 >>> shift. */
  shift: number
  count: number
  bytes: number
  readonly snapshots: IndexSnapshot[]
}

export interface IndexSnapshot extends Disposable {
  readonly directory: readonly Int32Array[]
  readonly shift: number
  readonly account: MemoryAccount
  bytes: number
  failed: unknown
}

export function createHashIndex(store: RecordStore): HashIndex {
  return { store, directory: [], segments: [], shift: DEPTH_MAX, count: 0, bytes: 0, snapshots: [] }
}

/**
 * Text of a loop over the records whose hash may be `h`. `body` runs with the candidate's id in `id` and may `break`
 * out of a block around it; in scope are `directory` and `shift`. Declares nothing outside its block.
 */
export const searchLoop = (body: string): string => `if (directory.length > 0) {
  const entries = directory[h >>> 20 >>> shift], last = entries.length - 1, tag = (h >>> 16 & 15) << 27
  for (let p = h & last; ; p = p + 1 & last) {
    const entry = entries[p]
    if (entry < 0) break
    if ((entry & ${TAG_MASK}) !== tag) continue
    const id = entry & ${ID_MASK}
    ${body}
  }
}\n`

/**
 * `out[i]` = the first record whose entry agrees with `hashes[i]` as far as entries go, or −1: there is none. A pass
 * of its own, so that the cache misses of many rows overlap before their records are looked at. False, with `out` as
 * it was, where the index is small enough for the nearer caches.
 */
export function guessIds(
  index: { readonly directory: readonly Int32Array[]; readonly shift: number },
  hashes: Int32Array,
  length: number,
  out: Int32Array,
): boolean {
  const { directory, shift } = index
  if (directory.length < 2 && (directory[0]?.length ?? 0) < GUESS_ENTRIES) return false
  for (let i = 0; i < length; i++) {
    const hash = hashes[i]!
    const entries = directory[(hash >>> 20) >>> shift]!
    const last = entries.length - 1
    const tag = ((hash >>> 16) & 15) << 27
    let p = hash & last
    let entry = entries[p]!
    while (entry >= 0 && (entry & TAG_MASK) !== tag) {
      p = (p + 1) & last
      entry = entries[p]!
    }
    out[i] = entry < 0 ? -1 : entry & ID_MASK
  }
  return true
}

const entryOf = (hash: number, id: number): number => (((hash >>> 16) & 15) << 27) | id

/** After this the next insertEntry of `hash` cannot fail. May throw 53200; then nothing changed. */
export function makeRoom(index: HashIndex, hash: number): void {
  if (index.segments.length === 0) addFirst(index)
  for (;;) {
    const segment = segmentOf(index, hash)
    if (segment.count < segment.limit) return
    enlarge(index, segment)
  }
}

/** Adds record `id`; `makeRoom` came before. */
export function insertEntry(index: HashIndex, hash: number, id: number): void {
  const segment = segmentOf(index, hash)
  unshare(index, segment)
  place(segment.entries, entryOf(hash, id), hash)
  segment.count++
  index.count++
}

/** Removes record `id`, which must be there. Its record must still hold its hash. */
export function removeEntry(index: HashIndex, hash: number, id: number): void {
  const segment = segmentOf(index, hash)
  unshare(index, segment)
  const { entries } = segment
  const last = entries.length - 1
  const sought = entryOf(hash, id)
  let hole = hash & last
  while (entries[hole] !== sought) {
    assert(entries[hole]! >= 0, 'a record is missing from its hash index')
    hole = (hole + 1) & last
  }
  // Shift back every later entry of the run that may stand in the hole (Knuth, TAOCP 3, 6.4, algorithm R).
  for (let p = (hole + 1) & last; entries[p]! >= 0; p = (p + 1) & last) {
    const home = hashOf(index.store, entries[p]! & ID_MASK) & last
    if (((p - home) & last) < ((p - hole) & last)) continue
    entries[hole] = entries[p]!
    hole = p
  }
  entries[hole] = -1
  segment.count--
  index.count--
}

/** Forgets everything. */
export function clearIndex(index: HashIndex): void {
  charge(index, -index.bytes)
  index.directory.length = 0
  index.segments.length = 0
  index.shift = DEPTH_MAX
  index.count = 0
}

export function snapshotIndex(index: HashIndex, account: MemoryAccount): IndexSnapshot {
  const snapshot: IndexSnapshot = {
    directory: index.directory.slice(),
    shift: index.shift,
    account,
    bytes: 0,
    failed: undefined,
    [Symbol.dispose]() {
      const at = index.snapshots.indexOf(snapshot)
      if (at < 0) return
      index.snapshots.splice(at, 1)
      account.charge(-snapshot.bytes)
      snapshot.bytes = 0
      if (index.snapshots.length === 0) for (const segment of index.segments) segment.shared = false
    },
  }
  index.snapshots.push(snapshot)
  for (const segment of index.segments) segment.shared = true
  return snapshot
}

const segmentOf = (index: HashIndex, hash: number): Segment => index.segments[(hash >>> 20) >>> index.shift]!

const hashOf = (store: RecordStore, id: number): number =>
  store.words[id >>> CHUNK_SHIFT]![(id & CHUNK_MASK) * store.layout.strideWords]!

function place(entries: Int32Array, entry: number, hash: number): void {
  const last = entries.length - 1
  let p = hash & last
  while (entries[p]! >= 0) p = (p + 1) & last
  entries[p] = entry
}

/** The snapshots keep the array they know; the segment goes on with a copy. */
function unshare(index: HashIndex, segment: Segment): void {
  if (!segment.shared) return
  leaveToSnapshots(index, segment)
  segment.entries = segment.entries.slice()
  publish(index, segment)
}

function leaveToSnapshots(index: HashIndex, segment: Segment): void {
  if (segment.shared) chargeSnapshot(index.snapshots[index.snapshots.length - 1]!, segment.entries.byteLength)
  segment.shared = false
}

function charge(index: HashIndex, bytes: number): void {
  index.store.account.charge(bytes)
  index.bytes += bytes
}

function newSegment(length: number, depth: number, prefix: number): Segment {
  // Full segments split at 40 to 50 % load, each at its own.
  const limit = length < SEGMENT_ENTRIES ? length / 2 : length / 2 - ((Math.imul(prefix, 0x9e3779b1) >>> 0) % 13107)
  return { entries: new Int32Array(length).fill(-1), count: 0, limit, depth, prefix, shared: false }
}

function addFirst(index: HashIndex): void {
  charge(index, FIRST_ENTRIES * 4)
  const segment = newSegment(FIRST_ENTRIES, 0, 0)
  index.segments.push(segment)
  index.directory.push(segment.entries)
}

/** Writes the segment into its places of the directory. */
function publish(index: HashIndex, segment: Segment): void {
  const places = index.segments.length >>> segment.depth
  for (let k = segment.prefix * places; k < (segment.prefix + 1) * places; k++) {
    index.segments[k] = segment
    index.directory[k] = segment.entries
  }
}

function drop(index: HashIndex, segment: Segment): void {
  leaveToSnapshots(index, segment)
  charge(index, -segment.entries.byteLength)
}

function enlarge(index: HashIndex, segment: Segment): void {
  const { length } = segment.entries
  const { depth, prefix } = segment
  // Splitting helps while hashes differ: no more than four places per full segment's worth of records.
  const splittable = depth < DEPTH_MAX && 2 ** depth < 4 + (4 * index.count) / (SEGMENT_ENTRIES / 2)
  if (length < SEGMENT_ENTRIES || !splittable) {
    charge(index, length * 2 * 4)
    const larger = newSegment(length * 2, depth, prefix)
    refill(index.store, segment, [larger])
    drop(index, segment)
    publish(index, larger)
    return
  }
  // Both are paid, or none.
  charge(index, 2 * length * 4)
  const low = newSegment(length, depth + 1, prefix * 2)
  const high = newSegment(length, depth + 1, prefix * 2 + 1)
  if (2 ** depth === index.segments.length) doubleDirectory(index)
  refill(index.store, segment, [low, high])
  drop(index, segment)
  publish(index, low)
  publish(index, high)
}

function doubleDirectory(index: HashIndex): void {
  const doubled = index.segments.flatMap((segment) => [segment, segment])
  for (const [k, segment] of doubled.entries()) {
    index.segments[k] = segment
    index.directory[k] = segment.entries
  }
  index.shift--
}

const BLOCK = 1024

/**
 * Moves all entries of `from` into one larger segment, or into two by the next bit of the hash. A block's hashes are
 * read first: those cache misses overlap, which they would not between the unforeseeable branches of placing.
 */
function refill(store: RecordStore, from: Segment, to: readonly [Segment] | readonly [Segment, Segment]): void {
  const ids = new Int32Array(BLOCK)
  const hashes = new Int32Array(BLOCK)
  const { entries } = from
  for (let p = 0; p < entries.length; ) {
    let count = 0
    for (; p < entries.length && count < BLOCK; p++) if (entries[p]! >= 0) ids[count++] = entries[p]!
    for (let k = 0; k < count; k++) hashes[k] = hashOf(store, ids[k]! & ID_MASK)
    placeAll(ids, hashes, count, from.depth, to)
  }
}

function placeAll(
  ids: Int32Array,
  hashes: Int32Array,
  count: number,
  depth: number,
  to: readonly [Segment] | readonly [Segment, Segment],
): void {
  const low = to[0]
  const high = to[1] ?? low
  const bit = to.length === 2 ? 2 ** (31 - depth) : 0
  for (let k = 0; k < count; k++) {
    const segment = (hashes[k]! & bit) === 0 ? low : high
    place(segment.entries, ids[k]!, hashes[k]!)
    segment.count++
  }
}
