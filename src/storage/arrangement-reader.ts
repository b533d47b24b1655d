// What reads an arrangement: joins on both sides, look-ups by an index. A reader keeps apart what it calls a column
// from where that column lies, and what it calls `before` and `after` from what is read:
//
//   contents   an arrangement, or a keyed view store: a relation that is looked up by its key needs no arrangement
//   at         live: the sealed contents and those of the running epoch; in a lane snapshots, or nothing yet (§6)
//
// Both may be set anew between epochs: nobody keeps slots or rows longer. So the splice of a lane, and a wider
// arrangement that takes the place of a narrower one, only set a reader's fields.

import { assert } from '../core/assert.ts'
import type { Batch, Column } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { Region } from '../core/region.ts'
import { type Arrangement, type ArrangementSnapshot, snapshotArrangement } from './arrangement.ts'
import { find, gatherFields, type Moment } from './key-table.ts'
import { scan } from './key-table-scan.ts'
import { gatherRows, type Matches, matches, type ProbeCursor, probe, type RowLists, startProbe } from './row-lists.ts'
import {
  findInStore,
  gatherStore,
  snapshotStore,
  type ViewAt,
  type ViewSnapshot,
  type ViewStore,
} from './view-store.ts'

/** Rows by key: what a reader looks into. A view store must be keyed. */
export type Contents = Arrangement | ViewStore

export type ContentsSnapshot = ArrangementSnapshot | ViewSnapshot

/** A moment of the live contents, or a snapshot of them. */
type At = Moment | ContentsSnapshot

export interface ArrangementReader {
  /** Undefined until it is known what is read. */
  contents: Contents | undefined
  at: 'live' | 'nothing' | { readonly before: At; readonly after: At }
  /** By the reader's column: the contents' column. Undefined: the same. */
  columns: readonly number[] | undefined
  /** By the contents' key column: which of the reader's key columns it is. Undefined: the same. */
  keys: readonly number[] | undefined
}

export const readerOf = (contents: Contents | undefined): ArrangementReader => ({
  contents,
  at: 'live',
  columns: undefined,
  keys: undefined,
})

const isStore = (contents: Contents): contents is ViewStore => 'form' in contents

/** Only between epochs. */
export const snapshotContents = (contents: Contents, account: MemoryAccount): ContentsSnapshot =>
  isStore(contents) ? snapshotStore(contents, account) : snapshotArrangement(contents, account)

/** The contents and the moment, where both are arrangements' or both are stores'. */
type Place =
  | { readonly store: undefined; readonly arrangement: Arrangement; readonly at: Moment | ArrangementSnapshot }
  | { readonly store: ViewStore; readonly at: ViewAt }

function placeOf({ contents, at }: ArrangementReader, moment: Moment): Place {
  assert(contents !== undefined, 'a reader has contents when it reads')
  const place = typeof at === 'string' ? moment : at[moment]
  if (isStore(contents)) return { store: contents, at: place as ViewAt }
  return { store: undefined, arrangement: contents, at: place as Moment | ArrangementSnapshot }
}

/** `out[i]` = slot of key row i (columns in the order of the reader's keys), or −1. */
export function findKeys(
  reader: ArrangementReader,
  columns: readonly Column[],
  length: number,
  out: Int32Array,
  options: { readonly nullsMatch: boolean; readonly moment: Moment; readonly region: Region },
): void {
  if (reader.at === 'nothing') {
    out.fill(-1, 0, length)
    return
  }
  const place = placeOf(reader, options.moment)
  const keys = reader.keys === undefined ? columns : reader.keys.map((key) => columns[key]!)
  if (place.store !== undefined) findInStore(place.store, keys, length, place.at, out, options.region)
  else {
    const at = typeof place.at === 'string' ? place.at : place.at.table
    find(place.arrangement.table, keys, length, out, { nullsMatch: options.nullsMatch, at })
  }
}

/** row-lists.ts `probe` on this reader. Not for ordered layouts. */
export function probeRows(
  reader: ArrangementReader,
  slots: Int32Array,
  length: number,
  weights: Int32Array | undefined,
  moment: Moment,
  cursor: ProbeCursor,
  out: Matches,
): boolean {
  const place = placeOf(reader, moment)
  if (place.store !== undefined) return probeStore(slots, length, weights, cursor, out)
  const at = typeof place.at === 'string' ? place.at : place.at.rows!
  return probe(listsOf(place.arrangement), slots, length, weights, at, cursor, out)
}

/** Every key has one row, and a slot is its handle. */
function probeStore(
  slots: Int32Array,
  length: number,
  weights: Int32Array | undefined,
  cursor: ProbeCursor,
  out: Matches,
): boolean {
  const { index, rows } = out
  let { length: count } = out
  for (; cursor.index < length; cursor.index++) {
    const slot = slots[cursor.index]!
    if (slot < 0) continue
    if (count === rows.length) {
      out.length = count
      return false
    }
    index[count] = cursor.index
    rows[count] = slot
    out.weights[count++] = weights === undefined ? 1 : weights[cursor.index]!
  }
  out.length = count
  return true
}

function listsOf(arrangement: Arrangement): RowLists {
  assert(arrangement.lists !== undefined, 'an ordered arrangement has no row lists')
  return arrangement.lists
}

/**
 * The reader's `columns` of matched rows: match k is row `rows[k]` under slot `slots[index[k]]`. −1 gives NULL.
 */
export function gatherMatches(
  reader: ArrangementReader,
  columns: readonly number[],
  found: Matches,
  slots: Int32Array,
  moment: Moment,
  region: Region,
): Column[] {
  const place = placeOf(reader, moment)
  const wanted = reader.columns === undefined ? columns : columns.map((column) => reader.columns![column]!)
  if (place.store !== undefined)
    return [...gatherStore(place.store, wanted, found.rows, found.length, place.at, region).columns]
  const { arrangement, at } = place
  const { length, index, rows } = found
  const keyPlaces = wanted.map((column) => arrangement.keys.indexOf(column))
  const keyFields = keyPlaces.filter((key) => key >= 0)
  const rowFields = wanted.filter((_, k) => keyPlaces[k]! < 0).map((column) => arrangement.rest.indexOf(column))
  const fromRows =
    rowFields.length === 0
      ? []
      : gatherRows(listsOf(arrangement), rowFields, rows, length, typeof at === 'string' ? at : at.rows!, region)
  const fromKeys = keyFields.length === 0 ? [] : gatherKeyFields()
  return keyPlaces.map((key) => (key >= 0 ? fromKeys.shift()! : fromRows.shift()!))

  function gatherKeyFields(): Column[] {
    const keySlots = region.i32(length)
    for (let k = 0; k < length; k++) keySlots[k] = rows[k]! < 0 ? -1 : slots[index[k]!]!
    // Keys never change, and none goes before the seal.
    return gatherFields(
      arrangement.table,
      keyFields,
      keySlots,
      length,
      typeof at === 'string' ? 'after' : at.table,
      region,
    )
  }
}

/** Where a scan of an arrangement stands. Begin with `startScan()`. */
export interface ArrangementScan {
  /** Next slot to look for (−1: none), and the slots of the present slice with their probe cursor. */
  slot: number
  slots: Int32Array
  length: number
  cursor: ProbeCursor
}

export const startScan = (): ArrangementScan => ({
  slot: 0,
  slots: new Int32Array(SCAN_SLOTS),
  length: 0,
  cursor: startProbe(),
})

const SCAN_SLOTS = 256

/**
 * The next at most `limit` rows of an arrangement with all columns of its schema (perhaps none yet); undefined at the
 * end. Layout rows.
 */
export function scanArrangement(
  reader: ArrangementReader,
  at: ArrangementScan,
  moment: Moment,
  limit: number,
  region: Region,
): Batch | undefined {
  const place = placeOf(reader, moment)
  assert(place.store === undefined, 'a view store has a scan of its own')
  const { arrangement } = place
  if (at.cursor.index === at.length) {
    if (at.slot < 0) return undefined
    const slice = scan(arrangement.table, at.slot, typeof place.at === 'string' ? place.at : place.at.table, at.slots)
    at.slot = slice.cursor
    at.length = slice.count
    at.cursor = startProbe()
  }
  const found = matches(limit, region)
  probeRows(reader, at.slots, at.length, undefined, moment, at.cursor, found)
  const columns = gatherMatches(reader, [...arrangement.schema.keys()], found, at.slots, moment, region)
  return { length: found.length, weights: found.weights.subarray(0, found.length), columns }
}
