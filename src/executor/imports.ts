// Arrangements that a dataflow reads and does not write: those of stored relations, shared by all views that look their
// rows up by the same columns (spec/engine.md §3, §4, §6). Who builds the dataflow says what may be imported.
//
//   scan ──► join port          the relation's delta, as of a scan that serves this port alone
//   reader ──► before, after    the relation's rows by key, written by the engine before the dataflow runs
//
// `bulk` is how a lane brings in the contents, which the reader has whole from its first round on:
//
//   nothing   never: the other input of the inner join meets them all
//   scan      as rows: the other input is imported as well, and pairs must come from one of the two
//   last      as rows, when everything else is in; until then the reader finds nothing: the preserved side

import type { RelationId } from '../core/ids.ts'
import type { PhysicalPlan, ScanNode } from '../planner/physical.ts'
import type { ArrangementReader } from '../storage/arrangement-reader.ts'

/** A join input that could be imported: rows are `columns` of the relation, looked up by `keys` among them. */
export interface ImportWish {
  readonly relation: RelationId
  /** Columns of the relation, in the order of the reader's columns. */
  readonly columns: readonly number[]
  /** Columns of the relation, in the order of the reader's keys. */
  readonly keys: readonly number[]
  /** Whether rows with NULL in a key are looked up. */
  readonly storeNullKeys: boolean
}

/** The reader to use; undefined: that relation's rows are not shared. */
export type Importer = (wish: ImportWish) => ArrangementReader | undefined

export interface ImportedInput {
  /** Serves this input alone. */
  readonly scan: ScanNode
  /** Several where rows are looked up by several keys. */
  readonly readers: ArrangementReader[]
  bulk: 'nothing' | 'scan' | 'last'
}

/** The relation's columns that a plan's rows are, where it is a scan with nothing but column references above. */
export function plainScan(
  plan: PhysicalPlan,
): { readonly scan: ScanNode; readonly columns: readonly number[] } | undefined {
  if (plan.kind === 'scan') return { scan: plan, columns: plan.columns }
  if (plan.kind !== 'map' || plan.predicate !== undefined) return undefined
  const below = plainScan(plan.input)
  if (below === undefined) return undefined
  const columns: number[] = []
  for (const expr of plan.columns) {
    if (expr.kind !== 'column') return undefined
    columns.push(below.columns[expr.index]!)
  }
  return { scan: below.scan, columns }
}
