// A transaction on tables: changes kept aside until COMMIT, read over a snapshot (consistency §4, engine §8).
//
// State: per table the batches it changed, in a region of the transaction; snapshots of every stored relation, taken at
// its first statement, all of one epoch; savepoints as marks into the changes. Nothing of it is in the graph before
// `commit`, which runs inside a turn: conflicts (40001), constraints, then application, whole or not at all.

import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { Epoch, RelationId } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { copyOut } from '../core/primitives/concat.ts'
import { Region } from '../core/region.ts'
import { type ArrangementSnapshot, snapshotArrangement } from '../storage/arrangement.ts'
import { snapshotStore, type ViewSnapshot } from '../storage/view-store.ts'
import { type Changes, checkForeignKeys, type ForeignKeyReads } from './foreign-keys.ts'
import type { LiveGraph } from './live-graph.ts'
import { unreadable } from './readable.ts'
import type { SharedArrangement } from './shared-arrangements.ts'
import { applyChange, type CheckedChange, checkChange } from './table-writer.ts'
import type { WriteLog } from './write-log.ts'

export type Isolation = 'repeatable read' | 'serializable'

export interface TransactionOptions {
  isolation: Isolation
  readOnly: boolean
  /** BEGIN was said; otherwise it ends with the statement or with Sync. An implicit block becomes explicit by BEGIN. */
  explicit: boolean
}

interface Savepoint {
  readonly name: string
  readonly marks: ReadonlyMap<RelationId, number>
}

export class Transaction implements Disposable {
  readonly options: TransactionOptions
  readonly region: Region
  /** The epoch whose contents it reads; undefined before its first statement that reads or writes. */
  epoch: Epoch | undefined
  /** T of now() and its kin: the start of the transaction. */
  readonly time: bigint
  failed = false
  readonly #account: MemoryAccount
  readonly #changes = new Map<RelationId, Batch[]>()
  readonly #snapshots = new Map<RelationId, ViewSnapshot>()
  readonly #arrangements = new Map<SharedArrangement, ArrangementSnapshot>()
  readonly #unreadable = new Map<RelationId, SqlError>()
  readonly #read = new Set<RelationId>()
  #savepoints: Savepoint[] = []

  constructor(options: TransactionOptions, account: MemoryAccount, time: bigint) {
    this.options = options
    this.#account = account
    this.region = new Region(account)
    this.time = time
  }

  /** SET TRANSACTION: 25001 once something was read or written. */
  setModes(modes: { readonly isolation: string | undefined; readonly readOnly: boolean | undefined }): void {
    if (modes.isolation !== undefined && this.epoch !== undefined)
      throw new SqlError({ code: '25001', message: 'SET TRANSACTION ISOLATION LEVEL must be called before any query' })
    if (modes.isolation !== undefined)
      this.options.isolation = modes.isolation === 'serializable' ? 'serializable' : 'repeatable read'
    if (modes.readOnly !== undefined) this.options.readOnly = modes.readOnly
  }

  /** Inside a turn: takes the snapshots it will read. */
  begin(graph: LiveGraph, at: Epoch, log: WriteLog): void {
    if (this.epoch !== undefined) return
    this.epoch = at
    log.opened(this)
    for (const relation of graph.relations) {
      if (relation.kind === 'source') continue
      this.#snapshots.set(relation.id, snapshotStore(relation.store, this.#account))
      const error = unreadable(graph, relation)
      if (error !== undefined) this.#unreadable.set(relation.id, error)
    }
    for (const shared of graph.arrangements)
      this.#arrangements.set(shared, snapshotArrangement(shared.arrangement, this.#account))
  }

  /** The error that stood in a view when the snapshots were taken. */
  unreadable(id: RelationId): SqlError | undefined {
    return this.#unreadable.get(id)
  }

  snapshot(id: RelationId): ViewSnapshot | undefined {
    return this.#snapshots.get(id)
  }

  /** Undefined where it was made later. */
  arrangement(shared: SharedArrangement): ArrangementSnapshot | undefined {
    return this.#arrangements.get(shared)
  }

  /** Only `serializable` validates what was read. */
  noteRead(ids: readonly RelationId[]): void {
    for (const id of ids) this.#read.add(id)
  }

  changes(id: RelationId): readonly Batch[] {
    return this.#changes.get(id) ?? []
  }

  /** What it has changed until now, whatever follows. */
  changesNow(): ReadonlyMap<RelationId, readonly Batch[]> {
    return new Map([...this.#changes].map(([id, batches]) => [id, [...batches]]))
  }

  get changed(): boolean {
    return this.#changes.size > 0
  }

  /** `batch` must live as long as the transaction (its own region). */
  add(id: RelationId, batch: Batch): void {
    if (this.options.readOnly) throw readOnlyTransaction()
    if (batch.length === 0) return
    const changes = this.#changes.get(id)
    if (changes === undefined) this.#changes.set(id, [batch])
    else changes.push(batch)
  }

  savepoint(name: string): void {
    this.#savepoints.push({ name, marks: new Map([...this.#changes].map(([id, batches]) => [id, batches.length])) })
  }

  /** Undoes what came after it; the savepoint stays. */
  rollbackTo(name: string): void {
    const index = this.#find(name)
    const { marks } = this.#savepoints[index]!
    this.#savepoints = this.#savepoints.slice(0, index + 1)
    for (const [id, batches] of this.#changes) {
      batches.length = marks.get(id) ?? 0
      if (batches.length === 0) this.#changes.delete(id)
    }
    this.failed = false
  }

  release(name: string): void {
    this.#savepoints = this.#savepoints.slice(0, this.#find(name))
  }

  #find(name: string): number {
    const index = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name)
    if (index < 0) throw new SqlError({ code: '3B001', message: `savepoint "${name}" does not exist` })
    return index
  }

  /**
   * Inside a turn: puts its changes into the collecting epoch. True if there were any. Throws and changes nothing else.
   */
  commit(graph: LiveGraph, log: WriteLog, target: Omit<ForeignKeyReads, 'graph'>): boolean {
    if (!this.changed) return false
    if (this.epoch !== undefined) {
      log.checkWrites(this.epoch, this.#changes)
      if (this.options.isolation === 'serializable') log.checkReads(this.epoch, this.#read)
    }
    const checked: CheckedChange[] = []
    const changes: Changes = new Map()
    for (const [id, batches] of this.#changes) {
      const table = graph.get(id)
      if (table?.kind !== 'table') throw tableGone()
      const change = checkChange(table, copyOut(batches, target.region), target.region, target.text)
      checked.push(change)
      if (change.delta.length > 0) changes.set(table, [change.delta])
    }
    checkForeignKeys(changes, { graph, ...target }, true)
    for (const change of checked) applyChange(change, target.region)
    return true
  }

  end(log: WriteLog): void {
    log.closed(this)
    this.#release()
  }

  #release(): void {
    for (const snapshots of [this.#snapshots, this.#arrangements]) {
      for (const snapshot of snapshots.values()) snapshot[Symbol.dispose]()
      snapshots.clear()
    }
  }

  [Symbol.dispose](): void {
    this.#release()
    this.region[Symbol.dispose]()
  }
}

/** 25006. */
export const readOnlyTransaction = (): SqlError =>
  new SqlError({ code: '25006', message: 'cannot change rows in a read-only transaction' })

/** 40001: a table was dropped under the transaction. */
const tableGone = (): SqlError =>
  new SqlError({ code: '40001', message: 'could not serialize access: a table was dropped meanwhile' })
