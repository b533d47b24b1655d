// A key table with the ordered indexes that hang on its slots, as one piece of epoch state.
//
// The indexes are prepared, sealed and aborted before their table: they read its touched slots and undo list.

import type { EpochState } from '../storage/arrangement.ts'
import { tableState } from '../storage/arrangement.ts'
import type { KeyTable } from '../storage/key-table.ts'
import {
  abortOrdered,
  disposeOrdered,
  type OrderedIndex,
  orderedBytes,
  prepareOrdered,
  sealOrdered,
} from '../storage/ordered-index.ts'

export class GroupState implements EpochState {
  readonly #table: EpochState
  readonly #indexes: readonly OrderedIndex[]

  constructor(table: KeyTable, indexes: readonly OrderedIndex[]) {
    this.#table = tableState(table)
    this.#indexes = indexes
  }

  get bytes(): number {
    return this.#indexes.reduce((sum, index) => sum + orderedBytes(index), this.#table.bytes)
  }

  prepare(): void {
    for (const index of this.#indexes) prepareOrdered(index)
    this.#table.prepare()
  }

  seal(): void {
    for (const index of this.#indexes) sealOrdered(index, () => {})
    this.#table.seal()
  }

  abort(): void {
    for (const index of this.#indexes) abortOrdered(index)
    this.#table.abort()
  }

  [Symbol.dispose](): void {
    for (const index of this.#indexes) disposeOrdered(index)
    this.#table[Symbol.dispose]()
  }
}
