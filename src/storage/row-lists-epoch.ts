// The end of an epoch of row lists: prepare pairs retractions with rows, seal applies that, abort forgets the epoch.
//
// Work is done only for slots from which something was retracted, and for indexed ones. All rows of such a list that
// are the same row become one: the first of them, with the sum of their weights; rows of weight 0 go. Lists of up to
// 64 rows are compared pairwise by hash, then value; longer ones enter the row index once, after which only the
// epoch's own rows are looked at. Rows of weight 0 inside an indexed list stay linked until they are half of it.

import { assert } from '../core/assert.ts'
import { compiled, type Source } from '../core/codegen.ts'
import { sameBytes } from '../core/primitives/equal.ts'
import { clearIndex, insertEntry, makeRoom, removeEntry, searchLoop } from './hash-index.ts'
import { CHUNK_MASK, CHUNK_SHIFT, fieldWords, type RecordLayout, recordCode } from './record-layout.ts'
import { clearStore, guardRecord, isLive, type RecordStore, releaseRecord, tidyStore } from './record-store.ts'
import { headOf, ROW_NEXT, ROW_SLOT, type RowLists, type RowPlan } from './row-lists.ts'

const SHORT_LIST = 64

/** Pairs retractions with rows: AssertionError where one finds none or a total is negative. Changes nothing visible. */
export function prepareRows(lists: RowLists): void {
  const { work, plan } = lists
  clearPlan(plan)
  const slots = work.slots.slice(0, work.count).sort()
  let count = 0
  for (const slot of slots) if (count === 0 || slots[count - 1] !== slot) slots[count++] = slot
  plan.slots = slots.subarray(0, count)
  for (const slot of plan.slots) planSlot(lists, slot)
}

function planSlot(lists: RowLists, slot: number): void {
  const { plan } = lists
  const first = plan.count
  const length = lengthOf(lists, slot)
  // An indexed list: its sealed rows are known to the index, only the epoch's own are new.
  const end = length < 0 ? headOf(lists, slot, 'before') : -1
  const find = length < 0 || length > SHORT_LIST ? findIndexed : findInPlan
  for (let row = headOf(lists, slot, 'after'); row !== end; row = nextOf(lists.store, row)) {
    const known = find(lists, row, first)
    const position = known < 0 ? planRow(lists, row) : planned(lists, known)
    if (known >= 0) plan.weights[position] = checkedSum(plan.weights[position]!, weightAt(lists.store, row))
  }
  for (let k = first; k < plan.count; k++)
    assert(plan.weights[k]! >= 0n, 'a retraction does not find its row in an arrangement')
}

function checkedSum(a: bigint, b: bigint): bigint {
  const sum = BigInt.asIntN(64, a + b)
  assert(b >= 0n === sum >= a, 'the weight of a row overflows')
  return sum
}

/** Among the rows planned for this slot. */
function findInPlan(lists: RowLists, row: number, first: number): number {
  const { plan, store } = lists
  const same = sameRecords(store.layout)
  const hash = hashAt(store, row)
  for (let k = first; k < plan.count; k++) {
    const other = plan.rows[k]!
    if (hashAt(store, other) === hash && same(store.words, store.heap.arenas, row, other, sameBytes)) return other
  }
  return -1
}

/** In the row index, into which a new value is put. */
function findIndexed(lists: RowLists, row: number): number {
  const { store, index, plan } = lists
  const hash = hashAt(store, row)
  const search = compiled<FindRow>(`find-row ${store.layout.key}`, () => findRowSource(store.layout))
  const found = search(index, store.words, store.heap.arenas, hash, row, sameBytes)
  if (found >= 0) return found
  makeRoom(index, hash)
  insertEntry(index, hash, row)
  plan.indexed.push(row)
  return -1
}

/** Position in the plan of a row that is perhaps not there yet. */
function planned(lists: RowLists, row: number): number {
  const { plan, store } = lists
  const mark = store.words[row >>> CHUNK_SHIFT]![placeOf(store, row) + 1]!
  return mark < plan.count && plan.rows[mark] === row ? mark : planRow(lists, row)
}

function planRow(lists: RowLists, row: number): number {
  const { plan, store } = lists
  if (plan.count === plan.rows.length) growPlan(plan)
  const position = plan.count++
  guardRecord(store, row)
  store.words[row >>> CHUNK_SHIFT]![placeOf(store, row) + 1] = position
  plan.rows[position] = row
  plan.weights[position] = weightAt(store, row)
  return position
}

function growPlan(plan: RowPlan): void {
  const room = Math.max(64, plan.count * 2)
  const { rows, weights } = plan
  plan.rows = new Int32Array(room)
  plan.weights = new BigInt64Array(room)
  plan.rows.set(rows)
  plan.weights.set(weights)
}

function clearPlan(plan: RowPlan): void {
  plan.count = 0
  plan.indexed.length = 0
  plan.slots = NONE
  if (plan.rows.length > 65536) {
    plan.rows = NONE
    plan.weights = new BigInt64Array(0)
  }
}

const NONE = new Int32Array(0)

/** Applies what prepare found. Before the table's own seal. Slots whose list became empty are passed to `emptied`. */
export function sealRows(lists: RowLists, emptied: (slot: number) => void): void {
  const { plan, store, work } = lists
  for (let k = 0; k < plan.count; k++) setWeight(store, plan.rows[k]!, plan.weights[k]!)
  for (const slot of plan.slots) relinkSlot(lists, slot)
  // What is left of weight 0 are sealed rows of indexed lists.
  for (let k = 0; k < plan.count; k++)
    if (plan.weights[k] === 0n && isLive(store, plan.rows[k]!)) bury(lists, plan.rows[k]!)
  for (const slot of plan.slots) if (lists.dead.has(slot)) sweep(lists, slot)
  for (const slot of plan.slots) if (headOf(lists, slot, 'after') < 0) emptied(slot)
  clearPlan(plan)
  work.count = 0
  tidyRows(lists)
}

/** Keeps the planned rows of a list that have a weight: of all its rows, or of the epoch's own if it is indexed. */
function relinkSlot(lists: RowLists, slot: number): void {
  const { plan, store } = lists
  const length = lengthOf(lists, slot)
  const inIndex = length < 0 || length > SHORT_LIST
  const end = length < 0 ? headOf(lists, slot, 'before') : -1
  const removed = unlinkWhere(lists, slot, end, (row) => {
    const mark = store.words[row >>> CHUNK_SHIFT]![placeOf(store, row) + 1]!
    const isPlanned = mark < plan.count && plan.rows[mark] === row
    if (isPlanned && plan.weights[mark] !== 0n) return false
    if (isPlanned && inIndex) removeEntry(lists.index, hashAt(store, row), row)
    return true
  })
  const rest = Math.abs(length) - removed
  setLength(lists, slot, inIndex ? -rest : rest)
}

/** Takes a row of weight 0 out of the index. */
function bury(lists: RowLists, row: number): void {
  const { store, dead } = lists
  removeEntry(lists.index, hashAt(store, row), row)
  const slot = store.words[row >>> CHUNK_SHIFT]![placeOf(store, row) + ROW_SLOT]!
  dead.set(slot, (dead.get(slot) ?? 0) + 1)
}

/** Unlinks an indexed list's rows of weight 0 once they are half of it. */
function sweep(lists: RowLists, slot: number): void {
  const { store, dead } = lists
  const length = -lengthOf(lists, slot)
  if (2 * dead.get(slot)! < length) return
  dead.delete(slot)
  const removed = unlinkWhere(lists, slot, -1, (row) => weightAt(store, row) === 0n)
  setLength(lists, slot, removed - length)
}

/** Unlinks and releases rows from the head to `end` for which `gone` holds; returns how many. */
function unlinkWhere(lists: RowLists, slot: number, end: number, gone: (row: number) => boolean): number {
  const { store } = lists
  let removed = 0
  let previous = -1
  for (let row = headOf(lists, slot, 'after'); row !== end; ) {
    const next = nextOf(store, row)
    if (gone(row)) {
      if (previous < 0) setHead(lists, slot, next)
      else setNext(store, previous, next)
      releaseRecord(store, row)
      removed++
    } else previous = row
    row = next
  }
  return removed
}

/** Frees the epoch's rows. Before the table's own abort. */
export function abortRows(lists: RowLists): void {
  const { plan, store, table, work } = lists
  for (const row of plan.indexed) removeEntry(lists.index, hashAt(store, row), row)
  for (let k = 0; k < table.undo.count; k++) {
    const slot = table.undo.ids[k]!
    const end = headOf(lists, slot, 'before')
    for (let row = headOf(lists, slot, 'after'); row !== end; ) {
      const next = nextOf(store, row)
      releaseRecord(store, row)
      row = next
    }
  }
  clearPlan(plan)
  work.count = 0
  tidyRows(lists)
}

/** In seal, after sealRows and before the table's: drops all rows of the slots (touched). */
export function dropLists(lists: RowLists, slots: Int32Array): void {
  for (const slot of slots) {
    const length = lengthOf(lists, slot)
    const removed = unlinkWhere(lists, slot, -1, (row) => {
      if (length < 0 && weightAt(lists.store, row) !== 0n) removeEntry(lists.index, hashAt(lists.store, row), row)
      return true
    })
    setLength(lists, slot, length < 0 ? length + removed : length - removed)
    lists.dead.delete(slot)
  }
  tidyRows(lists)
}

/** Gives all memory back. */
export function disposeRows(lists: RowLists): void {
  clearIndex(lists.index)
  lists.dead.clear()
  clearPlan(lists.plan)
  clearStore(lists.store)
}

function tidyRows(lists: RowLists): void {
  if (lists.store.count === 0) {
    clearIndex(lists.index)
    lists.dead.clear()
  }
  tidyStore(lists.store)
}

const placeOf = (store: RecordStore, row: number): number => (row & CHUNK_MASK) * store.layout.strideWords

const hashAt = (store: RecordStore, row: number): number => store.words[row >>> CHUNK_SHIFT]![placeOf(store, row)]!

const nextOf = (store: RecordStore, row: number): number =>
  store.words[row >>> CHUNK_SHIFT]![placeOf(store, row) + ROW_NEXT]!

const weightAt = (store: RecordStore, row: number): bigint =>
  store.longs[row >>> CHUNK_SHIFT]![(placeOf(store, row) >> 1) + 1]!

function setWeight(store: RecordStore, row: number, weight: bigint): void {
  guardRecord(store, row)
  store.longs[row >>> CHUNK_SHIFT]![(placeOf(store, row) >> 1) + 1] = weight
}

function setNext(store: RecordStore, row: number, next: number): void {
  guardRecord(store, row)
  store.words[row >>> CHUNK_SHIFT]![placeOf(store, row) + ROW_NEXT] = next
}

const keyPlace = (lists: RowLists, slot: number): number => (slot & CHUNK_MASK) * lists.table.layout.strideWords

// The slots here are touched in this epoch, hence guarded.
function setHead(lists: RowLists, slot: number, row: number): void {
  lists.table.store.words[slot >>> CHUNK_SHIFT]![keyPlace(lists, slot) + lists.headWord] = row + 1
}

function setLength(lists: RowLists, slot: number, length: number): void {
  lists.table.store.words[slot >>> CHUNK_SHIFT]![keyPlace(lists, slot) + lists.lengthWord] = length
}

const lengthOf = (lists: RowLists, slot: number): number =>
  lists.table.store.words[slot >>> CHUNK_SHIFT]![keyPlace(lists, slot) + lists.lengthWord]!

type SameRecords = (
  words: readonly Int32Array[],
  arenas: readonly Uint8Array[],
  a: number,
  b: number,
  same: typeof sameBytes,
) => boolean

const sameRecords = (layout: RecordLayout): SameRecords =>
  compiled(`same-records ${layout.key}`, () => {
    const code = recordCode(layout)
    return {
      parameters: ['words', 'arenas', 'idA', 'idB', 'sameBytes'],
      body: `${code.locateIn('live', 'idA', 'a')}${code.locateIn('live', 'idB', 'b')}return ${sameFields(layout)}`,
    }
  })

type FindRow = (
  index: { readonly directory: readonly Int32Array[]; readonly shift: number },
  words: readonly Int32Array[],
  arenas: readonly Uint8Array[],
  hash: number,
  row: number,
  same: typeof sameBytes,
) => number

/** Looks for an indexed row under the same slot with the same columns as `row`. */
function findRowSource(layout: RecordLayout): Source {
  const code = recordCode(layout)
  const test = `a$w[a$r] === h && a$w[a$r + ${ROW_SLOT}] === b$w[b$r + ${ROW_SLOT}] && ${sameFields(layout)}`
  return {
    parameters: ['index', 'words', 'arenas', 'h', 'row', 'sameBytes'],
    body: `const directory = index.directory, shift = index.shift
${code.locateIn('live', 'row', 'b')}
let found = -1
search: {
${searchLoop(`${code.locateIn('live', 'id', 'a')}if (${test}) { found = id; break search }`)}}
return found`,
  }
}

/** Text: all fields of the records located as `a` and `b` are the same. NULLs have zero words behind them. */
function sameFields(layout: RecordLayout): string {
  const code = recordCode(layout)
  const nulls = Array.from({ length: layout.nullWords }, (_, k) => {
    const word = layout.headerWords + k
    return `a$w[a$r + ${word}] === b$w[b$r + ${word}]`
  })
  const values = layout.fields.map(({ kind }, field) => {
    const [x, y] = [code.word(field, 0, 'a'), code.word(field, 0, 'b')]
    if (kind !== 'bytes')
      return Array.from(
        { length: fieldWords[kind] },
        (_, k) => `${code.word(field, k, 'a')} === ${code.word(field, k, 'b')}`,
      ).join(' && ')
    const length = code.word(field, 1, 'a')
    const heap = (reference: string): string => `arenas[${reference} >>> 17], (${reference} & 131071) << 3`
    const equal = `(${length} === 0 || sameBytes(${heap(x)}, ${heap(y)}, ${length}))`
    return `${length} === ${code.word(field, 1, 'b')} && ${equal}`
  })
  return [...nulls, ...values].join(' && ') || 'true'
}
