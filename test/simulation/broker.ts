// A Kafka cluster of two brokers as seen through the sockets of a reader: the protocol's bytes, cut and delayed as the
// seed says, connections that break, brokers that are away, leaders that move.
//
// State: topics, which brokers are up, and open connections. A broker answers the requests of one connection in order.

import type { Address, Dial, Wire, WireEvents } from '../../src/connectors/kafka/dial.ts'
import {
  API_VERSIONS,
  answer,
  apiVersionsAnswer,
  bytesField,
  FETCH,
  type Fields,
  int8,
  int16,
  int32,
  int64,
  LIST_OFFSETS,
  listField,
  METADATA,
  type Request,
  readRequest,
  textField,
  uuidField,
  varint,
} from './broker-wire.ts'
import { Partition, type Topic } from './topic.ts'
import type { World } from './world.ts'

const OFFSET_OUT_OF_RANGE = 1
const UNKNOWN_TOPIC = 3
const NOT_LEADER = 6
const UNKNOWN_TOPIC_ID = 100
const NODES = [1, 2] as const
const PORTS = [9092, 9093] as const

export const BROKERS = PORTS.map((port) => `kafka:${port}`).join(',')

interface Asked {
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
}

export class SimulatedBroker {
  readonly world: World
  readonly topics = new Map<string, Topic>()
  readonly #down = new Set<number>()
  readonly #connections = new Set<BrokerConnection>()
  readonly #hungry = new Set<() => void>()
  /** How often an answer ends in a broken connection. */
  faults = 0
  /** Something was wrong with brokers or the network since the last rest. */
  troubled = false

  constructor(world: World) {
    this.world = world
  }

  create(name: string, partitions: number): Topic {
    const id = Array.from({ length: 32 }, () => this.world.number(0, 16).toString(16)).join('')
    const topic: Topic = { name, id, partitions: [] }
    this.topics.set(name, topic)
    for (let i = 0; i < partitions; i++) this.addPartition(topic)
    return topic
  }

  addPartition(topic: Topic): void {
    topic.partitions.push(new Partition(this.world.pick(NODES)))
  }

  /** Something was written: who waits for it is answered. */
  wake(): void {
    for (const wake of [...this.#hungry]) wake()
  }

  moveLeader(topic: Topic, partition: number): void {
    const moved = topic.partitions[partition]!
    moved.leader = moved.leader === 1 ? 2 : 1
    this.wake()
  }

  get allUp(): boolean {
    return this.#down.size === 0
  }

  stop(node: number): void {
    this.troubled = true
    this.#down.add(node)
    for (const connection of this.#connections) if (connection.node === node) connection.cut()
  }

  startAll(): void {
    this.#down.clear()
  }

  cutConnections(): void {
    this.troubled = true
    for (const connection of this.#connections) connection.cut()
  }

  readonly dial: Dial = (address: Address, _tls, events: WireEvents): Wire => {
    const node = NODES[PORTS.indexOf(address.port as 9092)]!
    const connection = new BrokerConnection(this, node, events)
    this.#connections.add(connection)
    this.world.process.onKill.push(() => connection.close())
    this.world.after(this.world.random() * 3, () => {
      if (this.#down.has(node)) connection.cut(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
      else connection.connected()
    })
    return connection
  }

  closed(connection: BrokerConnection): void {
    this.#connections.delete(connection)
  }

  /** Answers when it can: a fetch waits for something to fetch. */
  async respond(request: Request, node: number): Promise<Buffer> {
    if (request.apiKey === API_VERSIONS) return apiVersionsAnswer(request)
    if (request.apiKey === METADATA) return this.#metadata(request)
    if (request.apiKey === LIST_OFFSETS) return this.#listOffsets(request, node)
    if (request.apiKey === FETCH) return await this.#fetch(request, node)
    throw new Error(`the simulated broker does not know request ${request.apiKey}`)
  }

  #metadata(request: Request): Buffer {
    const names = request.body.list(() => {
      request.body.skip(16)
      return request.body.text()
    })
    const brokers = NODES.map((node, i) => [int32(node), textField('kafka'), int32(PORTS[i]!), varint(0)])
    const topics = names.map((name) => {
      const topic = this.topics.get(name)
      const partitions = (topic?.partitions ?? []).map((partition, i) => {
        const leader = this.#down.has(partition.leader) ? -1 : partition.leader
        const replicas = listFieldOfInts(NODES)
        return [int16(leader < 0 ? 5 : 0), int32(i), int32(leader), int32(0), replicas, replicas, listFieldOfInts([])]
      })
      const id = uuidField(topic?.id ?? '0'.repeat(32))
      const error = topic === undefined ? UNKNOWN_TOPIC : 0
      return [int16(error), textField(name), id, int8(0), listField(partitions), int32(0)]
    })
    return answer(request, [int32(0), listField(brokers), textField('cluster'), int32(1), listField(topics)])
  }

  #listOffsets(request: Request, node: number): Buffer {
    const { body } = request
    body.skip(5)
    const topics = body.list(() => {
      const name = body.text()
      const asked = body.list(() => {
        const partition = body.int32()
        body.int32()
        return { partition, timestamp: body.int64() }
      })
      const answers = asked.map(({ partition, timestamp }) => {
        const found = this.topics.get(name)?.partitions[partition]
        if (found === undefined) return [int32(partition), int16(UNKNOWN_TOPIC), int64(-1), int64(-1), int32(0)]
        const error = found.leader === node ? 0 : NOT_LEADER
        return [int32(partition), int16(error), int64(-1), int64(timestamp === -2 ? found.first : found.end), int32(0)]
      })
      return [textField(name), listField(answers)]
    })
    return answer(request, [int32(0), listField(topics)])
  }

  async #fetch(request: Request, node: number): Promise<Buffer> {
    const { body } = request
    body.skip(4)
    const waitMs = body.int32()
    body.skip(4 + 4 + 1 + 4 + 4)
    const [asked] = body.list(() => ({ id: body.uuid(), partitions: body.list(() => readAsked(body)) }))
    const topic = [...this.topics.values()].find(({ id }) => id === asked!.id)
    await this.#something(topic, asked!.partitions, node, waitMs)
    const sections = asked!.partitions.map((each) => section(topic, each, node))
    return answer(request, [int32(0), int16(0), int32(0), listField([[uuidField(asked!.id), listField(sections)]])])
  }

  /** Resolves when there is something to say about one of the partitions, or the time is up. */
  async #something(topic: Topic | undefined, asked: readonly Asked[], node: number, waitMs: number): Promise<void> {
    const isThere = ({ partition, offset }: Asked): boolean => {
      const found = topic?.partitions[partition]
      return found === undefined || found.leader !== node || offset < found.first || offset !== found.end
    }
    if (asked.some(isThere)) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        timer[Symbol.dispose]()
        this.#hungry.delete(wake)
        resolve()
      }
      const timer = this.world.after(waitMs, done)
      const wake = (): void => {
        if (asked.some(isThere)) done()
      }
      this.#hungry.add(wake)
    })
  }
}

const listFieldOfInts = (values: readonly number[]): Buffer =>
  Buffer.concat([varint(values.length + 1), ...values.map(int32)])

function readAsked(body: Fields): Asked {
  const partition = body.int32()
  body.skip(4)
  const offset = body.int64()
  body.skip(4 + 8)
  return { partition, offset, maxBytes: body.int32() }
}

function section(topic: Topic | undefined, { partition, offset, maxBytes }: Asked, node: number): readonly Buffer[] {
  const found = topic?.partitions[partition]
  const fields = (error: number, end: number, first: number, aborted: Buffer, records: Uint8Array) => [
    ...[int32(partition), int16(error), int64(end), int64(end), int64(first)],
    ...[aborted, int32(-1), bytesField(records)],
  ]
  const refused = (error: number) => fields(error, -1, -1, listField([]), new Uint8Array(0))
  if (topic === undefined) return refused(UNKNOWN_TOPIC_ID)
  if (found === undefined) return refused(UNKNOWN_TOPIC)
  if (found.leader !== node) return refused(NOT_LEADER)
  if (offset < found.first || offset > found.end) return refused(OFFSET_OUT_OF_RANGE)
  const aborted = found.aborted.filter(({ last }) => last >= offset)
  const list = listField(aborted.map(({ producerId, firstOffset }) => [int64(producerId), int64(firstOffset)]))
  return fields(0, found.end, found.first, list, found.read(offset, maxBytes))
}

class BrokerConnection implements Wire {
  readonly node: number
  readonly #broker: SimulatedBroker
  readonly #events: WireEvents
  #received = Buffer.alloc(0)
  #open = true
  /** Requests are answered one after the other. */
  #work: Promise<void> = Promise.resolve()

  constructor(broker: SimulatedBroker, node: number, events: WireEvents) {
    this.#broker = broker
    this.node = node
    this.#events = events
  }

  connected(): void {
    if (this.#open) this.#events.connected()
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#open) return true
    this.#received = Buffer.concat([this.#received, bytes])
    while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
      const length = this.#received.readInt32BE(0)
      const request = readRequest(this.#received.subarray(4, 4 + length))
      this.#received = this.#received.subarray(4 + length)
      this.#work = this.#work.then(() => this.#answer(request))
    }
    return true
  }

  async #answer(request: Request): Promise<void> {
    const { world } = this.#broker
    await this.#pause()
    if (!this.#open) return
    const bytes = await this.#broker.respond(request, this.node)
    const breaks = world.chance(this.#broker.faults)
    const end = breaks ? world.number(0, bytes.length) : bytes.length
    for (let at = 0; at < end; ) {
      await this.#pause()
      if (!this.#open) return
      const next = world.chance(0.7) ? end : world.number(at + 1, end + 1)
      this.#events.received(Uint8Array.from(bytes.subarray(at, next)))
      at = next
    }
    if (breaks) this.cut()
  }

  #pause(): Promise<void> {
    const { world } = this.#broker
    const delayMs = world.chance(0.02) ? 200 : 1
    return new Promise((resolve) => void world.after(world.random() * delayMs, resolve))
  }

  /** The network ends it. */
  cut(error = new Error('connection reset')): void {
    if (!this.#open) return
    this.close()
    this.#events.ended(error)
  }

  destroy(): void {
    this.close()
  }

  close(): void {
    this.#open = false
    this.#broker.closed(this)
  }
}
