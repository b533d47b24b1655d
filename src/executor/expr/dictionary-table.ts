// BOOLEAN expressions over one dictionary column, computed once per dictionary code instead of once per row.
//
// State       per dictionary (held weakly) a byte per code: not known yet, FALSE, TRUE, NULL, fails. Entry 0 is for
//             NULL rows; code c is entry c + 1. Dictionaries only grow, so entries stay valid.

import type { Batch, DictColumn, Dictionary } from '../../core/batch.ts'
import { SqlError } from '../../core/error.ts'
import type { Closure } from './closure.ts'

export const DICTIONARY_TRUE = 2
export const DICTIONARY_NULL = 3
export const DICTIONARY_FAILS = 4

export class DictionaryTable {
  readonly #column: number
  readonly #compute: Closure
  readonly #tables = new WeakMap<Dictionary, Uint8Array>()

  constructor(column: number, compute: Closure) {
    this.#column = column
    this.#compute = compute
  }

  /** The table of the batch's dictionary, long enough for all its codes. */
  tableOf(batch: Batch): Uint8Array {
    const { dictionary } = batch.columns[this.#column] as DictColumn
    const known = this.#tables.get(dictionary)
    if (known !== undefined && known.length > dictionary.size) return known
    const table = new Uint8Array(dictionary.size * 2 + 16)
    if (known !== undefined) table.set(known)
    this.#tables.set(dictionary, table)
    return table
  }

  /** Computes and notes the entry of the row's code. */
  fill(table: Uint8Array, entry: number, batch: Batch, row: number): number {
    const state = this.#stateOf(batch, row)
    table[entry] = state
    return state
  }

  #stateOf(batch: Batch, row: number): number {
    try {
      const value = this.#compute(batch, row)
      return value === null ? DICTIONARY_NULL : value === true ? DICTIONARY_TRUE : 1
    } catch (error) {
      if (error instanceof SqlError) return DICTIONARY_FAILS
      throw error
    }
  }
}
