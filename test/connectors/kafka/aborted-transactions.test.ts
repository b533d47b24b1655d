// The read_committed filter against transactions whose outcome is known, fetched whole and from every offset, in pieces
// of every size, with the list of aborted ones in any order, as a broker would give it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AbortedTransaction, AbortedTransactions } from '../../../src/connectors/kafka/aborted-transactions.ts'
import { BufferPool } from '../../../src/connectors/kafka/buffer-pool.ts'
import { makeCodecs } from '../../../src/connectors/kafka/codecs.ts'
import { loadLibrary } from '../../../src/connectors/kafka/library.ts'
import { walkBatches } from '../../../src/connectors/kafka/record-batch.ts'
import { flatten, RecordDecoder } from '../../../src/connectors/kafka/records.ts'
import { batch, crc32c, marker } from './batches.ts'

const codecs = makeCodecs(await loadLibrary())
const decoder = new RecordDecoder()
const pool = new BufferPool(0)

type Step =
  | { readonly producer: number; readonly write: number }
  | { readonly producer: number; readonly end: 'abort' | 'commit' }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ producer: fc.integer({ min: 0, max: 3 }), write: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      producer: fc.integer({ min: 1, max: 3 }),
      end: fc.constantFrom<'abort' | 'commit'>('abort', 'commit'),
    }),
  },
)

interface Log {
  readonly batches: readonly { readonly bytes: Buffer; readonly lastOffset: number }[]
  readonly aborted: readonly (AbortedTransaction & { readonly lastOffset: number })[]
  readonly committed: readonly number[]
}

/** Runs the steps as a partition would; producer 0 writes without transactions. Open transactions end by aborting. */
function play(steps: readonly Step[]): Log {
  const batches: { bytes: Buffer; lastOffset: number }[] = []
  const aborted: (AbortedTransaction & { lastOffset: number })[] = []
  const committed: number[] = []
  const open = new Map<number, number[]>()
  let next = 0
  const append = (bytes: Buffer, count: number) => {
    next += count
    batches.push({ bytes, lastOffset: next - 1 })
  }
  const end = (producerId: number, kind: 'abort' | 'commit') => {
    const written = open.get(producerId)
    open.delete(producerId)
    if (kind === 'commit') committed.push(...(written ?? []))
    else if (written !== undefined) aborted.push({ producerId, firstOffset: written[0]!, lastOffset: next })
    append(marker(next, producerId, kind), 1)
  }
  for (const step of steps) {
    const { producer } = step
    if ('end' in step) {
      end(producer, step.end)
      continue
    }
    const offsets = Array.from({ length: step.write }, (_, i) => next + i)
    const records = offsets.map((offset) => ({ offset, value: Buffer.from([producer]) }))
    if (producer === 0) committed.push(...offsets)
    else open.set(producer, [...(open.get(producer) ?? []), ...offsets])
    const transactional = producer > 0
    append(batch({ baseOffset: next, records, transactional, producerId: transactional ? producer : -1 }), step.write)
  }
  for (const producerId of [...open.keys()]) end(producerId, 'abort')
  return { batches, aborted, committed: committed.toSorted((a, b) => a - b) }
}

/** One response to a fetch from `from`: batches from that which holds it on, and what was aborted among them. */
function fetch({ batches, aborted }: Log, from: number, count: number) {
  const first = batches.findIndex(({ lastOffset }) => lastOffset >= from)
  const sent = first < 0 ? [] : batches.slice(first, first + count)
  const last = sent.at(-1)?.lastOffset ?? -1
  const overlapping = aborted.filter(({ firstOffset, lastOffset }) => lastOffset >= from && firstOffset <= last)
  return { bytes: Buffer.concat(sent.map(({ bytes }) => bytes)), overlapping }
}

function read(log: Log, from: number, count: number, order: (a: AbortedTransaction) => number): number[] {
  const offsets: number[] = []
  for (let position = from; ; ) {
    const { bytes, overlapping } = fetch(log, position, count)
    if (bytes.length === 0) return offsets
    const filter = new AbortedTransactions(overlapping.toSorted((a, b) => order(a) - order(b)))
    const { batches, nextOffset } = walkBatches(bytes, position, filter, crc32c)
    const records = decoder.decode(flatten(bytes, batches, codecs, pool), position)
    offsets.push(...records.offset.subarray(0, records.length))
    expect(nextOffset).toBeGreaterThan(position)
    position = nextOffset
  }
}

describe('exactly the committed records are delivered', () => {
  test('any interleaving, any size of response, from any offset, any order of the list', () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(60),
        fc.constantFrom(1, -1, 7),
        (steps, count, from, direction) => {
          const log = play(steps)
          const order = ({ firstOffset }: AbortedTransaction) => (firstOffset * direction) % 11
          const expected = log.committed.filter((offset) => offset >= from)
          expect(read(log, from, count, order)).toEqual(expected)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('one producer with several aborted transactions in one response', () => {
    const write = { producer: 1, write: 2 } as const
    const abort = { producer: 1, end: 'abort' } as const
    const commit = { producer: 1, end: 'commit' } as const
    const log = play([write, abort, write, commit, write, abort, write, commit])
    expect(read(log, 0, 100, ({ firstOffset }) => -firstOffset)).toEqual([3, 4, 9, 10])
  })

  test('only transactional batches of the producer are dropped', () => {
    const records = [{ offset: 0, value: Buffer.from('x') }]
    const bytes = batch({ baseOffset: 0, records, producerId: 1, transactional: false })
    const filter = new AbortedTransactions([{ producerId: 1, firstOffset: 0 }])
    expect(walkBatches(bytes, 0, filter, crc32c).batches.length).toBe(1)
  })

  test('a key of four zero bytes in a data batch is no abort marker', () => {
    const value = Buffer.from('x')
    const zero = Buffer.alloc(4)
    const shape = { producerId: 1, transactional: true }
    const bytes = Buffer.concat([
      batch({ ...shape, baseOffset: 0, records: [{ offset: 0, key: zero, value }] }),
      batch({ ...shape, baseOffset: 1, records: [{ offset: 1, value }] }),
      marker(2, 1, 'abort'),
    ])
    const filter = new AbortedTransactions([{ producerId: 1, firstOffset: 0 }])
    expect(walkBatches(bytes, 0, filter, crc32c)).toEqual({ batches: [], nextOffset: 3, truncated: false })
  })
})
