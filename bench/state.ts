// State structures against the reference loops: GROUP BY (bigint, int) with count, sum, max and emission of touched
// groups, an equi-join, and ordered groups with retraction. Batches of 4,096 rows, an epoch each.

import { batchOf, type Column, i32Column, i64Column } from '../src/core/batch.ts'
import { compiled } from '../src/core/codegen.ts'
import { memoryAccount } from '../src/core/memory.ts'
import { Region } from '../src/core/region.ts'
import type { Schema } from '../src/core/schema.ts'
import { arrange, createArrangement } from '../src/storage/arrangement.ts'
import { findKeys, gatherMatches, probeRows, readerOf } from '../src/storage/arrangement-reader.ts'
import {
  createKeyTable,
  findOrInsert,
  gatherFields,
  type KeyTable,
  touch,
  touchedSlots,
} from '../src/storage/key-table.ts'
import { seal } from '../src/storage/key-table-epoch.ts'
import {
  createOrderedIndex,
  firstRows,
  insertOrdered,
  orderedStates,
  prepareOrdered,
  sealOrdered,
} from '../src/storage/ordered-index.ts'
import { recordCode } from '../src/storage/record-layout.ts'
import { matches, startProbe } from '../src/storage/row-lists.ts'
import { makeKeyedBatches } from './reference/aggregate.ts'
import { BATCH_ROWS } from './reference/columns.ts'
import { makeJoinBatches } from './reference/join.ts'
import { type Measured, measure } from './reference/measure.ts'
import type { BenchCase } from './run.ts'

const long = { kind: 'i64', nullable: false } as const

const longColumn = (words: Int32Array): Column =>
  i64Column(new BigInt64Array(words.buffer as ArrayBuffer, words.byteOffset, words.length / 2))

type Accumulate = (
  slots: Int32Array,
  length: number,
  column: Column,
  words: readonly Int32Array[],
  longs: readonly BigInt64Array[],
  doubles: readonly Float64Array[],
) => void

/** count, sum, max into the three states, as the executor generates it. */
function accumulator(table: KeyTable): Accumulate {
  const code = recordCode(table.layout)
  const [count, sum, max] = [2, 3, 4].map((field) => code.long(field))
  return compiled<Accumulate>(`bench ${table.layout.key}`, () => ({
    parameters: ['slots', 'length', 'column', 'words', 'longs', 'doubles'],
    body: `const v = column.values
for (let i = 0; i < length; i++) {
  const id = slots[i]
  ${code.locate('id')}const x = v[i]
  ${count} = BigInt.asIntN(64, ${count} + 1n)
  ${sum} = BigInt.asIntN(64, ${sum} + x)
  if (x > ${max}) ${max} = x
}`,
  }))
}

function aggregate(groups: number): Measured {
  const account = memoryAccount('bench')
  const region = new Region(account)
  const table = createKeyTable({ keys: [long, { kind: 'i32', nullable: false }], states: [long, long, long], account })
  const accumulate = accumulator(table)
  const batches = makeKeyedBatches(488, groups).map(
    ({ key, code, value }) =>
      [longColumn(key), i32Column(code), i64Column(value as BigInt64Array<ArrayBuffer>)] as const,
  )
  return measure(batches.length * BATCH_ROWS, () => {
    for (const [key, code, value] of batches) {
      const slots = region.i32(BATCH_ROWS)
      findOrInsert(table, [key, code], BATCH_ROWS, slots)
      touch(table, slots, BATCH_ROWS)
      accumulate(slots, BATCH_ROWS, value, table.store.words, table.store.longs, table.store.doubles)
      const touched = touchedSlots(table)
      gatherFields(table, [0, 1, 2, 3, 4], touched, touched.length, 'after', region)
      seal(table)
      region.recycle()
    }
  })
}

const joinSchema: Schema = ['k', 'v'].map((name) => ({
  name,
  type: { kind: 'int8' },
  physical: { kind: 'i64' },
  nullable: false,
}))

function join(): Measured {
  const count = 245
  const [left, right] = [1, 2].map((seed) =>
    makeJoinBatches(count, 1_000_000, seed).map(({ key, value }) =>
      batchOf(BATCH_ROWS, [longColumn(key), i64Column(value as BigInt64Array<ArrayBuffer>)]),
    ),
  )
  const pass = (): void => {
    const account = memoryAccount('bench')
    const region = new Region(account)
    const side = () =>
      createArrangement({
        label: 'bench',
        schema: joinSchema,
        keys: [0],
        layout: 'rows',
        account,
        storeNullKeys: false,
      })
    const sides = [side(), side()] as const
    for (let b = 0; b < count; b++)
      for (const own of [0, 1] as const) {
        const batch = (own === 0 ? left : right)![b]!
        const reader = readerOf(sides[1 - own]!)
        const slots = region.i32(BATCH_ROWS)
        arrange(sides[own], batch, region)
        findKeys(reader, batch.columns.slice(0, 1), BATCH_ROWS, slots, { nullsMatch: false, moment: 'before', region })
        const cursor = startProbe()
        for (let done = false; !done; ) {
          const found = matches(BATCH_ROWS, region)
          done = probeRows(reader, slots, BATCH_ROWS, undefined, 'before', cursor, found)
          gatherMatches(reader, [1], found, slots, 'before', region)
        }
        sides[own].prepare()
        sides[own].seal()
        region.recycle()
      }
    for (const each of sides) each[Symbol.dispose]()
  }
  return measure(2 * count * BATCH_ROWS, pass, 1)
}

/** 1 M entries: each epoch retracts a batch or puts it back, then reads the first row of every touched group. */
function ordered(groups: number, mode: 'private' | 'shared'): Measured {
  const account = memoryAccount('bench')
  const region = new Region(account)
  const table = createKeyTable({ keys: [long], states: orderedStates, account })
  const order = [{ column: 0, descending: true, nullsFirst: false }]
  const index = createOrderedIndex({ table, rootState: 0, columns: [long], order, mode, account })
  const batches = makeKeyedBatches(245, groups)
  const epoch = (b: number, weight: number): void => {
    const { key, value } = batches[b]!
    const slots = region.i32(BATCH_ROWS)
    findOrInsert(table, [longColumn(key)], BATCH_ROWS, slots)
    const column = i64Column(value as BigInt64Array<ArrayBuffer>)
    insertOrdered(index, slots, batchOf(BATCH_ROWS, [column], new Int32Array(BATCH_ROWS).fill(weight)))
    const touched = touchedSlots(table)
    firstRows(index, touched, touched.length, 'first', 'after', region.i32(touched.length))
    prepareOrdered(index)
    sealOrdered(index, () => {})
    seal(table)
    region.recycle()
  }
  for (let b = 0; b < batches.length; b++) epoch(b, 1)
  return measure(
    40 * BATCH_ROWS,
    () => {
      for (let b = 0; b < 20; b++) {
        epoch(b, -1)
        epoch(b, 1)
      }
    },
    1,
  )
}

export const cases: readonly BenchCase[] = [
  { name: 'agg10k', reference: 'agg10k', limit: { times: 2.5 }, run: () => aggregate(10_000) },
  { name: 'agg1m', reference: 'agg1m', limit: { times: 2.5 }, run: () => aggregate(1_000_000) },
  { name: 'join', reference: 'join', limit: { times: 3 }, run: join },
  { name: 'ordered, one group', run: () => ordered(1, 'private') },
  { name: 'ordered, 100 k groups', run: () => ordered(100_000, 'private') },
  { name: 'ordered, shared', run: () => ordered(1, 'shared') },
]
