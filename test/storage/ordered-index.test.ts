// OrderedIndex against sorted arrays: any deltas in any epochs, shared and private, before, after and in snapshots;
// every position, rank and bound; large groups, where blocks split and merge; and what it must give back.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryAccount } from '../../src/core/memory.ts'
import { rowComparator, type SortKey, totalOrder } from '../../src/core/primitives/compare.ts'
import { consolidate } from '../../src/core/primitives/consolidate.ts'
import type { PhysicalKind } from '../../src/core/type.ts'
import { createKeyTable, find, findOrInsert, free, type KeyTable, keyCount } from '../../src/storage/key-table.ts'
import { abort, seal, snapshotTable } from '../../src/storage/key-table-epoch.ts'
import {
  abortOrdered,
  boundOf,
  createOrderedIndex,
  firstRows,
  gatherOrdered,
  insertOrdered,
  type OrderedAt,
  type OrderedIndex,
  orderedBytes,
  orderedStates,
  prepareOrdered,
  rankOf,
  sealOrdered,
  selectRange,
  snapshotOrdered,
  totalPositions,
} from '../../src/storage/ordered-index.ts'
import {
  addTo,
  anyKinds,
  anyRow,
  batchFrom,
  columnsFrom,
  type Row,
  rowsOf,
  rowText,
  testRegion,
} from '../support/columns.ts'

/** Per group: text of a row → weight. */
type Model = Map<number, Map<string, number>>

interface Setup {
  readonly kinds: readonly PhysicalKind[]
  readonly order: readonly SortKey[]
  readonly table: KeyTable
  readonly index: OrderedIndex
  /** Every row that occurs, by its text. */
  readonly rows: Map<string, Row>
}

function setUp(
  kinds: readonly PhysicalKind[],
  order: readonly SortKey[],
  mode: 'shared' | 'private',
  account = memoryAccount('test'),
): Setup {
  const table = createKeyTable({ keys: [{ kind: 'i32', nullable: false }], states: orderedStates, account })
  const columns = kinds.map((kind) => ({ kind, nullable: true }))
  const index = createOrderedIndex({ table, rootState: 0, columns, order, mode, account })
  return { kinds, order, table, index, rows: new Map() }
}

function slotOf({ table }: Setup, group: number, at: OrderedAt): number {
  const out = new Int32Array(1)
  find(table, columnsFrom(['i32'], [[group]]), 1, out, { nullsMatch: true, at: typeof at === 'string' ? at : at.table })
  return out[0]!
}

type Entry = readonly [group: number, row: Row, weight: number]

function insert(setup: Setup, entries: readonly Entry[]): void {
  const slots = new Int32Array(entries.length)
  const groups = entries.map(([group]) => [group])
  findOrInsert(setup.table, columnsFrom(['i32'], groups), entries.length, slots)
  insertOrdered(
    setup.index,
    slots,
    batchFrom(
      setup.kinds,
      entries.map(([, row]) => row),
      entries.map(([, , weight]) => weight),
    ),
  )
  for (const [, row] of entries) setup.rows.set(rowText(row), row)
}

/** The group's rows in order, each repeated by its weight. */
function sorted({ kinds, order, rows }: Setup, weights: Map<string, number>): Row[] {
  const distinct = [...weights.keys()].map((text) => rows.get(text)!)
  const columns = columnsFrom(kinds, distinct)
  const compare = rowComparator(columns, columns, totalOrder(order, kinds.length))
  const places = [...distinct.keys()].sort(compare)
  return places.flatMap((i) => Array.from({ length: weights.get(rowText(distinct[i]!))! }, () => distinct[i]!))
}

function selected(setup: Setup, slot: number, from: number, count: number, at: OrderedAt): Row[] {
  const rows: Row[] = []
  const out = { length: 0, rows: new Int32Array(3), weights: new BigInt64Array(3) }
  for (let done = 0; done < count; ) {
    out.length = 0
    const covered = Number(
      selectRange(setup.index, slot, { from: BigInt(from + done), count: BigInt(count - done) }, at, out),
    )
    if (covered === 0) return rows
    done += covered
    const found = rowsOf(
      gatherOrdered(setup.index, [...setup.kinds.keys()], out.rows, out.length, at, testRegion()),
      out.length,
    )
    for (const [i, row] of found.entries()) for (let k = 0n; k < out.weights[i]!; k++) rows.push(row)
  }
  return rows
}

function check(setup: Setup, model: Model, at: OrderedAt): void {
  for (const group of [0, 1, 2]) {
    const expected = sorted(setup, model.get(group) ?? new Map())
    const slot = slotOf(setup, group, at)
    if (slot < 0) {
      expect(expected).toEqual([])
      continue
    }
    expect(totalPositions(setup.index, slot, at)).toBe(BigInt(expected.length))
    const texts = expected.map(rowText)
    expect(selected(setup, slot, 0, expected.length + 1, at).map(rowText)).toEqual(texts)
    for (let from = 1; from < expected.length; from++)
      expect(selected(setup, slot, from, 2, at).map(rowText)).toEqual(texts.slice(from, from + 2))
    checkEnds(setup, slot, expected, at)
    checkPositions(setup, slot, expected, at)
  }
}

function checkEnds(setup: Setup, slot: number, expected: readonly Row[], at: OrderedAt): void {
  const out = new Int32Array(2)
  for (const end of ['first', 'last'] as const) {
    firstRows(setup.index, Int32Array.of(slot, -1), 2, end, at, out)
    expect(out[1]).toBe(-1)
    const row = expected.at(end === 'first' ? 0 : -1)
    expect(out[0]! >= 0).toBe(row !== undefined)
    if (row === undefined) continue
    const found = gatherOrdered(setup.index, [...setup.kinds.keys()], out, 1, at, testRegion())
    expect(rowText(rowsOf(found, 1)[0]!)).toBe(rowText(row))
  }
}

function checkPositions(setup: Setup, slot: number, expected: readonly Row[], at: OrderedAt): void {
  const all = [...setup.rows.values()]
  const columns = columnsFrom(setup.kinds, all)
  const stored = columnsFrom(setup.kinds, expected)
  const whole = rowComparator(stored, columns, totalOrder(setup.order, setup.kinds.length))
  const places = [...expected.keys()]
  for (const row of all.keys()) {
    const rank = places.filter((i) => whole(i, row) < 0).length
    expect(rankOf(setup.index, slot, columns, row, at)).toBe(BigInt(rank))
    for (let keyCount = 0; keyCount <= setup.order.length; keyCount++) {
      const byKeys = rowComparator(stored, columns, setup.order.slice(0, keyCount))
      const lower = places.filter((i) => byKeys(i, row) < 0).length
      const upper = places.filter((i) => byKeys(i, row) <= 0).length
      expect(boundOf(setup.index, slot, columns, row, { keyCount, bound: 'lower', at })).toBe(BigInt(lower))
      expect(boundOf(setup.index, slot, columns, row, { keyCount, bound: 'upper', at })).toBe(BigInt(upper))
    }
  }
}

const anyOrder = (count: number) =>
  fc.array(fc.record({ column: fc.nat(count - 1), descending: fc.boolean(), nullsFirst: fc.boolean() }), {
    maxLength: 2,
  })

const anyHistory = anyKinds(2).chain((kinds) =>
  fc.record({
    kinds: fc.constant(kinds),
    order: anyOrder(kinds.length),
    mode: fc.constantFrom('shared' as const, 'private' as const),
    epochs: fc.array(
      fc.record({
        entries: fc.array(fc.tuple(fc.nat(2), anyRow(kinds), fc.constantFrom(-2, -1, 1, 2)), { maxLength: 12 }),
        ending: fc.constantFrom('seal' as const, 'abort' as const),
      }),
      { maxLength: 5 },
    ),
  }),
)

const copyOf = (model: Model): Model => new Map([...model].map(([group, weights]) => [group, new Map(weights)]))

function applyTo(model: Model, entries: readonly Entry[]): void {
  for (const [group, row, weight] of entries) {
    const weights = model.get(group) ?? new Map<string, number>()
    model.set(group, weights)
    addTo(weights, rowText(row), weight)
  }
}

const isLegal = (model: Model): boolean =>
  [...model.values()].every((weights) => [...weights.values()].every((w) => w > 0))

/** Entries of one row added up: what a private index asks for. */
function consolidated(entries: readonly Entry[], kinds: readonly PhysicalKind[]): Entry[] {
  const batch = batchFrom(
    ['i32', ...kinds],
    entries.map(([group, row]) => [group, ...row]),
    entries.map(([, , weight]) => weight),
  )
  const made = consolidate(batch, testRegion())
  return rowsOf(made.columns, made.length).map((row, i) => [row[0] as number, row.slice(1), made.weights?.[i] ?? 1])
}

test('any history: positions, ranks and bounds, before, after and in a snapshot', () => {
  fc.assert(
    fc.property(anyHistory, ({ kinds, order, mode, epochs }) => {
      const account = memoryAccount('test')
      const reading = memoryAccount('reader')
      const setup = setUp(kinds, order, mode, account)
      let contents: Model = new Map()
      for (const { entries, ending } of epochs) {
        const table = snapshotTable(setup.table, reading)
        const snapshot = snapshotOrdered(setup.index, table, reading)
        const running = copyOf(contents)
        applyTo(running, entries)
        const legal = isLegal(running)
        const given = mode === 'private' ? consolidated(entries, kinds) : entries
        if (mode === 'private' && !legal) expect(() => insert(setup, given)).toThrow(/retraction|below 0/)
        else {
          insert(setup, given.slice(0, 2))
          if (mode === 'shared') check(setup, contents, 'before')
          insert(setup, given.slice(2))
        }
        if (mode === 'shared') check(setup, contents, 'before')
        if (legal) check(setup, running, 'after')
        if (mode === 'shared' && !legal) expect(() => prepareOrdered(setup.index)).toThrow('retraction')
        if (legal && ending === 'seal') {
          finish(setup)
          check(setup, contents, snapshot)
          contents = running
        } else {
          if (legal) prepareOrdered(setup.index)
          abortOrdered(setup.index)
          abort(setup.table)
        }
        check(setup, contents, 'after')
        snapshot[Symbol.dispose]()
        table[Symbol.dispose]()
      }
      removeAll(setup, contents)
      expect(account.bytes).toBe(setup.table.undo.bytes)
      expect(reading.bytes).toBe(0)
    }),
    { numRuns: 120 },
  )
})

function finish(setup: Setup): void {
  prepareOrdered(setup.index)
  const emptied: number[] = []
  sealOrdered(setup.index, (slot) => emptied.push(slot))
  free(setup.table, Int32Array.from(emptied), emptied.length)
  seal(setup.table)
}

function removeAll(setup: Setup, model: Model): void {
  const entries: Entry[] = []
  for (const [group, weights] of model)
    for (const [text, weight] of weights) entries.push([group, setup.rows.get(text)!, -weight])
  insert(setup, entries)
  finish(setup)
  expect(keyCount(setup.table)).toBe(0)
  expect(orderedBytes(setup.index)).toBe(0)
}

test('large groups: blocks split, merge and shrink again; aborts put everything back', () => {
  for (const mode of ['shared', 'private'] as const) {
    const account = memoryAccount('test')
    const setup = setUp(['i64', 'bytes'], [{ column: 0, descending: true, nullsFirst: false }], mode, account)
    let state = 11
    const random = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor(state / 65536) % n
    }
    let contents: Model = new Map()
    for (let epoch = 0; epoch < 40; epoch++) {
      const growing = epoch < 15
      const running = copyOf(contents)
      const entries: Entry[] = []
      const present = [...(contents.get(0) ?? new Map<string, number>()).keys()]
      for (let i = 0; i < 1500; i++) {
        if (growing) entries.push([0, [BigInt(random(60000)), `v${random(3)}`], 1])
        else if (i < present.length) {
          const victim = present.splice(random(present.length), 1)[0]!
          entries.push([0, setup.rows.get(victim)!, -contents.get(0)!.get(victim)!])
        }
      }
      applyTo(running, entries)
      insert(setup, consolidated(entries, ['i64', 'bytes']))
      if (epoch % 5 === 4) {
        abortOrdered(setup.index)
        abort(setup.table)
      } else {
        finish(setup)
        contents = running
      }
      if (epoch % 6 === 1) sample(setup, contents)
    }
    removeAll(setup, contents)
    expect(account.bytes).toBe(setup.table.undo.bytes)
  }
})

/** Some positions of group 0. */
function sample(setup: Setup, contents: Model): void {
  const expected = sorted(setup, contents.get(0) ?? new Map())
  const slot = slotOf(setup, 0, 'after')
  if (slot < 0) {
    expect(expected.length).toBe(0)
    return
  }
  expect(totalPositions(setup.index, slot, 'after')).toBe(BigInt(expected.length))
  for (let from = 0; from < expected.length; from += 1397)
    expect(selected(setup, slot, from, 3, 'after')).toEqual(expected.slice(from, from + 3))
  const columns = columnsFrom(setup.kinds, expected)
  for (let row = 0; row < expected.length; row += 2997) {
    const first = expected.findIndex((other) => rowText(other) === rowText(expected[row]!))
    expect(rankOf(setup.index, slot, columns, row, 'after')).toBe(BigInt(first))
  }
}

test('prefixes order as the first sort key does, or do not decide', () => {
  fc.assert(
    fc.property(
      anyKinds(1).chain((kinds) =>
        fc.tuple(fc.constant(kinds), anyRow(kinds), anyRow(kinds), fc.boolean(), fc.boolean()),
      ),
      ([kinds, a, b, descending, nullsFirst]) => {
        const setup = setUp(kinds, [{ column: 0, descending, nullsFirst }], 'shared')
        insert(setup, [
          [0, a, 1],
          [0, b, 1],
        ])
        const { compare, prefix } = setup.index.tree.order
        const words = new Int32Array(2)
        const [first, second] = [0, 1].map((row) => {
          prefix(row, words)
          return (BigInt(words[1]!) << 32n) | BigInt(words[0]! >>> 0)
        })
        if (first !== second) expect(first! < second! ? -1 : 1).toBe(Math.sign(compare(0, 1)))
      },
    ),
    { numRuns: 300 },
  )
})
