// `<view>$errors`: the rows that a view WITH (on_error = 'divert') leaves out, each with what its expression said and
// how often it is there.
//
// It stands in the catalog as a table that belongs to the view. Nobody writes to it but the view's dataflow, epoch by
// epoch and round by round of a lane; it is not journalled, because a rebuild of the view brings it again.

import { assert } from '../core/assert.ts'
import type { Batch } from '../core/batch.ts'
import { batchFromRows, columnFromValues, valueAt } from '../core/convert.ts'
import type { RelationId } from '../core/ids.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import { gatherColumns } from '../core/primitives/gather.ts'
import { weightTooLarge } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import type { DivertedRow } from '../executor/diverted-rows.ts'
import { json } from '../functions/json/node.ts'
import { parseJson } from '../functions/text/json.ts'
import type { TableObject } from '../storage/catalog.ts'
import { findInStore, gatherStore } from '../storage/view-store.ts'
import { columnsSchema } from './catalog-lookup.ts'
import type { LiveTable } from './live-relation.ts'
import { applyAgain } from './table-writer.ts'

const columns: TableObject['columns'] = [
  { name: 'row', type: { kind: 'jsonb' }, notNull: true },
  { name: 'code', type: { kind: 'text' }, notNull: true },
  { name: 'message', type: { kind: 'text' }, notNull: true },
  { name: 'weight', type: { kind: 'int8' }, notNull: true },
]
const schema = columnsSchema(columns)
const KEY = [0, 1, 2]
const WEIGHT = 3

export const errorsName = (view: string): string => `${view}$errors`

export const errorsTable = (
  id: RelationId,
  view: { readonly id: RelationId; readonly schema: string; readonly name: string },
): TableObject => ({
  kind: 'table',
  id,
  schema: view.schema,
  name: errorsName(view.name),
  columns,
  uniques: [{ name: `${errorsName(view.name)}_pkey`, columns: KEY, primary: true }],
  checks: [],
  foreignKeys: [],
  appendOnly: false,
  errorsOf: view.id,
})

/** Rows of the relation where it was empty before. */
export const divertedRows = (diverted: readonly DivertedRow[], region: Region): Batch =>
  batchFromRows(
    schema,
    diverted.map((one) => [...keyOf(one), one.weight]),
    region,
  )

/** −old +new of the rows whose weights change, into the relation and its delta. */
export function applyDiverted(table: LiveTable, diverted: readonly DivertedRow[], region: Region): void {
  if (diverted.length === 0) return
  const weights = Int32Array.from(diverted, ({ weight }) => {
    if (BigInt.asIntN(32, weight) !== weight) throw weightTooLarge()
    return Number(weight)
  })
  const changes = consolidate(
    batchFromRows(
      KEY.map((column) => schema[column]!),
      diverted.map(keyOf),
      region,
      weights,
    ),
    region,
  )
  if (changes.length === 0) return
  const delta = difference(table, changes, region)
  applyAgain({ table, delta }, region)
  table.delta.push(delta)
}

const keyOf = ({ row, code, message }: DivertedRow) => [json(parseJson(row)), code, message]

function difference(table: LiveTable, changes: Batch, region: Region): Batch {
  const { length } = changes
  const slots = region.i32(length)
  findInStore(table.store, changes.columns, length, 'after', slots, region)
  const stored = gatherStore(table.store, [WEIGHT], slots, length, 'after', region)
  const rows: number[] = []
  const signs: number[] = []
  const sums: bigint[] = []
  const put = (row: number, sum: bigint, sign: 1 | -1): void => {
    if (sum === 0n) return
    rows.push(row)
    sums.push(sum)
    signs.push(sign)
  }
  for (let i = 0; i < length; i++) {
    const old = slots[i]! < 0 ? 0n : (valueAt(schema[WEIGHT]!, stored.columns[0]!, i) as bigint)
    const sum = old + BigInt(changes.weights?.[i] ?? 1)
    assert(sum >= 0n, `a row was taken out of "${table.object.name}" that was not there`)
    put(i, old, -1)
    put(i, sum, 1)
  }
  const keys = gatherColumns(changes.columns, Int32Array.from(rows), rows.length, region)
  const added = region.i32(signs.length)
  added.set(signs)
  return {
    length: rows.length,
    weights: added,
    columns: [...keys, columnFromValues(schema[WEIGHT]!, sums, region)],
  }
}
