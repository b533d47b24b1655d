// What one reader (view, subscription, index) imports, from the wish of its dataflow's builder to the reader's end.
//
//   wished     readers that have no contents yet
//   resolved   each looks into an arrangement that is there, into the relation's store, or into one that the lane
//              makes and fills: `made`
//   settled    all are live; what was made is entered and shared
//
// State: the uses that hold the arrangements, and in a lane the snapshots through which they are read.

import { assert } from '../core/assert.ts'
import type { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { ImportedInput, Importer, ImportWish } from '../executor/imports.ts'
import {
  type ArrangementReader,
  type Contents,
  type ContentsSnapshot,
  readerOf,
  snapshotContents,
} from '../storage/arrangement-reader.ts'
import {
  isStoredBy,
  lookIntoStore,
  type SharedArrangement,
  type SharedArrangements,
  type StoredRelation,
  sameShape,
  shapeOf,
  type Use,
  type UseOwner,
} from './shared-arrangements.ts'

export class Imports implements UseOwner, Disposable {
  readonly #stored: (id: RelationId) => StoredRelation | undefined
  readonly #arrangements: SharedArrangements
  readonly #wished: { readonly wish: ImportWish; readonly reader: ArrangementReader }[] = []
  readonly #readers: ArrangementReader[] = []
  readonly #uses: Use[] = []
  readonly #made = new Set<SharedArrangement>()
  /** Of what is read through snapshots, by contents: at the last target, and at the next. */
  #held = new Map<Contents, ContentsSnapshot>()
  #next = new Map<Contents, ContentsSnapshot>()
  settled = false
  failed: SqlError | undefined

  readonly label: string

  /** `stored` tells of relations whose contents are kept. */
  constructor(label: string, stored: (id: RelationId) => StoredRelation | undefined, arrangements: SharedArrangements) {
    this.label = label
    this.#stored = stored
    this.#arrangements = arrangements
  }

  readonly importer: Importer = (wish) => {
    if (this.#stored(wish.relation) === undefined) return undefined
    const reader = readerOf(undefined)
    this.#wished.push({ wish, reader })
    this.#readers.push(reader)
    return reader
  }

  /** Arrangements that are read, each once. */
  get arrangements(): ReadonlySet<SharedArrangement> {
    return new Set(this.#uses.map((use) => use.shared))
  }

  /** Made by this lane: it fills them and is their only writer until it settles. */
  get made(): ReadonlySet<SharedArrangement> {
    return this.#made
  }

  /** Between epochs: finds what is there and makes what is not, to be filled by the caller. */
  resolve(): void {
    for (const { wish, reader } of this.#wished) {
      const relation = this.#stored(wish.relation)
      assert(relation !== undefined, 'what is imported is there')
      if (isStoredBy(relation, wish)) {
        lookIntoStore(reader, relation, wish)
        continue
      }
      const shared = this.#arrangements.find(shapeOf(wish), wish.columns) ?? this.#make(relation, wish)
      this.#uses.push(this.#arrangements.use(reader, wish, { shared, owner: this }))
    }
    this.#wished.length = 0
  }

  /** With the columns of all wishes for this shape. */
  #make(relation: StoredRelation, wish: ImportWish): SharedArrangement {
    const shape = shapeOf(wish)
    for (const made of this.#made) if (sameShape(made.shape, shape)) return made
    const columns = this.#wished.flatMap((other) =>
      sameShape(shapeOf(other.wish), shape) ? [...other.wish.columns] : [],
    )
    const made = this.#arrangements.create(relation, shape, columns)
    this.#made.add(made)
    return made
  }

  /** Between epochs: snapshots of everything that others write; `last` inputs find nothing yet. */
  hold(inputs: readonly ImportedInput[], account: MemoryAccount): void {
    this.#next = this.#snapshots(account)
    this.#read((contents) => {
      const snapshot = this.#next.get(contents)!
      return { before: snapshot, after: snapshot }
    })
    this.#held = this.#next
    this.#next = new Map()
    for (const { bulk, readers } of inputs) if (bulk === 'last') for (const reader of readers) reader.at = 'nothing'
  }

  /** The contents have come in through this input's port: its readers look into what they are. */
  begin({ readers }: ImportedInput): void {
    for (const reader of readers) {
      const snapshot = this.#held.get(reader.contents!)
      reader.at = snapshot === undefined ? 'live' : { before: snapshot, after: snapshot }
    }
  }

  /** Between epochs: the next target is what is sealed now. */
  aim(account: MemoryAccount): void {
    this.#next = this.#snapshots(account)
  }

  /** The round from the last target to the next one, which `live` says is the live contents. */
  advance(live: boolean): void {
    this.#read((contents) => ({
      before: this.#held.get(contents)!,
      after: live ? 'after' : this.#next.get(contents)!,
    }))
  }

  /** That round is done. */
  advanced(): void {
    dispose(this.#held)
    this.#held = this.#next
    this.#next = new Map()
    this.#read((contents) => {
      const snapshot = this.#held.get(contents)
      return snapshot === undefined ? 'live' : { before: snapshot, after: snapshot }
    })
  }

  /** Sets `at` of the readers of what is not made here. */
  #read(at: (contents: Contents) => ArrangementReader['at']): void {
    for (const reader of this.#readers) if (!this.#isMade(reader)) reader.at = at(reader.contents!)
  }

  #snapshots(account: MemoryAccount): Map<Contents, ContentsSnapshot> {
    const snapshots = new Map<Contents, ContentsSnapshot>()
    for (const reader of this.#readers) {
      const contents = reader.contents!
      if (!this.#isMade(reader) && !snapshots.has(contents))
        snapshots.set(contents, snapshotContents(contents, account))
    }
    return snapshots
  }

  #isMade({ contents }: ArrangementReader): boolean {
    for (const { arrangement } of this.#made) if (arrangement === contents) return true
    return false
  }

  /** Between epochs, all being at the newest: what was made is shared; of two alike the one that is there stays. */
  settle(): void {
    const arrangements = this.#arrangements
    dispose(this.#held)
    this.settled = true
    for (const made of this.#made)
      if (arrangements.find(made.shape, made.columns) === undefined) arrangements.enter(made)
    this.#made.clear()
    for (const reader of this.#readers) reader.at = 'live'
    for (const use of this.#uses) {
      const best = arrangements.find(use.shared.shape, use.wish.columns)
      if (best !== undefined && best !== use.shared) arrangements.move(use, best)
    }
  }

  [Symbol.dispose](): void {
    dispose(this.#held)
    dispose(this.#next)
    for (const use of this.#uses.splice(0)) this.#arrangements.release(use)
    this.#made.clear()
    this.#wished.length = 0
  }
}

function dispose(snapshots: Map<Contents, ContentsSnapshot>): void {
  for (const snapshot of snapshots.values()) snapshot[Symbol.dispose]()
  snapshots.clear()
}
