// Changes to tables: constraints, then the delta into the store and the collecting epoch (consistency §4).
//
// Runs inside a turn of the pump, so that nothing else changes in between: a change is checked against the contents
// with everything collected before it ("after"), and is applied whole or not at all. Constraints hold at the end of
// each transaction; the order of application is the serial order.

import { assert } from '../core/assert.ts'
import type { Batch, Column } from '../core/batch.ts'
import { valueAt } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import { canonicalKeys, rowComparator, sortRows } from '../core/primitives/compare.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import { gather, gatherColumns } from '../core/primitives/gather.ts'
import type { Region } from '../core/region.ts'
import type { TextSettings } from '../functions/text/settings.ts'
import { print } from '../functions/text/text.ts'
import { applyDelta, findInStore } from '../storage/view-store.ts'
import type { LiveTable, LiveUnique } from './live-relation.ts'
import { lateChange, type Watermark } from './watermark.ts'

/** A consolidated change that fits the table's contents. */
export interface CheckedChange {
  readonly table: LiveTable
  readonly delta: Batch
  /** Late rows, for the relation that keeps them. */
  readonly late?: CheckedChange | undefined
}

/** Whether there is anything to make an epoch of. */
export const isChange = ({ delta, late }: CheckedChange): boolean => delta.length > 0 || (late?.delta.length ?? 0) > 0

/** Checks a transaction's whole change of a table. Throws 23505, 22000 for late rows; changes nothing. */
export function checkChange(table: LiveTable, changes: Batch, region: Region, text: TextSettings): CheckedChange {
  if (changes.length === 0) return { table, delta: changes }
  const { delta, late } = judge(table, consolidate(changes, region), region, text)
  for (const unique of table.uniques) {
    const columns = unique.columns
    const inserted = keyedRows(delta, unique, (weight) => weight > 0)
    const retracted = keyedRows(delta, unique, (weight) => weight < 0)
    const taken = new Int32Array(inserted.length)
    const added = keyColumns(delta, inserted, columns, region)
    findInStore(unique.store, added, inserted.length, 'after', taken, region)
    const freed = new Int32Array(retracted.length)
    findInStore(unique.store, keyColumns(delta, retracted, columns, region), retracted.length, 'after', freed, region)
    const free = new Set(freed)
    const clash = taken.findIndex((row) => row >= 0 && !free.has(row))
    if (clash >= 0) throw duplicateKey(table, unique.name, delta, inserted[clash]!, columns, text)
    const copies = inserted.findIndex((row) => (delta.weights?.[row] ?? 1) > 1)
    const twice = copies >= 0 ? copies : repeatedKey(added, inserted.length)
    if (twice >= 0) throw duplicateKey(table, unique.name, delta, inserted[twice]!, columns, text)
  }
  return { table, delta, late }
}

/** Adds a checked change to the collecting epoch. Throws 53200; what it did until then must be taken back. */
export function applyChange(change: CheckedChange, region: Region): void {
  if (change.late !== undefined) applyChange(change.late, region)
  const { table, delta } = change
  if (delta.length === 0) return
  applyAgain(change, region)
  table.delta.push(delta)
  table.watermark?.advance(delta)
  if (table.watermark !== undefined) table.frontiers.set(table.watermark.frontiers)
}

/** Applies a change that the table's delta holds already. */
export function applyAgain({ table, delta }: CheckedChange, region: Region): void {
  for (const unique of table.uniques) {
    if (unique.store === table.store) continue
    const violation = applyDelta(unique.store, uniqueValues(delta, unique, region), region)
    assert(violation === undefined, `unique keys of "${table.object.name}" do not fit: ${violation?.kind}`)
  }
  const violation = applyDelta(table.store, delta, region)
  if (violation !== undefined)
    throw new Error(`a checked change of "${table.object.name}" does not fit: ${violation.kind}`)
}

/** What a change of the table is to the store of a unique key: its values, where they count. */
export function uniqueValues(delta: Batch, unique: Unique, region: Region): Batch {
  const rows = keyedRows(delta, unique, () => true)
  const values = { ...delta, columns: unique.columns.map((column) => delta.columns[column]!) }
  return consolidate(gather(values, rows, rows.length, region), region)
}

type Unique = Pick<LiveUnique, 'columns' | 'nullsNotDistinct'>

/** Rows of a wanted sign of whose key UNIQUE says something: not those with NULL in it, unless NULLs are alike. */
function keyedRows(
  batch: Batch,
  { columns, nullsNotDistinct }: Unique,
  wanted: (weight: number) => boolean,
): Int32Array {
  const counts = (i: number): boolean =>
    nullsNotDistinct === true || columns.every((column) => !batch.columns[column]!.nulls?.[i])
  const rows: number[] = []
  for (let i = 0; i < batch.length; i++) if (wanted(batch.weights?.[i] ?? 1) && counts(i)) rows.push(i)
  return Int32Array.from(rows)
}

const keyColumns = (batch: Batch, rows: Int32Array, columns: readonly number[], region: Region): Column[] =>
  gatherColumns(
    columns.map((column) => batch.columns[column]!),
    rows,
    rows.length,
    region,
  )

/** The place of a key that occurs twice among rows, or −1. */
function repeatedKey(columns: readonly Column[], length: number): number {
  if (length < 2) return -1
  const whole = Int32Array.from({ length }, (_, i) => i)
  const keys = canonicalKeys(columns.length)
  sortRows(columns, keys, whole, whole.length)
  const compare = rowComparator(columns, columns, keys)
  for (let i = 1; i < whole.length; i++) if (compare(whole[i - 1]!, whole[i]!) === 0) return whole[i]!
  return -1
}

/** 23505 in PostgreSQL's words, with the key's values. */
function duplicateKey(
  table: LiveTable,
  constraint: string,
  batch: Batch,
  row: number,
  columns: readonly number[],
  text: TextSettings,
): SqlError {
  const names = columns.map((column) => table.schema[column]!.name).join(', ')
  const values = columns.map((column) => shownValue(table, batch, row, column, text))
  return new SqlError({
    code: '23505',
    message: `duplicate key value violates unique constraint "${constraint}"`,
    detail: `Key (${names})=(${values.join(', ')}) already exists.`,
    schema: table.object.schema,
    table: table.object.name,
    constraint,
  })
}

function shownValue(table: LiveTable, batch: Batch, row: number, column: number, text: TextSettings): string {
  const def = table.schema[column]!
  const value = valueAt(def, batch.columns[column]!, row)
  return value === null ? 'null' : print(def.type, value, text)
}

/** "Failing row contains (1, null)." */
export function rowDetail(table: LiveTable, batch: Batch, row: number, text: TextSettings): string {
  const values = table.schema.map((_, column) => shownValue(table, batch, row, column, text))
  return `Failing row contains (${values.join(', ')}).`
}

/** 23502 in PostgreSQL's words. */
export function notNullViolation(table: LiveTable, column: number, detail: string): SqlError {
  const { schema, name } = table.object
  const columnName = table.object.columns[column]!.name
  return new SqlError({
    code: '23502',
    message: `null value in column "${columnName}" of relation "${name}" violates not-null constraint`,
    detail,
    schema,
    table: name,
    column: columnName,
  })
}

/**
 * What of a change is on time, and what becomes of the rest (windows spec §4). A transaction is judged as a whole,
 * against the frontier before it. A late DELETE or UPDATE cannot be left out without the table differing from what its
 * writer believes, so it is always an error unless late rows are accepted.
 */
function judge(table: LiveTable, delta: Batch, region: Region, text: TextSettings): Omit<CheckedChange, 'table'> {
  const { watermark } = table
  if (watermark === undefined || watermark.definition.late === 'apply') return { delta }
  const late = watermark.late(delta)
  const [first] = late
  if (first === undefined) return { delta }
  const retracted = late.find((row) => (delta.weights?.[row] ?? 1) < 0)
  if (watermark.definition.late === 'error' || retracted !== undefined)
    throw lateRow(table, watermark, delta, retracted ?? first, text)
  const isLate = new Set(late)
  const accepted = Int32Array.from({ length: delta.length }, (_, i) => i).filter((row) => !isLate.has(row))
  return {
    delta: gather(delta, accepted, accepted.length, region),
    late: keptRows(table, watermark, gather(delta, Int32Array.from(late), late.length, region), region),
  }
}

function keptRows(table: LiveTable, watermark: Watermark, rows: Batch, region: Region): CheckedChange | undefined {
  const keeper = table.lateTable()
  return keeper && { table: keeper, delta: watermark.kept(rows, keeper.schema, region) }
}

function lateRow(table: LiveTable, watermark: Watermark, delta: Batch, row: number, text: TextSettings): SqlError {
  const def = table.schema[watermark.column]!
  const time = shownValue(table, delta, row, watermark.column, text)
  return lateChange(table.object.name, def.name, time, print(def.type, watermark.closingValue, text))
}
