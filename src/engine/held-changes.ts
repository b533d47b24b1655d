// What a view with delayed emission holds back (spec/windows-and-time.md §6): EMIT CHANGES EVERY d, AFTER d.
//
//   its dataflow's output ──► pending Z-set ──(an epoch σ that releases)──► the view's delta, store and readers
//
//   every    σ is an epoch whose T has passed a multiple of d (from 1970) that the epoch before had not
//   after    σ is an epoch at which the first pending change has waited d; all of them go together
//
// So the view's contents are always its query at σ, never a mixture; before its first σ it is empty. What it shows can
// not be computed again from later contents of what it reads: the deltas it shows are part of the epochs' records, and
// after a restart what is pending is the difference between its query and what it showed (recovery.ts).

import type { Batch } from '../core/batch.ts'
import type { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { negate } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { Frontiers } from '../executor/operator.ts'
import type { EpochState } from '../storage/arrangement.ts'
import type { DelayDefinition } from '../storage/catalog.ts'
import type { ViewProgress } from '../storage/journal.ts'
import { addToZSet, createZSet, isEmptyZSet, takeZSet, type ZSet } from '../storage/z-set.ts'

export interface EmissionMoment {
  readonly epoch: number
  /** T(e). */
  readonly time: bigint
  /** What closes in this epoch must show. */
  readonly closes: boolean
  /** The errors that stand in the query have changed. */
  readonly errors: boolean
}

interface HeldState {
  /** σ; 0: none yet. */
  readonly shown: number
  /** T of the first change that is pending. */
  readonly since: bigint | undefined
  /** Errors are pending too. */
  readonly errors: boolean
  /** EVERY: how many multiples of d had passed at σ. */
  readonly multiple: bigint
}

export class HeldChanges implements EpochState {
  readonly #unit: DelayDefinition['unit']
  readonly #micros: bigint
  readonly #pending: ZSet
  #sealed: HeldState
  #state: HeldState
  #unreadable: SqlError | undefined
  /** Contents that a restart found recorded: the first delta; after it nothing is shown until `restored`. */
  #recorded: { shown: readonly Batch[]; contents: readonly Batch[] } | undefined

  constructor(schema: Schema, delay: DelayDefinition, account: MemoryAccount, time: bigint) {
    this.#unit = delay.unit
    this.#micros = BigInt(delay.micros)
    this.#pending = createZSet(schema, account)
    this.#state = { shown: 0, since: undefined, errors: false, multiple: this.#multiple(time) }
    this.#sealed = this.#state
  }

  #multiple(time: bigint): bigint {
    const quotient = time / this.#micros
    return time % this.#micros < 0n ? quotient - 1n : quotient
  }

  /** σ of the last seal; undefined: nothing was shown yet. */
  get shown(): number | undefined {
    return this.#sealed.shown === 0 ? undefined : this.#sealed.shown
  }

  /** The error that stands in what is shown: that of σ. */
  get unreadable(): SqlError | undefined {
    return this.#unreadable
  }

  /** An epoch at this time shows what is pending, whether anything new comes or not. */
  releasesAt(time: bigint): boolean {
    if (this.#recorded !== undefined) return false
    const { since, multiple } = this.#state
    if (this.#unit === 'every') return this.#multiple(time) > multiple
    return since !== undefined && time >= since + this.#micros
  }

  /** When an epoch is due for what is pending. */
  get wakeAt(): bigint | undefined {
    const { since, multiple } = this.#sealed
    if (since === undefined) return undefined
    return this.#unit === 'every' ? (multiple + 1n) * this.#micros : since + this.#micros
  }

  /** Whether the running epoch is a σ. */
  get releases(): boolean {
    return this.#state.shown !== this.#sealed.shown
  }

  /** Takes what the query changes in the running epoch; returns what the view does. */
  take(output: readonly Batch[], at: EmissionMoment, region: Region): readonly Batch[] {
    const due = this.releasesAt(at.time) || (at.closes && this.#recorded === undefined)
    for (const batch of output) addToZSet(this.#pending, batch, region)
    if (due) {
      this.#state = { shown: at.epoch, since: undefined, errors: false, multiple: this.#multiple(at.time) }
      return takeZSet(this.#pending, region)
    }
    const errors = at.errors || this.#state.errors
    const since = isEmptyZSet(this.#pending) && !errors ? undefined : (this.#state.since ?? at.time)
    if (since !== this.#state.since || errors !== this.#state.errors) this.#state = { ...this.#state, since, errors }
    const shown = this.#recorded?.shown ?? []
    if (this.#recorded !== undefined) this.#recorded.shown = []
    return shown
  }

  /** What its query gives while it is hydrated: it shows nothing before its first σ. */
  collect(output: readonly Batch[], region: Region): void {
    for (const batch of output) addToZSet(this.#pending, batch, region)
  }

  /** The view begins to stand beside running ones: from now on time counts. */
  begin(time: bigint): void {
    const since = isEmptyZSet(this.#pending) ? undefined : time
    this.#state = { shown: 0, since, errors: false, multiple: this.#multiple(time) }
    this.#sealed = this.#state
  }

  /** After a restart: what it showed comes first, and is all that it shows until `restored`. */
  restore(contents: readonly Batch[]): void {
    this.#recorded = { shown: contents, contents }
  }

  /** All its inputs are there again: what its query has beyond what it shows is pending. */
  restored(progress: ViewProgress | undefined, time: bigint, unreadable: SqlError | undefined, region: Region): void {
    for (const batch of this.#recorded?.contents ?? []) addToZSet(this.#pending, negate(batch, region), region)
    this.#recorded = undefined
    const since = isEmptyZSet(this.#pending) ? undefined : (progress?.since ?? time)
    this.#state = { shown: progress?.shown ?? 0, since, errors: false, multiple: this.#multiple(time) }
    this.#pending.seal()
    this.#sealed = this.#state
    this.#unreadable = unreadable
  }

  /** What the epoch's record says of it; undefined: nothing has changed. */
  progress(view: RelationId, frontiers: Frontiers): ViewProgress | undefined {
    if (this.#state === this.#sealed) return undefined
    const { shown, since } = this.#state
    return { view, shown, since, frontiers }
  }

  prepare(): void {
    this.#pending.prepare()
  }

  seal(): void {
    this.#pending.seal()
    this.#sealed = this.#state
  }

  /** The same; if it was a σ, with the error that stands in the query now. */
  sealWith(unreadable: () => SqlError | undefined): void {
    if (this.releases) this.#unreadable = unreadable()
    this.seal()
  }

  abort(): void {
    this.#pending.abort()
    this.#state = this.#sealed
  }

  get bytes(): number {
    return this.#pending.bytes
  }

  [Symbol.dispose](): void {
    this.#pending[Symbol.dispose]()
  }
}
