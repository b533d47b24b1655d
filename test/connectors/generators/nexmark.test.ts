// Nexmark's events, pinned: digests over ten thousand events that an independent implementation of the same generator
// gave (the one that the expected results of the benchmark's queries rest on). And what all generators promise: any
// range of any chunk gives the same rows, records appear by the clock, nothing is promised that does not come.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nexmarkConnector } from '../../../src/connectors/nexmark/connector.ts'
import type { SourceColumn } from '../../../src/connectors/source.ts'
import type { SqlValue } from '../../../src/core/value.ts'
import { chunksOf, definitionOf, openSource, rowsOfChunk, TestHost } from './source.ts'

const connector = nexmarkConnector()
const open = (options: Readonly<Record<string, string>>, host = new TestHost(), columns: SourceColumn[] = []) =>
  openSource(connector, definitionOf('nexmark', options, columns), host)

const rowText = (row: readonly SqlValue[]): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))

async function digestOf(options: Readonly<Record<string, string>>, from: number, count: number): Promise<string> {
  const { reader, columns } = await open({ rate: '0', event_rate: '1000', ...options })
  const chunks = await chunksOf(reader, from, count)
  const rows = chunks.flatMap((chunk) => rowsOfChunk(columns, chunk)).slice(0, count)
  return createHash('sha256').update(rows.map(rowText).join('\n')).digest('hex').slice(0, 16)
}

describe('events', () => {
  test.each([
    ['person', '1', 0, 200, '3a3084ae09deecc8'],
    ['auction', '1', 0, 600, '7b56bb33c1a328fe'],
    ['bid', '1', 0, 9200, '4c11e73a9198a4b3'],
    ['person', '42', 100_000_000, 200, 'ab36db80912ad044'],
    ['auction', '42', 300_000_000, 600, '454aeb4407a63510'],
    ['bid', '42', 4_600_000_000, 9200, '8e9d4caf228bc0ad'],
  ])('%s, seed %s, from record %i', async (table, seed, from, count, digest) => {
    expect(await digestOf({ table, seed }, from, count)).toBe(digest)
  })

  test('times follow event_rate', async () => {
    expect(await digestOf({ table: 'auction', event_rate: '3' }, 0, 600)).toBe('04435ba1fbaffc10')
  })

  test('the first bid', async () => {
    const { reader, columns } = await open({ table: 'bid', rate: '0', events: '5' })
    const [chunk] = await chunksOf(reader, 0, 1)
    expect(chunk!.records).toBe(1)
    const [row] = rowsOfChunk(columns, chunk!)
    const named = Object.fromEntries(columns.map(({ name }, i) => [name, row![i]]))
    expect(named).toEqual({
      auction: 1000n,
      bidder: 1001n,
      price: 526n,
      channel: 'Facebook',
      url: 'https://www.nexmark.com/isy/_me/gdvz/item.htm?query=1',
      datetime: 1_436_918_400_000_000n,
      extra: 'vwedebniysmpkvfsqdeicafnbbtmpzauuiyvnxsseckiwkrteedebmceapnzfpxthgpgwbgjqha',
    })
  })
})

describe('chunks', () => {
  test('any columns of any range are those of the whole', async () => {
    const range = fc.record({
      table: fc.constantFrom('bid', 'auction', 'person'),
      skip: fc.nat(300),
      max: fc.integer({ min: 1, max: 200 }),
      chosen: fc.uniqueArray(fc.nat(6), { minLength: 1 }),
    })
    await fc.assert(
      fc.asyncProperty(range, async ({ table, skip, max, chosen }) => {
        const { reader, columns } = await open({ table, rate: '0', events: '100000' })
        const [chunk] = await chunksOf(reader, 90, 1)
        const whole = rowsOfChunk(columns, chunk!)
        const part = rowsOfChunk(columns, chunk!, { skip, max }, chosen)
        expect(part).toEqual(whole.slice(skip, skip + max).map((row) => chosen.map((column) => row[column])))
      }),
      { numRuns: 30 },
    )
  })

  test('offsets, and records below one', async () => {
    const { reader } = await open({ table: 'bid', rate: '0', events: '1000' })
    const [chunk] = await chunksOf(reader, 20, 1)
    expect([chunk!.from, chunk!.to, chunk!.end, chunk!.records]).toEqual([20, 920, 920, 900])
    expect([0, 20, 21, 919, 5000].map((offset) => chunk!.recordsBelow(offset))).toEqual([0, 0, 1, 899, 900])
  })

  test('INCLUDE PARTITION and OFFSET', async () => {
    const include = (what: 'partition' | 'offset' | 'key', kind: 'int4' | 'int8'): SourceColumn => ({
      name: what,
      type: { kind },
      nullable: false,
      include: what,
    })
    const host = new TestHost()
    const { reader, columns } = await open({ table: 'person', rate: '0', events: '500' }, host, [
      include('partition', 'int4'),
      include('offset', 'int8'),
    ])
    const [chunk] = await chunksOf(reader, 7, 1)
    expect(rowsOfChunk(columns, chunk!, { skip: 1, max: 2 }, [9, 0, 8])).toEqual([
      [8n, 1008n, 0],
      [9n, 1009n, 0],
    ])
    await expect(open({ table: 'person' }, host, [include('key', 'int4')])).rejects.toThrow('INCLUDE KEY')
  })
})

describe('pace', () => {
  test('records appear by the clock', async () => {
    const host = new TestHost()
    const { reader } = await open({ table: 'bid', rate: '1000', events: '200' }, host)
    expect(await reader.ends()).toEqual([{ partition: 0, first: 0, end: 0 }])
    host.advance(5)
    expect((await reader.ends())[0]!.end).toBe(2)
    host.advance(95)
    expect((await reader.ends())[0]!.end).toBe(92)
    host.advance(1000)
    expect((await reader.ends())[0]!.end).toBe(184)
  })

  test('a poll waits for the next record, and for no longer than it may', async () => {
    const host = new TestHost()
    const { reader } = await open({ table: 'person', rate: '1000', events: '100' }, host)
    const poll = (offset: number) =>
      reader.poll([{ partition: 0, offset }], { maxBytes: 1000, maxWaitMs: 80 }, new AbortController().signal)
    const [chunk] = await poll(1)
    expect([chunk!.from, chunk!.to]).toEqual([1, 2])
    expect(host.waits).toEqual([50])
    expect(await poll(2)).toEqual([])
    expect(await poll(2)).toEqual([])
    expect(host.waits).toEqual([50, 50, 80])
  })

  test('an endless log that is read as fast as it goes ends where it was handed out', async () => {
    const { reader } = await open({ table: 'bid', rate: '0' })
    expect((await reader.ends())[0]!.end).toBe(0)
    const [chunk] = await chunksOf(reader, 0, 1)
    expect(chunk!.end).toBe(chunk!.to)
    expect((await reader.ends())[0]!.end).toBe(chunk!.to)
  })
})

test.each([
  [{}, 'table'],
  [{ table: 'bids' }, 'table'],
  [{ table: 'bid', rate: '-1' }, 'rate'],
  [{ table: 'bid', rate: '1.5' }, 'rate'],
  [{ table: 'bid', events: 'many' }, 'events'],
])('wrong options %o', (options, name) => {
  expect(() => connector.prescribed(definitionOf('nexmark', options as Record<string, string>))).toThrow(
    `option "${name}" must be`,
  )
})
