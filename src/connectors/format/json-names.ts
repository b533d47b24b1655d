// Which column a key names, told from its bytes. Keys mostly come in the order of the record before, so the column that
// followed last time is compared first, name and closing quote together, four bytes at a time.
//
// State: that memory; it decides speed only. Names that JSON cannot write without escapes are not found here; such keys
// go the careful way.

import { QUOTE } from './json-syntax.ts'

const NONE = -1

export class FieldNames {
  /** By previous field + 1 (0: the record's start): the field that came next. */
  readonly follows: Int32Array
  /** Words of field f are `starts[f]` … `starts[f + 1]`; none where the name needs escapes. */
  readonly #starts: Int32Array
  readonly #words: Int32Array
  readonly #masks: Int32Array
  readonly #lengths: Int32Array
  readonly #byName: ReadonlyMap<string, number>
  /** Chains of fields by length and first letter. */
  readonly #heads = new Int32Array(256).fill(NONE)
  readonly #chain: Int32Array

  constructor(names: readonly string[]) {
    const texts = names.map((name) => Buffer.from(/["\\\u0000-\u001f]/.test(name) ? '' : `${name}"`))
    this.#byName = new Map(names.map((name, field) => [name, field]))
    this.#lengths = Int32Array.from(texts, (text) => text.length)
    this.#starts = new Int32Array(names.length + 1)
    for (const [field, text] of texts.entries())
      this.#starts[field + 1] = this.#starts[field]! + ((text.length + 3) >> 2)
    this.#words = new Int32Array(this.#starts[names.length]!)
    this.#masks = new Int32Array(this.#words.length)
    this.#chain = new Int32Array(names.length).fill(NONE)
    this.follows = Int32Array.from({ length: names.length + 1 }, (_, field) => Math.min(field, names.length - 1))
    for (const [field, text] of texts.entries()) this.#add(field, text)
  }

  #add(field: number, text: Buffer): void {
    if (text.length === 0) return
    const word = this.#starts[field]!
    for (const [i, byte] of text.entries()) {
      this.#words[word + (i >> 2)]! |= byte << (8 * (i & 3))
      this.#masks[word + (i >> 2)]! |= 0xff << (8 * (i & 3))
    }
    const bucket = bucketOf(text.length - 1, text[0]!)
    this.#chain[field] = this.#heads[bucket]!
    this.#heads[bucket] = field
  }

  /** The position after the key's closing quote if `field`'s name stands at `at`, else −1. */
  match(field: number, view: DataView, at: number, end: number): number {
    if (field < 0) return NONE
    const stop = this.#starts[field + 1]!
    let word = this.#starts[field]!
    if (word === stop || at + 4 * (stop - word) > end) return NONE
    let place = at
    for (; word < stop; word++, place += 4)
      if ((view.getInt32(place, true) & this.#masks[word]!) !== this.#words[word]!) return NONE
    return at + this.#lengths[field]!
  }

  /** The field whose name are the bytes up to `close`, where the quote is; −1: none of ours. */
  find(bytes: Uint8Array, at: number, close: number): number {
    let field = this.#heads[bucketOf(close - at, at === close ? QUOTE : bytes[at]!)]!
    while (field !== NONE && !this.#equals(field, bytes, at, close)) field = this.#chain[field]!
    return field
  }

  #equals(field: number, bytes: Uint8Array, at: number, close: number): boolean {
    if (this.#lengths[field] !== close - at + 1) return false
    const first = this.#starts[field]! * 4
    for (let i = 0; i < close - at; i++) {
      const place = first + i
      if (((this.#words[place >> 2]! >>> (8 * (place & 3))) & 0xff) !== bytes[at + i]) return false
    }
    return true
  }

  named(name: string): number {
    return this.#byName.get(name) ?? NONE
  }
}

const bucketOf = (length: number, first: number): number => (length * 31 + first) & 255
