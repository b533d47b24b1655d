// GROUP BY (bigint, code): count, sum, max, in four passes a batch as an engine would make them: hash the keys, find or
// add their groups (open addressing, keys compared), update, emit each touched group once.

import { BATCH_ROWS } from './columns.ts'
import { draws } from './random.ts'

export interface KeyedBatch {
  /** The bigint key as 32-bit halves. */
  readonly key: Int32Array
  readonly code: Int32Array
  readonly value: BigInt64Array
}

export function makeKeyedBatches(count: number, groups: number): KeyedBatch[] {
  const draw = draws(7)
  return Array.from({ length: count }, () => {
    const keys = Array.from({ length: BATCH_ROWS }, () => draw(groups))
    return {
      key: new Int32Array(BigInt64Array.from(keys, (key) => 1_000_000_000_000n + BigInt(key)).buffer),
      code: Int32Array.from(keys, (key) => key % 7),
      value: BigInt64Array.from(keys, () => BigInt(1 + draw(10_000_000))),
    }
  })
}

export class GroupTable {
  readonly #index: Int32Array
  readonly #mask: number
  readonly #keys: BigInt64Array
  readonly #keyHalves: Int32Array
  readonly #codes: Int32Array
  readonly #counts: BigInt64Array
  readonly #sums: BigInt64Array
  readonly #maxima: BigInt64Array
  readonly #epochs: Int32Array
  readonly #hashes = new Int32Array(BATCH_ROWS)
  readonly #slots = new Int32Array(BATCH_ROWS)
  readonly #touched = new Int32Array(BATCH_ROWS)
  readonly #out = Array.from({ length: 4 }, () => new BigInt64Array(BATCH_ROWS))
  readonly #codesOut = new Int32Array(BATCH_ROWS)
  #size = 0
  #epoch = 0

  constructor(groupsMax: number) {
    let capacity = 1
    while (capacity < groupsMax * 2) capacity *= 2
    this.#index = new Int32Array(capacity).fill(-1)
    this.#mask = capacity - 1
    this.#keys = new BigInt64Array(groupsMax)
    this.#keyHalves = new Int32Array(this.#keys.buffer)
    this.#codes = new Int32Array(groupsMax)
    this.#counts = new BigInt64Array(groupsMax)
    this.#sums = new BigInt64Array(groupsMax)
    this.#maxima = new BigInt64Array(groupsMax)
    this.#epochs = new Int32Array(groupsMax)
  }

  /** One epoch. Returns how many groups it touched; their rows stand in the output columns. */
  apply({ key, code, value }: KeyedBatch): number {
    hashKeys(key, code, this.#hashes)
    const index = { slots: this.#index, mask: this.#mask, keys: this.#keyHalves, codes: this.#codes, size: this.#size }
    this.#size = findOrAdd(key, code, this.#hashes, index, this.#slots)
    const state = { counts: this.#counts, sums: this.#sums, maxima: this.#maxima, epochs: this.#epochs }
    const touched = update(this.#slots, value, state, ++this.#epoch, this.#touched)
    const [keysOut, countsOut, sumsOut, maximaOut] = this.#out as Quadruple
    gather(this.#touched, touched, this.#keys, keysOut)
    gather(this.#touched, touched, this.#counts, countsOut)
    gather(this.#touched, touched, this.#sums, sumsOut)
    gather(this.#touched, touched, this.#maxima, maximaOut)
    for (let i = 0; i < touched; i++) this.#codesOut[i] = this.#codes[this.#touched[i]!]!
    return touched
  }
}

type Quadruple = [BigInt64Array, BigInt64Array, BigInt64Array, BigInt64Array]

interface Index {
  readonly slots: Int32Array
  readonly mask: number
  readonly keys: Int32Array
  readonly codes: Int32Array
  readonly size: number
}

interface Accumulators {
  readonly counts: BigInt64Array
  readonly sums: BigInt64Array
  readonly maxima: BigInt64Array
  readonly epochs: Int32Array
}

function hashKeys(key: Int32Array, code: Int32Array, hashes: Int32Array): void {
  for (let i = 0; i < BATCH_ROWS; i++) {
    let hash =
      Math.imul(key[2 * i]!, 0x9e3779b1) ^ Math.imul(key[2 * i + 1]!, 0x85ebca77) ^ Math.imul(code[i]!, 0xc2b2ae3d)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    hashes[i] = hash ^ (hash >>> 13)
  }
}

/** The slot of each row's group, new groups appended. Returns the number of groups. */
function findOrAdd(key: Int32Array, code: Int32Array, hashes: Int32Array, index: Index, out: Int32Array): number {
  const { slots, mask, keys, codes } = index
  let { size } = index
  for (let i = 0; i < BATCH_ROWS; i++) {
    const low = key[2 * i]!
    const high = key[2 * i + 1]!
    const tag = code[i]!
    let at = hashes[i]! & mask
    for (;;) {
      const slot = slots[at]!
      if (slot < 0) {
        keys[2 * size] = low
        keys[2 * size + 1] = high
        codes[size] = tag
        slots[at] = size
        out[i] = size++
        break
      }
      if (keys[2 * slot] === low && keys[2 * slot + 1] === high && codes[slot] === tag) {
        out[i] = slot
        break
      }
      at = (at + 1) & mask
    }
  }
  return size
}

/** Returns how many groups were touched, listed in `touched`. */
function update(
  slots: Int32Array,
  values: BigInt64Array,
  { counts, sums, maxima, epochs }: Accumulators,
  epoch: number,
  touched: Int32Array,
): number {
  let count = 0
  for (let i = 0; i < BATCH_ROWS; i++) {
    const slot = slots[i]!
    if (epochs[slot] !== epoch) {
      epochs[slot] = epoch
      touched[count++] = slot
    }
    const value = values[i]!
    counts[slot] = BigInt.asIntN(64, counts[slot]! + 1n)
    sums[slot] = BigInt.asIntN(64, sums[slot]! + value)
    if (value > maxima[slot]!) maxima[slot] = value
  }
  return count
}

function gather(rows: Int32Array, count: number, from: BigInt64Array, to: BigInt64Array): void {
  for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!
}
