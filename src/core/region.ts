// A region owns the memory of batches that live and die together: one per epoch, per hydration round, per slice of an
// ad-hoc query (spec/engine.md §2). Allocation is a bump of an offset; nothing is freed alone; `recycle` makes all of
// it free at once, when the epoch is sealed or aborted. What must live longer (state, results, subscriber buffers)
// copies.
//
// State: blocks of 256 KB kept for the next round, and one block of its own for each larger request (dropped at
// recycle). Cost: a typed-array view per request (about 50 ns): allocate per batch, never per row. Contents are
// undefined.

import type { MemoryAccount } from './memory.ts'

/** Blocks of regions that carry an epoch's batches; small ones (a buffered delta) ask for less. */
const BLOCK_BYTES = 256 * 1024

/** How far a region was filled. */
export interface RegionMark {
  readonly block: number
  readonly offset: number
  readonly largeBytes: number
}

export class Region {
  readonly #account: MemoryAccount
  readonly #blockBytes: number
  readonly #blocks: ArrayBuffer[] = []
  #block = 0
  #offset = 0
  #largeBytes = 0

  constructor(account: MemoryAccount, blockBytes = BLOCK_BYTES) {
    this.#account = account
    this.#blockBytes = blockBytes
  }

  /** Bytes held, the unused rest of blocks included. */
  get bytes(): number {
    return this.#blocks.length * this.#blockBytes + this.#largeBytes
  }

  i32(length: number): Int32Array {
    const buffer = this.#take(length * 4)
    return new Int32Array(buffer, this.#at, length)
  }

  /** `length` 64-bit words; two a value for i128. */
  i64(length: number): BigInt64Array {
    const buffer = this.#take(length * 8)
    return new BigInt64Array(buffer, this.#at, length)
  }

  f64(length: number): Float64Array {
    const buffer = this.#take(length * 8)
    return new Float64Array(buffer, this.#at, length)
  }

  u8(length: number): Uint8Array {
    const buffer = this.#take(length)
    return new Uint8Array(buffer, this.#at, length)
  }

  /** A null mask of `length` rows, none of them NULL yet. */
  nulls(length: number): Uint8Array {
    return this.u8(length).fill(0)
  }

  mark(): RegionMark {
    return { block: this.#block, offset: this.#offset, largeBytes: this.#largeBytes }
  }

  /** What was allocated since the mark is free again. No `recycle` may lie between. */
  rewind({ block, offset, largeBytes }: RegionMark): void {
    this.#account.charge(largeBytes - this.#largeBytes)
    this.#largeBytes = largeBytes
    this.#block = block
    this.#offset = offset
  }

  /** Everything allocated here is free again; whoever still holds a view of it reads garbage. */
  recycle(): void {
    this.#account.charge(-this.#largeBytes)
    this.#largeBytes = 0
    this.#block = 0
    this.#offset = 0
  }

  /** Gives the kept blocks back too. */
  [Symbol.dispose](): void {
    this.recycle()
    this.#account.charge(-this.#blocks.length * this.#blockBytes)
    this.#blocks.length = 0
  }

  #at = 0

  #take(bytes: number): ArrayBuffer {
    const size = (bytes + 7) & ~7
    this.#at = 0
    if (size > this.#blockBytes) {
      this.#account.charge(size)
      this.#largeBytes += size
      return new ArrayBuffer(size)
    }
    if (this.#offset + size > this.#blockBytes && this.#block < this.#blocks.length) {
      this.#block++
      this.#offset = 0
    }
    if (this.#block === this.#blocks.length) {
      this.#account.charge(this.#blockBytes)
      this.#blocks.push(new ArrayBuffer(this.#blockBytes))
      this.#offset = 0
    }
    this.#at = this.#offset
    this.#offset += size
    return this.#blocks[this.#block]!
  }
}
