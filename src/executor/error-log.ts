// The errors of a dataflow: a Z-set of (code, message, operator) that has an entry for as long as its rows stand.
//
// State       the sealed Z-set and the changes of the running epoch. A relation with errors in it fails its readers.
// Limit       ENTRIES_MAX distinct errors; beyond it the view fails with 53200 rather than forget one.

import { assert } from '../core/assert.ts'
import { limitReached } from '../core/error.ts'
import type { RowError, Stateful } from './operator.ts'

const ENTRIES_MAX = 100_000
const ENTRY_BYTES = 200

interface Entry {
  readonly error: RowError
  weight: bigint
}

export class ErrorLog implements Stateful {
  readonly #sealed = new Map<string, Entry>()
  readonly #changed = new Map<string, Entry>()

  add({ code, message, operator, weight }: RowError): void {
    const error = { code, message, operator, weight }
    const key = `${error.code}\0${error.operator}\0${error.message}`
    const entry = this.#changed.get(key)
    if (entry !== undefined) {
      entry.weight += BigInt(error.weight)
      return
    }
    if (this.#changed.size + this.#sealed.size >= ENTRIES_MAX)
      throw limitReached(`more than ${ENTRIES_MAX} distinct errors, the last: ${error.message}`)
    this.#changed.set(key, { error, weight: BigInt(error.weight) })
  }

  /** Of the last seal; `weight` of each is the number of rows it stands for. */
  get errors(): readonly RowError[] {
    return [...this.#sealed.values()].map(({ error, weight }) => ({ ...error, weight: Number(weight) }))
  }

  /** What the running epoch changes, without what cancelled. */
  get changes(): readonly RowError[] {
    return [...this.#changed.values()]
      .filter((entry) => entry.weight !== 0n)
      .map(({ error, weight }) => ({ ...error, weight: Number(weight) }))
  }

  /** The first error that would stand if the epoch were sealed: one-shot queries fail with it. */
  get first(): RowError | undefined {
    for (const [key, { error, weight }] of this.#changed)
      if (weight + (this.#sealed.get(key)?.weight ?? 0n) > 0n) return error
    for (const [key, { error }] of this.#sealed) if (!this.#changed.has(key)) return error
    return undefined
  }

  get bytes(): number {
    return this.#sealed.size * ENTRY_BYTES
  }

  prepare(): void {
    for (const [key, { error, weight }] of this.#changed)
      assert(
        (this.#sealed.get(key)?.weight ?? 0n) + weight >= 0n,
        `an error was retracted that never was: ${error.message}`,
      )
  }

  seal(): void {
    for (const [key, { error, weight }] of this.#changed) {
      const sum = (this.#sealed.get(key)?.weight ?? 0n) + weight
      if (sum === 0n) this.#sealed.delete(key)
      else this.#sealed.set(key, { error, weight: sum })
    }
    this.#changed.clear()
  }

  abort(): void {
    this.#changed.clear()
  }

  [Symbol.dispose](): void {
    this.#changed.clear()
    this.#sealed.clear()
  }
}
