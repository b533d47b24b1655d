// ON DELETE and ON UPDATE: from the rows that a statement took away or replaced to changes of the rows that refer to
// them, and on from those, until nothing more follows.

import type { Batch } from '../core/batch.ts'
import { columnFromValues, valueAt } from '../core/convert.ts'
import { concat } from '../core/primitives/concat.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import { gather, gatherColumns } from '../core/primitives/gather.ts'
import { negate, weightsOf } from '../core/primitives/weights.ts'
import type { SqlValue } from '../core/value.ts'
import {
  type Changes,
  type ForeignKeyReads,
  keyTexts,
  type Referring,
  referringTo,
  stillReferenced,
} from './foreign-keys.ts'
import type { LiveTable } from './live-relation.ts'
import { anyNull } from './row-keys.ts'

/** Rows of a table that are gone, or are replaced by the row at the same place of `fresh`. */
export interface Replaced {
  readonly table: LiveTable
  readonly old: Batch
  readonly fresh: Batch | undefined
}

export interface ActionParts extends ForeignKeyReads {
  /** The values that SET DEFAULT gives. */
  readonly defaults: (table: LiveTable, column: number) => SqlValue
  /** NOT NULL and CHECK of rows that an action has changed. */
  readonly checkRows: (table: LiveTable, rows: Batch) => void
}

/** Adds to `changes`, which hold the statement's own change, what its actions do. Throws 23503 for RESTRICT. */
export function followReferences(replaced: readonly Replaced[], changes: Changes, parts: ActionParts): void {
  const queue = [...replaced]
  for (let one = queue.shift(); one !== undefined; one = queue.shift())
    for (const referring of referringTo(parts.graph, one.table)) {
      const next = act(one, referring, changes, parts)
      if (next !== undefined) queue.push(next)
    }
}

function act(
  { table, old, fresh }: Replaced,
  { table: child, key }: Referring,
  changes: Changes,
  parts: ActionParts,
): Replaced | undefined {
  const action = fresh === undefined ? key.onDelete : key.onUpdate
  if (action === 'no action') return undefined
  const keyOf = keyTexts(table.schema, key.referenced)
  const affected = new Map<string, number>()
  for (let row = 0; row < old.length; row++)
    if (!anyNull(old, key.referenced, row) && (fresh === undefined || keyOf(fresh, row) !== keyOf(old, row)))
      affected.set(keyOf(old, row), row)
  const found = referringRows(child, key.columns, affected, changes, parts)
  if (found.rows.length === 0) return undefined
  const { rows, origins } = found
  if (action === 'restrict') throw stillReferenced(table, child, key, old, origins[0]!, parts.text)
  const added = changes.get(child) ?? []
  changes.set(child, added)
  added.push(negate(rows, parts.region))
  if (action === 'cascade' && fresh === undefined) return { table: child, old: rows, fresh: undefined }
  const columns = [...rows.columns]
  key.columns.forEach((column, i) => {
    const source = key.referenced[i]!
    columns[column] =
      action === 'cascade'
        ? converted(fresh!, table, source, child, column, Int32Array.from(origins), parts)
        : constantColumn(
            child,
            column,
            action === 'set null' ? null : parts.defaults(child, column),
            rows.length,
            parts,
          )
  })
  const replaced = { ...rows, columns, weights: weightsOf(rows, parts.region) }
  parts.checkRows(child, replaced)
  added.push(replaced)
  return { table: child, old: rows, fresh: replaced }
}

/** Rows of the child with one of the keys, changes counted in, each with the row that it refers to. */
function referringRows(
  child: LiveTable,
  columns: readonly number[],
  affected: ReadonlyMap<string, number>,
  changes: Changes,
  { reads, region }: ActionParts,
): { readonly rows: Batch; readonly origins: readonly number[] } {
  const all = [...child.schema.keys()]
  const batches = affected.size === 0 ? [] : [...reads.scan(child.id, all, region), ...(changes.get(child) ?? [])]
  if (batches.length === 0) return { rows: { length: 0, weights: undefined, columns: [] }, origins: [] }
  const keyOf = keyTexts(child.schema, columns)
  const chosen = batches.map((batch) => {
    const rows: number[] = []
    for (let row = 0; row < batch.length; row++)
      if (!anyNull(batch, columns, row) && affected.has(keyOf(batch, row))) rows.push(row)
    return gather(batch, Int32Array.from(rows), rows.length, region)
  })
  const rows = consolidate(concat(chosen, region), region)
  const origins = Array.from({ length: rows.length }, (_, row) => affected.get(keyOf(rows, row))!)
  return { rows, origins }
}

function converted(
  fresh: Batch,
  parent: LiveTable,
  source: number,
  child: LiveTable,
  column: number,
  origins: Int32Array,
  { region }: ActionParts,
) {
  const [from, to] = [parent.schema[source]!, child.schema[column]!]
  const [values] = gatherColumns([fresh.columns[source]!], origins, origins.length, region)
  if (from.physical.kind === to.physical.kind) return values!
  const rows = { length: origins.length, weights: undefined, columns: [values!] }
  return columnFromValues(
    to,
    Array.from({ length: rows.length }, (_, row) => asWidth(valueAt(from, values!, row), to.type.kind)),
    region,
  )
}

const asWidth = (value: SqlValue, kind: string): SqlValue =>
  value === null ? null : kind === 'int8' ? BigInt(value as number) : Number(value)

const constantColumn = (child: LiveTable, column: number, value: SqlValue, length: number, { region }: ActionParts) =>
  columnFromValues(
    child.schema[column]!,
    Array.from({ length }, () => value),
    region,
  )
