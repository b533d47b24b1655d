// Made-up records: what the options of a field say, whatever range is asked for and whoever asks.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { datagenConnector } from '../../../src/connectors/datagen/connector.ts'
import type { SourceColumn } from '../../../src/connectors/source.ts'
import type { SqlType } from '../../../src/core/type.ts'
import type { SqlValue } from '../../../src/core/value.ts'
import { chunksOf, definitionOf, openSource, rowsOfChunk, TestHost } from './source.ts'

const column = (name: string, type: SqlType): SourceColumn => ({ name, type, nullable: true, include: undefined })

const open = (columns: readonly SourceColumn[], options: Readonly<Record<string, string>>, host = new TestHost()) =>
  openSource(datagenConnector, definitionOf('datagen', { rate: '0', events: '1000', ...options }, columns), host)

/** A thousand values of one column. */
async function values(type: SqlType, options: Readonly<Record<string, string>> = {}): Promise<readonly SqlValue[]> {
  const named = Object.fromEntries(Object.entries(options).map(([name, value]) => [`fields.c.${name}`, value]))
  const { reader, columns } = await open([column('c', type)], named)
  const chunks = await chunksOf(reader, 0, 1000)
  return chunks.flatMap((chunk) => rowsOfChunk(columns, chunk)).map(([value]) => value!)
}

describe('fields', () => {
  test.each([
    [{ kind: 'int2' }, '-3', '3', 7],
    [{ kind: 'int4' }, '10', '12', 3],
    [{ kind: 'int8' }, '9007199254740000', '9007199254740001', 2],
    [{ kind: 'date' }, '2026-02-27', '2026-03-01', 3],
  ] as const)('%o takes every value from %s to %s', async (type, min, max, distinct) => {
    const all = await values(type, { min, max })
    expect(all).toHaveLength(1000)
    expect(new Set(all).size).toBe(distinct)
    expect([...new Set(all)].every((value) => String(value).length <= 16)).toBe(true)
  })

  test('bounds are kept', async () => {
    const floats = (await values({ kind: 'float8' }, { min: '-1', max: '0.5' })) as number[]
    expect(Math.min(...floats)).toBeGreaterThanOrEqual(-1)
    expect(Math.max(...floats)).toBeLessThan(0.5)
    expect(new Set(floats).size).toBeGreaterThan(990)
    const times = (await values({ kind: 'timestamp' }, { min: '2026-01-01', max: '2026-01-02' })) as bigint[]
    expect(times.every((time) => time >= 1_767_225_600_000_000n && time <= 1_767_312_000_000_000n)).toBe(true)
  })

  test.each([
    { kind: 'numeric', precision: 5, scale: 2 },
    { kind: 'numeric', precision: 30, scale: 2 },
    { kind: 'numeric', precision: 50, scale: 2 },
  ] as const)('%o', async (type) => {
    const all = await values(type, { min: '1.25', max: '1.27' })
    expect(new Set(all.map((value) => (value as { digits: bigint }).digits))).toEqual(new Set([125n, 126n, 127n]))
    expect(all.every((value) => (value as { scale: number }).scale === 2)).toBe(true)
  })

  test('sequences begin anew after their end', async () => {
    expect((await values({ kind: 'int8' }, { kind: 'sequence', start: '5' })).slice(0, 3)).toEqual([5n, 6n, 7n])
    const small = await values({ kind: 'int2' }, { kind: 'sequence', start: '-1', end: '1' })
    expect(small.slice(0, 5)).toEqual([-1, 0, 1, -1, 0])
  })

  test('texts and booleans', async () => {
    const texts = (await values({ kind: 'text' }, { length: '5' })) as string[]
    expect(texts.every((text) => /^[a-z]{5}$/.test(text))).toBe(true)
    expect(new Set(texts).size).toBeGreaterThan(990)
    expect(new Set(await values({ kind: 'boolean' }))).toEqual(new Set([true, false]))
    expect((await values({ kind: 'varchar', length: 3 })).every((text) => String(text).length === 3)).toBe(true)
  })

  test('a timestamp without bounds is the time of the record', async () => {
    expect((await values({ kind: 'timestamptz' })).slice(0, 2)).toEqual([
      1_700_000_000_000_000n,
      1_700_000_000_000_100n,
    ])
  })

  test('the seed decides, of the source or of the field', async () => {
    const type = { kind: 'int4' } as const
    const first = await values(type)
    expect(await values(type)).toEqual(first)
    expect(await values(type, { seed: '2' })).not.toEqual(first)
  })
})

test('any range of a chunk gives the same rows', async () => {
  const { reader, columns } = await open([column('a', { kind: 'int8' }), column('b', { kind: 'text' })], {})
  const [chunk] = await chunksOf(reader, 100, 1)
  const whole = rowsOfChunk(columns, chunk!)
  fc.assert(
    fc.property(fc.nat(900), fc.integer({ min: 1, max: 300 }), (skip, max) => {
      expect(rowsOfChunk(columns, chunk!, { skip, max }, [1])).toEqual(
        whole.slice(skip, skip + max).map((row) => [row[1]]),
      )
    }),
    { numRuns: 30 },
  )
})

test.each([
  [{ 'fields.d.kind': 'random' }, 'fields.d.kind'],
  [{ 'fields.c.most': '1' }, 'fields.c.most'],
  [{ 'fields.c.kind': 'walk' }, 'must be'],
  [{ 'fields.c.min': '5', 'fields.c.max': '4' }, 'before'],
  [{ events: '-1' }, 'events'],
])('wrong options %o', async (options, message) => {
  await expect(open([column('c', { kind: 'int4' })], options as Record<string, string>)).rejects.toThrow(message)
})

test('types that it cannot make', async () => {
  await expect(open([column('c', { kind: 'jsonb' })], {})).rejects.toThrow('type jsonb in a generated source')
})
