// Random plans of up to four levels over two relations that change together.

import fc from 'fast-check'
import { describe, test } from 'vitest'
import type { Schema } from '../../src/core/schema.ts'
import type { Expr } from '../../src/planner/expr.ts'
import type { JoinType, PhysicalPlan } from '../../src/planner/physical.ts'
import { anyHistory, checkHistory } from '../support/incremental.ts'
import {
  aggregate,
  aggregateCall,
  aggregateFunction,
  bool,
  call,
  column,
  constant,
  distinct,
  int4,
  int8,
  join,
  map,
  scan,
  schemaOf,
  setOperation,
  text,
  top,
  unionAll,
} from '../support/plans.ts'

const schema = schemaOf(int4, text)
const left = scan('l', schema)
const right = scan('r', schema)
const domain = [
  [1, 2, 3, null],
  ['a', 'b', null],
]

/** Every plan has the columns (int4, text), so that any stands where any may. */
const shaped = (plan: PhysicalPlan, number: number, word: number): PhysicalPlan =>
  map(plan, undefined, [column(plan.schema, number), column(plan.schema, word)])

const toInt4 = (input: Expr): Expr => ({
  kind: 'case',
  whens: [{ condition: call('<', bool, input, constant(2n, int8)), result: constant(1, int4) }],
  otherwise: constant(2, int4),
  type: int4,
  physical: { kind: 'i32' },
  nullable: true,
})

const anyPlan: (depth: number) => fc.Arbitrary<PhysicalPlan> = fc.memo((depth) => {
  const leaf = fc.constantFrom<PhysicalPlan>(left, right)
  if (depth <= 1) return leaf
  const sub = anyPlan(depth - 1)
  const pair = fc.tuple(sub, sub)
  return fc.oneof(
    leaf,
    sub.map((plan) => map(plan, call('<', bool, column(plan.schema, 0), constant(3, int4)), columns(plan.schema))),
    sub.map((plan) =>
      map(plan, undefined, [call('-', int4, constant(3, int4), column(plan.schema, 0)), column(plan.schema, 1)]),
    ),
    sub.map(distinct),
    pair.map(([a, b]) => unionAll(a, b)),
    fc
      .tuple(fc.constantFrom('intersect' as const, 'except' as const), fc.boolean(), pair)
      .map(([operation, all, [a, b]]) => setOperation(operation, all, a, b)),
    fc.tuple(anyJoinType, fc.boolean(), fc.boolean(), pair).map(([type, nullSafe, conditional, [a, b]]) => {
      const row = [...a.schema, ...b.schema]
      const residual = conditional ? call('<=', bool, column(row, 1), column(row, 3)) : undefined
      const keys = [{ left: 0, right: 0, nullSafe }]
      const plan = join(type, a, b, residual === undefined ? { keys } : { keys, residual })
      return shaped(plan, 0, plan.schema.length > 3 ? 3 : 1)
    }),
    sub.map((plan) => {
      const calls = [
        aggregateCall(plan.schema, aggregateFunction('max', text), [1]),
        aggregateCall(plan.schema, aggregateFunction('count'), []),
      ]
      const grouped = aggregate(plan, [0], calls)
      return map(grouped, undefined, [toInt4(column(grouped.schema, 2)), column(grouped.schema, 1)])
    }),
    fc
      .tuple(sub, fc.constantFrom('rows' as const, 'ties' as const, 'dense' as const))
      .map(([plan, by]) => top(plan, { order: [{ column: 0, descending: true, nullsFirst: false }], limit: 2n, by })),
    sub.map((plan) => top(plan, { limit: 1n })),
  )
})

const anyJoinType = fc.constantFrom<JoinType>('inner', 'left', 'right', 'full', 'semi', 'anti')

const columns = (of: Schema): Expr[] => of.map((_, i) => column(of, i))

describe('random plans', () => {
  for (const oneShot of [false, true])
    test(oneShot ? 'one-shot' : 'any history', () => {
      fc.assert(
        fc.property(anyPlan(4), anyHistory([domain, domain], 4), (plan, history) => {
          checkHistory(plan, [left, right], history, { oneShot })
        }),
        { numRuns: 200 },
      )
    })
})
