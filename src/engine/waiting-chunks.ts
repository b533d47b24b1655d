// Chunks that a live cursor has fetched and no sealed epoch has taken whole: bytes in flight.
//
// State: the chunks in order of arrival, each with how far it is decoded. What was taken by an epoch that is given up
// is there again.

import type { Chunk } from '../connectors/source.ts'

export interface Waiting {
  readonly chunk: Chunk
  /** Records decoded already. */
  skip: number
  /** Position after them. */
  next: number
}

export class WaitingChunks {
  #waiting: Waiting[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get any(): boolean {
    return this.#waiting.length > 0
  }

  isWaiting(partition: number): boolean {
    return this.#waiting.some(({ chunk }) => chunk.partition === partition)
  }

  add(chunk: Chunk): void {
    this.#waiting.push({ chunk, skip: 0, next: chunk.from })
    this.#bytes += chunk.bytes
  }

  /**
   * Each is there again until it is taken whole; of several partitions the one whose time has come least far comes
   * first.
   */
  *inOrder(watermarkOf: (partition: number) => bigint | undefined): Generator<Waiting> {
    const queues = new Map<number, Waiting[]>()
    for (const waiting of this.#waiting) {
      const { partition } = waiting.chunk
      if (waiting.next >= waiting.chunk.to) continue
      const queue = queues.get(partition)
      if (queue === undefined) queues.set(partition, [waiting])
      else queue.push(waiting)
    }
    while (queues.size > 0) {
      const [partition, queue] = least([...queues], ([one]) => watermarkOf(one))
      yield queue[0]!
      if (queue[0]!.next >= queue[0]!.chunk.to) queue.shift()
      if (queue.length === 0) queues.delete(partition)
    }
  }

  /** The epoch is sealed: those that it took whole. */
  sealed(): readonly Chunk[] {
    const done = this.#waiting.filter(({ chunk, next }) => next >= chunk.to).map(({ chunk }) => chunk)
    this.#waiting = this.#waiting.filter(({ chunk, next }) => next < chunk.to)
    for (const { bytes } of done) this.#bytes -= bytes
    return done
  }

  /** What was taken of a partition from this offset on is to be taken again. */
  takeBack(partition: number, from: number): void {
    for (const waiting of this.#waiting) {
      if (waiting.chunk.partition !== partition || waiting.next <= from) continue
      waiting.next = Math.max(from, waiting.chunk.from)
      waiting.skip = waiting.chunk.recordsBelow(waiting.next)
    }
  }

  clear(): void {
    this.#waiting = []
    this.#bytes = 0
  }
}

/** The one with the least value, none being the least of all; the first of several. */
function least<T>(from: readonly T[], value: (one: T) => bigint | undefined): T {
  let found = from[0]!
  let best = value(found)
  for (let i = 1; i < from.length && best !== undefined; i++) {
    const one = value(from[i]!)
    if (one !== undefined && one >= best) continue
    found = from[i]!
    best = one
  }
  return found
}
