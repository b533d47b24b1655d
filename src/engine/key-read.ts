// Rows of a stored relation by values of its key, or of the columns of an arrangement, without a scan (engine.md §3,
// point plans).

import type { Batch } from '../core/batch.ts'
import { batchFromRows } from '../core/convert.ts'
import type { RelationId } from '../core/ids.ts'
import { gather } from '../core/primitives/gather.ts'
import type { Region } from '../core/region.ts'
import type { ColumnDef } from '../core/schema.ts'
import { defaultPhysical } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { ImportWish } from '../executor/imports.ts'
import type { ArrangementSnapshot } from '../storage/arrangement.ts'
import { type ArrangementReader, findKeys, gatherMatches, probeRows, readerOf } from '../storage/arrangement-reader.ts'
import { matches, startProbe } from '../storage/row-lists.ts'
import { findInStore, gatherStore, type ViewAt, type ViewStore } from '../storage/view-store.ts'
import type { LiveGraph } from './live-graph.ts'
import type { LiveRelation, LiveTable, LiveView } from './live-relation.ts'
import { rowKeys } from './row-keys.ts'
import { isStoredBy, lookInto, lookIntoStore, type SharedArrangement, shapeOf } from './shared-arrangements.ts'

/** Values in the order of the store's key; undefined: of no row. */
export type KeyValues = readonly SqlValue[] | undefined

/** How rows of a relation are found: by values of these columns of it. */
export interface LookUp {
  readonly relation: RelationId
  readonly key: readonly number[]
}

/** The key of a relation's store, all of it among `given`; undefined where there is no such look-up. */
export function storeKey(relation: LiveRelation | undefined, given: readonly number[]): readonly number[] | undefined {
  if (relation === undefined || relation.kind === 'source') return undefined
  const { form } = relation.store
  if (form.kind !== 'keyed' || form.key.length === 0) return undefined
  return form.key.every((column) => given.includes(column) && isPlain(relation.schema[column]!)) ? form.key : undefined
}

/** The arrangement of the relation by most of the columns `given` that holds the columns `read`. */
export function arrangedBy(
  graph: LiveGraph,
  relation: LiveTable | LiveView,
  given: readonly number[],
  read: readonly number[],
  isReadable: (shared: SharedArrangement) => boolean = () => true,
): SharedArrangement | undefined {
  let best: SharedArrangement | undefined
  for (const shared of graph.arrangements.of(relation.id)) {
    const { keys } = shared.shape
    const usable =
      keys.length > 0 &&
      isReadable(shared) &&
      keys.every((column) => given.includes(column) && isPlain(relation.schema[column]!)) &&
      read.every((column) => shared.columns.includes(column))
    if (usable && keys.length > (best?.shape.keys.length ?? 0)) best = shared
  }
  return best
}

/** Looks rows up in the relation's store where it is keyed so, or in an arrangement by just these keys. */
export function readerBy(
  graph: LiveGraph,
  relation: LiveTable | LiveView,
  wish: ImportWish,
): ArrangementReader | undefined {
  const reader = readerOf(undefined)
  if (isStoredBy(relation, wish)) lookIntoStore(reader, relation, wish)
  else {
    const shared = graph.arrangements.find(shapeOf(wish), wish.columns)
    if (shared === undefined) return undefined
    lookInto(reader, wish, shared)
  }
  return reader
}

/** Values of the column are found as a literal of its type has them. */
const isPlain = ({ physical, type }: ColumnDef): boolean => physical.kind === defaultPhysical(type).kind

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

/** The rows with these values of the arrangement's keys, these columns of them: sealed ones or of a snapshot. */
export function findArranged(
  { arrangement, shape, columns: held }: SharedArrangement,
  values: KeyValues,
  columns: readonly number[],
  region: Region,
  at: 'before' | ArrangementSnapshot = 'before',
): readonly Batch[] {
  if (values === undefined) return []
  const reader = readerOf(arrangement)
  reader.at = { before: at, after: at }
  const keys = batchFromRows(
    arrangement.keys.map((key) => arrangement.schema[key]!),
    [values],
    region,
  )
  const slots = new Int32Array(1)
  findKeys(reader, keys.columns, 1, slots, { nullsMatch: shape.storeNullKeys, moment: 'before', region })
  const places = columns.map((column) => held.indexOf(column))
  const batches: Batch[] = []
  const cursor = startProbe()
  for (let done = false; !done; ) {
    const found = matches(FOUND_ROWS, region)
    done = probeRows(reader, slots, 1, undefined, 'before', cursor, found)
    if (found.length === 0) continue
    const rows = gatherMatches(reader, places, found, slots, 'before', region)
    batches.push({ length: found.length, weights: found.weights.subarray(0, found.length), columns: rows })
  }
  return batches
}

const FOUND_ROWS = 1024

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
