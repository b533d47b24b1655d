// What sealed epochs wrote, for as long as an older transaction is open: write-write conflicts on one key, and for
// SERIALIZABLE whatever was read, fail with 40001 (engine §8, consistency §4).
//
// State: per epoch and table the canonical bytes of the keys it changed (the whole row where a table has no key).
// Entries older than every open transaction are forgotten; with none open nothing is kept.

import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { Epoch, RelationId } from '../core/ids.ts'
import type { LiveGraph } from './live-graph.ts'
import type { LiveTable } from './live-relation.ts'
import { rowKeys } from './row-keys.ts'

/** The part of a transaction that matters here. */
interface Open {
  readonly epoch: Epoch | undefined
}

export class WriteLog {
  readonly #graph: LiveGraph
  readonly #open = new Set<Open>()
  readonly #writes: { readonly epoch: Epoch; readonly relation: RelationId; readonly keys: ReadonlySet<string> }[] = []
  /** Epoch of the last change of each relation, views included, since the oldest open transaction. */
  readonly #changed = new Map<RelationId, Epoch>()

  constructor(graph: LiveGraph) {
    this.#graph = graph
  }

  opened(transaction: Open): void {
    this.#open.add(transaction)
  }

  closed(transaction: Open): void {
    this.#open.delete(transaction)
    const oldest = Math.min(...[...this.#open].map((open) => open.epoch ?? Number.POSITIVE_INFINITY))
    while (this.#writes.length > 0 && this.#writes[0]!.epoch <= oldest) this.#writes.shift()
    if (this.#open.size === 0) this.#changed.clear()
  }

  /** The epoch's deltas still stand in the graph. */
  sealed(epoch: Epoch): void {
    if (this.#open.size === 0) return
    for (const relation of this.#graph.relations) {
      if (relation.delta.length === 0) continue
      this.#changed.set(relation.id, epoch)
      if (relation.kind !== 'table') continue
      const keys = new Set<string>()
      for (const batch of relation.delta) addKeys(relation, batch, keys)
      this.#writes.push({ epoch, relation: relation.id, keys })
    }
  }

  /** 40001 where a key that is to be changed was changed after the snapshot. */
  checkWrites(since: Epoch, changes: ReadonlyMap<RelationId, readonly Batch[]>): void {
    for (const [id, batches] of changes) {
      const table = this.#graph.get(id)
      const later = this.#writes.filter((write) => write.relation === id && write.epoch > since)
      if (table?.kind !== 'table' || (later.length === 0 && table.delta.length === 0)) continue
      const keys = new Set<string>()
      for (const batch of batches) addKeys(table, batch, keys, true)
      // What the collecting epoch holds was committed after the snapshot, too.
      const collected = new Set<string>()
      for (const batch of table.delta) addKeys(table, batch, collected)
      for (const write of [...later, { keys: collected }])
        for (const key of keys) if (write.keys.has(key)) throw concurrentUpdate()
    }
  }

  checkReads(since: Epoch, read: Iterable<RelationId>): void {
    for (const id of read) if ((this.#changed.get(id) ?? 0) > since || this.#collected(id)) throw readWriteConflict()
  }

  /** Whether the collecting epoch may change it: a table with changes, a view over one. */
  #collected(id: RelationId): boolean {
    const relation = this.#graph.get(id)
    if (relation?.kind === 'view') return relation.plan.dependencies.some((input) => this.#collected(input))
    return relation?.kind === 'table' && relation.delta.length > 0
  }
}

/** `retractedOnly`: of a change that is being committed only the rows it takes away or replaces can conflict. */
function addKeys(table: LiveTable, batch: Batch, into: Set<string>, retractedOnly = false): void {
  const primary = table.object.uniques.find((unique) => unique.primary)
  const columns = primary?.columns ?? table.schema.map((_, i) => i)
  const keyOf = rowKeys(table.schema, columns)
  for (let row = 0; row < batch.length; row++)
    if (!retractedOnly || (batch.weights?.[row] ?? 1) < 0) into.add(keyOf(batch, row))
}

/** 40001 in PostgreSQL's words. */
const concurrentUpdate = (): SqlError =>
  new SqlError({
    code: '40001',
    message: 'could not serialize access due to concurrent update',
    hint: 'The transaction might succeed if retried.',
  })

/** 40001. */
const readWriteConflict = (): SqlError =>
  new SqlError({
    code: '40001',
    message: 'could not serialize access due to read/write dependencies among transactions',
    hint: 'The transaction might succeed if retried.',
  })
