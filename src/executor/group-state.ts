// A key table with the ordered indexes that hang on its slots, as one piece of epoch state.
//
// The indexes are sealed and aborted before their table: they read its touched slots and undo list. The table is
// prepared first: slots that expire are touched, and go with their rows.

import type { EpochState } from '../storage/arrangement.ts'
import { tableState } from '../storage/arrangement.ts'
import type { Expiry } from '../storage/expiry.ts'
import type { KeyTable } from '../storage/key-table.ts'
import {
  abortOrdered,
  clearOrdered,
  disposeOrdered,
  type OrderedIndex,
  orderedBytes,
  prepareOrdered,
  sealOrdered,
} from '../storage/ordered-index.ts'

/** Single rows of the indexes that go: what `GroupState` asks for between the steps of its own. */
export interface RowCleaning {
  /** The expiry is prepared, the indexes are not. */
  prepare(): void
  /** The indexes are sealed, the table is not. */
  seal(): void
  abort(): void
}

const NONE = new Int32Array(0)

export class GroupState implements EpochState {
  readonly #table: EpochState
  readonly #indexes: readonly OrderedIndex[]
  readonly #expiry: Expiry | undefined

  readonly #rows: RowCleaning | undefined

  /** `rows`: what the expiry finds is for it; otherwise whole slots go. */
  constructor(table: KeyTable, indexes: readonly OrderedIndex[], expiry?: Expiry, rows?: RowCleaning) {
    this.#rows = rows
    this.#table = tableState(table, expiry)
    this.#indexes = indexes
    this.#expiry = expiry
    if (expiry !== undefined) expiry.hasRows = indexes.length > 0
  }

  get bytes(): number {
    return this.#indexes.reduce((sum, index) => sum + orderedBytes(index), this.#table.bytes)
  }

  prepare(): void {
    this.#table.prepare()
    this.#rows?.prepare()
    for (const index of this.#indexes) prepareOrdered(index)
  }

  seal(): void {
    const expired = this.#rows === undefined ? (this.#expiry?.expired ?? NONE) : NONE
    for (const index of this.#indexes) {
      sealOrdered(index, () => {})
      if (expired.length > 0) clearOrdered(index, expired)
    }
    this.#rows?.seal()
    this.#table.seal()
  }

  abort(): void {
    for (const index of this.#indexes) abortOrdered(index)
    this.#rows?.abort()
    this.#table.abort()
  }

  [Symbol.dispose](): void {
    for (const index of this.#indexes) disposeOrdered(index)
    this.#table[Symbol.dispose]()
  }
}
