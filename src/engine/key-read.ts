// A row of a stored relation by its key, without a scan (engine.md §3, point plans).

import type { Batch } from '../core/batch.ts'
import { batchFromRows } from '../core/convert.ts'
import { gather } from '../core/primitives/gather.ts'
import type { Region } from '../core/region.ts'
import { defaultPhysical } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import { findInStore, gatherStore, type ViewAt, type ViewStore } from '../storage/view-store.ts'
import type { LiveRelation } from './live-relation.ts'
import { rowKeys } from './row-keys.ts'

/** Values in the order of the store's key; undefined: of no row. */
export type KeyValues = readonly SqlValue[] | undefined

/** The columns by whose values a row is found; undefined where there is no such look-up. */
export function lookupKey(relation: LiveRelation | undefined): readonly number[] | undefined {
  if (relation === undefined || relation.kind === 'source') return undefined
  const { form, schema } = relation.store
  if (form.kind !== 'keyed' || form.key.length === 0) return undefined
  const plain = form.key.every((column) => {
    const { physical, type } = schema[column]!
    return physical.kind === defaultPhysical(type).kind
  })
  return plain ? form.key : undefined
}

/** The row with these values of the key, these columns of it; no batch where there is none. */
export function findByKey(
  store: ViewStore,
  values: KeyValues,
  columns: readonly number[],
  at: ViewAt,
  region: Region,
): readonly Batch[] {
  if (store.form.kind !== 'keyed' || values === undefined) return []
  const keys = store.form.key.map((column) => store.schema[column]!)
  const rows = new Int32Array(1)
  findInStore(store, batchFromRows(keys, [values], region).columns, 1, at, rows, region)
  return rows[0]! < 0 ? [] : [gatherStore(store, columns, rows, 1, at, region)]
}

/** Of consolidated rows and changes, whole rows, those with these values of the key. */
export function onlyKey(store: ViewStore, batch: Batch, values: KeyValues, region: Region): Batch {
  const key = store.form.kind === 'keyed' && values !== undefined ? store.form.key : []
  const defs = key.map((column) => store.schema[column]!)
  const wanted = rowKeys(defs, [...defs.keys()])(batchFromRows(defs, [values ?? []], region), 0)
  const keyOf = rowKeys(store.schema, key)
  const rows = Int32Array.from({ length: batch.length }, (_, row) => row).filter(
    (row) => key.length > 0 && keyOf(batch, row) === wanted,
  )
  return gather(batch, rows, rows.length, region)
}
