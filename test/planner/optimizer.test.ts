// Rules keep what a query computes: its columns and types, and over any contents its rows. Judged by the batch
// definition of plans (support/oracle.ts) over the plan as the binder made it, with all rules, and with each rule left
// out.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SqlValue } from '../../src/core/value.ts'
import { decorrelate } from '../../src/planner/decorrelate/decorrelate.ts'
import type { LogicalPlan } from '../../src/planner/logical.ts'
import { lower } from '../../src/planner/lower.ts'
import { optimize, rules } from '../../src/planner/optimizer.ts'
import type { PhysicalPlan, ScanNode } from '../../src/planner/physical.ts'
import { ParameterTypes } from '../../src/planner/types/parameters.ts'
import { answer } from '../support/oracle.ts'
import { ZSet } from '../support/zset.ts'
import { plan, registry, textSettings } from './support/planning.ts'
import { query, tables } from './support/random-query.ts'

const types = { registry, parameters: new ParameterTypes(), text: textSettings }

type Contents = readonly (readonly (readonly SqlValue[])[])[]

const value = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null, freq: 4 })
const contents: fc.Arbitrary<Contents> = fc.tuple(
  fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 5 }), value, value), { maxLength: 5, selector: ([id]) => id }),
  fc.array(fc.tuple(value, value, value), { maxLength: 6 }),
)

function scansOf(plan: PhysicalPlan): readonly ScanNode[] {
  switch (plan.kind) {
    case 'scan':
      return [plan]
    case 'values':
      return []
    case 'join':
    case 'asof':
    case 'setOperation':
      return [...scansOf(plan.left), ...scansOf(plan.right)]
    case 'unionAll':
    case 'recursion':
      return plan.inputs.flatMap(scansOf)
    case 'feed':
      return []
    default:
      return scansOf(plan.input)
  }
}

/** The rows of a plan over these contents, as sorted texts. */
function rowsOf(logical: LogicalPlan, data: Contents): readonly string[] {
  const physical = lower(logical)
  const inputs = new Map<ScanNode, ZSet>()
  for (const scan of scansOf(physical)) {
    const rows = data[tables.findIndex((one) => one.id === scan.relation)]!
    const zset = new ZSet()
    for (const row of rows)
      zset.add(
        scan.columns.map((column) => row[column]!),
        1,
      )
    inputs.set(scan, zset)
  }
  const { rows, errors } = answer(physical, inputs)
  expect(errors.size).toBe(0)
  return rows.rows.map(([row, weight]) => `${weight} ${row.map(String).join('|')}`).sort()
}

const shape = ({ schema }: LogicalPlan) => schema.map(({ name, type }) => [name, type.kind])

test('rules keep columns, types and rows', () => {
  fc.assert(
    fc.property(query, contents, (sql, data) => {
      const bound = decorrelate(plan(sql, tables).logical, types)
      const wanted = rowsOf(bound, data)
      const optimized = optimize(bound, types).plan
      expect(shape(optimized)).toEqual(shape(bound))
      expect(rowsOf(optimized, data)).toEqual(wanted)
    }),
    { numRuns: 150 },
  )
})

test('each rule left out gives the same rows', () => {
  fc.assert(
    fc.property(query, contents, fc.integer({ min: 0, max: rules.length - 1 }), (sql, data, index) => {
      const bound = decorrelate(plan(sql, tables).logical, types)
      const without = rules.filter((_, i) => i !== index)
      expect(rowsOf(optimize(bound, types, without).plan, data)).toEqual(rowsOf(bound, data))
    }),
    { numRuns: 150 },
  )
})
