// Values to columns and back, for every type and every physical kind that it can have.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dictColumn } from '../../src/core/batch.ts'
import { batchFromRows, castPhysical, columnFromValues, rowsOfBatch, valueAt } from '../../src/core/convert.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { Region } from '../../src/core/region.ts'
import { type ColumnDef, columnDef } from '../../src/core/schema.ts'
import { numericPhysical, type Physical } from '../../src/core/type.ts'
import { typeName } from '../../src/core/type-name.ts'
import { type Numeric, numeric, type SqlValue } from '../../src/core/value.ts'
import { anyValue, bytesTypes } from './encoding/any-value.ts'

const region = () => new Region(memoryAccount('test'))

describe.each(bytesTypes.map((type) => [typeName(type), type] as const))('%s', (_name, type) => {
  test('rowsOfBatch(batchFromRows(rows)) = rows', () => {
    const schema = [columnDef('a', type), columnDef('b', type)]
    const value = fc.option(anyValue(type))
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 5 }), (rows) => {
        expect(rowsOfBatch(schema, batchFromRows(schema, rows, region()))).toEqual(rows)
      }),
      { numRuns: 50 },
    )
  })
})

const decimal = (physical: Physical): ColumnDef => ({ name: 'n', type: { kind: 'numeric' }, physical, nullable: true })
const narrow = decimal(numericPhysical(10, 2))
const wide = decimal(numericPhysical(30, 6))
const loose = decimal({ kind: 'bytes' })

test.each([
  [narrow, wide],
  [narrow, loose],
  [wide, narrow],
  [wide, loose],
  [loose, narrow],
  [loose, wide],
])('a numeric column keeps its values from $physical.kind to $physical.kind', (from, to) => {
  const values = [numeric(1250n, 2), null, numeric(-1n, 2), numeric(0n, 2)]
  const memory = region()
  const cast = castPhysical(from, to.physical, columnFromValues(from, values, memory), values.length, memory)
  const amounts = values.map((_, row) => valueAt(to, cast, row)).map((value) => amount(value as Numeric | null))
  expect(amounts).toEqual([12.5, undefined, -0.01, 0])
})

const amount = (value: Numeric | null) => (value === null ? undefined : Number(value.digits) / 10 ** value.scale)

test('what a narrower scale cannot show is rounded half away from zero', () => {
  const memory = region()
  const values = [numeric(12345n, 3), numeric(-12345n, 3), numeric(12344n, 3)]
  expect(values.map((_, row) => valueAt(narrow, columnFromValues(narrow, values, memory), row))).toEqual([
    numeric(1235n, 2),
    numeric(-1235n, 2),
    numeric(1234n, 2),
  ])
})

test('a value beyond the physical kind is out of range, NaN is refused by name', () => {
  expect(() => columnFromValues(narrow, [numeric(10n ** 20n)], region())).toThrow('numeric out of range')
  const nan: SqlValue = { kind: 'numeric', digits: 0n, scale: 0, special: 'NaN' }
  expect(() => columnFromValues(narrow, [nan], region())).toThrow('NaN in a numeric column')
})

test('a dictionary column becomes plain bytes where they lie', () => {
  const memory = region()
  const def = columnDef('t', { kind: 'text' })
  const words = columnFromValues(def, ['x', 'yy'], memory)
  if (words.kind !== 'bytes') throw new Error('text is bytes')
  const dictionary = { size: 2, ...words, hashes: new Int32Array(2) }
  const column = dictColumn(Int32Array.of(1, 0, 1), dictionary, Uint8Array.of(0, 0, 1))
  const plain = castPhysical(def, { kind: 'bytes' }, column, 3, memory)
  expect([0, 1, 2].map((row) => valueAt(def, plain, row))).toEqual(['yy', 'x', null])
  expect(plain.kind === 'bytes' && plain.arena === dictionary.arena).toBe(true)
})
