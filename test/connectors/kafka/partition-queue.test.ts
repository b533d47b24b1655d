// The queue of one partition against a plain list of offsets: whatever is added, taken and sought, what is taken begins
// where asked, is contiguous, keeps to its bytes, and every buffer is let go exactly once.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BufferPool, SharedBuffer } from '../../../src/connectors/kafka/buffer-pool.ts'
import { type FetchedPartition, PartitionQueue } from '../../../src/connectors/kafka/partition-queue.ts'
import { walkBatches } from '../../../src/connectors/kafka/record-batch.ts'
import { batch, crc32c } from './batches.ts'

const LOG = Array.from({ length: 30 }, (_, i) =>
  batch({ baseOffset: i * 3, lastOffset: i * 3 + 2, records: [{ offset: i * 3, value: Buffer.alloc(i % 7) }] }),
)
const END = LOG.length * 3

/** A fetch of `count` batches from the one that holds `from`. */
function fetch(from: number, count: number, pool: BufferPool): FetchedPartition {
  const first = Math.floor(from / 3)
  const bytes = Uint8Array.from(Buffer.concat(LOG.slice(first, first + count)))
  const { batches, nextOffset } = walkBatches(bytes, from, undefined, crc32c)
  const buffer = new SharedBuffer(pool, bytes)
  return { partition: 0, from, to: nextOffset, end: END, bytes, batches, sizeBytes: bytes.length, buffer }
}

const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('fetch' as const), count: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ kind: fc.constant('stale' as const), from: fc.nat(END - 1) }),
  fc.record({ kind: fc.constant('take' as const), maxBytes: fc.nat(400), must: fc.boolean() }),
  fc.record({ kind: fc.constant('seek' as const), offset: fc.nat(END) }),
)

test('any steps', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const { pool, given } = countingPool()
      const queue = new PartitionQueue(0, 0)
      let position = 0
      let made = 0
      for (const step of steps) {
        switch (step.kind) {
          case 'fetch':
            made++
            queue.add(fetch(queue.next, step.count, pool))
            break
          case 'stale':
            if (step.from === queue.next) break
            made++
            queue.add(fetch(step.from, 2, pool))
            break
          case 'seek':
            position = step.offset
            queue.seek(position)
            break
          case 'take': {
            const before = queue.isEmpty
            const taken = queue.take(step.maxBytes, step.must)
            if (step.must) expect(taken.length > 0).toBe(!before)
            const bytes = taken.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
            const [only] = taken
            if (bytes > step.maxBytes)
              expect([taken.length, only!.batches.length <= 1, step.must]).toEqual([1, true, true])
            for (const piece of taken) {
              expect(piece.from).toBe(position)
              const { buffer, byteOffset } = piece.bytes
              const view = new DataView(buffer, byteOffset)
              const offsets = piece.batches.map(({ start }) => Number(view.getBigInt64(start)))
              const first = Math.floor(piece.from / 3) * 3
              expect(offsets).toEqual(offsets.map((_, i) => first + 3 * i))
              expect(piece.to).toBe((offsets.at(-1) ?? first) + 3)
              position = piece.to
              piece.buffer.release()
            }
          }
        }
      }
      queue.clear()
      expect(given()).toBe(made)
    }),
    { numRuns: 500 },
  )
})

/** A pool that counts what comes back: each buffer must, once, when nobody holds it. */
function countingPool() {
  const pool = new BufferPool(0)
  let given = 0
  pool.give = (bytes) => {
    given++
    bytes.fill(0xff) // as the next response would
  }
  return { pool, given: () => given }
}
