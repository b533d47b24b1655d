// KeyTable against a Map from the text of a key to its states: any epochs of any batches, sealed or aborted, read
// before, after and in snapshots; with hashes that collide; and what it must give back.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Column } from '../../src/core/batch.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import type { PhysicalKind } from '../../src/core/type.ts'
import {
  createKeyTable,
  find,
  findOrInsert,
  free,
  gatherFields,
  gatherKeys,
  isPresent,
  type KeyTable,
  keyCount,
  keyCountBefore,
  type Moment,
  stateField,
  type TableSnapshot,
  tableBytes,
  touch,
  touchedSlots,
  writeState,
} from '../../src/storage/key-table.ts'
import { abort, disposeTable, seal, snapshotTable } from '../../src/storage/key-table-epoch.ts'
import { scan } from '../../src/storage/key-table-scan.ts'
import { anyKinds, anyRow, columnsFrom, type Row, rowsOf, rowText, testRegion, weakHash } from '../support/columns.ts'

type Model = Map<string, { key: Row; states: Row }>

interface Step {
  readonly rows: readonly { key: Row; states: Row; remove: boolean }[]
  readonly dict: boolean
}
interface EpochPlan {
  readonly steps: readonly Step[]
  readonly commit: boolean
  readonly snapshot: boolean
}

const anyHistory = fc.tuple(anyKinds(), anyKinds(2)).chain(([keys, states]) =>
  fc.record({
    keys: fc.constant(keys),
    states: fc.constant(states),
    weak: fc.boolean(),
    epochs: fc.array(
      fc.record({
        steps: fc.array(
          fc.record({
            rows: fc.array(fc.record({ key: anyRow(keys), states: anyRow(states), remove: fc.boolean() }), {
              maxLength: 12,
            }),
            dict: fc.boolean(),
          }),
          { maxLength: 3 },
        ),
        commit: fc.boolean(),
        snapshot: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
  }),
)

const fields = (kinds: readonly PhysicalKind[]) => kinds.map((kind) => ({ kind, nullable: true }))

function contents(table: KeyTable, at: Moment | TableSnapshot): Model {
  const model: Model = new Map()
  const out = new Int32Array(3)
  const all = [...table.layout.fields.keys()]
  for (let cursor = 0; cursor >= 0; ) {
    const slice = scan(table, cursor, at, out)
    cursor = slice.cursor
    const rows = rowsOf(gatherFields(table, all, out, slice.count, at, testRegion()), slice.count)
    for (const row of rows) {
      const key = row.slice(0, table.keys.length)
      model.set(rowText(key), { key, states: row.slice(table.keys.length) })
    }
  }
  return model
}

/** What `find` says of every key that occurs agrees with the model. */
function checkFind(
  table: KeyTable,
  kinds: readonly PhysicalKind[],
  keys: readonly Row[],
  at: Moment | TableSnapshot,
  model: Model,
): void {
  const out = new Int32Array(keys.length)
  for (const dict of [false, true]) {
    find(table, columnsFrom(kinds, keys, dict), keys.length, out, { nullsMatch: true, at })
    const found = rowsOf(gatherFields(table, [...table.keys.keys()], out, keys.length, at, testRegion()), keys.length)
    for (const [i, key] of keys.entries()) {
      expect(out[i]! >= 0).toBe(model.has(rowText(key)))
      if (out[i]! >= 0) expect(rowText(found[i]!)).toBe(rowText(key))
    }
    find(table, columnsFrom(kinds, keys, dict), keys.length, out, { nullsMatch: false, at })
    for (const [i, key] of keys.entries()) if (key.includes(null)) expect(out[i]).toBe(-1)
  }
}

function apply(
  table: KeyTable,
  kinds: { keys: readonly PhysicalKind[]; states: readonly PhysicalKind[] },
  step: Step,
  model: Model,
): void {
  const rows = step.rows
  const slots = new Int32Array(rows.length)
  const keys = rows.map((row) => row.key)
  findOrInsert(table, columnsFrom(kinds.keys, keys, step.dict), rows.length, slots)
  for (const key of keys)
    if (!model.has(rowText(key))) model.set(rowText(key), { key, states: kinds.states.map(() => null) })
  touch(table, slots, rows.length)
  const columns = columnsFrom(
    kinds.states,
    rows.map((row) => row.states),
    step.dict,
  )
  for (const [k, column] of columns.entries()) writeState(table, k, slots, rows.length, column)
  for (const { key, states } of rows) model.set(rowText(key), { key, states })
  const removed = new Set(rows.filter((row) => row.remove).map((row) => rowText(row.key)))
  const gone = slots.filter((_, i) => removed.has(rowText(keys[i]!)))
  free(table, gone, gone.length)
  for (const text of removed) model.delete(text)
}

test('any history: before, after, abort, seal, snapshots agree with a Map', () => {
  fc.assert(
    fc.property(anyHistory, ({ keys, states, weak, epochs }) => {
      const account = memoryAccount('test')
      const reader = memoryAccount('reader')
      const options = { keys: fields(keys), states: fields(states), account }
      const table = createKeyTable(weak ? { ...options, hash: weakHash } : options)
      const known = epochs.flatMap((epoch: EpochPlan) => epoch.steps.flatMap((step) => step.rows.map((row) => row.key)))
      let sealed: Model = new Map()
      const snapshots: { snapshot: TableSnapshot; model: Model }[] = []
      for (const epoch of epochs as readonly EpochPlan[]) {
        if (epoch.snapshot) snapshots.push({ snapshot: snapshotTable(table, reader), model: new Map(sealed) })
        const running: Model = new Map(sealed)
        for (const step of epoch.steps) apply(table, { keys, states }, step, running)
        expect(contents(table, 'before')).toEqual(sealed)
        expect(contents(table, 'after')).toEqual(running)
        expect(keyCount(table)).toBe(running.size)
        expect(keyCountBefore(table)).toBe(sealed.size)
        checkFind(table, keys, known, 'before', sealed)
        checkFind(table, keys, known, 'after', running)
        if (epoch.commit) {
          seal(table)
          sealed = running
        } else abort(table)
        expect(contents(table, 'after')).toEqual(sealed)
        expect(touchedSlots(table).length).toBe(0)
        for (const { snapshot, model } of snapshots) {
          expect(contents(table, snapshot)).toEqual(model)
          checkFind(table, keys, known, snapshot, model)
        }
        if (snapshots.length > 1) snapshots.shift()!.snapshot[Symbol.dispose]()
      }
      for (const { snapshot } of snapshots) snapshot[Symbol.dispose]()
      expect(reader.bytes).toBe(0)
      removeAll(table)
      expect(tableBytes(table)).toBe(account.bytes)
      expect(account.bytes).toBe(table.undo.bytes)
      disposeTable(table)
      expect(account.bytes).toBe(0)
    }),
    { numRuns: 150 },
  )
})

function removeAll(table: KeyTable): void {
  const out = new Int32Array(64)
  for (let cursor = 0; cursor >= 0; ) {
    const slice = scan(table, cursor, 'after', out)
    cursor = slice.cursor
    touch(table, out, slice.count)
    free(table, out, slice.count)
  }
  seal(table)
}

const integers = (from: number, count: number): Row[] => Array.from({ length: count }, (_, i) => [BigInt(from + i)])

test('growth over chunks and segments, churn, and back to nothing', () => {
  const account = memoryAccount('test')
  const table = createKeyTable({
    keys: [{ kind: 'i64', nullable: false }],
    states: [{ kind: 'bytes', nullable: true }],
    account,
  })
  const total = 150_000 // three chunks, several segments
  const batch = 10_000
  const slots = new Int32Array(batch)
  for (let from = 0; from < total; from += batch) {
    expect(findOrInsert(table, columnsFrom(['i64'], integers(from, batch)), batch, slots)).toBe(batch)
    writeState(
      table,
      0,
      slots,
      batch,
      columnsFrom(
        ['bytes'],
        integers(from, batch).map((row) => [`value ${row[0]}`]),
      )[0]!,
    )
    seal(table)
  }
  expect(keyCount(table)).toBe(total)
  for (let from = 0; from < total; from += batch) {
    find(table, columnsFrom(['i64'], integers(from, batch)), batch, slots, { nullsMatch: true })
    expect(slots.includes(-1)).toBe(false)
    const [values] = gatherFields(table, [stateField(table, 0)], slots, batch, 'after', testRegion())
    expect(rowsOf([values!], 3)).toEqual(integers(from, 3).map((row) => [`value ${row[0]}`]))
    // Three of four keys go.
    const gone = slots.filter((_, i) => i % 4 !== 1)
    touch(table, gone, gone.length)
    free(table, gone, gone.length)
    seal(table)
  }
  expect(keyCount(table)).toBe(total / 4)
  for (let from = 0; from < total; from += batch) {
    find(table, columnsFrom(['i64'], integers(from, batch)), batch, slots, { nullsMatch: true })
    expect(slots.every((slot, i) => slot >= 0 === (i % 4 === 1))).toBe(true)
  }
  for (let n = 0; n < 30; n++) seal(table) // compaction goes on in small steps
  expect(table.store.heap.bytes).toBeLessThan(total * 12)
  const some = integers(1, 2).slice(0, 1)
  find(table, columnsFrom(['i64'], some), 1, slots, { nullsMatch: true })
  expect(rowsOf(gatherFields(table, [1], slots, 1, 'after', testRegion()), 1)).toEqual([['value 1']])
  removeAll(table)
  expect(account.bytes).toBe(table.undo.bytes)
})

test('compaction moves values and the table still reads them', () => {
  const account = memoryAccount('test')
  const table = createKeyTable({ keys: [{ kind: 'bytes', nullable: true }], states: [], account })
  const keys: Row[] = Array.from({ length: 3000 }, (_, i) => [`${'k'.repeat(i % 90)}${i}`])
  const slots = new Int32Array(keys.length)
  findOrInsert(table, columnsFrom(['bytes'], keys), keys.length, slots)
  seal(table)
  const full = table.store.heap.bytes
  const gone = slots.filter((_, i) => i % 10 !== 3)
  touch(table, gone, gone.length)
  free(table, gone, gone.length)
  seal(table)
  for (let n = 0; n < 5; n++) seal(table)
  expect(table.store.heap.bytes).toBeLessThan(full / 2)
  const kept = keys.filter((_, i) => i % 10 === 3)
  find(table, columnsFrom(['bytes'], kept), kept.length, slots, { nullsMatch: true })
  expect(rowsOf(gatherKeys(table, slots, kept.length, testRegion()), kept.length)).toEqual(kept)
})

test('a slot keeps its id while its key lives, and the dictionary cache forgets freed slots', () => {
  const table = createKeyTable({
    keys: [{ kind: 'bytes', nullable: true }],
    states: [],
    account: memoryAccount('test'),
  })
  const column = columnsFrom(['bytes'], [['a'], ['b'], ['a'], [null]], true)
  const slots = new Int32Array(4)
  expect(findOrInsert(table, column, 4, slots)).toBe(3)
  seal(table)
  const [a] = slots
  touch(table, slots, 1)
  free(table, slots, 1)
  seal(table)
  findOrInsert(table, columnsFrom(['bytes'], [['z']]), 1, slots) // takes the freed id
  expect(slots[0]).toBe(a)
  find(table, column, 4, slots, { nullsMatch: true })
  expect(slots[0]).toBe(-1)
  expect(isPresent(table, slots[1]!, 'after')).toBe(true)
  abort(table)
  findOrInsert(table, column, 4, slots)
  expect(rowsOf(gatherKeys(table, slots, 4, testRegion()), 4)).toEqual([['a'], ['b'], ['a'], [null]])
})

test('at a limit nothing is half done: the epoch can be aborted', () => {
  const account = memoryAccount('small', { limitBytes: 60_000 })
  const table = createKeyTable({ keys: [{ kind: 'bytes', nullable: true }], states: [], account })
  const slots = new Int32Array(5000)
  findOrInsert(table, columnsFrom(['bytes'], [['first']]), 1, slots)
  seal(table)
  const many: Row[] = Array.from({ length: 5000 }, (_, i) => [`key number ${i}`])
  for (let n = 1; n < 5000; n = n * 2 + 1) {
    try {
      findOrInsert(table, columnsFrom(['bytes'], many.slice(0, n)), n, slots)
    } catch (error) {
      expect(String(error)).toContain('out of memory')
    }
    abort(table)
    expect(contents(table, 'after').size).toBe(1)
  }
})

test('a snapshot at its limit fails alone', () => {
  const table = createKeyTable({ keys: [{ kind: 'i64', nullable: true }], states: [], account: memoryAccount('test') })
  const slots = new Int32Array(1000)
  findOrInsert(table, columnsFrom(['i64'], integers(0, 1000)), 1000, slots)
  seal(table)
  const snapshot = snapshotTable(table, memoryAccount('snapshot', { limitBytes: 10 }))
  touch(table, slots, 1000)
  free(table, slots, 1000)
  seal(table)
  expect(keyCount(table)).toBe(0)
  expect(() => scan(table, 0, snapshot, slots)).toThrow('out of memory: snapshot')
  snapshot[Symbol.dispose]()
})

test('hashes too alike to split: a segment grows beyond its size instead', () => {
  const account = memoryAccount('test')
  const hash = (columns: readonly Column[], length: number, out: Int32Array): void => {
    const [key] = columns
    for (let i = 0; i < length; i++) out[i] = key?.kind === 'i64' ? Math.imul(key.words[2 * i]!, 0x9e3779b1) >>> 13 : 0
  }
  const table = createKeyTable({ keys: [{ kind: 'i64', nullable: false }], states: [], account, hash })
  const count = 70_000
  const slots = new Int32Array(count)
  const keys = columnsFrom(['i64'], integers(0, count))
  findOrInsert(table, keys, count, slots)
  seal(table)
  find(table, keys, count, slots, { nullsMatch: true })
  expect(new Set(slots).size).toBe(count)
  expect(table.index.segments.length).toBeLessThan(32)
  removeAll(table)
  expect(account.bytes).toBe(table.undo.bytes)
})
