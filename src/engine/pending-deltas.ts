// What stored inputs of a lane have changed since its last target (spec/engine.md §6), copied out of epochs' regions.
//
// State: the deltas that are being collected, and those of the next round: `cut` makes the ones into the others.

import type { Batch } from '../core/batch.ts'
import type { RelationId } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { copyOut } from '../core/primitives/concat.ts'
import { Region } from '../core/region.ts'

export class PendingDeltas implements Disposable {
  #collected: Deltas
  #next: Deltas

  constructor(account: MemoryAccount) {
    this.#collected = { region: new Region(account), batches: new Map(), rows: 0 }
    this.#next = { region: new Region(account), batches: new Map(), rows: 0 }
  }

  get rows(): number {
    return this.#collected.rows
  }

  add(id: RelationId, delta: readonly Batch[]): void {
    if (delta.length === 0) return
    const { region, batches } = this.#collected
    const batch = copyOut(delta, region)
    batches.set(id, [...(batches.get(id) ?? []), batch])
    this.#collected.rows += batch.length
  }

  /** The round before is done. */
  cut(): void {
    const { region, batches } = this.#next
    batches.clear()
    region.recycle()
    this.#next.rows = 0
    ;[this.#collected, this.#next] = [this.#next, this.#collected]
  }

  of(id: RelationId): readonly Batch[] {
    return this.#next.batches.get(id) ?? []
  }

  [Symbol.dispose](): void {
    this.#collected.region[Symbol.dispose]()
    this.#next.region[Symbol.dispose]()
  }
}

interface Deltas {
  readonly region: Region
  readonly batches: Map<RelationId, Batch[]>
  rows: number
}
