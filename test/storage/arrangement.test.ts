// Arrangements of layout rows against a Map from key to rows with weights: any deltas, any cut into batches and epochs,
// aborts in between, probes before, after and in snapshots, retractions that find no row.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../../src/core/batch.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { WEIGHT_MAX } from '../../src/core/primitives/weights.ts'
import type { Schema } from '../../src/core/schema.ts'
import type { PhysicalKind } from '../../src/core/type.ts'
import { type Arrangement, arrange, createArrangement, snapshotArrangement } from '../../src/storage/arrangement.ts'
import {
  type ArrangementReader,
  findKeys,
  gatherMatches,
  probeRows,
  readerOf,
  scanArrangement,
  startScan,
} from '../../src/storage/arrangement-reader.ts'
import { keyCount, type Moment } from '../../src/storage/key-table.ts'
import { matches, startProbe } from '../../src/storage/row-lists.ts'
import {
  addTo,
  anyKinds,
  anyRow,
  batchFrom,
  columnsFrom,
  type Row,
  rowsOf,
  rowText,
  testRegion,
  weakHash,
  zsetOf,
} from '../support/columns.ts'

const schemaOf = (kinds: readonly PhysicalKind[]): Schema =>
  kinds.map((kind, k) => ({
    name: `c${k}`,
    type: { kind: 'text' },
    physical: kind === 'i128' ? { kind, precision: 38, scale: 0 } : { kind },
    nullable: true,
  }))

type Zset = Map<string, number>

function contents(reader: ArrangementReader, moment: Moment, limit = 3): Zset {
  const parts: Batch[] = []
  const at = startScan()
  for (;;) {
    const batch = scanArrangement(reader, at, moment, limit, testRegion())
    if (batch === undefined) return zsetOf(parts)
    parts.push(batch)
  }
}

/** Rows that a probe with these keys finds, with the product of the weights, two at a time. */
function probed(
  reader: ArrangementReader,
  kinds: readonly PhysicalKind[],
  keys: readonly Row[],
  weights: readonly number[],
  moment: Moment,
): Zset {
  const slots = new Int32Array(keys.length)
  const keyKinds = (reader.contents as Arrangement).keys.map((column) => kinds[column]!)
  findKeys(reader, columnsFrom(keyKinds, keys), keys.length, slots, { nullsMatch: true, moment, region: testRegion() })
  const sums: Zset = new Map()
  const cursor = startProbe()
  for (let done = false; !done; ) {
    const found = matches(2, testRegion())
    done = probeRows(reader, slots, keys.length, Int32Array.from(weights), moment, cursor, found)
    const all = gatherMatches(reader, [...kinds.keys()], found, slots, moment, testRegion())
    for (const [k, row] of rowsOf(all, found.length).entries()) {
      const key = (reader.contents as Arrangement).keys.map((column) => row[column]!)
      expect(rowText(key)).toBe(rowText(keys[found.index[k]!]!))
      addTo(sums, rowText(row), found.weights[k]!)
    }
  }
  return sums
}

const anyHistory = anyKinds(4).chain((kinds) =>
  fc.record({
    kinds: fc.constant(kinds),
    keyed: fc.subarray([...kinds.keys()]),
    weak: fc.boolean(),
    epochs: fc.array(
      fc.record({
        batches: fc.array(
          fc.record({
            rows: fc.array(
              fc.tuple(
                anyRow(kinds),
                fc.integer({ min: -2, max: 3 }).filter((w) => w !== 0),
              ),
              { maxLength: 10 },
            ),
            dict: fc.boolean(),
          }),
          { maxLength: 3 },
        ),
        ending: fc.constantFrom('seal', 'abort', 'abort after prepare'),
      }),
      { maxLength: 8 },
    ),
  }),
)

test('any history: contents and probes agree with a Map, retractions without a row are found out', () => {
  fc.assert(
    fc.property(anyHistory, ({ kinds, keyed, weak, epochs }) => {
      const account = memoryAccount('test')
      const reading = memoryAccount('reader')
      const options = {
        label: 't',
        schema: schemaOf(kinds),
        keys: keyed,
        layout: 'rows',
        account,
        storeNullKeys: true,
      } as const
      const arrangement = createArrangement(weak ? { ...options, hash: weakHash } : options)
      const live = readerOf(arrangement)
      let sealed: Zset = new Map()
      for (const { batches, ending } of epochs) {
        const lane = readerOf(arrangement)
        const snapshot = snapshotArrangement(arrangement, reading)
        lane.at = { before: snapshot, after: snapshot }
        const running = new Map(sealed)
        for (const { rows, dict } of batches) {
          const batch = batchFrom(
            kinds,
            rows.map(([row]) => row),
            rows.map(([, weight]) => weight),
            dict,
          )
          arrange(arrangement, batch, testRegion())
          for (const [row, weight] of rows) addTo(running, rowText(row), weight)
        }
        const keys = batches.flatMap(({ rows }) => rows.map(([row]) => keyed.map((column) => row[column]!)))
        const distinct = [...new Map(keys.map((key) => [rowText(key), key])).values()]
        const weights = distinct.map((_, i) => i + 1)
        const before = probed(live, kinds, distinct, weights, 'before')
        expect(contents(live, 'before')).toEqual(sealed)
        expect(contents(live, 'after')).toEqual(running)
        const legal = [...running.values()].every((weight) => weight > 0)
        if (!legal) expect(() => arrangement.prepare()).toThrow('retraction')
        else if (ending !== 'abort') arrangement.prepare()
        expect(contents(live, 'before')).toEqual(sealed)
        if (legal && ending === 'seal') {
          arrangement.seal()
          expect(contents(lane, 'after')).toEqual(sealed)
          sealed = running
        } else arrangement.abort()
        expect(contents(live, 'after')).toEqual(sealed)
        expect(probed(lane, kinds, distinct, weights, 'after')).toEqual(before)
        snapshot[Symbol.dispose]()
      }
      checkEmptied(arrangement, kinds, sealed)
      expect(account.bytes).toBe(arrangement.table.undo.bytes)
      arrangement[Symbol.dispose]()
      expect(account.bytes + reading.bytes).toBe(0)
    }),
    { numRuns: 150 },
  )
})

/** Everything is retracted: nothing stays. */
function checkEmptied(arrangement: Arrangement, kinds: readonly PhysicalKind[], sealed: Zset): void {
  const at = startScan()
  for (;;) {
    const batch = scanArrangement(readerOf(arrangement), at, 'before', 1000, testRegion())
    if (batch === undefined) break
    arrange(arrangement, { ...batch, weights: batch.weights!.map((weight) => -weight) }, testRegion())
  }
  arrangement.prepare()
  arrangement.seal()
  expect(keyCount(arrangement.table)).toBe(0)
  expect(arrangement.bytes).toBe(arrangement.table.undo.bytes)
  expect(kinds.length + sealed.size).toBeGreaterThan(0)
}

test('long lists: random inserts and deletes of equal rows, with an index of rows behind them', () => {
  const account = memoryAccount('test')
  const schema = schemaOf(['i32', 'i64'])
  const arrangement = createArrangement({
    label: 't',
    schema,
    keys: [0],
    layout: 'rows',
    account,
    storeNullKeys: false,
  })
  const reader = readerOf(arrangement)
  let sealed: Zset = new Map()
  let state = 7
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 65536) % n
  }
  for (let epoch = 0; epoch < 120; epoch++) {
    const growing = epoch % 40 < 25
    const running = new Map(sealed)
    const rows: Row[] = []
    const weights: number[] = []
    for (let i = 0; i < 60; i++) {
      const row: Row = [random(2), BigInt(random(growing ? 400 : 4000))]
      const present = running.get(rowText(row)) ?? 0
      const victim = [...running.keys()][random(Math.max(1, running.size))]
      if (growing || victim === undefined) {
        rows.push(row)
        weights.push(1)
        addTo(running, rowText(row), 1)
      } else {
        const parts = victim.split('|').map((part) => part.split(':')[2]!)
        rows.push([Number(parts[0]), BigInt(parts[1]!)])
        weights.push(-1)
        addTo(running, victim, -1)
      }
      expect(present).toBeGreaterThanOrEqual(0)
    }
    arrange(arrangement, batchFrom(['i32', 'i64'], rows, weights), testRegion())
    if (epoch % 7 === 3) {
      arrangement.prepare()
      arrangement.abort()
    } else {
      arrangement.prepare()
      arrangement.seal()
      sealed = running
    }
    expect(contents(reader, 'before', 1000)).toEqual(sealed)
  }
  expect(arrangement.lists!.index.count).toBeGreaterThan(0)
  expect(arrangement.lists!.store.count).toBeLessThanOrEqual(2 * sealed.size + 2)
  checkEmptied(arrangement, ['i32', 'i64'], sealed)
  expect(() => {
    arrange(arrangement, batchFrom(['i32', 'i64'], [[1, 5n]], [-1]), testRegion())
    arrangement.prepare()
  }).toThrow('retraction')
})

test('rows with NULL in a key are stored only where asked, and match only where asked', () => {
  for (const storeNullKeys of [false, true]) {
    const account = memoryAccount('test')
    const arrangement = createArrangement({
      label: 't',
      schema: schemaOf(['i32', 'i32']),
      keys: [0],
      layout: 'rows',
      account,
      storeNullKeys,
    })
    arrange(
      arrangement,
      batchFrom(
        ['i32', 'i32'],
        [
          [null, 1],
          [2, 2],
        ],
      ),
      testRegion(),
    )
    expect(contents(readerOf(arrangement), 'after').size).toBe(storeNullKeys ? 2 : 1)
    const slots = new Int32Array(2)
    const keys = columnsFrom(['i32'], [[null], [2]])
    findKeys(readerOf(arrangement), keys, 2, slots, { nullsMatch: false, moment: 'after', region: testRegion() })
    expect(slots[0]).toBe(-1)
    findKeys(readerOf(arrangement), keys, 2, slots, { nullsMatch: true, moment: 'after', region: testRegion() })
    expect(slots[0]! >= 0).toBe(storeNullKeys)
    expect(slots[1]! >= 0).toBe(true)
  }
})

test('products of weights beyond Int32 become several pairs, also over a full output', () => {
  const account = memoryAccount('test')
  const arrangement = createArrangement({
    label: 't',
    schema: schemaOf(['i32']),
    keys: [],
    layout: 'rows',
    account,
    storeNullKeys: true,
  })
  arrange(arrangement, batchFrom(['i32'], [[1], [1], [2]], [WEIGHT_MAX, WEIGHT_MAX, 5]), testRegion())
  arrange(arrangement, batchFrom(['i32'], [[1]], [-1]), testRegion()) // makes seal merge the equal rows
  arrangement.prepare()
  arrangement.seal()
  expect(arrangement.lists!.store.count).toBe(2)
  const cursor = startProbe()
  let total = 0n
  for (let done = false, calls = 0; !done; calls++) {
    const found = matches(2, testRegion())
    done = probeRows(readerOf(arrangement), Int32Array.of(0), 1, Int32Array.of(-3), 'before', cursor, found)
    for (let k = 0; k < found.length; k++) total += BigInt(found.weights[k]!)
    expect(calls).toBeLessThan(20)
  }
  expect(total).toBe(-3n * (2n * BigInt(WEIGHT_MAX) - 1n) - 15n)
})

test('keys below the bound go with their rows, of short and indexed lists', () => {
  const account = memoryAccount('test')
  const arrangement = createArrangement({
    label: 't',
    schema: schemaOf(['i32', 'i64']),
    keys: [1],
    layout: 'rows',
    account,
    storeNullKeys: true,
    expires: 0,
  })
  const rows: Row[] = Array.from({ length: 300 }, (_, i) => [i, i < 100 ? 1n : BigInt(i)])
  rows.push([1, null])
  arrange(arrangement, batchFrom(['i32', 'i64'], rows), testRegion())
  arrangement.prepare()
  arrangement.seal()
  arrange(arrangement, batchFrom(['i32', 'i64'], [[7, 1n]], [-1]), testRegion()) // key 1 becomes an indexed list
  arrangement.expiry!.bound = 150n
  arrangement.prepare()
  arrangement.abort()
  expect(contents(readerOf(arrangement), 'before').size).toBe(301)
  arrange(arrangement, batchFrom(['i32', 'i64'], [[7, 1n]], [-1]), testRegion())
  arrangement.expiry!.bound = 150n
  arrangement.prepare()
  arrangement.seal()
  const left = contents(readerOf(arrangement), 'before')
  expect(left.size).toBe(151)
  expect(left.has(rowText([1, null]))).toBe(true)
  expect(keyCount(arrangement.table)).toBe(151)
  arrange(arrangement, batchFrom(['i32', 'i64'], rows.slice(150), new Array<number>(151).fill(-1)), testRegion())
  arrangement.prepare()
  arrangement.seal()
  expect(keyCount(arrangement.table)).toBe(0)
  arrangement[Symbol.dispose]()
  expect(account.bytes).toBe(0)
})
