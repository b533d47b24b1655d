// A subscription that is read as fast as it comes, and what its changes add up to (consistency §5: S2, S3, S10).
//
// State: the running sum, and how it ended if it did.

import { SqlError } from '../../src/core/error.ts'
import type { Changes, Client } from '../support/client.ts'

/** Ways in which a subscription may end by itself: a relation dropped, an error in a row. */
const ENDINGS = new Set(['42P01', '22012'])

export class Watch {
  readonly sql: string
  readonly sources: ReadonlySet<string>
  readonly #client: Client
  readonly #sum = new Map<string, number>()
  #changes: Changes | undefined
  #epoch = 0
  #seen = new Map<string, number>()
  #positive = false
  #closed = false
  /** SQLSTATE of its end. */
  ended: string | undefined
  failure: Error | undefined

  constructor(client: Client, sql: string, sources: ReadonlySet<string>) {
    this.#client = client
    this.sql = sql
    this.sources = sources
  }

  /** Resolves when it runs; its changes are read from then on. */
  async begin(): Promise<void> {
    try {
      this.#changes = await this.#client.subscribe(`SUBSCRIBE (${this.sql})`)
    } catch (error) {
      this.#end(error)
      return
    }
    if (this.#closed) this.close()
    void this.#read(this.#changes)
  }

  async #read(changes: Changes): Promise<void> {
    try {
      for (let lines = await changes.next(); lines !== undefined; lines = await changes.next())
        for (const line of lines) this.#take(line)
    } catch (error) {
      this.#end(error)
    }
  }

  #end(error: unknown): void {
    if (error instanceof SqlError && ENDINGS.has(error.code)) this.ended = error.code
    else this.failure = error as Error
  }

  #take(line: string): void {
    const [epochText, diffText, ...rest] = line.split('|')
    const row = rest.join('|')
    const epoch = Number(epochText)
    const diff = Number(diffText)
    if (epoch < this.#epoch) throw new Error(`epoch ${epoch} after ${this.#epoch} in SUBSCRIBE (${this.sql})`)
    if (epoch > this.#epoch) {
      this.#epoch = epoch
      this.#seen = new Map()
      this.#positive = false
    }
    if (this.#seen.has(row) || diff === 0 || (diff < 0 && this.#positive))
      throw new Error(`"${line}" is not consolidated, or out of order, in SUBSCRIBE (${this.sql})`)
    this.#seen.set(row, diff)
    this.#positive ||= diff > 0
    const sum = (this.#sum.get(row) ?? 0) + diff
    if (sum < 0) throw new Error(`"${line}" leaves a negative sum in SUBSCRIBE (${this.sql})`)
    if (sum === 0) this.#sum.delete(row)
    else this.#sum.set(row, sum)
  }

  /** The sum as lines, sorted. */
  get contents(): readonly string[] {
    return [...this.#sum].flatMap(([row, count]) => new Array<string>(count).fill(row)).sort()
  }

  close(): void {
    this.#closed = true
    this.#changes?.close()
    void this.#client.session[Symbol.asyncDispose]()
  }

  /** Its process is gone. */
  abandon(): void {
    this.#closed = true
  }
}
