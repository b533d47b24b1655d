// Equi-join of two growing inputs on one bigint: an index from key to slot that both sides share, and per side a list
// of rows for each slot (head and next). A batch is added to its own side and matched with what the other side has.

import { BATCH_ROWS } from './columns.ts'
import { draws } from './random.ts'

export interface JoinBatch {
  readonly key: Int32Array
  readonly value: BigInt64Array
}

export function makeJoinBatches(count: number, keys: number, seed: number): JoinBatch[] {
  const draw = draws(seed)
  return Array.from({ length: count }, () => ({
    key: new Int32Array(
      BigInt64Array.from({ length: BATCH_ROWS }, () => 1_000_000_000_000n + BigInt(draw(keys))).buffer,
    ),
    value: BigInt64Array.from({ length: BATCH_ROWS }, () => BigInt(1 + draw(10_000_000))),
  }))
}

interface Side {
  readonly heads: Int32Array
  readonly next: Int32Array
  readonly values: BigInt64Array
  rows: number
}

const PAIRS = 8192

export class JoinState {
  readonly #index: Int32Array
  readonly #keys: Int32Array
  readonly #slots = new Int32Array(BATCH_ROWS)
  readonly #sides: readonly [Side, Side]
  readonly #left = new BigInt64Array(PAIRS)
  readonly #right = new BigInt64Array(PAIRS)
  #size = 0

  constructor(capacity: number, rowsMax: number) {
    const side = (): Side => ({
      heads: new Int32Array(capacity).fill(-1),
      next: new Int32Array(rowsMax),
      values: new BigInt64Array(rowsMax),
      rows: 0,
    })
    this.#index = new Int32Array(capacity).fill(-1)
    this.#keys = new Int32Array(2 * capacity)
    this.#sides = [side(), side()]
  }

  /** Adds a batch to one side. Returns the number of pairs; they are written over and over into one buffer. */
  push(side: 0 | 1, { key, value }: JoinBatch): number {
    this.#size = findOrAdd(key, this.#index, this.#keys, this.#size, this.#slots)
    const own = this.#sides[side]
    const other = this.#sides[1 - side]!
    const pairs = match(this.#slots, value, own, other, this.#left, this.#right)
    own.rows += BATCH_ROWS
    return pairs
  }
}

function findOrAdd(key: Int32Array, index: Int32Array, keys: Int32Array, known: number, out: Int32Array): number {
  const mask = index.length - 1
  let size = known
  for (let i = 0; i < BATCH_ROWS; i++) {
    const low = key[2 * i]!
    const high = key[2 * i + 1]!
    let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    let at = (hash ^ (hash >>> 13)) & mask
    for (;;) {
      const slot = index[at]!
      if (slot < 0) {
        keys[2 * size] = low
        keys[2 * size + 1] = high
        index[at] = size
        out[i] = size++
        break
      }
      if (keys[2 * slot] === low && keys[2 * slot + 1] === high) {
        out[i] = slot
        break
      }
      at = (at + 1) & mask
    }
  }
  return size
}

function match(
  slots: Int32Array,
  values: BigInt64Array,
  own: Side,
  other: Side,
  left: BigInt64Array,
  right: BigInt64Array,
): number {
  const { heads: ownHeads, next: ownNext, values: ownValues } = own
  const { heads: otherHeads, next: otherNext, values: otherValues } = other
  let row = own.rows
  let pairs = 0
  for (let i = 0; i < BATCH_ROWS; i++) {
    const slot = slots[i]!
    ownValues[row] = values[i]!
    ownNext[row] = ownHeads[slot]!
    ownHeads[slot] = row++
    for (let at = otherHeads[slot]!; at >= 0; at = otherNext[at]!) {
      left[pairs & (PAIRS - 1)] = values[i]!
      right[pairs & (PAIRS - 1)] = otherValues[at]!
      pairs++
    }
  }
  return pairs
}
