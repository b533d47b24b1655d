// Reads a topic through the reader under test up to its ends, in the spelling of scripts/kafka/Lines.java, so that
// Kafka's own client can be the judge.

import { expect } from 'vitest'
import { openReader } from '../../../src/connectors/kafka/open.ts'
import { type KafkaOptions, parseOptions } from '../../../src/connectors/kafka/options.ts'
import type { FetchedPartition } from '../../../src/connectors/kafka/partition-queue.ts'
import type { KafkaReader, ReaderLimits } from '../../../src/connectors/kafka/reader.ts'
import { flatten, RecordDecoder, recordHeaders, recordKey, recordValue } from '../../../src/connectors/kafka/records.ts'
import type { Position } from '../../../src/connectors/source.ts'
import { testHost } from '../../support/kafka.ts'

const field = (bytes: Uint8Array | null): string => {
  if (bytes === null) return '-'
  return bytes.length === 0 ? '.' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

/** The records of a piece as Lines.java prints them. */
export function linesOf(reader: KafkaReader, piece: FetchedPartition): string[] {
  const flat = flatten(piece.bytes, piece.batches, reader.codecs, reader.pool)
  const records = new RecordDecoder().decode(flat, piece.from)
  return Array.from({ length: records.length }, (_, row) => {
    const headers = recordHeaders(records, row).flatMap(({ key, value }) => [field(key), field(value)])
    const place = [piece.partition, records.offset[row], records.timestamp[row]]
    return [...place, field(recordKey(records, row)), field(recordValue(records, row)), ...headers].join(' ')
  })
}

export interface ReadOptions {
  readonly limits?: Partial<ReaderLimits>
  readonly pollBytes?: number
  readonly start?: readonly Position[]
}

/** All records that can be read now, partition by partition in offset order. */
export async function readAll(options: KafkaOptions, given: ReadOptions = {}): Promise<string[]> {
  const reader = await openReader(options, '', testHost(), given.limits ?? {})
  try {
    const ends = await reader.ends()
    const at = new Map(ends.map(({ partition, first }) => [partition, first]))
    for (const { partition, offset } of given.start ?? []) at.set(partition, offset)
    const lines = new Map<number, string[]>(ends.map(({ partition }) => [partition, []]))
    for (;;) {
      const behind = ends.filter(({ partition, end }) => at.get(partition)! < end)
      if (behind.length === 0) return [...lines.values()].flat()
      const positions = behind.map(({ partition }) => ({ partition, offset: at.get(partition)! }))
      const limits = { maxBytes: given.pollBytes ?? 1 << 20, maxWaitMs: 10_000 }
      const pieces = await reader.poll(positions, limits, new AbortController().signal)
      expect(pieces.length).toBeGreaterThan(0)
      for (const piece of pieces) {
        expect(piece.from).toBe(at.get(piece.partition))
        expect(piece.to).toBeGreaterThan(piece.from)
        lines.get(piece.partition)!.push(...linesOf(reader, piece))
        at.set(piece.partition, piece.to)
      }
    }
  } finally {
    await reader.close()
  }
}

export const optionsFor = (address: string, topic: string, more: Record<string, string> = {}): KafkaOptions =>
  parseOptions({ brokers: address, topic, ...more })
