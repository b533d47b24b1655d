// Functions and operators of ranges and multiranges (PostgreSQL 15, section 9.20), one set of entries a range type.

import { SqlError } from '../../core/error.ts'
import { multirangeKindOf, rangeKinds, subtypeOf } from '../../core/range.ts'
import type { RangeKind } from '../../core/type.ts'
import type { RangeBound, SqlMultirange, SqlRange, SqlValue } from '../../core/value.ts'
import type { ParameterType, ScalarFunction, TableFunction } from '../registry.ts'
import { lenient, strict } from '../registry.ts'
import { setOf } from '../table.ts'
import * as algebra from './algebra.ts'
import { compareFor, makeMultirange, makeRange } from './make.ts'

type Value = RangeBound['value']

interface Samples {
  /** Three values of the subtype as literals, ascending, one step apart where the type has steps. */
  readonly values: readonly [string, string, string]
}

const samples = {
  int4range: { values: ['1', '2', '9'] },
  int8range: { values: ['1::int8', '2::int8', '9::int8'] },
  numrange: { values: ['1.5', '2.5', '9.5'] },
  tsrange: { values: ["timestamp '2024-01-01'", "timestamp '2024-01-02'", "timestamp '2024-02-01'"] },
  tstzrange: {
    values: [
      "timestamptz '2024-01-01 00:00+00'",
      "timestamptz '2024-01-02 00:00+00'",
      "timestamptz '2024-02-01 00:00+00'",
    ],
  },
  daterange: { values: ["date '2024-01-01'", "date '2024-01-02'", "date '2024-02-01'"] },
} satisfies Record<RangeKind, Samples>

const FLAGS = ['[]', '[)', '(]', '()']

function boundsOf(flags: string | null): readonly [lower: boolean, upper: boolean] {
  if (flags === null)
    throw new SqlError({ code: '22000', message: 'range constructor flags argument must not be null' })
  if (!FLAGS.includes(flags))
    throw new SqlError({
      code: '42601',
      message: 'invalid range bound flags',
      hint: 'Valid values are "[]", "[)", "(]", and "()".',
    })
  return [flags[0] === '[', flags[1] === ']']
}

const bound = (value: SqlValue, inclusive: boolean): RangeBound | undefined =>
  value === null ? undefined : { value, inclusive }

function constructors(kind: RangeKind): readonly ScalarFunction[] {
  const subtype = subtypeOf(kind).kind
  const multi = multirangeKindOf(kind)
  const [a, b, c] = samples[kind].values
  const noNull = (ranges: readonly (SqlRange | null)[]): readonly SqlRange[] =>
    ranges.map((range) => {
      if (range !== null) return range
      throw new SqlError({ code: '22004', message: 'multirange values cannot contain null members' })
    })
  return [
    lenient(kind, [subtype, subtype], kind, {
      doc: 'The range from the first value up to but without the second one; NULL is no bound.',
      example: `${kind}(${a}, ${c}) @> ${b}`,
      evaluate: (lower: SqlValue, upper: SqlValue) => makeRange(kind, bound(lower, true), bound(upper, false)),
    }),
    lenient(kind, [subtype, subtype, 'text'], kind, {
      doc: 'The range between two values, bounds included as `[]`, `[)`, `(]` or `()` says; NULL is no bound.',
      example: `not ${kind}(${a}, ${c}, '()') @> ${a}`,
      evaluate: (lower: SqlValue, upper: SqlValue, flags: string | null) => {
        const [from, to] = boundsOf(flags)
        return makeRange(kind, bound(lower, from), bound(upper, to))
      },
    }),
    lenient(multi, [], multi, {
      doc: 'The empty multirange.',
      example: `isempty(${multi}())`,
      fails: false,
      evaluate: () => makeMultirange(kind, []),
    }),
    lenient(multi, [kind], multi, {
      doc: 'The multirange of these ranges.',
      example: `${multi}(${kind}(${a}, ${b}), ${kind}(${b}, ${c})) = ${multi}(${kind}(${a}, ${c}))`,
      variadic: true,
      evaluate: (...args: readonly unknown[]) => {
        const ranges = args.slice(0, -1) as readonly (SqlRange | null)[]
        return ranges.length === 1 && ranges[0] === null ? null : makeMultirange(kind, noNull(ranges))
      },
    }),
    strict('multirange', [kind], multi, {
      doc: 'The multirange of this one range.',
      example: `multirange(${kind}(${a}, ${c})) @> ${b}`,
      fails: false,
      evaluate: (range: SqlRange) => makeMultirange(kind, [range]),
    }),
  ]
}

/** `lower`, `isempty` and so on, of a range or multirange. */
function parts(kind: RangeKind, of: RangeKind | ReturnType<typeof multirangeKindOf>): readonly ScalarFunction[] {
  const subtype = subtypeOf(kind).kind
  const [a, , c] = samples[kind].values
  const range = of === kind ? `${kind}(${a}, ${c})` : `${of}(${kind}(${a}, ${c}))`
  type Given = SqlRange | SqlMultirange
  const first = (value: Given): SqlRange | undefined => algebra.rangesOf(value)[0]
  const last = (value: Given): SqlRange | undefined => algebra.rangesOf(value).at(-1)
  const fact = (name: string, doc: string, example: string, evaluate: (value: Given) => boolean): ScalarFunction =>
    strict(name, [of], 'boolean', { doc, example, fails: false, evaluate })
  return [
    strict('lower', [of], subtype, {
      doc: 'The lower bound; NULL where it has none or is empty.',
      example: `lower(${range}) = ${a}`,
      fails: false,
      evaluate: (value: Given) => first(value)?.lower?.value ?? null,
    }),
    strict('upper', [of], subtype, {
      doc: 'The upper bound; NULL where it has none or is empty.',
      example: `upper(${range}) = ${c}`,
      fails: false,
      evaluate: (value: Given) => last(value)?.upper?.value ?? null,
    }),
    fact('isempty', 'True where it contains nothing.', `not isempty(${range})`, (value) => first(value) === undefined),
    fact(
      'lower_inc',
      'True where the lower bound belongs to it.',
      `lower_inc(${range})`,
      (value) => first(value)?.lower?.inclusive === true,
    ),
    fact(
      'upper_inc',
      'True where the upper bound belongs to it.',
      `not upper_inc(${range})`,
      (value) => last(value)?.upper?.inclusive === true,
    ),
    fact('lower_inf', 'True where it has no lower bound.', `not lower_inf(${range})`, (value) => {
      const range = first(value)
      return range !== undefined && range.lower === undefined
    }),
    fact('upper_inf', 'True where it has no upper bound.', `not upper_inf(${range})`, (value) => {
      const range = last(value)
      return range !== undefined && range.upper === undefined
    }),
  ]
}

interface TestOperator {
  readonly name: string
  readonly doc: string
  readonly test: algebra.Test
  /** Ends of the two ranges of the example, as places among the samples. */
  readonly example: readonly [readonly [number, number], readonly [number, number]]
}

const swapped =
  (test: algebra.Test): algebra.Test =>
  (compare, a, b) =>
    test(compare, b, a)

const tests: readonly TestOperator[] = [
  {
    name: '@>',
    doc: 'True where the first contains the second.',
    test: algebra.contains,
    example: [
      [0, 2],
      [1, 2],
    ],
  },
  {
    name: '<@',
    doc: 'True where the second contains the first.',
    test: swapped(algebra.contains),
    example: [
      [1, 2],
      [0, 2],
    ],
  },
  {
    name: '&&',
    doc: 'True where both have a value in common.',
    test: algebra.overlaps,
    example: [
      [0, 2],
      [1, 2],
    ],
  },
  {
    name: '<<',
    doc: 'True where all of the first lies below the second.',
    test: algebra.before,
    example: [
      [0, 1],
      [1, 2],
    ],
  },
  {
    name: '>>',
    doc: 'True where all of the first lies above the second.',
    test: swapped(algebra.before),
    example: [
      [1, 2],
      [0, 1],
    ],
  },
  {
    name: '&<',
    doc: 'True where the first ends no later than the second.',
    test: algebra.overLeft,
    example: [
      [0, 1],
      [0, 2],
    ],
  },
  {
    name: '&>',
    doc: 'True where the first begins no earlier than the second.',
    test: algebra.overRight,
    example: [
      [1, 2],
      [0, 2],
    ],
  },
  {
    name: '-|-',
    doc: 'True where nothing lies between both and they share no value.',
    test: algebra.adjacent,
    example: [
      [0, 1],
      [1, 2],
    ],
  },
]

type Given = SqlRange | SqlMultirange

function testEntries(kind: RangeKind): readonly ScalarFunction[] {
  const multi = multirangeKindOf(kind)
  const { values } = samples[kind]
  const compare = compareFor(kind)
  const literal = (of: string, [from, to]: readonly [number, number]): string =>
    of === kind ? `${kind}(${values[from]}, ${values[to]})` : `${multi}(${kind}(${values[from]}, ${values[to]}))`
  return tests.flatMap(({ name, doc, test, example: [a, b] }) =>
    [kind, multi].flatMap((left) =>
      [kind, multi].map((right) =>
        strict(name, [left, right], 'boolean', {
          doc,
          example: `${literal(left, a)} ${name} ${literal(right, b)}`,
          fails: false,
          evaluate: (x: Given, y: Given) => test(compare, algebra.rangesOf(x), algebra.rangesOf(y)),
        }),
      ),
    ),
  )
}

function elementEntries(kind: RangeKind): readonly ScalarFunction[] {
  const subtype = subtypeOf(kind).kind
  const [a, b, c] = samples[kind].values
  const compare = compareFor(kind)
  return [kind, multirangeKindOf(kind)].flatMap((of) => {
    const range = of === kind ? `${kind}(${a}, ${c})` : `${of}(${kind}(${a}, ${c}))`
    return [
      strict('@>', [of, subtype], 'boolean', {
        doc: 'True where the value lies within.',
        example: `${range} @> ${b}`,
        fails: false,
        evaluate: (value: Given, element: Value) => algebra.containsElement(compare, algebra.rangesOf(value), element),
      }),
      strict('<@', [subtype, of], 'boolean', {
        doc: 'True where the value lies within.',
        example: `${b} <@ ${range}`,
        fails: false,
        evaluate: (element: Value, value: Given) => algebra.containsElement(compare, algebra.rangesOf(value), element),
      }),
    ]
  })
}

function arithmetic(kind: RangeKind): readonly ScalarFunction[] {
  const multi = multirangeKindOf(kind)
  const [a, b, c] = samples[kind].values
  const compare = compareFor(kind)
  const range = (from: string, to: string): string => `${kind}(${from}, ${to})`
  const both = (combine: (x: algebra.Ranges, y: algebra.Ranges) => SqlValue) => (x: Given, y: Given) =>
    combine(algebra.rangesOf(x), algebra.rangesOf(y))
  const multirange = (ranges: algebra.Ranges): SqlMultirange => makeMultirange(kind, ranges)
  const entry = (
    name: string,
    doc: string,
    example: readonly [string, string, string],
    combine: (x: algebra.Ranges, y: algebra.Ranges) => algebra.Ranges,
    operation?: 'union' | 'difference',
  ): readonly ScalarFunction[] => [
    strict(name, [kind, kind], kind, {
      doc,
      example: `${example[0]} ${name} ${example[1]} = ${example[2]}`,
      fails: operation !== undefined,
      evaluate: both((x, y) => algebra.single(combine(x, y), operation ?? 'union')),
    }),
    strict(name, [multi, multi], multi, {
      doc,
      example: `${multi}(${example[0]}) ${name} ${multi}(${example[1]}) = ${multi}(${example[2]})`,
      fails: false,
      evaluate: both((x, y) => multirange(combine(x, y))),
    }),
  ]
  return [
    ...entry(
      '+',
      'What is in one or the other.',
      [range(a, b), range(b, c), range(a, c)],
      (x, y) => algebra.union(kind, x, y),
      'union',
    ),
    ...entry('*', 'What is in both.', [range(a, c), range(b, c), range(b, c)], (x, y) =>
      algebra.intersection(compare, x, y),
    ),
    ...entry(
      '-',
      'What is in the first and not in the second.',
      [range(a, c), range(b, c), range(a, b)],
      (x, y) => algebra.difference(compare, x, y),
      'difference',
    ),
    strict('range_merge', [kind, kind], kind, {
      doc: 'The least range that contains both.',
      example: `range_merge(${range(a, a)}, ${range(b, c)}) = ${range(b, c)}`,
      fails: false,
      evaluate: both((x, y) => algebra.hull(compare, [...x, ...y])),
    }),
    strict('range_merge', [multi], kind, {
      doc: 'The least range that contains the multirange.',
      example: `range_merge(${multi}(${range(a, b)})) = ${range(a, b)}`,
      fails: false,
      evaluate: (value: SqlMultirange) => algebra.hull(compare, value.ranges),
    }),
  ]
}

export const rangeFunctions: readonly ScalarFunction[] = rangeKinds.flatMap((kind) => [
  ...constructors(kind),
  ...parts(kind, kind),
  ...parts(kind, multirangeKindOf(kind)),
  ...testEntries(kind),
  ...elementEntries(kind),
  ...arithmetic(kind),
])

export const rangeSets: readonly TableFunction[] = rangeKinds.map((kind) => {
  const [a, , c] = samples[kind].values
  const multi: ParameterType = multirangeKindOf(kind)
  return setOf('unnest', [multi], kind, {
    doc: 'The ranges of a multirange, one a row.',
    example: `(select count(*) from unnest(${multi}(${kind}(${a}, ${c})))) = 1`,
    *evaluate(value: SqlMultirange): Iterable<readonly SqlValue[]> {
      for (const range of value.ranges) yield [range]
    },
  })
})
