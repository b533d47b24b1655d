// How far time has come in a source as a whole, while its live cursor reads (spec/windows-and-time.md §3.2):
//
//   W = max(W before, least W of the partitions that are not idle); none while one of them has delivered nothing
//
// A partition is idle when it is read to its end and has delivered nothing for `idle_timeout`; one that was found
// later begins so. State: when each partition last delivered, and which are idle. Only this needs the clock: what
// follows from it is W, which every epoch records, and what a partition is raised to when it delivers again
// (source-cursor.ts).

import type { SourceWatermark } from '../storage/catalog.ts'
import { ENDLESS } from './judge-times.ts'

interface Delivery {
  /** Monotonic ms: of the last records, or of when reading began. */
  at: number
  idle: boolean
}

/** How often W is moved by the clock alone (all_idle = 'advance'). */
const ADVANCE_MS = 1000

export class SourceTime {
  readonly #definition: SourceWatermark
  readonly #partitions = new Map<number, Delivery>()
  /** Where all are idle and time goes on: T − W when the last one went idle. */
  #lag: bigint | undefined
  #advanced: { readonly at: number; readonly to: bigint } | undefined

  constructor(definition: SourceWatermark) {
    this.#definition = definition
  }

  get partitions(): Iterable<number> {
    return this.#partitions.keys()
  }

  isIdle(partition: number): boolean {
    return this.#partitions.get(partition)?.idle === true
  }

  /** Reading begins: nobody is known to be silent. */
  began(partitions: Iterable<number>, now: number): void {
    this.#partitions.clear()
    for (const partition of partitions) this.#partitions.set(partition, { at: now, idle: false })
    this.#noneIdle()
  }

  /** A partition that the log has now. */
  found(partition: number, now: number): void {
    if (!this.#partitions.has(partition)) this.#partitions.set(partition, { at: now, idle: true })
  }

  delivered(partition: number, now: number): void {
    this.#partitions.set(partition, { at: now, idle: false })
    this.#noneIdle()
  }

  #noneIdle(): void {
    this.#lag = undefined
    this.#advanced = undefined
  }

  /** Partitions that have been silent long enough. */
  silent(now: number): readonly number[] {
    const { idleTimeoutMs } = this.#definition
    if (idleTimeoutMs === 0) return []
    return [...this.#partitions].flatMap(([partition, { at, idle }]) =>
      !idle && now - at >= idleTimeoutMs ? [partition] : [],
    )
  }

  /** Milliseconds until one may be. */
  silentIn(now: number): number {
    const { idleTimeoutMs } = this.#definition
    if (idleTimeoutMs === 0) return Number.POSITIVE_INFINITY
    const left = [...this.#partitions.values()].map(({ at, idle }) =>
      idle ? Number.POSITIVE_INFINITY : at + idleTimeoutMs - now,
    )
    return Math.min(...left)
  }

  wentIdle(partition: number): void {
    const delivery = this.#partitions.get(partition)
    if (delivery !== undefined) delivery.idle = true
  }

  get allIdle(): boolean {
    return this.#partitions.size > 0 && [...this.#partitions.values()].every(({ idle }) => idle)
  }

  /** Where all are idle and time is to go on, it goes by the clock, a step a second. */
  advance(now: number, time: bigint, watermark: bigint | undefined): void {
    if (this.#definition.allIdle !== 'advance' || watermark === undefined || watermark === ENDLESS) return
    if (!this.allIdle) {
      this.#noneIdle()
      return
    }
    this.#lag ??= time - watermark
    if (now - (this.#advanced?.at ?? Number.NEGATIVE_INFINITY) < ADVANCE_MS) return
    this.#advanced = { at: now, to: time - this.#lag }
  }

  /** What the partitions say W is; undefined: nothing, so it stays. */
  least(watermarkOf: (partition: number) => bigint | undefined): bigint | undefined {
    if (this.allIdle) return this.#advanced?.to
    let least: bigint | undefined
    for (const [partition, { idle }] of this.#partitions) {
      if (idle) continue
      const one = watermarkOf(partition)
      if (one === undefined) return undefined
      if (least === undefined || one < least) least = one
    }
    return least
  }
}
