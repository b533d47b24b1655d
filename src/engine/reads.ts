// What a statement reads: one consistent set of contents for all the relations it names (consistency C2).
//
//   sealed        the newest sealed epoch; one slice, no copy                     autocommit SELECT
//   collected     tables with what the collecting epoch holds                     autocommit DML, inside a turn
//   transaction   snapshots of one epoch, plus the transaction's own changes      BEGIN … COMMIT
//
// A view that depends on a table which the transaction changed is its query run over snapshot and changes (engine §8).

import { assert } from '../core/assert.ts'
import type { Batch } from '../core/batch.ts'
import { batchFromRows } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import { concat } from '../core/primitives/concat.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import type { Region } from '../core/region.ts'
import type { ImportWish } from '../executor/imports.ts'
import type { ArrangementSnapshot } from '../storage/arrangement.ts'
import type { ArrangementReader } from '../storage/arrangement-reader.ts'
import type { Moment } from '../storage/key-table.ts'
import { rowCount, scanStore, type ViewAt, type ViewStore } from '../storage/view-store.ts'
import {
  arrangedBy,
  findArranged,
  findByKey,
  type KeyValues,
  type LookUp,
  onlyKey,
  readerBy,
  storeKey,
} from './key-read.ts'
import type { LiveGraph } from './live-graph.ts'
import type { LiveTable, LiveView } from './live-relation.ts'
import { checkRelation, diverting } from './readable.ts'
import type { SharedArrangement } from './shared-arrangements.ts'
import { project } from './sparse-batch.ts'
import type { SystemFacts, SystemRelation } from './system/relation.ts'

export interface Reads {
  /** Whether its contents stay as they are while the reader gives way to others. */
  readonly lasting: boolean
  /**
   * The relation's rows, only these columns of it, with weights > 0. Throws where its contents are an error. A batch
   * may be forgotten, and its memory used again, before the next one is asked for.
   */
  scan(relation: RelationId, columns: readonly number[], region: Region): Iterable<Batch>
  /** Columns among `given` by whose values `find` finds rows with the columns `read`; undefined: it does not. */
  key(relation: RelationId, given: readonly number[], read: readonly number[]): readonly number[] | undefined
  /** The rows with these values of the key; undefined: values that no row has. */
  find(by: LookUp, values: KeyValues, columns: readonly number[], region: Region): readonly Batch[]
  /** Looks into the relation's rows where they lie by just these keys; undefined: nowhere, or not as they are read. */
  by(wish: ImportWish): ArrangementReader | undefined
  /** A guess at the number of rows, to choose between one slice and many. */
  size(relation: RelationId): number
}

export interface ReadBase {
  readonly graph: LiveGraph
  readonly system: ReadonlyMap<RelationId, SystemRelation>
  readonly facts: () => SystemFacts
}

const SCAN_ROWS = 4096

export function* scanBatches(
  store: ViewStore,
  columns: readonly number[],
  at: ViewAt,
  region: Region,
): Generator<Batch> {
  let cursor = 0
  while (cursor >= 0) {
    const slice = scanStore(store, columns, cursor, SCAN_ROWS, at, region)
    if (slice.batch.length > 0) yield slice.batch
    cursor = slice.cursor
  }
}

function scanStored(base: ReadBase, id: RelationId, columns: readonly number[], at: Moment, region: Region) {
  const relation = base.graph.get(id)
  if (relation === undefined) return scanSystem(base, id, columns, region)
  if (relation.kind === 'source') throw sourceHere(relation.object.name)
  checkRelation(base.graph, relation)
  return scanBatches(relation.store, columns, relation.kind === 'view' ? 'before' : at, region)
}

function findStored(
  base: ReadBase,
  { relation: id, key }: LookUp,
  values: KeyValues,
  columns: readonly number[],
  at: Moment,
  region: Region,
): readonly Batch[] {
  const relation = storedRelation(base, id)
  checkRelation(base.graph, relation)
  if (storeKey(relation, key) !== undefined)
    return findByKey(relation.store, values, columns, relation.kind === 'view' ? 'before' : at, region)
  const shared = arrangedBy(base.graph, relation, key, columns)
  assert(shared !== undefined, 'rows are found by a key that was asked for')
  return findArranged(shared, values, columns, region)
}

/** The store's key, or columns of an arrangement; that holds nothing of the collecting epoch. */
function storedKey(
  base: ReadBase,
  id: RelationId,
  { given, read, at }: { given: readonly number[]; read: readonly number[]; at: Moment },
): readonly number[] | undefined {
  const relation = base.graph.get(id)
  const key = storeKey(relation, given)
  if (key !== undefined || relation === undefined || relation.kind === 'source') return key
  if (at === 'after' && relation.kind === 'table' && relation.delta.length > 0) return undefined
  return arrangedBy(base.graph, relation, given, read)?.shape.keys
}

function storedRelation(base: ReadBase, id: RelationId): LiveTable | LiveView {
  const relation = base.graph.get(id)
  assert(relation !== undefined && relation.kind !== 'source', 'rows are found in what is stored')
  return relation
}

function scanSystem(base: ReadBase, id: RelationId, columns: readonly number[], region: Region): readonly Batch[] {
  const relation = base.system.get(id)
  if (relation === undefined) throw new SqlError({ code: '42P01', message: `relation with OID ${id} does not exist` })
  const rows = [...relation.rows(base.facts())]
  const batch = batchFromRows(relation.columns, rows, region)
  return [project(batch, columns)]
}

function storedSize(base: ReadBase, id: RelationId): number {
  const relation = base.graph.get(id)
  return relation === undefined || relation.kind === 'source' ? 0 : Number(rowCount(relation.store, 'before'))
}

function sealedBy(base: ReadBase, wish: ImportWish): ArrangementReader | undefined {
  const relation = base.graph.get(wish.relation)
  if (relation === undefined || relation.kind === 'source') return undefined
  checkRelation(base.graph, relation)
  const reader = readerBy(base.graph, relation, wish)
  if (reader !== undefined) reader.at = { before: 'before', after: 'before' }
  return reader
}

/** The newest sealed epoch. Valid within one synchronous slice. */
export const sealedReads = (base: ReadBase): Reads => ({
  lasting: false,
  scan: (id, columns, region) => scanStored(base, id, columns, 'before', region),
  key: (id, given, read) => storedKey(base, id, { given, read, at: 'before' }),
  find: (by, values, columns, region) => findStored(base, by, values, columns, 'before', region),
  by: (wish) => sealedBy(base, wish),
  size: (id) => storedSize(base, id),
})

/** Inside a turn: tables with everything collected before. Views have only what is sealed. */
export const collectedReads = (base: ReadBase): Reads => ({
  lasting: true,
  scan: (id, columns, region) => scanStored(base, id, columns, 'after', region),
  key: (id, given, read) => storedKey(base, id, { given, read, at: 'after' }),
  find: (by, values, columns, region) => findStored(base, by, values, columns, 'after', region),
  by: () => undefined,
  size: (id) => storedSize(base, id),
})

/** Contents that a transaction holds: snapshots of one epoch, and its own changes per table. */
export interface Held {
  snapshot(id: RelationId): ViewAt | undefined
  arrangement(shared: SharedArrangement): ArrangementSnapshot | undefined
  changes(id: RelationId): readonly Batch[]
  /** Why the view could not be read at that epoch, if so. */
  unreadable(id: RelationId): SqlError | undefined
  readonly changed: boolean
  /** Runs a view's plan over these reads: its rows, and those of its `$errors`. */
  evaluate(view: LiveView, reads: Reads, region: Region): { readonly rows: readonly Batch[]; readonly errors: Batch }
}

/** Of a relation that the transaction has not changed. */
function heldBy(base: ReadBase, held: Held, wish: ImportWish): ArrangementReader | undefined {
  const relation = base.graph.get(wish.relation)
  const at = held.snapshot(wish.relation)
  if (relation === undefined || relation.kind === 'source' || at === undefined) return undefined
  const error = held.unreadable(wish.relation)
  if (error !== undefined) throw error
  const reader = readerBy(base.graph, relation, wish)
  const shared = [...base.graph.arrangements.of(wish.relation)].find((one) => one.arrangement === reader?.contents)
  const snapshot = shared === undefined ? at : held.arrangement(shared)
  if (reader === undefined || snapshot === undefined || typeof snapshot === 'string') return undefined
  reader.at = { before: snapshot, after: snapshot }
  return reader
}

export function transactionReads(base: ReadBase, held: Held): Reads {
  const dirty = (id: RelationId): boolean => {
    const relation = base.graph.get(id)
    const view = relation?.kind === 'view' ? relation : diverting(base.graph, relation)
    if (view === undefined) return held.changes(id).length > 0
    // What a view with EMIT shows is defined by time: a change that is not out yet is not in it.
    return view.object.emission === undefined && view.plan.dependencies.some(dirty)
  }
  const isHeld = (shared: SharedArrangement): boolean => held.arrangement(shared) !== undefined
  const reads: Reads = {
    lasting: true,
    size: (id) => storedSize(base, id),
    by: (wish) => (dirty(wish.relation) ? undefined : heldBy(base, held, wish)),
    key(id, given, read) {
      const relation = base.graph.get(id)
      const derived = relation?.kind === 'view' || diverting(base.graph, relation) !== undefined
      const unstored = held.snapshot(id) === undefined || (derived && dirty(id))
      if (unstored || relation === undefined || relation.kind === 'source') return undefined
      const key = storeKey(relation, given)
      if (key !== undefined || dirty(id)) return key
      return arrangedBy(base.graph, relation, given, read, isHeld)?.shape.keys
    },
    find({ relation: id, key }, values, columns, region) {
      const relation = storedRelation(base, id)
      const error = held.unreadable(id)
      if (error !== undefined) throw error
      if (storeKey(relation, key) === undefined) {
        const shared = arrangedBy(base.graph, relation, key, columns, isHeld)
        assert(shared !== undefined, 'rows are found by a key that was asked for')
        return findArranged(shared, values, columns, region, held.arrangement(shared))
      }
      const at = held.snapshot(id)!
      if (!dirty(id)) return findByKey(relation.store, values, columns, at, region)
      const found = findByKey(relation.store, values, [...relation.schema.keys()], at, region)
      const whole = consolidate(concat([...found, ...held.changes(id)], region), region)
      return [project(onlyKey(relation.store, whole, values, region), columns)]
    },
    scan(id, columns, region) {
      const relation = base.graph.get(id)
      if (relation === undefined) return scanSystem(base, id, columns, region)
      if (relation.kind === 'source') throw sourceHere(relation.object.name)
      const at = held.snapshot(id)
      if (relation.kind === 'view' && (dirty(id) || at === undefined))
        return rowsOf(held.evaluate(relation, reads, region).rows, columns, region)
      const view = diverting(base.graph, relation)
      if (view !== undefined && (dirty(id) || at === undefined))
        return [project(held.evaluate(view, reads, region).errors, columns)]
      const error = held.unreadable(id)
      if (error !== undefined) throw error
      if (relation.kind === 'table' && dirty(id)) return overlaid(relation, at, held.changes(id), columns, region)
      return at === undefined ? [] : scanBatches(relation.store, columns, at, region)
    },
  }
  return reads
}

/** What a plan emits may take rows back; what is read does not. */
function rowsOf(batches: readonly Batch[], columns: readonly number[], region: Region): readonly Batch[] {
  if (batches.length === 0) return []
  return [
    consolidate(
      concat(
        batches.map((batch) => project(batch, columns)),
        region,
      ),
      region,
    ),
  ]
}

function overlaid(
  table: LiveTable,
  at: ViewAt | undefined,
  changes: readonly Batch[],
  columns: readonly number[],
  region: Region,
): readonly Batch[] {
  const all = table.schema.map((_, i) => i)
  const stored = at === undefined ? [] : [...scanBatches(table.store, all, at, region)]
  const whole = consolidate(concat([...stored, ...changes], region), region)
  return [project(whole, columns)]
}

/** 0A000: a log is not stored. */
const sourceHere = (name: string): SqlError =>
  new SqlError({
    code: '0A000',
    message: `source "${name}" cannot be read here, because it is a log that is not stored`,
    hint: 'Create a materialized view over it, or a table WITH the same connector.',
  })
