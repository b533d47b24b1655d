// The batch primitives against the same thing said with plain values.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canonicalKeys,
  rowComparator,
  type SortKey,
  sortRows,
  totalOrder,
} from '../../../src/core/primitives/compare.ts'
import { concat, nullColumn } from '../../../src/core/primitives/concat.ts'
import { consolidate } from '../../../src/core/primitives/consolidate.ts'
import { equalRows } from '../../../src/core/primitives/equal.ts'
import { gather, gatherColumns, gatherOrNull, selectedRows, slice } from '../../../src/core/primitives/gather.ts'
import { hashRows } from '../../../src/core/primitives/hash.ts'
import { multiplyWeights, negate, totalWeight, WEIGHT_MAX } from '../../../src/core/primitives/weights.ts'
import {
  anyKinds,
  anyRows,
  batchFrom,
  columnsFrom,
  type Row,
  rowAt,
  rowsOf,
  rowText,
  testRegion,
  type Value,
  weakHash,
  zsetOf,
} from '../../support/columns.ts'

const anyTable = anyKinds().chain((kinds) => fc.tuple(fc.constant(kinds), anyRows(kinds), fc.boolean()))

test('equal rows hash equally in every layout, with and without NULLs elsewhere in the batch', () => {
  fc.assert(
    fc.property(anyTable, ([kinds, rows]) => {
      const whole = new Int32Array(rows.length)
      hashRows(columnsFrom(kinds, rows), rows.length, whole)
      const dict = new Int32Array(rows.length)
      hashRows(columnsFrom(kinds, rows, true), rows.length, dict)
      expect(dict).toEqual(whole)
      for (const [i, row] of rows.entries()) {
        const alone = new Int32Array(1)
        hashRows(columnsFrom(kinds, [row]), 1, alone)
        expect(alone[0]).toBe(whole[i])
      }
    }),
  )
})

test('sequential keys fill every bit of the hash', () => {
  const n = 4096
  const out = new Int32Array(n)
  for (const kind of ['i32', 'i64', 'f64'] as const) {
    const rows = Array.from({ length: n }, (_, i) => [kind === 'i64' ? BigInt(i) : i])
    hashRows(columnsFrom([kind], rows), n, out)
    for (const shift of [0, 8, 20]) {
      const seen = new Set(Array.from(out, (hash) => (hash >>> shift) & 4095))
      expect(seen.size).toBeGreaterThan(n * 0.55) // 4,096 balls in 4,096 boxes fill 63 %
    }
  }
})

test('equalRows is equality by identity', () => {
  fc.assert(
    fc.property(anyTable, fc.boolean(), ([kinds, rows, dict], otherDict) => {
      const n = rows.length
      const left = columnsFrom(kinds, rows, dict)
      const right = columnsFrom(kinds, rows, otherDict)
      const out = new Uint8Array(n)
      for (let shift = 0; shift < n; shift++) {
        const chosen = Int32Array.from({ length: n }, (_, i) => (i + shift) % n)
        equalRows({ columns: left }, { columns: right, rows: chosen }, n, out)
        for (let i = 0; i < n; i++) expect(out[i] === 1).toBe(rowText(rows[i]!) === rowText(rows[(i + shift) % n]!))
      }
      equalRows({ columns: left }, { columns: right }, n, out)
      expect(out.every((flag) => flag === 1)).toBe(true)
    }),
  )
})

const encoder = new TextEncoder()
function compareValues(a: Value, b: Value, key: SortKey): number {
  const sign = key.descending ? -1 : 1
  if (a === null || b === null) return a === b ? 0 : (a === null) === key.nullsFirst ? -1 : 1
  if (typeof a === 'string') return sign * Buffer.compare(encoder.encode(a), encoder.encode(b as string))
  if (Number.isNaN(a) || Number.isNaN(b)) return sign * (Number(Number.isNaN(a)) - Number(Number.isNaN(b)))
  return a === b ? 0 : a < (b as number | bigint) ? -sign : sign
}
const compareRows = (a: Row, b: Row, keys: readonly SortKey[]): number => {
  for (const key of keys) {
    const order = compareValues(a[key.column]!, b[key.column]!, key)
    if (order !== 0) return order
  }
  return 0
}

test('rowComparator and sortRows follow the keys, and sorting is stable', () => {
  const anyOrder = (count: number) =>
    fc.array(fc.record({ column: fc.nat(count - 1), descending: fc.boolean(), nullsFirst: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
    })
  fc.assert(
    fc.property(
      anyTable.chain((table) => fc.tuple(fc.constant(table), anyOrder(table[0].length), fc.boolean())),
      ([[kinds, rows, dict], keys, whole]) => {
        const order = whole ? totalOrder(keys, kinds.length) : keys
        const columns = columnsFrom(kinds, rows, dict)
        const compare = rowComparator(columns, columnsFrom(kinds, rows), order)
        for (const [i, a] of rows.entries())
          for (const [j, b] of rows.entries()) expect(Math.sign(compare(i, j))).toBe(compareRows(a, b, order))
        const sorted = Int32Array.from(rows.keys())
        sortRows(columns, order, sorted, rows.length)
        const expected = [...rows.keys()].sort((i, j) => compareRows(rows[i]!, rows[j]!, order) || i - j)
        expect([...sorted]).toEqual(expected)
      },
    ),
  )
})

test('sortRows sorts more rows than one run, with runs of every remainder', () => {
  for (const n of [7, 8, 9, 63, 64, 65, 1000]) {
    const rows = Array.from({ length: n }, (_, i) => [(i * 7919) % 101])
    const columns = columnsFrom(['i32'], rows)
    const sorted = Int32Array.from(rows.keys())
    sortRows(columns, canonicalKeys(1), sorted, n)
    expect([...sorted]).toEqual([...rows.keys()].sort((i, j) => rows[i]![0]! - rows[j]![0]! || i - j))
  }
})

test('gather copies rows, −1 gives NULL, slice shares memory', () => {
  fc.assert(
    fc.property(anyTable, fc.array(fc.nat()), ([kinds, rows, dict], picks) => {
      fc.pre(rows.length > 0)
      const region = testRegion()
      const columns = columnsFrom(kinds, rows, dict)
      const chosen = Int32Array.from(picks, (pick) => pick % rows.length)
      const copied = gatherColumns(columns, chosen, chosen.length, region)
      expect(rowsOf(copied, chosen.length)).toEqual([...chosen].map((row) => rows[row]))
      const holed = chosen.map((row, i) => (i % 2 === 0 ? -1 : row))
      expect(rowsOf(gatherOrNull(columns, holed, holed.length, region), holed.length)).toEqual(
        [...holed].map((row) => (row < 0 ? kinds.map(() => null) : rows[row])),
      )
      const batch = { length: rows.length, weights: Int32Array.from(rows.keys()), columns }
      const picked = gather(batch, chosen, chosen.length, region)
      expect(picked.weights).toEqual(chosen)
      const middle = slice(batch, 1, rows.length)
      expect(rowsOf(middle.columns, middle.length)).toEqual(rows.slice(1))
      expect(middle.weights?.[0]).toBe(rows.length > 1 ? 1 : undefined)
    }),
  )
})

test('selectedRows lists the flagged rows', () => {
  const out = new Int32Array(5)
  expect(selectedRows(Uint8Array.of(0, 1, 1, 0, 1), 5, out)).toBe(3)
  expect([...out.subarray(0, 3)]).toEqual([1, 2, 4])
})

test('concat lays batches end to end, whatever their layouts, masks and weights', () => {
  fc.assert(
    fc.property(
      anyKinds().chain((kinds) =>
        fc.tuple(
          fc.constant(kinds),
          fc.array(fc.tuple(anyRows(kinds, 6), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 4 }),
        ),
      ),
      ([kinds, parts]) => {
        const batches = parts.map(([rows, dict, weighted]) =>
          batchFrom(kinds, rows, weighted ? rows.map((_, i) => i - 2) : undefined, dict),
        )
        const whole = concat(batches, testRegion())
        expect(rowsOf(whole.columns, whole.length)).toEqual(parts.flatMap(([rows]) => rows))
        expect(zsetOf([whole])).toEqual(zsetOf(batches))
      },
    ),
  )
})

test('concat keeps a shared dictionary and a shared arena', () => {
  const dict = batchFrom(['bytes'], [['a'], ['b']], undefined, true)
  expect(concat([dict, slice(dict, 1, 2)], testRegion()).columns[0]?.kind).toBe('dict')
  const plain = batchFrom(['bytes'], [['a'], ['b']])
  const both = concat([plain, slice(plain, 1, 2)], testRegion()).columns[0]!
  expect(both.kind === 'bytes' && plain.columns[0]?.kind === 'bytes' && both.arena === plain.columns[0].arena).toBe(
    true,
  )
  expect(rowsOf([both], 3)).toEqual([['a'], ['b'], ['b']])
})

test('nullColumn is NULL in every kind', () => {
  for (const kind of ['i32', 'i64', 'i128', 'f64', 'bytes'] as const)
    expect(rowsOf([nullColumn(kind, 3, testRegion())], 3)).toEqual([[null], [null], [null]])
})

test('consolidate: each row once, weights added, zeros gone, in order of first occurrence, whatever the hashes', () => {
  fc.assert(
    fc.property(
      anyTable.chain(([kinds, rows, dict]) =>
        fc.tuple(
          fc.constant([kinds, rows, dict] as const),
          fc.array(fc.integer({ min: -2, max: 2 }), { minLength: rows.length, maxLength: rows.length }),
          fc.boolean(),
        ),
      ),
      ([[kinds, rows, dict], weights, weak]) => {
        const batch = batchFrom(kinds, rows, weights, dict)
        const made = consolidate(batch, testRegion(), weak ? weakHash : undefined)
        const expected = zsetOf([batch])
        expect(zsetOf([made])).toEqual(expected)
        expect(made.length).toBe(expected.size)
        const firsts = [...new Set(rows.map(rowText))].filter((text) => expected.has(text))
        expect(rowsOf(made.columns, made.length).map(rowText)).toEqual(firsts)
        expect(consolidate(made, testRegion())).toBe(made)
      },
    ),
  )
})

test('sums of weights beyond Int32 become several entries', () => {
  const batch = batchFrom(['i32'], [[1], [2], [1]], [WEIGHT_MAX, 0, WEIGHT_MAX])
  const made = consolidate(batch, testRegion())
  expect([...made.weights!]).toEqual([WEIGHT_MAX, WEIGHT_MAX])
  expect(rowAt(made.columns, 1)).toEqual([1])
  const product = multiplyWeights(
    batchFrom(['i32'], [[1], [2], [3]], [-WEIGHT_MAX, 5, 1]),
    Int32Array.of(3, 0, 1),
    testRegion(),
  )
  expect([...product.weights!]).toEqual([-WEIGHT_MAX, -WEIGHT_MAX, -WEIGHT_MAX, 1])
  expect(totalWeight(product)).toBe(-3n * BigInt(WEIGHT_MAX) + 1n)
  expect(() => multiplyWeights(batch, new Int32Array(3).fill(WEIGHT_MAX), testRegion())).toThrow('too many times')
})

test('a dropped row and a split row do not cancel out unseen', () => {
  const batch = batchFrom(['i32'], [[1], [2], [3], [1]], [WEIGHT_MAX, 0, 1, WEIGHT_MAX])
  expect(zsetOf([consolidate(batch, testRegion())])).toEqual(zsetOf([batch]))
})

test('negate', () => {
  expect([...negate(batchFrom(['i32'], [[1], [2]]), testRegion()).weights!]).toEqual([-1, -1])
  expect([...negate(batchFrom(['i32'], [[1], [2]], [3, -4]), testRegion()).weights!]).toEqual([-3, 4])
})
