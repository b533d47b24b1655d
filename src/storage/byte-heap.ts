// ByteHeap: the variable-length values of one record store.
//
//   reference = block · 2^17 + offset / 8           block:  ┌──────────────────┬──────────────┬─────────────┬ …
//                                                           │ owner id, length │ bytes, padded│ next header │
//                                                           └──────────────────┴──────────────┴─────────────┴ …
//
// Values are only ever appended: what a snapshot, an undo record or a reader of the running epoch refers to stays
// where it is until a seal. Freeing counts dead bytes; a block without live bytes is dropped, one less than half
// alive is compacted in seal, found through the owner ids in its headers. Blocks are 4 KB to 1 MB; a larger value has
// its own block.

import { assert } from '../core/assert.ts'
import { limitReached } from '../core/error.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { copyBytes } from '../core/primitives/concat.ts'

const BLOCK_SHIFT = 17
const OFFSET_MASK = (1 << BLOCK_SHIFT) - 1
const BLOCK_BYTES = 1 << 20
const FIRST_BLOCK_BYTES = 4096
const BLOCKS_MAX = 1 << 15
const HEADER_BYTES = 8
/** Blocks that one seal compacts at most: about a millisecond each. */
const COMPACT_PER_SEAL = 4

interface Block {
  readonly bytes: Uint8Array
  /** The same memory, for headers. */
  readonly words: Int32Array
  /** Where the next value goes. */
  end: number
  /** Bytes of live values, headers included. */
  live: number
}

export interface ByteHeap {
  readonly account: MemoryAccount
  /** By block number; a dropped block is undefined. */
  readonly blocks: (Block | undefined)[]
  /** What gather reads: bytes by block number. */
  readonly arenas: Uint8Array[]
  readonly freeNumbers: number[]
  /** Blocks that fell below half alive since the last compaction. */
  readonly sparse: number[]
  /** The block that is being filled, or −1. */
  current: number
  /** Bytes charged. */
  bytes: number
}

const NOTHING = new Uint8Array(0)

export const createByteHeap = (account: MemoryAccount): ByteHeap => ({
  account,
  blocks: [],
  arenas: [],
  freeNumbers: [],
  sparse: [],
  current: -1,
  bytes: 0,
})

const paddedSize = (length: number): number => HEADER_BYTES + ((length + 7) & ~7)

export const blockOf = (reference: number): number => reference >>> BLOCK_SHIFT
export const offsetOf = (reference: number): number => (reference & OFFSET_MASK) << 3

/** Copies `length` bytes of `arena` in for record `owner`; returns the reference (0 for an empty value). */
export function putBytes(heap: ByteHeap, arena: Uint8Array, offset: number, length: number, owner: number): number {
  if (length === 0) return 0
  const size = paddedSize(length)
  let block = heap.current < 0 ? undefined : heap.blocks[heap.current]
  let number = heap.current
  if (block === undefined || block.end + size > block.bytes.length) {
    number = addBlock(heap, size)
    block = heap.blocks[number]!
    if (block.bytes.length <= BLOCK_BYTES) heap.current = number
  }
  const reference = place(block, number, owner, length)
  copyBytes(arena, offset, block.bytes, offsetOf(reference), length)
  return reference
}

function place(block: Block, number: number, owner: number, length: number): number {
  const at = block.end
  block.words[at >> 2] = owner
  block.words[(at >> 2) + 1] = length
  const size = paddedSize(length)
  block.end = at + size
  block.live += size
  return (number << BLOCK_SHIFT) | ((at + HEADER_BYTES) >> 3) | 0
}

function addBlock(heap: ByteHeap, size: number): number {
  // As large as all blocks before it together, within bounds.
  const length = Math.max(size, Math.min(BLOCK_BYTES, Math.max(FIRST_BLOCK_BYTES, heap.bytes)))
  heap.account.charge(length)
  return installBlock(heap, length)
}

function installBlock(heap: ByteHeap, length: number): number {
  const number = heap.freeNumbers.pop() ?? heap.blocks.length
  if (number >= BLOCKS_MAX) throw limitReached('state holds more than 32 GB of variable-length values')
  const bytes = new Uint8Array(length)
  heap.blocks[number] = { bytes, words: new Int32Array(bytes.buffer), end: 0, live: 0 }
  heap.arenas[number] = bytes
  heap.bytes += length
  return number
}

/** The value will not be read any more, by nobody. */
export function freeBytes(heap: ByteHeap, reference: number, length: number): void {
  if (length === 0) return
  const number = blockOf(reference)
  const block = heap.blocks[number]!
  const before = block.live
  block.live -= paddedSize(length)
  if (block.live === 0) dropBlock(heap, number)
  else if (2 * before >= block.end && 2 * block.live < block.end) heap.sparse.push(number)
}

function dropBlock(heap: ByteHeap, number: number): void {
  const { length } = heap.blocks[number]!.bytes
  heap.blocks[number] = undefined
  heap.arenas[number] = NOTHING
  heap.freeNumbers.push(number)
  heap.account.charge(-length)
  heap.bytes -= length
  if (heap.current === number) heap.current = -1
  if (heap.freeNumbers.length === heap.blocks.length) {
    heap.blocks.length = 0
    heap.arenas.length = 0
    heap.freeNumbers.length = 0
    heap.sparse.length = 0
  }
}

/** How a heap finds and changes the references to its values. */
export interface HeapOwners {
  /** The field of record `owner` that refers to `reference`, or −1: the value is dead. */
  fieldAt(owner: number, reference: number): number
  setReference(owner: number, field: number, reference: number): void
}

/** Only in seal. Never holds more memory afterwards than before, so it cannot fail at a limit. */
export function compactHeap(heap: ByteHeap, owners: HeapOwners): void {
  for (let n = 0; n < COMPACT_PER_SEAL && heap.sparse.length > 0; n++) {
    const number = heap.sparse.pop()!
    const block = heap.blocks[number]
    const room = heap.freeNumbers.length > 0 || heap.blocks.length < BLOCKS_MAX
    if (block === undefined || 2 * block.live >= block.end || !room) continue
    compactBlock(heap, number, block, owners)
  }
}

function compactBlock(heap: ByteHeap, number: number, block: Block, owners: HeapOwners): void {
  const { live } = block
  const targetNumber = installBlock(heap, live)
  const target = heap.blocks[targetNumber]!
  for (let at = 0; at < block.end; ) {
    const owner = block.words[at >> 2]!
    const length = block.words[(at >> 2) + 1]!
    const field = owners.fieldAt(owner, (number << BLOCK_SHIFT) | ((at + HEADER_BYTES) >> 3) | 0)
    if (field >= 0) {
      const reference = place(target, targetNumber, owner, length)
      copyBytes(block.bytes, at + HEADER_BYTES, target.bytes, offsetOf(reference), length)
      owners.setReference(owner, field, reference)
    }
    at += paddedSize(length)
  }
  assert(target.live === live, 'a heap value lost its owner')
  heap.blocks[number] = undefined
  heap.arenas[number] = NOTHING
  heap.freeNumbers.push(number)
  if (heap.current === number) heap.current = -1
  heap.bytes -= block.bytes.length
  heap.account.charge(live - block.bytes.length)
}

/** Gives everything back. */
export function clearHeap(heap: ByteHeap): void {
  heap.account.charge(-heap.bytes)
  heap.bytes = 0
  heap.blocks.length = 0
  heap.arenas.length = 0
  heap.freeNumbers.length = 0
  heap.sparse.length = 0
  heap.current = -1
}
