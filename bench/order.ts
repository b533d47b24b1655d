// What one changed row costs under OVER and top-n: a thousand partitions of ten rows, and of a thousand; an epoch a
// change. The cost must not grow with the partition: at most twice as much for a hundred times the rows.
//
//   lag, rows 3, range 10, groups 2    calls whose values a change reaches near by; changes anywhere
//   top 10                             ROW_NUMBER() <= 10; changes anywhere
//   number at the end                  ROW_NUMBER(); rows that come and go at the end of their partition

import { batchFromRows } from '../src/core/convert.ts'
import { epoch } from '../src/core/ids.ts'
import { memoryAccount } from '../src/core/memory.ts'
import { Region } from '../src/core/region.ts'
import { columnDef, type Schema } from '../src/core/schema.ts'
import { buildDataflow } from '../src/executor/build.ts'
import type { Dataflow } from '../src/executor/dataflow.ts'
import { windowFunctions } from '../src/functions/window/window.ts'
import type { Frame, PhysicalPlan, SortKey, WindowCall } from '../src/planner/physical.ts'
import { aggregateFunction, constant, environment, int8, scan, top } from '../test/support/plans.ts'
import { type Measured, measure } from './reference/measure.ts'
import { draws } from './reference/random.ts'
import type { BenchCase } from './run.ts'

const PARTITIONS = 1000
const CHANGES = 500
const GROWTH_MAX = 2
const schema: Schema = ['part', 'at', 'value'].map((name) => columnDef(name, int8, false))
const input = scan('t', schema)
const order: readonly SortKey[] = [{ column: 1, descending: false, nullsFirst: false }]

type Row = readonly [bigint, bigint, bigint]

class Driver {
  readonly #flow: Dataflow
  readonly #region = new Region(memoryAccount('bench'))
  #epoch = 0

  constructor(plan: PhysicalPlan) {
    this.#flow = buildDataflow(plan, { env: environment, account: memoryAccount('bench'), oneShot: false })
  }

  change(rows: readonly Row[], weight: 1 | -1): void {
    const weights = weight === 1 ? undefined : new Int32Array(rows.length).fill(-1)
    this.#flow.push(input, batchFromRows(schema, rows, this.#region, weights))
    const context = { epoch: epoch(++this.#epoch), time: 0n, frontiers: [], first: this.#epoch === 1, last: false }
    const steps = this.#flow.run(context, this.#region, () => {})
    while (steps.next().done !== true);
    this.#flow.prepare()
    this.#flow.seal()
    this.#region.recycle()
  }
}

/** ns for a row that comes or goes in one of the partitions of `size` rows. */
function perChange(plan: PhysicalPlan, size: number, where: 'anywhere' | 'end'): Measured {
  const driver = new Driver(plan)
  const draw = draws(size)
  for (let at = 0; at < size; at += 10) {
    const rows = Array.from({ length: 10 * PARTITIONS }, (_, i): Row => {
      const place = at + Math.floor(i / PARTITIONS)
      return [BigInt(i % PARTITIONS), BigInt(2 * place), BigInt(draw(1000))]
    })
    driver.change(rows, 1)
  }
  const place = (): bigint => BigInt(where === 'end' ? 2 * size : 2 * draw(size) + 1)
  const changes = Array.from({ length: CHANGES / 2 }, (): Row => [BigInt(draw(PARTITIONS)), place(), 7n])
  return measure(CHANGES, () => {
    for (const row of changes) {
      driver.change([row], 1)
      driver.change([row], -1)
    }
  })
}

/** The larger state's figure, after a run that only warms up. */
function flat(plan: PhysicalPlan, where: 'anywhere' | 'end' = 'anywhere'): Measured {
  perChange(plan, 10, where)
  const small = perChange(plan, 10, where)
  const large = perChange(plan, 1000, where)
  const growth = large.nsPerRow / small.nsPerRow
  const facts = {
    ns10k: Math.round(small.nsPerRow),
    ns1m: Math.round(large.nsPerRow),
    growth: Math.round(growth * 100) / 100,
  }
  return { ...large, facts, withinLimit: growth <= GROWTH_MAX }
}

const back = (mode: Frame['mode'], by: bigint): Frame => ({
  mode,
  start: { kind: 'preceding', offset: constant(by, int8) },
  end: { kind: 'currentRow' },
  exclude: 'none',
})

const call = (fn: WindowCall['function'], args: readonly number[], frame: Frame): WindowCall => ({
  ...{ function: fn, args, argTypes: args.map(() => int8), filter: undefined, ignoreNulls: false, frame },
  resultType: int8,
})

const named = (name: string, args: number) =>
  windowFunctions.find((entry) => entry.name === name && entry.args.length === args)!

const over = (...calls: readonly WindowCall[]): PhysicalPlan => ({
  kind: 'window',
  input,
  partition: [0],
  order,
  calls,
  insertOnly: false,
  uniqueKeys: [],
  schema: [...schema, ...calls.map((_, i) => columnDef(`w${i}`, int8))],
})

const max = aggregateFunction('max', int8)
const count = aggregateFunction('count')

export const cases: readonly BenchCase[] = [
  { name: 'lag', run: () => flat(over(call(named('lag', 1), [2], back('rows', 0n)))) },
  { name: 'rows 3', run: () => flat(over(call(max, [2], back('rows', 3n)), call(count, [], back('rows', 3n)))) },
  { name: 'range 10', run: () => flat(over(call(max, [2], back('range', 10n)))) },
  { name: 'groups 2', run: () => flat(over(call(max, [2], back('groups', 2n)))) },
  { name: 'top 10', run: () => flat(top(input, { partition: [0], order, limit: 10n })) },
  { name: 'number at the end', run: () => flat(over(call(named('row_number', 0), [], back('rows', 0n))), 'end') },
]
