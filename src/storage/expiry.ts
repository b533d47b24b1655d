// Expiry: which slots of a key table have a time below a bound, so that state that nothing can change any more goes
// (spec/windows-and-time.md §7) without a walk over all keys.
//
//   created in the epoch ──► buckets by time ──► due (greatest time < bound) ──► a piece an epoch: touched and freed
//
// State       a few hundred buckets of slot ids. A bucket holds one time, or a span of 2^k where times are many.
//             Entries only hint: what is due is checked against its record, since slots are freed and handed out again.
// Invariant   every live slot with a time stands in a bucket, or is due. NULL times never expire.
// Cost        4 bytes a slot; a few ns for a new one, a comparison a bucket where the bound has moved. What an epoch
//             drops is bounded by a piece or twice what it touches: a window of many keys does not go at once.

import { assert } from '../core/assert.ts'
import { free, isPresent, type KeyTable, touch } from './key-table.ts'
import { CHUNK_MASK, CHUNK_SHIFT, type RecordField } from './record-layout.ts'
import { FRESH } from './undo-list.ts'

/** Slots that an epoch drops at least, where so many are due. */
export const PIECE_SLOTS = 16_384

const BUCKETS_MAX = 1024
const FIRST_ENTRIES = 16
/** From here on a full bucket is rid of what no longer belongs to it before it grows. */
const SIFTED_ENTRIES = 1024

interface Bucket {
  greatest: number
  slots: Int32Array<ArrayBuffer>
  count: number
}

const NONE = new Int32Array(0)

export class Expiry {
  readonly table: KeyTable
  /** Of the running epoch: keys whose time is below can change no more. Undefined: nothing is promised. */
  bound: bigint | undefined
  /** Only what hangs on the slots goes: the table is what a view is read from. */
  keepsSlots = false
  /** Something hangs on them. */
  hasRows = false
  readonly #field: RecordField | undefined
  #sealed: bigint | undefined
  #seen: bigint | undefined
  #buckets = new Map<number, Bucket>()
  #width = 1
  #due: Bucket[] = []
  /** Entries of the first due buckets that the running epoch has taken. */
  #taken = 0
  #expired = NONE
  #bytes = 0

  /**
   * `key`: the key column, an integer or a time, that holds the time. Undefined: times are noted from outside, and
   * what is due is for others to look at: nothing is freed here.
   */
  constructor(table: KeyTable, key: number | undefined) {
    const field = key === undefined ? undefined : table.layout.fields[key]!
    assert(field === undefined || field.kind === 'i32' || field.kind === 'i64', 'times are integers')
    this.table = table
    this.#field = field
  }

  /** From prepare to the end of the epoch: the slots whose state goes. */
  get expired(): Int32Array {
    return this.#expired
  }

  get bytes(): number {
    return this.#bytes
  }

  /** After all output of the epoch, before anything of the table is prepared. */
  prepare(): void {
    if (this.keepsSlots && !this.hasRows) return
    this.#noteFresh()
    this.#collectDue()
    this.#expired = this.#take(Math.max(PIECE_SLOTS, 2 * this.table.undo.count))
    if (this.#expired.length === 0 || this.#field === undefined) return
    touch(this.table, this.#expired, this.#expired.length)
    if (!this.keepsSlots) free(this.table, this.#expired, this.#expired.length)
  }

  seal(): void {
    this.#sealed = this.bound
    for (let first = this.#due[0]; first !== undefined && this.#taken >= first.count; first = this.#due[0]) {
      this.#taken -= first.count
      this.#due.shift()
      this.#charge(-4 * first.slots.length)
    }
    // The rest of a bucket that was taken in part comes to its front.
    const [first] = this.#due
    if (first !== undefined && this.#taken > 0) {
      first.slots.copyWithin(0, this.#taken, first.count)
      first.count -= this.#taken
    }
    this.#taken = 0
    this.#expired = NONE
  }

  abort(): void {
    this.bound = this.#sealed
    this.#taken = 0
    this.#expired = NONE
  }

  [Symbol.dispose](): void {
    this.#buckets.clear()
    this.#due = []
    this.#charge(-this.#bytes)
  }

  #charge(bytes: number): void {
    this.table.undo.account.charge(bytes)
    this.#bytes += bytes
  }

  /** Loops over what was touched; only new keys cost more than a flag. */
  #noteFresh(): void {
    const { undo } = this.table
    if (undo.fresh === 0 || this.#field === undefined) return
    for (let p = 0; p < undo.count; p++) if (undo.flags[p] === FRESH) this.#noteKey(undo.ids[p]!, this.#field)
  }

  #noteKey(slot: number, { word, kind, nullWord, nullBit }: RecordField): void {
    const { store, layout } = this.table
    const words = store.words[slot >>> CHUNK_SHIFT]!
    const at = (slot & CHUNK_MASK) * layout.strideWords
    if (nullBit >= 0 && ((words[at + nullWord]! >>> nullBit) & 1) === 1) return
    this.note(slot, kind === 'i32' ? words[at + word]! : words[at + word + 1]! * 4294967296 + (words[at + word]! >>> 0))
  }

  /** Times beyond 2^53 are rounded: only to find the bucket. */
  note(slot: number, time: number): void {
    const from = Math.floor(time / this.#width) * this.#width
    let bucket = this.#buckets.get(from)
    if (bucket === undefined) {
      this.#charge(4 * FIRST_ENTRIES)
      bucket = { greatest: time, slots: new Int32Array(FIRST_ENTRIES), count: 0 }
      this.#buckets.set(from, bucket)
      if (this.#buckets.size > BUCKETS_MAX) {
        this.#widen()
        this.note(slot, time)
        return
      }
    }
    if (bucket.count === bucket.slots.length) this.#makeRoom(bucket)
    bucket.slots[bucket.count++] = slot
    if (time > bucket.greatest) bucket.greatest = time
  }

  /** A slot that was freed and came back stands in its bucket more than once. */
  #makeRoom(bucket: Bucket): void {
    const { store } = this.table
    if (bucket.count >= SIFTED_ENTRIES) {
      const sorted = bucket.slots.subarray(0, bucket.count).sort()
      let kept = 0
      for (let i = 0; i < sorted.length; i++) {
        const slot = sorted[i]!
        const again = kept > 0 && bucket.slots[kept - 1] === slot
        if (!again && slot < store.size && isPresent(this.table, slot, 'after')) bucket.slots[kept++] = slot
      }
      bucket.count = kept
      if (kept <= bucket.slots.length / 2) return
    }
    this.#charge(4 * bucket.slots.length)
    const grown = new Int32Array(2 * bucket.slots.length)
    grown.set(bucket.slots)
    bucket.slots = grown
  }

  /** Fewer, wider buckets. */
  #widen(): void {
    const old = [...this.#buckets]
    while (this.#buckets.size > BUCKETS_MAX / 2) {
      this.#width *= 2
      this.#buckets = new Map(old.map(([from, bucket]) => [Math.floor(from / this.#width) * this.#width, bucket]))
    }
    const merged = Map.groupBy(old, ([from]) => Math.floor(from / this.#width) * this.#width)
    this.#buckets = new Map([...merged].map(([from, buckets]) => [from, this.#merged(buckets.map(([, one]) => one))]))
  }

  #merged(buckets: readonly Bucket[]): Bucket {
    const [only] = buckets
    if (buckets.length === 1) return only!
    const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0)
    const length = Math.max(FIRST_ENTRIES, 2 ** Math.ceil(Math.log2(count)))
    this.#charge(4 * (length - buckets.reduce((sum, bucket) => sum + bucket.slots.length, 0)))
    const slots = new Int32Array(length)
    let at = 0
    for (const bucket of buckets) {
      slots.set(bucket.slots.subarray(0, bucket.count), at)
      at += bucket.count
    }
    return { greatest: buckets.reduce((most, { greatest }) => Math.max(most, greatest), -Infinity), slots, count }
  }

  #collectDue(): void {
    if (this.bound === undefined || this.bound === this.#seen) return
    this.#seen = this.bound
    const limit = Number(this.bound)
    for (const [from, bucket] of this.#buckets) {
      if (bucket.greatest >= limit) continue
      this.#buckets.delete(from)
      this.#due.push(bucket)
    }
    if (this.#buckets.size < BUCKETS_MAX / 16) this.#width = Math.max(1, this.#width / 2)
  }

  /** At most so many of the due slots; those that are not below the bound go back to a bucket. */
  #take(limit: number): Int32Array<ArrayBuffer> {
    if (this.#due.length === 0 || this.bound === undefined) return NONE
    const found: number[] = []
    const isBelow = this.#comparison(this.bound, this.#field)
    for (const { slots, count } of [...this.#due]) {
      for (let i = 0; i < count && found.length < limit; i++) {
        this.#taken++
        if (!isPresent(this.table, slots[i]!, 'after')) continue
        if (isBelow(slots[i]!)) found.push(slots[i]!)
        else this.#noteKey(slots[i]!, this.#field!)
      }
      if (found.length >= limit) break
    }
    return Int32Array.from(found)
  }

  #comparison(bound: bigint, field: RecordField | undefined): (slot: number) => boolean {
    const { store, layout } = this.table
    if (field === undefined) return () => true
    const { word, kind, nullWord, nullBit } = field
    const [low, high] = [Number(BigInt.asUintN(32, bound)), Number(bound >> 32n)]
    return (slot) => {
      const words = store.words[slot >>> CHUNK_SHIFT]!
      const at = (slot & CHUNK_MASK) * layout.strideWords
      if (nullBit >= 0 && ((words[at + nullWord]! >>> nullBit) & 1) === 1) return false
      if (kind === 'i32') return words[at + word]! < bound
      const top = words[at + word + 1]!
      return top < high || (top === high && words[at + word]! >>> 0 < low)
    }
  }
}
