// Warm primitives and state loops allocate less than two bytes a row (engine §1): BigInts stay in generated loops, and
// nothing is made per row. A control that makes a BigInt a row must be found out.

import { expect, test } from 'vitest'
import { batchOf } from '../../../src/core/batch.ts'
import { memoryAccount } from '../../../src/core/memory.ts'
import { consolidate } from '../../../src/core/primitives/consolidate.ts'
import { equalRows } from '../../../src/core/primitives/equal.ts'
import { gatherColumns } from '../../../src/core/primitives/gather.ts'
import { hashRows } from '../../../src/core/primitives/hash.ts'
import type { PhysicalKind } from '../../../src/core/type.ts'
import { createKeyTable, find, findOrInsert, gatherFields, touch } from '../../../src/storage/key-table.ts'
import { seal } from '../../../src/storage/key-table-epoch.ts'
import { applyDelta, createViewStore } from '../../../src/storage/view-store.ts'
import { allocationPerRow } from '../../support/allocation.ts'
import { columnsFrom, type Row, testRegion } from '../../support/columns.ts'

const ROWS = 1024
const kinds: readonly PhysicalKind[] = ['i64', 'i32', 'f64']
const rows: Row[] = Array.from({ length: ROWS }, (_, i) => [BigInt(i * 7919), i % 13, i === 5 ? null : i / 3])
const columns = columnsFrom(kinds, rows)

function expectLean(work: () => void, length = ROWS): void {
  const { median, maximum } = allocationPerRow(length, work)
  expect(median).toBeLessThan(2)
  expect(maximum).toBeLessThan(4) // the runtime's own odd objects fall into some window
}

test('control: a BigInt a row is seen', () => {
  const kept = new Array<bigint>(ROWS)
  const { median } = allocationPerRow(ROWS, () => {
    for (let i = 0; i < ROWS; i++) kept[i] = BigInt(i) + (1n << 40n)
  })
  expect(median).toBeGreaterThan(10)
})

test('hash, equal, gather, consolidate', () => {
  const region = testRegion()
  const hashes = new Int32Array(ROWS)
  expectLean(() => hashRows(columns, ROWS, hashes))
  const flags = new Uint8Array(ROWS)
  expectLean(() => equalRows({ columns }, { columns }, ROWS, flags))
  const backwards = Int32Array.from({ length: ROWS }, (_, i) => ROWS - 1 - i)
  expectLean(() => {
    gatherColumns(columns, backwards, ROWS, region)
    region.recycle()
  })
  const batch = batchOf(ROWS, columns, new Int32Array(ROWS).fill(2))
  expectLean(() => {
    consolidate(batch, region)
    region.recycle()
  })
})

test('key table: find, insert, touch, gather, seal', () => {
  const region = testRegion()
  const table = createKeyTable({
    keys: kinds.map((kind) => ({ kind, nullable: true })),
    states: [{ kind: 'i64', nullable: true }],
    account: memoryAccount('test'),
  })
  const slots = new Int32Array(ROWS)
  expectLean(() => {
    findOrInsert(table, columns, ROWS, slots)
    touch(table, slots, ROWS)
    seal(table)
  })
  expectLean(() => find(table, columns, ROWS, slots, { nullsMatch: true, at: 'before' }))
  touch(table, slots, ROWS)
  for (const at of ['before', 'after'] as const)
    expectLean(() => {
      gatherFields(table, [0, 2], slots, ROWS, at, region)
      region.recycle()
    })
})

test('bag: rows come and go', () => {
  const region = testRegion()
  const schema = kinds.map((kind) => ({
    name: 'c',
    type: { kind: 'int8' as const },
    physical: kind === 'i128' ? { kind, precision: 38, scale: 0 } : { kind },
    nullable: true,
  }))
  const store = createViewStore({ schema, form: { kind: 'bag' }, account: memoryAccount('test') })
  applyDelta(store, batchOf(1, columnsFrom(kinds, [[-1n, 0, null]])), region) // never empty
  store.seal()
  let sign = -1
  // Six primitives in one: four batches' worth of rows, so that what is made per call does not hide what is made per
  // row.
  const many = columnsFrom(
    kinds,
    Array.from({ length: 4 * ROWS }, (_, i) => [BigInt(i), i % 13, null]),
  )
  const weights = [1, -1].map((weight) => new Int32Array(4 * ROWS).fill(weight))
  expectLean(() => {
    sign = -sign
    applyDelta(store, batchOf(4 * ROWS, many, weights[sign === 1 ? 0 : 1]!), region)
    store.seal()
    region.recycle()
  }, 4 * ROWS)
})
