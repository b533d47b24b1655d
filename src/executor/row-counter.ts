// A count of rows, by weight, that an operator has left out on purpose: sealed and aborted with the epoch, so that a
// given-up epoch is not counted twice. A retracted row takes its count back.

import type { Stateful } from './operator.ts'

export class RowCounter implements Stateful {
  readonly #what: string
  #sealed = 0n
  #pending = 0n

  /** `what`: the name under which the count is shown, `null_time_rows`. */
  constructor(what: string) {
    this.#what = what
  }

  get what(): string {
    return this.#what
  }

  get count(): bigint {
    return this.#sealed
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
