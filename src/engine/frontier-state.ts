// The frontiers of a running relation's columns: sealed with the epochs, as contents are.
//
// State: per column an exclusive int64 bound, undefined where nothing is promised. `pending` is what the collecting
// epoch will seal. They never go back.

import type { Frontiers } from '../executor/operator.ts'

export class FrontierState {
  #sealed: Frontiers = []
  #pending: Frontiers = []

  get sealed(): Frontiers {
    return this.#sealed
  }

  /** In the running epoch. */
  get current(): Frontiers {
    return this.#pending
  }

  /** Whether the running epoch moves any of them. */
  get moved(): boolean {
    if (this.#pending === this.#sealed) return false
    return this.#pending.some((value, column) => value !== this.#sealed[column])
  }

  set(next: Frontiers): void {
    this.#pending = next
  }

  seal(): void {
    this.#sealed = this.#pending
  }

  abort(): void {
    this.#pending = this.#sealed
  }
}
