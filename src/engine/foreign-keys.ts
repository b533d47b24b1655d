// FOREIGN KEY: what a change of one table demands of the others (PostgreSQL, chapter "Constraints").
//
//   statement   its rows → ON DELETE / ON UPDATE actions, to their end → changes of several tables → check
//   COMMIT      all the transaction's changes → check against what the collecting epoch holds
//
// Keys are compared as SQL compares them, whatever width of integer they are. A referenced key is looked up where it is
// the primary key and few are asked for; referring rows are found by a scan, as in PostgreSQL without an index.

import type { Batch } from '../core/batch.ts'
import { ByteWriter } from '../core/byte-writer.ts'
import { valueAt } from '../core/convert.ts'
import { encode, equalityLength } from '../core/encoding/encoding.ts'
import { SqlError } from '../core/error.ts'
import type { Region } from '../core/region.ts'
import type { ColumnDef, Schema } from '../core/schema.ts'
import { type SqlType, sameType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { TextSettings } from '../functions/text/settings.ts'
import { print } from '../functions/text/text.ts'
import type { ForeignKey } from '../storage/catalog.ts'
import type { LiveGraph } from './live-graph.ts'
import type { LiveTable } from './live-relation.ts'
import type { Reads } from './reads.ts'
import { anyNull } from './row-keys.ts'

/** Per table what is changed beyond what `reads` shows. */
export type Changes = Map<LiveTable, Batch[]>

export interface ForeignKeyReads {
  readonly graph: LiveGraph
  readonly reads: Reads
  readonly region: Region
  readonly text: TextSettings
}

export interface Referring {
  readonly table: LiveTable
  readonly key: ForeignKey
}

/** Foreign keys of any table that refer to this one. */
export function referringTo(graph: LiveGraph, table: LiveTable): readonly Referring[] {
  const found: Referring[] = []
  for (const other of graph.relations)
    if (other.kind === 'table')
      for (const key of other.object.foreignKeys) if (key.references === table.id) found.push({ table: other, key })
  return found
}

const integers = new Set(['int2', 'int4', 'int8'])
const int8: SqlType = { kind: 'int8' }

/** Whether values of both types can be compared by `keyTexts`. */
export function comparableKeys(a: SqlType, b: SqlType): boolean {
  if (integers.has(a.kind)) return integers.has(b.kind)
  const isText = ({ kind }: SqlType): boolean => kind === 'text' || kind === 'varchar'
  return (isText(a) && isText(b)) || sameType(a, b)
}

/** Makes texts of the chosen columns of rows: the same for keys that are equal. */
export function keyTexts(schema: Schema, columns: readonly number[]): (batch: Batch, row: number) => string {
  const writer = new ByteWriter(64)
  return (batch, row) =>
    columns
      .map((column) => {
        const def = schema[column]!
        const value = valueAt(def, batch.columns[column]!, row)
        if (value === null) return 'n'
        writer.clear()
        const isInteger = integers.has(def.type.kind)
        const type = isInteger ? int8 : def.type
        encode(type, isInteger ? BigInt(value as number | bigint) : value, writer)
        const length = equalityLength(type, writer.bytes, 0, writer.length)
        return `v${Buffer.from(writer.bytes.buffer, 0, length).toString('base64')}`
      })
      .join()
}

interface Wanted {
  readonly batch: Batch
  readonly row: number
}

/** Throws 23503 where the changes leave a reference without its row. `deferred`: keys INITIALLY DEFERRED as well. */
export function checkForeignKeys(changes: Changes, place: ForeignKeyReads, deferred: boolean): void {
  for (const [table, batches] of changes) {
    for (const key of table.object.foreignKeys)
      if (deferred || !key.deferred) checkReferences(table, key, batches, changes, place)
    for (const { table: child, key } of referringTo(place.graph, table))
      if (deferred || !key.deferred) checkReferred({ table, child, key }, batches, changes, place)
  }
}

/** Net weights by key, and a row for each. */
function netKeys(table: LiveTable, columns: readonly number[], batches: readonly Batch[]) {
  const keyOf = keyTexts(table.schema, columns)
  const net = new Map<string, { weight: number } & Wanted>()
  for (const batch of batches)
    for (let row = 0; row < batch.length; row++) {
      if (anyNull(batch, columns, row)) continue
      const key = keyOf(batch, row)
      const known = net.get(key)
      const weight = batch.weights?.[row] ?? 1
      if (known === undefined) net.set(key, { weight, batch, row })
      else known.weight += weight
    }
  return net
}

function checkReferences(
  table: LiveTable,
  key: ForeignKey,
  batches: readonly Batch[],
  changes: Changes,
  place: ForeignKeyReads,
): void {
  const parent = place.graph.get(key.references)
  if (parent?.kind !== 'table') return
  if (key.match === 'full') refuseMixed(table, key, batches)
  const wanted = new Map<string, Wanted>()
  for (const [text, { weight, batch, row }] of netKeys(table, key.columns, batches))
    if (weight > 0) wanted.set(text, { batch, row })
  const found = countKeys(parent, key.referenced, wanted, { from: table, columns: key.columns }, changes, place)
  for (const [text, { batch, row }] of wanted)
    if ((found.get(text) ?? 0) <= 0) throw notPresent(table, parent, key, batch, row, place.text)
}

interface Reference extends Referring {
  readonly child: LiveTable
}

function checkReferred(
  { table, child, key }: Reference,
  batches: readonly Batch[],
  changes: Changes,
  place: ForeignKeyReads,
): void {
  const gone = new Map<string, Wanted>()
  for (const [text, { weight, batch, row }] of netKeys(table, key.referenced, batches))
    if (weight < 0) gone.set(text, { batch, row })
  if (gone.size === 0) return
  const left = countKeys(table, key.referenced, gone, { from: table, columns: key.referenced }, changes, place)
  for (const [text, count] of left) if (count > 0) gone.delete(text)
  const referring = countKeys(child, key.columns, gone, { from: table, columns: key.referenced }, changes, place)
  for (const [text, { batch, row }] of gone)
    if ((referring.get(text) ?? 0) > 0) throw stillReferenced(table, child, key, batch, row, place.text)
}

const LOOK_UPS_MAX = 256

/** How many rows have each wanted key; `of` says where the wanted rows are from. */
function countKeys(
  table: LiveTable,
  columns: readonly number[],
  wanted: ReadonlyMap<string, Wanted>,
  of: { readonly from: LiveTable; readonly columns: readonly number[] },
  changes: Changes,
  { reads, region }: ForeignKeyReads,
): Map<string, number> {
  const counts = new Map<string, number>()
  if (wanted.size === 0) return counts
  const keyOf = keyTexts(table.schema, columns)
  const all = [...table.schema.keys()]
  const count = (batch: Batch): void => {
    for (let row = 0; row < batch.length; row++) {
      if (anyNull(batch, columns, row)) continue
      const text = keyOf(batch, row)
      if (wanted.has(text)) counts.set(text, (counts.get(text) ?? 0) + (batch.weights?.[row] ?? 1))
    }
  }
  const key = reads.key(table.id, columns, all)
  const isKey = key?.length === columns.length && key.every((column) => columns.includes(column))
  if (isKey && wanted.size <= LOOK_UPS_MAX)
    for (const { batch, row } of wanted.values()) {
      const values = key.map((column) => {
        const source = of.columns[columns.indexOf(column)]!
        return asType(valueAt(of.from.schema[source]!, batch.columns[source]!, row), table.schema[column]!)
      })
      for (const found of reads.find({ relation: table.id, key }, values, all, region)) count(found)
    }
  else for (const batch of reads.scan(table.id, all, region)) count(batch)
  for (const batch of changes.get(table) ?? []) count(batch)
  return counts
}

function asType(value: SqlValue, { type }: ColumnDef): SqlValue {
  if (typeof value === 'bigint' && (type.kind === 'int4' || type.kind === 'int2')) return Number(value)
  return typeof value === 'number' && type.kind === 'int8' ? BigInt(value) : value
}

function refuseMixed(table: LiveTable, key: ForeignKey, batches: readonly Batch[]): void {
  for (const batch of batches)
    for (let row = 0; row < batch.length; row++) {
      if ((batch.weights?.[row] ?? 1) <= 0 || !anyNull(batch, key.columns, row)) continue
      if (key.columns.every((column) => batch.columns[column]!.nulls?.[row] === 1)) continue
      throw violation(table, key, {
        message: `insert or update on table "${table.object.name}" violates foreign key constraint "${key.name}"`,
        detail: 'MATCH FULL does not allow mixing of null and nonnull key values.',
      })
    }
}

const violation = (
  table: LiveTable,
  key: ForeignKey,
  texts: { readonly message: string; readonly detail: string },
): SqlError =>
  new SqlError({
    code: '23503',
    ...texts,
    schema: table.object.schema,
    table: table.object.name,
    constraint: key.name,
  })

function shownKey(table: LiveTable, columns: readonly number[], batch: Batch, row: number, text: TextSettings): string {
  const names = columns.map((column) => table.schema[column]!.name)
  const values = columns.map((column) => {
    const def = table.schema[column]!
    const value = valueAt(def, batch.columns[column]!, row)
    return value === null ? 'null' : print(def.type, value, text)
  })
  return `Key (${names.join(', ')})=(${values.join(', ')})`
}

const notPresent = (
  table: LiveTable,
  parent: LiveTable,
  key: ForeignKey,
  batch: Batch,
  row: number,
  text: TextSettings,
): SqlError =>
  violation(table, key, {
    message: `insert or update on table "${table.object.name}" violates foreign key constraint "${key.name}"`,
    detail: `${shownKey(table, key.columns, batch, row, text)} is not present in table "${parent.object.name}".`,
  })

export const stillReferenced = (
  table: LiveTable,
  child: LiveTable,
  key: ForeignKey,
  batch: Batch,
  row: number,
  text: TextSettings,
): SqlError =>
  violation(child, key, {
    message:
      `update or delete on table "${table.object.name}" violates foreign key constraint "${key.name}" ` +
      `on table "${child.object.name}"`,
    detail:
      `${shownKey(table, key.referenced, batch, row, text)} ` +
      `is still referenced from table "${child.object.name}".`,
  })
