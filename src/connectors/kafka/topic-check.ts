// Whether the topic is still the one that a reader began with. Offsets mean something in one log only: a topic that was
// deleted, or deleted and created again under its name, must be said aloud and not read on (or from its beginning).
//
// A broker that has just started, or a topic that has just been made, is unknown for some milliseconds: only a topic
// unknown for DELETED_AFTER_MS is believed to be gone. A different id under the name is believed at once.

import type { Clock } from '../../core/clock.ts'
import { SqlError } from '../../core/error.ts'
import type { Cluster, TopicLayout } from './cluster.ts'
import { topicDeleted, topicRecreated } from './errors.ts'

const DELETED_AFTER_MS = 5_000

export class TopicCheck {
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #name: string
  readonly #id: string
  #unknownSince: number | undefined

  /** `id` is empty where the broker gives topics none; then a topic made anew is not noticed. */
  constructor(cluster: Cluster, name: string, id: string, clock: Clock) {
    this.#cluster = cluster
    this.#clock = clock
    this.#name = name
    this.#id = id
  }

  /** The topic's layout as it is now. Throws 55000 where it is not that topic any more. */
  async layout(): Promise<TopicLayout> {
    const layout = await this.#ask()
    if (this.#id !== '' && layout.id !== '' && layout.id !== this.#id) throw topicRecreated(this.#name)
    return layout
  }

  async #ask(): Promise<TopicLayout> {
    try {
      const layout = await this.#cluster.topic(this.#name)
      this.#unknownSince = undefined
      return layout
    } catch (error) {
      const unknown = error instanceof SqlError && error.code === '42P01'
      if (!unknown) this.#unknownSince = undefined
      else if (this.#isGone()) throw topicDeleted(this.#name)
      throw error
    }
  }

  #isGone(): boolean {
    const now = this.#clock.monotonicMs()
    this.#unknownSince ??= now
    return now - this.#unknownSince >= DELETED_AFTER_MS
  }
}
