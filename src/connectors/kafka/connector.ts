// The connector 'kafka': a topic as a source of the engine. Options, identity and start are settled once, at CREATE;
// reading begins there or at the engine's own positions, without a consumer group. Formats come in as an argument.
//
// A broker that is away when a source is opened is not an error of the source: each poll tries again. At CREATE it is.

import { SqlError } from '../../core/error.ts'
import type {
  Chunk,
  Connector,
  ConnectorHost,
  PartitionEnds,
  PollLimits,
  Position,
  SourceDefinition,
  SourceOrigin,
  SourceReader,
} from '../source.ts'
import { backoffMs, pause } from './backoff.ts'
import { ChunkDecoder, KafkaChunk } from './chunk.ts'
import { type Dial, dial } from './dial.ts'
import { unknownFormat } from './errors.ts'
import { checkFrameColumn } from './frame.ts'
import { openReader, resolveTopic } from './open.ts'
import { KAFKA_ALIASES, KAFKA_OPTIONS, parseOptions } from './options.ts'
import type { PayloadDecoder, PayloadFormat } from './payload.ts'
import type { KafkaReader } from './reader.ts'

/** `formats`: by `format/encode` in lower case, as `plain/json`. */
export function kafkaConnector(formats: Readonly<Record<string, PayloadFormat>>, dialer: Dial = dial): Connector {
  const payloadsOf = (definition: SourceDefinition): PayloadDecoder => {
    const name = `${definition.format?.name ?? 'plain'}/${definition.encode?.name ?? ''}`
    const format = formats[name]
    if (format === undefined) throw unknownFormat(name, Object.keys(formats))
    definition.columns.forEach(checkFrameColumn)
    const columns = definition.columns.filter(({ include }) => include === undefined)
    return format(columns, definition)
  }
  return {
    name: 'kafka',
    options: KAFKA_OPTIONS,
    aliases: KAFKA_ALIASES,
    formats: Object.keys(formats),
    prescribed: () => undefined,
    async resolve(definition, host) {
      payloadsOf(definition)
      const { start, identity } = await resolveTopic(parseOptions(definition.options), host, dialer)
      return { start, identity, baseTime: 0n }
    },
    open: (definition, origin, host) => new KafkaSource(definition, origin, host, payloadsOf(definition), dialer),
  }
}

interface Opened {
  readonly reader: KafkaReader
  readonly decoder: ChunkDecoder
}

class KafkaSource implements SourceReader {
  readonly #definition: SourceDefinition
  readonly #origin: SourceOrigin
  readonly #host: ConnectorHost
  readonly #payloads: PayloadDecoder
  readonly #dialer: Dial
  #opening: Promise<Opened> | undefined
  #failures = 0
  #opened: Opened | undefined
  #trouble: string | undefined

  constructor(
    definition: SourceDefinition,
    origin: SourceOrigin,
    host: ConnectorHost,
    payloads: PayloadDecoder,
    dialer: Dial,
  ) {
    this.#definition = definition
    this.#origin = origin
    this.#host = host
    this.#payloads = payloads
    this.#dialer = dialer
  }

  async ends(): Promise<readonly PartitionEnds[]> {
    const { reader } = await this.#open()
    return reader.ends()
  }

  async poll(positions: readonly Position[], limits: PollLimits, signal: AbortSignal): Promise<readonly Chunk[]> {
    const opened = await this.#tryOpen(limits.maxWaitMs, signal)
    if (opened === undefined) return []
    const pieces = await opened.reader.poll(positions, limits, signal)
    return pieces.map((piece) => new KafkaChunk(piece, opened.decoder))
  }

  trouble(): string | undefined {
    return this.#trouble ?? this.#opened?.reader.trouble()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined)
    await opened?.reader.close()
  }

  /** Undefined, after a while, where the broker cannot be reached now. */
  async #tryOpen(maxWaitMs: number, signal: AbortSignal): Promise<Opened | undefined> {
    try {
      const opened = await this.#open()
      if (this.#failures > 0) this.#host.log('info', `source "${this.#definition.name}": connected again`)
      this.#failures = 0
      this.#trouble = undefined
      return opened
    } catch (error) {
      if (!(error instanceof SqlError && error.code.startsWith('08'))) throw error
      this.#failures++
      this.#trouble = error.message
      if (this.#failures === 1) this.#host.log('warn', `source "${this.#definition.name}": ${error.message}`)
      const waitMs = Math.min(maxWaitMs, backoffMs(this.#failures, this.#host.random))
      await pause(this.#host.timers, waitMs, signal)
      return undefined
    }
  }

  async #open(): Promise<Opened> {
    this.#opening ??= this.#connect()
    try {
      return await this.#opening
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }

  async #connect(): Promise<Opened> {
    const { columns, options } = this.#definition
    const reader = await openReader(parseOptions(options), this.#origin.identity, this.#host, {}, this.#dialer)
    this.#opened = { reader, decoder: new ChunkDecoder(columns, this.#payloads, reader.codecs, reader.pool) }
    return this.#opened
  }
}
