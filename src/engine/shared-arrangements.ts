// Arrangements of stored relations, one per (relation, key columns, NULL rule), whoever reads them: joins of views and
// subscriptions, indexes (spec/engine.md §4). The live graph is their only writer: a relation's delta is arranged
// before anything that reads the relation runs.
//
// State: the arrangements with their uses. One that loses its last use is gone. An arrangement holds the columns that
// its readers read; a reader that needs more has a wider one made, which then takes the place of the narrower.
// Where a relation is stored by just these keys its store is read instead, and nothing is made.

import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { ImportWish } from '../executor/imports.ts'
import { type Arrangement, arrange, createArrangement } from '../storage/arrangement.ts'
import type { ArrangementReader } from '../storage/arrangement-reader.ts'
import type { ViewStore } from '../storage/view-store.ts'
import { project, type SparseBatch } from './sparse-batch.ts'

/** A relation whose contents are kept: a table or a materialized view. */
export interface StoredRelation {
  readonly schema: Schema
  readonly store: ViewStore
}

/** What identifies an arrangement: nobody makes a second one of the same shape with no more columns. */
export interface Shape {
  readonly relation: RelationId
  /** Columns of the relation, ascending; one may stand twice. */
  readonly keys: readonly number[]
  readonly storeNullKeys: boolean
}

export interface SharedArrangement {
  readonly shape: Shape
  /** Columns of the relation that it holds, ascending. */
  readonly columns: readonly number[]
  readonly arrangement: Arrangement
  readonly uses: Set<Use>
  /** Changed in the running epoch. */
  changed: boolean
}

/** A reader of an arrangement; it belongs to a view, a subscription or an index. */
export interface Use {
  readonly reader: ArrangementReader
  readonly wish: ImportWish
  readonly owner: UseOwner
  shared: SharedArrangement
}

export interface UseOwner {
  /** 'materialized view "hot"'. */
  readonly label: string
  /** In a lane it cannot be moved to another arrangement. */
  readonly settled: boolean
  /** The arrangement cannot be kept any more: our mistake, or memory. */
  failed: SqlError | undefined
}

/** Thrown where an arrangement cannot be written or sealed. */
export class ArrangementFailure extends Error {
  readonly shared: SharedArrangement
  readonly reason: SqlError

  constructor(shared: SharedArrangement, cause: unknown) {
    super(`an arrangement ${shared.arrangement.label} failed`, { cause })
    this.shared = shared
    this.reason = failureReason(this.message, cause)
  }
}

/** XX000 for our mistakes; 53200 and the like as they are. */
export function failureReason(what: string, cause: unknown): SqlError {
  const message = `${what}: ${cause instanceof Error ? cause.message : String(cause)}`
  if (cause instanceof SqlError)
    return new SqlError({ code: cause.code, message, detail: cause.detail, hint: cause.hint })
  return new SqlError({
    code: 'XX000',
    message,
    hint: 'This is a mistake of the server. Other relations are not affected; drop the view and create it again.',
  })
}

export class SharedArrangements {
  readonly #byRelation = new Map<RelationId, Set<SharedArrangement>>()
  readonly #account: MemoryAccount

  constructor(account: MemoryAccount) {
    this.#account = account
  }

  *[Symbol.iterator](): Generator<SharedArrangement> {
    for (const arrangements of this.#byRelation.values()) yield* arrangements
  }

  of(relation: RelationId): Iterable<SharedArrangement> {
    return this.#byRelation.get(relation) ?? []
  }

  /** The widest of this shape that has these columns, if there is one. */
  find(shape: Shape, columns: readonly number[]): SharedArrangement | undefined {
    let found: SharedArrangement | undefined
    for (const shared of this.of(shape.relation))
      if (sameShape(shared.shape, shape) && covers(shared, columns))
        if (found === undefined || shared.columns.length > found.columns.length) found = shared
    return found
  }

  /** Empty, not entered yet, with these columns and those of what it will take the place of. */
  create(relation: StoredRelation, shape: Shape, wanted: readonly number[]): SharedArrangement {
    const all = new Set([...wanted, ...shape.keys])
    for (const shared of this.of(shape.relation))
      if (sameShape(shared.shape, shape)) for (const column of shared.columns) all.add(column)
    const columns = [...all].sort((a, b) => a - b)
    const names = shape.keys.map((column) => relation.schema[column]!.name)
    const arrangement = createArrangement({
      label: `by (${names.join(', ')})`,
      schema: columns.map((column) => relation.schema[column]!),
      keys: shape.keys.map((column) => columns.indexOf(column)),
      layout: 'rows',
      account: this.#account,
      storeNullKeys: shape.storeNullKeys,
    })
    return { shape, columns, arrangement, uses: new Set(), changed: false }
  }

  /** Between epochs: from now on the graph writes it. It holds what the relation holds. */
  enter(shared: SharedArrangement): void {
    const { relation } = shared.shape
    const arrangements = this.#byRelation.get(relation) ?? new Set()
    this.#byRelation.set(relation, arrangements)
    const narrower = [...arrangements].filter(
      (other) => sameShape(other.shape, shared.shape) && covers(shared, other.columns),
    )
    arrangements.add(shared)
    for (const other of narrower) for (const use of [...other.uses]) if (use.owner.settled) this.move(use, shared)
  }

  use(reader: ArrangementReader, wish: ImportWish, of: { shared: SharedArrangement; owner: UseOwner }): Use {
    const use = { reader, wish, ...of }
    attach(use)
    return use
  }

  move(use: Use, to: SharedArrangement): void {
    const from = use.shared
    use.shared = to
    attach(use)
    this.#leave(use, from)
  }

  /** Between epochs. The last use takes the arrangement with it. */
  release(use: Use): void {
    this.#leave(use, use.shared)
  }

  #leave(use: Use, shared: SharedArrangement): void {
    if (!shared.uses.delete(use) || shared.uses.size > 0) return
    this.remove(shared)
    shared.arrangement[Symbol.dispose]()
  }

  /** It is written no more. */
  remove(shared: SharedArrangement): void {
    const arrangements = this.#byRelation.get(shared.shape.relation)
    arrangements?.delete(shared)
    if (arrangements?.size === 0) this.#byRelation.delete(shared.shape.relation)
  }

  /** A relation's delta of the running epoch is complete; its readers have not run. */
  write(relation: RelationId, delta: readonly SparseBatch[], region: Region): void {
    for (const shared of this.of(relation))
      guarded(shared, () => {
        for (const batch of delta) writeShared(shared, batch, region)
      })
  }

  prepare(): void {
    for (const shared of this) if (shared.changed) guarded(shared, () => shared.arrangement.prepare())
  }

  seal(): void {
    for (const shared of this) if (shared.changed) sealShared(shared)
  }

  abort(): void {
    for (const shared of this) {
      if (shared.changed) shared.arrangement.abort()
      shared.changed = false
    }
  }
}

function attach(use: Use): void {
  use.shared.uses.add(use)
  lookInto(use.reader, use.wish, use.shared)
}

/** Rows of the arrangement by the wish's columns and keys. */
export function lookInto(reader: ArrangementReader, wish: ImportWish, shared: SharedArrangement): void {
  reader.contents = shared.arrangement
  reader.columns = wish.columns.map((column) => shared.columns.indexOf(column))
  reader.keys = keyOrder(shared.shape.keys, wish.keys)
}

/** Rows of the relation. */
export const writeShared = (shared: SharedArrangement, batch: SparseBatch, region: Region): void =>
  arrangeRows(shared, project(batch, shared.columns), region)

/** Rows of its own columns. */
export function arrangeRows(shared: SharedArrangement, batch: Batch, region: Region): void {
  shared.changed = true
  arrange(shared.arrangement, batch, region)
}

export function sealShared(shared: SharedArrangement): void {
  shared.arrangement.seal()
  shared.changed = false
}

function guarded(shared: SharedArrangement, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new ArrangementFailure(shared, error)
  }
}

export const shapeOf = ({ relation, keys, storeNullKeys }: ImportWish): Shape => ({
  relation,
  keys: [...keys].sort((a, b) => a - b),
  storeNullKeys,
})

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.relation === b.relation &&
  a.storeNullKeys === b.storeNullKeys &&
  a.keys.length === b.keys.length &&
  a.keys.every((column, i) => column === b.keys[i])

const covers = (shared: SharedArrangement, columns: readonly number[]): boolean =>
  columns.every((column) => shared.columns.includes(column))

/** By place in `stored`: the place in `wanted` of that column. Both have the same columns, each as often. */
export function keyOrder(stored: readonly number[], wanted: readonly number[]): readonly number[] {
  const free = new Set(wanted.keys())
  return stored.map((column) => {
    const place = [...free].find((i) => wanted[i] === column)!
    free.delete(place)
    return place
  })
}

/** The relation's store is keyed by just the columns that rows are looked up by. */
export function isStoredBy({ store, schema }: StoredRelation, { keys, storeNullKeys }: ImportWish): boolean {
  const { form } = store
  return (
    form.kind === 'keyed' &&
    form.key.length === keys.length &&
    keys.length > 0 &&
    form.key.every((column) => keys.includes(column) && !(storeNullKeys && schema[column]!.nullable))
  )
}

/** The same in such a store. */
export function lookIntoStore(reader: ArrangementReader, { store }: StoredRelation, wish: ImportWish): void {
  reader.contents = store
  reader.columns = wish.columns
  reader.keys = keyOrder((store.form as { key: readonly number[] }).key, wish.keys)
}
