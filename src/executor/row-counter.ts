// `null_time_rows`: a count of rows, by weight, that an operator has left out on purpose: sealed and aborted with the
// epoch, so that a given-up epoch is not counted twice. A retracted row takes its count back.

import type { Stateful } from './operator.ts'

export class RowCounter implements Stateful {
  #sealed = 0n
  #pending = 0n

  get count(): bigint {
    return this.#sealed
  }

  /** With the running epoch. */
  get countAfter(): bigint {
    return this.#sealed + this.#pending
  }

  add(weight: number): void {
    this.#pending += BigInt(weight)
  }

  prepare(): void {}

  seal(): void {
    this.#sealed += this.#pending
    this.#pending = 0n
  }

  abort(): void {
    this.#pending = 0n
  }

  get bytes(): number {
    return 0
  }

  [Symbol.dispose](): void {}
}
