// One leader, as a reader fetches from it: a connection of its own, and the Fetch request in the highest version that
// both sides know. One request at a time.
//
// State: the connection, opened again when it has ended. Responses lie in buffers of the reader's pool.

import { type BufferPool, SharedBuffer } from './buffer-pool.ts'
import type { Cluster, TopicLayout } from './cluster.ts'
import { KafkaConnection } from './connection.ts'
import { fetchRefused } from './errors.ts'
import {
  decodeFetch,
  encodeFetch,
  FETCH_KEY,
  FETCH_VERSIONS,
  type FetchedSection,
  type FetchRequest,
  isFlexible,
  namesTopicById,
} from './fetch.ts'

export interface FetchAnswer {
  readonly sections: readonly FetchedSection[]
  /** The whole response, which the sections are views of; held once for the caller. */
  readonly buffer: SharedBuffer
  readonly bytes: number
}

export class LeaderLink {
  readonly #cluster: Cluster
  readonly #leader: number
  readonly #pool: BufferPool
  readonly #versions: readonly number[]
  #connection: KafkaConnection | undefined
  #closed = false

  constructor(cluster: Cluster, leader: number, pool: BufferPool, fetchVersionMax: number) {
    this.#cluster = cluster
    this.#leader = leader
    this.#pool = pool
    this.#versions = FETCH_VERSIONS.filter((version) => version <= fetchVersionMax)
  }

  /** `host:port` of the connection in use, for messages. */
  get address(): string {
    return this.#connection?.address ?? `id ${this.#leader}`
  }

  close(): void {
    this.#closed = true
    this.#connection?.close()
  }

  async fetch(layout: TopicLayout, request: Omit<FetchRequest, 'topic'>): Promise<FetchAnswer> {
    const connection = await this.#open()
    const { Writer } = this.#cluster.settings.library
    const usable = this.#versions.filter((version) => layout.id !== '' || !namesTopicById(version))
    const apiVersion = connection.version(FETCH_KEY, 'Fetch', usable)
    const body = encodeFetch(Writer.create(), apiVersion, { ...request, topic: layout }).buffer
    const tags = isFlexible(apiVersion)
    const header = { apiKey: FETCH_KEY, apiVersion, requestTags: tags, responseTags: tags }
    const answer = await connection.request({ ...header, body, waitMs: request.maxWaitMs })
    const { errorCode, sections } = decodeFetch(answer, apiVersion, connection.address)
    if (errorCode !== 0) throw fetchRefused(connection.address, layout.name, errorCode)
    return { sections, buffer: new SharedBuffer(this.#pool, answer), bytes: answer.length }
  }

  async #open(): Promise<KafkaConnection> {
    const open = this.#connection
    if (open !== undefined && open.ended === undefined) return open
    const settings = { ...this.#cluster.settings, allocate: (length: number) => this.#pool.take(length) }
    const connection = await KafkaConnection.open(this.#cluster.address(this.#leader), settings)
    this.#connection = connection
    if (this.#closed) connection.close()
    return connection
  }
}
