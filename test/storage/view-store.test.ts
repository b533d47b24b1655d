// View stores against a Map: any deltas that fit, cut anyhow, with aborts; and deltas that do not fit are named.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../../src/core/batch.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { consolidate } from '../../src/core/primitives/consolidate.ts'
import { WEIGHT_MAX } from '../../src/core/primitives/weights.ts'
import type { Schema } from '../../src/core/schema.ts'
import type { PhysicalKind } from '../../src/core/type.ts'
import {
  applyDelta,
  createViewStore,
  findInStore,
  gatherStore,
  rowCount,
  scanStore,
  snapshotStore,
  type ViewAt,
  type ViewStore,
} from '../../src/storage/view-store.ts'
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

function contents(store: ViewStore, at: ViewAt): Map<string, number> {
  const parts: Batch[] = []
  const columns = [...store.schema.keys()]
  for (let cursor = 0; cursor >= 0; ) {
    const slice = scanStore(store, columns, cursor, 4, at, testRegion())
    parts.push(slice.batch)
    cursor = slice.cursor
  }
  return zsetOf(parts)
}

const total = (zset: Map<string, number>): bigint => BigInt([...zset.values()].reduce((sum, weight) => sum + weight, 0))

const anyHistory = anyKinds().chain((kinds) =>
  fc.record({
    kinds: fc.constant(kinds),
    weak: fc.boolean(),
    epochs: fc.array(
      fc.record({
        rows: fc.array(fc.tuple(anyRow(kinds), fc.integer({ min: -2, max: 2 })), { maxLength: 12 }),
        commit: fc.boolean(),
        dict: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
  }),
)

test('bag: sums of weights; rows of weight 0 are gone; what was never there cannot be retracted', () => {
  fc.assert(
    fc.property(anyHistory, ({ kinds, weak, epochs }) => {
      const account = memoryAccount('test')
      const options = { schema: schemaOf(kinds), form: { kind: 'bag' } as const, account }
      const store = createViewStore(weak ? { ...options, hash: weakHash } : options)
      const reader = memoryAccount('reader')
      let sealed = new Map<string, number>()
      for (const { rows, commit, dict } of epochs) {
        const snapshot = snapshotStore(store, reader)
        const running = new Map(sealed)
        for (const [row, weight] of rows) addTo(running, rowText(row), weight)
        const whole = batchFrom(
          kinds,
          rows.map(([row]) => row),
          rows.map(([, weight]) => weight),
          dict,
        )
        const violation = applyDelta(store, consolidate(whole, testRegion()), testRegion())
        const fits = [...running.values()].every((weight) => weight > 0)
        expect(violation?.kind).toBe(fits ? undefined : 'missing')
        expect(contents(store, 'before')).toEqual(sealed)
        if (fits) {
          expect(contents(store, 'after')).toEqual(running)
          expect(rowCount(store, 'after')).toBe(total(running))
        }
        if (fits && commit) {
          store.seal()
          expect(contents(store, snapshot)).toEqual(sealed)
          sealed = running
        } else store.abort()
        expect(contents(store, 'after')).toEqual(sealed)
        expect(rowCount(store, 'before')).toBe(total(sealed))
        snapshot[Symbol.dispose]()
      }
      expect(store.bytes).toBe(account.bytes)
      store[Symbol.dispose]()
      expect(account.bytes + reader.bytes).toBe(0)
    }),
    { numRuns: 100 },
  )
})

test('keyed: one row per key; a taken key, a wrong old row and a weight beyond ±1 are named by their row', () => {
  fc.assert(
    fc.property(anyHistory, fc.boolean(), ({ kinds, weak, epochs }, last) => {
      const key = last ? [kinds.length - 1] : [0]
      const keyText = (row: Row): string => rowText([row[key[0]!]!])
      const options = { schema: schemaOf(kinds), form: { kind: 'keyed', key } as const, account: memoryAccount('test') }
      const store = createViewStore(weak ? { ...options, hash: weakHash } : options)
      let sealed = new Map<string, Row>()
      for (const { rows, commit, dict } of epochs) {
        // An upsert of each row: −old +new, unless nothing changes.
        const running = new Map(sealed)
        for (const [row, weight] of rows)
          if (weight < 0) running.delete(keyText(row))
          else running.set(keyText(row), row)
        const delta = [
          ...[...sealed.values()].map((row) => ({ row, weight: -1 })),
          ...[...running.values()].map((row) => ({ row, weight: 1 })),
        ]
        const batch = batchFrom(
          kinds,
          delta.map(({ row }) => row),
          delta.map(({ weight }) => weight),
          dict,
        )
        expect(applyDelta(store, consolidate(batch, testRegion()), testRegion())).toBeUndefined()
        const texts = (rowsByKey: Map<string, Row>) => new Map([...rowsByKey.values()].map((row) => [rowText(row), 1]))
        expect(contents(store, 'before')).toEqual(texts(sealed))
        expect(contents(store, 'after')).toEqual(texts(running))
        expect(rowCount(store, 'before')).toBe(BigInt(sealed.size))
        expect(rowCount(store, 'after')).toBe(BigInt(running.size))
        if (commit) {
          store.seal()
          sealed = running
        } else store.abort()
        for (const [row] of rows) checkKeyed(store, kinds, key[0]!, row, sealed.get(keyText(row)))
        store.abort()
      }
    }),
    { numRuns: 100 },
  )
})

/** A look-up finds `stored`; inserting a second row of the key, or retracting another row, is refused. */
function checkKeyed(
  store: ViewStore,
  kinds: readonly PhysicalKind[],
  key: number,
  row: Row,
  stored: Row | undefined,
): void {
  const handles = new Int32Array(1)
  findInStore(store, columnsFrom([kinds[key]!], [[row[key]!]]), 1, 'before', handles, testRegion())
  const visible = stored !== undefined && row[key] !== null // NULL = NULL is not true
  expect(handles[0]! >= 0).toBe(visible)
  const found = gatherStore(store, [...kinds.keys()], handles, 1, 'before', testRegion())
  expect(rowsOf(found.columns, 1)).toEqual([visible ? stored : kinds.map(() => null)])
  expect(found.weights?.[0] ?? 1).toBe(visible ? 1 : 0)
  const twice = applyDelta(store, batchFrom(kinds, [row, row]), testRegion())
  expect(twice).toEqual({ kind: 'duplicate', row: stored === undefined ? 1 : 0 })
  store.abort()
  const retracted = applyDelta(store, batchFrom(kinds, [row], [-1]), testRegion())
  const same = stored !== undefined && rowText(stored) === rowText(row)
  expect(retracted).toEqual(same ? undefined : { kind: 'missing', row: 0 })
  store.abort()
  expect(applyDelta(store, batchFrom(kinds, [row], [2]), testRegion())).toEqual({ kind: 'weight', row: 0 })
  store.abort()
}

test('log: rows stay in order; an aborted epoch leaves none; a retraction is refused', () => {
  const account = memoryAccount('test')
  const store = createViewStore({ schema: schemaOf(['i32', 'bytes']), form: { kind: 'log' }, account })
  const apply = (rows: readonly Row[], weights?: number[]) =>
    applyDelta(store, batchFrom(['i32', 'bytes'], rows, weights), testRegion())
  const order = (at: ViewAt) => {
    const { batch } = scanStore(store, [0], 0, 1000, at, testRegion())
    return rowsOf(batch.columns, batch.length).map(([value]) => value)
  }
  expect(
    apply([
      [1, 'a'],
      [2, null],
    ]),
  ).toBeUndefined()
  store.seal()
  const snapshot = snapshotStore(store, memoryAccount('reader'))
  expect(apply(Array.from({ length: 100 }, (_, i) => [i, 'x'.repeat(i)]))).toBeUndefined()
  expect(order('before')).toEqual([1, 2])
  store.abort()
  expect(
    apply(
      [
        [7, 'b'],
        [8, 'c'],
      ],
      [1, 3],
    ),
  ).toBeUndefined()
  expect(apply([[9, 'd']])).toBeUndefined()
  expect(order('after')).toEqual([1, 2, 7, 8, 9])
  expect(rowCount(store, 'after')).toBe(7n)
  expect(contents(store, 'after').get(rowText([8, 'c']))).toBe(3)
  store.seal()
  expect(order(snapshot)).toEqual([1, 2])
  expect(apply([[7, 'b']], [-1])).toEqual({ kind: 'missing', row: 0 })
  store.abort()
  store[Symbol.dispose]()
  snapshot[Symbol.dispose]()
  expect(account.bytes).toBe(0)
})

test('bag: weights beyond Int32 are read as several entries', () => {
  const store = createViewStore({ schema: schemaOf(['i32']), form: { kind: 'bag' }, account: memoryAccount('test') })
  const rows: Row[] = [[5], [5], [6]]
  applyDelta(store, batchFrom(['i32'], rows, [WEIGHT_MAX, WEIGHT_MAX, 1]), testRegion())
  store.seal()
  expect(rowCount(store, 'before')).toBe(2n * BigInt(WEIGHT_MAX) + 1n)
  const { batch } = scanStore(store, [0], 0, 10, 'before', testRegion())
  expect(rowsOf(batch.columns, batch.length)).toEqual(rows)
  expect([...batch.weights!]).toEqual([WEIGHT_MAX, WEIGHT_MAX, 1])
})

test('a keyed store without key columns holds at most one row', () => {
  const store = createViewStore({
    schema: schemaOf(['i32']),
    form: { kind: 'keyed', key: [] },
    account: memoryAccount('test'),
  })
  expect(applyDelta(store, batchFrom(['i32'], [[1]]), testRegion())).toBeUndefined()
  store.seal()
  expect(applyDelta(store, batchFrom(['i32'], [[1], [2]], [-1, 1]), testRegion())).toBeUndefined()
  store.seal()
  expect(applyDelta(store, batchFrom(['i32'], [[3]]), testRegion())).toEqual({ kind: 'duplicate', row: 0 })
})
