import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnDef } from '../../../src/core/schema.ts'
import { defaultPhysical, type SqlType } from '../../../src/core/type.ts'
import { windowFunctions } from '../../../src/functions/window/window.ts'
import type { Frame, FrameBound, PhysicalPlan, SortKey, WindowCall, WindowNode } from '../../../src/planner/physical.ts'
import { anyHistory, checkHistory, checkIncremental, Epochs } from '../../support/incremental.ts'
import {
  aggregateFunction,
  bool,
  column,
  constant,
  int4,
  int8,
  map,
  scan,
  schemaOf,
  text,
} from '../../support/plans.ts'

const schema = schemaOf(int4, int4, bool, text)
const input = scan('t', schema)
const domain = [
  [1, 2, 5, null],
  [1, 2, null],
  [true, false, null],
  ['a', 'b'],
]
const only = [{ scan: input, domain }]

const defaultFrame: Frame = {
  mode: 'range',
  start: { kind: 'unboundedPreceding' },
  end: { kind: 'currentRow' },
  exclude: 'none',
}

function fn(
  name: string,
  args: readonly number[],
  resultType: SqlType,
  frame = defaultFrame,
  filter?: number,
): WindowCall {
  const found =
    windowFunctions.find((entry) => entry.name === name && entry.args.length === args.length) ??
    aggregateFunction(name, ...args.map((arg) => (name === 'count' ? ({ kind: 'any' } as never) : schema[arg]!.type)))
  return {
    function: found,
    args,
    argTypes: args.map((arg) => withOffsets.schema[arg]!.type),
    filter,
    ignoreNulls: false,
    frame,
    resultType,
  }
}

/** The input with two constant columns: offsets of LAG and LEAD. */
const withOffsets = map(input, undefined, [
  ...schema.map((_, i) => column(schema, i)),
  constant(3, int4),
  constant(-2, int4),
])

function over(
  calls: readonly WindowCall[],
  order: readonly SortKey[],
  partition: readonly number[] = [3],
  from: PhysicalPlan = input,
): WindowNode {
  const results = calls.map((call, i) => ({
    ...columnDef(`w${i}`, call.resultType),
    physical:
      call.function.kind === 'aggregate' && call.function.physical !== undefined
        ? call.function.physical(call.args.map((arg) => from.schema[arg]!.physical))
        : defaultPhysical(call.resultType),
  }))
  return {
    kind: 'window',
    input: from,
    partition,
    order,
    calls,
    insertOnly: false,
    uniqueKeys: [],
    schema: [...from.schema, ...results],
  }
}

const by = (column: number, descending = false, nullsFirst = false) => ({ column, descending, nullsFirst })
const float8: SqlType = { kind: 'float8' }

describe('window', () => {
  test('ranks and neighbours', () => {
    const calls = [
      fn('row_number', [], int8),
      fn('rank', [], int8),
      fn('dense_rank', [], int8),
      fn('percent_rank', [], float8),
      fn('cume_dist', [], float8),
      fn('lag', [1], int4),
      fn('lead', [1], int4),
    ]
    checkIncremental(over(calls, [by(0)]), only, { runs: 40 })
    checkIncremental(over(calls, [by(0, true, true)], []), only, { runs: 40 })
  })

  test('running and whole aggregates', () => {
    const whole: Frame = { ...defaultFrame, end: { kind: 'unboundedFollowing' } }
    const calls = [fn('sum', [1], int8), fn('count', [], int8, whole, 2), fn('min', [1], int4), fn('count', [1], int8)]
    checkIncremental(over(calls, [by(0)]), only, { runs: 40 })
    checkIncremental(over(calls, []), only, { runs: 40 })
  })

  test('any frame', () => {
    const offset = (n: number) => ({ offset: constant(BigInt(n), int8) })
    const anyBound = fc.oneof(
      fc.constant<FrameBound>({ kind: 'currentRow' }),
      fc.nat(3).map((n): FrameBound => ({ kind: 'preceding', ...offset(n) })),
      fc.nat(3).map((n): FrameBound => ({ kind: 'following', ...offset(n) })),
    )
    const anyFrame = fc.record<Frame>({
      mode: fc.constantFrom('rows', 'range', 'groups'),
      start: fc.oneof(anyBound, fc.constant<FrameBound>({ kind: 'unboundedPreceding' })),
      end: fc.oneof(anyBound, fc.constant<FrameBound>({ kind: 'unboundedFollowing' })),
      exclude: fc.constantFrom('none', 'none', 'current', 'group', 'ties'),
    })
    const anyOrder = fc.tuple(fc.boolean(), fc.boolean()).map(([descending, first]) => [by(0, descending, first)])
    fc.assert(
      fc.property(anyFrame, anyOrder, anyHistory([domain], 3), (frame, order, history) => {
        const calls = [
          fn('sum', [1], int8, frame),
          fn('max', [1], int4, frame),
          fn('first_value', [1], int4, frame),
          fn('last_value', [1], int4, frame),
          fn('count', [], int8, frame, 2),
        ]
        checkHistory(over(calls, order, []), [input], history)
      }),
      { numRuns: 200 },
    )
  })

  test('few changes of large partitions: each call by itself reaches as far as it must', () => {
    const offset = (n: number) => ({ offset: constant(BigInt(n), int8) })
    const frame = (mode: Frame['mode'], back: number, ahead: number): Frame => ({
      mode,
      start: { kind: 'preceding', ...offset(back) },
      end: { kind: 'following', ...offset(ahead) },
      exclude: 'none',
    })
    const far: Frame = { ...frame('rows', 4, 0), end: { kind: 'preceding', ...offset(2) } }
    const calls = [
      ...['row_number', 'rank', 'dense_rank'].map((name) => fn(name, [], int8)),
      ...['lag', 'lead'].flatMap((name) => [fn(name, [1], int4), fn(name, [1, 4], int4), fn(name, [1, 5], int4)]),
      fn('sum', [1], int8),
      ...(['rows', 'range', 'groups'] as const).flatMap((mode) => [
        fn('sum', [1], int8, frame(mode, 2, 0)),
        fn('max', [1], int4, frame(mode, 0, 3)),
        fn('first_value', [1], int4, frame(mode, 1, 1)),
      ]),
      fn('count', [], int8, far),
      fn('last_value', [1], int4, { ...far, mode: 'range' }),
    ]
    const wide = [[...Array.from({ length: 30 }, (_, i) => i * 2), null], [1, 2, 3, null], [true], ['a']]
    const row = fc.tuple(...wide.map((values) => fc.constantFrom(...values)))
    const many = fc.array(row, { minLength: 20, maxLength: 30 }).map((rows) => ({
      changes: rows.map((each) => ({ input: 0, row: each, weight: 1 })),
      ...{ batchRows: 100, aborted: false, budget: { rows: 65_536, work: 65_536 } },
    }))
    const few = anyHistory([wide], 4).map((epochs) =>
      epochs.map((epoch) => ({ ...epoch, changes: epoch.changes.slice(0, 3) })),
    )
    const anyOrder = fc.tuple(fc.boolean(), fc.boolean()).map(([descending, first]) => [by(0, descending, first)])
    fc.assert(
      fc.property(fc.constantFrom(...calls), anyOrder, many, few, (call, order, first, rest) => {
        checkHistory(over([call], order, [], withOffsets), [input], [first, ...rest])
      }),
      { numRuns: 25 },
    )
  })

  test('the worked example of the specification', () => {
    const plan = over([fn('row_number', [], int8)], [by(0)], [])
    const row = (v: number) => [v, null, null, 'a']
    using flow = new Epochs(plan)
    flow.run([10, 20, 30].map((v) => [input, row(v), 1] as const))
    expect(flow.run([[input, row(15), 1]])).toEqual([
      '+1 | 15 | NULL | NULL | "a" | 2n',
      '+1 | 20 | NULL | NULL | "a" | 3n',
      '+1 | 30 | NULL | NULL | "a" | 4n',
      '-1 | 20 | NULL | NULL | "a" | 2n',
      '-1 | 30 | NULL | NULL | "a" | 3n',
    ])
    expect(flow.run([[input, row(30), -1]])).toEqual(['-1 | 30 | NULL | NULL | "a" | 4n'])
  })
})
