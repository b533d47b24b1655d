// Warm generated loops of the executor allocate less than two bytes a row (engine §1): BigInts stay inside them.

import { expect, test } from 'vitest'
import { batchOf, i32Column, i64Column } from '../../src/core/batch.ts'
import { memoryAccount } from '../../src/core/memory.ts'
import { columnDef } from '../../src/core/schema.ts'
import { Accumulators } from '../../src/executor/aggregate/accumulate.ts'
import { GroupEmitter } from '../../src/executor/aggregate/emit-code.ts'
import { CallOutput, DEFAULT_BUDGET } from '../../src/executor/call-output.ts'
import { CompiledRows } from '../../src/executor/expr/compile.ts'
import type { Expr } from '../../src/planner/expr.ts'
import { createKeyTable, findOrInsert, touch } from '../../src/storage/key-table.ts'
import { seal } from '../../src/storage/key-table-epoch.ts'
import { allocationPerRow } from '../support/allocation.ts'
import { testRegion } from '../support/columns.ts'
import { bool, call, column, constant, environment, int8 } from '../support/plans.ts'

/** A group costs a call some objects per column: enough rows that they do not hide what a row costs. */
const ROWS = 4096
const schema = ['a', 'b', 'p'].map((name) => columnDef(name, int8, false))
const values = (step: bigint) => i64Column(BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i) * step))
const batch = batchOf(ROWS, [values(1n), values(7919n), values(104_729n)], new Int32Array(ROWS).fill(2))

function expectLean(work: () => void): void {
  const { median, maximum } = allocationPerRow(ROWS, work)
  expect(median).toBeLessThan(2)
  expect(maximum).toBeLessThan(6)
}

function expectLeanRows(predicate: Expr | undefined, columns: readonly Expr[]): void {
  const output = columns.map((expr) => ({ ...columnDef('c', expr.type), physical: expr.physical }))
  const rows = new CompiledRows({ label: 'Map', predicate, columns, schema: output }, environment)
  const region = testRegion()
  const out = new CallOutput(region, DEFAULT_BUDGET, () => {})
  expect(rows.run(batch, out).failed).toBe(ROWS)
  expectLean(() => {
    rows.run(batch, out)
    region.recycle()
  })
}

test('filter and checked arithmetic', () => {
  const price = column(schema, 2)
  const product = call('*', int8, price, constant(3n, int8))
  expectLeanRows(call('>', bool, price, constant(1_000_000n, int8)), [
    column(schema, 0),
    call('+', int8, product, price),
  ])
})

test('accumulate and emit', () => {
  const [long, wide] = [{ kind: 'i64', nullable: false } as const, { kind: 'i128', nullable: false } as const]
  const table = createKeyTable({ keys: [long], states: [long, wide], account: memoryAccount('test') })
  const slots = new Int32Array(ROWS)
  const region = testRegion()
  const ops = [
    { kind: 'weight', column: undefined, others: [], filter: undefined, state: 0 } as const,
    { kind: 'sum', column: 2, others: [], filter: undefined, state: 1 } as const,
  ]
  const results = [{ kind: 'state', state: 0 } as const, { kind: 'state', state: 1 } as const]
  const keyed = batchOf(ROWS, [batch.columns[0]!, i32Column(new Int32Array(ROWS)), batch.columns[2]!], batch.weights)
  const accumulators = new Accumulators(table, ops)
  const emitter = new GroupEmitter({ table, results, global: false, errorState: undefined })
  expectLean(() => {
    findOrInsert(table, [keyed.columns[0]!], ROWS, slots)
    touch(table, slots, ROWS)
    accumulators.add(slots, keyed)
    emitter.emit(0, ROWS, region)
    seal(table)
    region.recycle()
  })
})
