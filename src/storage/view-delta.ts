// How a consolidated delta changes a bag or a keyed view store, and how one that does not fit is found out.

import { assert } from '../core/assert.ts'
import type { Batch, Column, I64Column } from '../core/batch.ts'
import { compiled } from '../core/codegen.ts'
import { outOfRange } from '../core/error.ts'
import { equalRows } from '../core/primitives/equal.ts'
import { gatherColumns } from '../core/primitives/gather.ts'
import { weightsOf } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import {
  find,
  findOrInsert,
  free,
  gatherFields,
  type KeyTable,
  keyCount,
  stateField,
  touch,
  writeState,
} from './key-table.ts'
import { recordCode } from './record-layout.ts'

/** Why a delta does not fit: row `row` of the batch. */
export interface StoreViolation {
  /** duplicate: its key is taken (keyed). missing: it retracts a row that is not there. weight: not ±1 (keyed). */
  readonly kind: 'duplicate' | 'missing' | 'weight'
  readonly row: number
}

type AddWeights = (
  slots: Int32Array,
  length: number,
  weights: Int32Array,
  words: readonly Int32Array[],
  longs: readonly BigInt64Array[],
  doubles: readonly Float64Array[],
) => number

export const applyToBag = (table: KeyTable, delta: Batch, region: Region): StoreViolation | undefined =>
  removeWeightless(table, addWeights(table, delta, region), delta.length, region, 'refused')

/** Adds the rows' weights to those of the table, whose one state they are; the slot of each row. */
export function addWeights(table: KeyTable, delta: Batch, region: Region): Int32Array {
  const { length } = delta
  const slots = region.i32(length)
  findOrInsert(table, delta.columns, length, slots)
  touch(table, slots, length)
  const weight = stateField(table, 0)
  const { words, longs, doubles } = table.store
  const add = compiled<AddWeights>(`add-weights ${table.layout.key} ${weight}`, () => {
    const code = recordCode(table.layout)
    return {
      parameters: ['slots', 'length', 'weights', 'words', 'longs', 'doubles'],
      body: `for (let i = 0; i < length; i++) {
  const id = slots[i]
  ${code.locate('id')}const w = BigInt(weights[i]), old = ${code.long(weight)}, sum = BigInt.asIntN(64, old + w)
  if ((w >= 0n) !== (sum >= old)) return i
  ${code.long(weight)} = sum
}
return -1`,
    }
  })
  if (add(slots, length, weightsOf(delta, region), words, longs, doubles) >= 0) throw outOfRange('weight')
  return slots
}

/** An int64 weight as a double; it is exact below 2^53. */
export const exactWeight = (column: Column, i: number): number => {
  const { words } = column as I64Column
  return words[2 * i + 1]! * 4294967296 + (words[2 * i]! >>> 0)
}

/** Rows whose weight came to 0 go; one below 0 is a violation where it is refused. */
export function removeWeightless(
  table: KeyTable,
  slots: Int32Array,
  length: number,
  region: Region,
  negative: 'refused' | 'kept',
): StoreViolation | undefined {
  const [weights] = gatherFields(table, [stateField(table, 0)], slots, length, 'after', region)
  const { words, nulls } = weights as I64Column
  assert(nulls === undefined, 'a weight is NULL')
  const gone = region.i32(length)
  let count = 0
  for (let i = 0; i < length; i++) {
    if (negative === 'refused' && words[2 * i + 1]! < 0) return { kind: 'missing', row: i }
    if (words[2 * i] === 0 && words[2 * i + 1] === 0) gone[count++] = slots[i]!
  }
  free(table, gone, count)
  return undefined
}

export function applyToKeyed(
  table: KeyTable,
  fields: readonly number[],
  delta: Batch,
  region: Region,
): StoreViolation | undefined {
  const weights = weightsOf(delta, region)
  const retracted = region.i32(delta.length)
  const inserted = region.i32(delta.length)
  let minus = 0
  let plus = 0
  for (let row = 0; row < delta.length; row++) {
    if (weights[row] === -1) retracted[minus++] = row
    else if (weights[row] === 1) inserted[plus++] = row
    else if (weights[row] !== 0) return { kind: 'weight', row }
  }
  return (
    removeKeyed(table, fields, delta, retracted.subarray(0, minus), region) ??
    insertKeyed(table, fields, delta, inserted.subarray(0, plus), region)
  )
}

/** The chosen rows' columns in the order of the records' fields. */
const inFieldOrder = (fields: readonly number[], delta: Batch, rows: Int32Array, region: Region): Column[] => {
  const ordered = new Array<Column>(delta.columns.length)
  for (const [column, field] of fields.entries()) ordered[field] = delta.columns[column]!
  return rows.length === delta.length ? ordered : gatherColumns(ordered, rows, rows.length, region)
}

function removeKeyed(
  table: KeyTable,
  fields: readonly number[],
  delta: Batch,
  rows: Int32Array,
  region: Region,
): StoreViolation | undefined {
  const { length } = rows
  if (length === 0) return undefined
  const columns = inFieldOrder(fields, delta, rows, region)
  const slots = region.i32(length)
  find(table, columns.slice(0, table.keys.length), length, slots, { nullsMatch: true })
  const others = table.states.map((_, k) => stateField(table, k))
  const stored = gatherFields(table, others, slots, length, 'after', region)
  const same = region.u8(length)
  equalRows({ columns: stored }, { columns: columns.slice(table.keys.length) }, length, same)
  for (let i = 0; i < length; i++) if (slots[i]! < 0 || same[i] === 0) return { kind: 'missing', row: rows[i]! }
  touch(table, slots, length)
  free(table, slots, length)
  return undefined
}

function insertKeyed(
  table: KeyTable,
  fields: readonly number[],
  delta: Batch,
  rows: Int32Array,
  region: Region,
): StoreViolation | undefined {
  const { length } = rows
  if (length === 0) return undefined
  const columns = inFieldOrder(fields, delta, rows, region)
  const keys = columns.slice(0, table.keys.length)
  const slots = region.i32(length)
  find(table, keys, length, slots, { nullsMatch: true })
  for (let i = 0; i < length; i++) if (slots[i]! >= 0) return { kind: 'duplicate', row: rows[i]! }
  const count = keyCount(table)
  findOrInsert(table, keys, length, slots)
  if (keyCount(table) - count !== length) {
    const seen = new Set<number>()
    for (let i = 0; i < length; i++) {
      if (seen.has(slots[i]!)) return { kind: 'duplicate', row: rows[i]! }
      seen.add(slots[i]!)
    }
  }
  touch(table, slots, length)
  for (let k = 0; k < table.states.length; k++) writeState(table, k, slots, length, columns[table.keys.length + k]!)
  return undefined
}
