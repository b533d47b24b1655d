// Random names, literals and types, in the form the grammar gives them. Positions are all 0.

import fc, { type Arbitrary } from 'fast-check'
import type { Expression, TypeName } from '../../../src/parser/ast.ts'
import type { IntervalFields, Leaf, Name, QualifiedName } from '../../../src/parser/ast-leaf.ts'
import { keywords } from '../../../src/parser/keywords.ts'

const { array, constantFrom, integer, oneof, option, record, string } = fc

export const position = fc.constant(0)

/** Plain words, keywords of all kinds, and names that must be quoted. */
export const identifier: Arbitrary<string> = oneof(
  { weight: 6, arbitrary: constantFrom('a', 'b', 'ab', 'x1', 'price', '_u', 'été') },
  { weight: 2, arbitrary: constantFrom(...keywords.keys()) },
  {
    weight: 1,
    arbitrary: string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((text) => !text.includes('\0')),
  },
  { weight: 1, arbitrary: constantFrom('A', 'a b', 'a"b', '*', '1a', "it's", 'a.b', '$x') },
)

export const maybe = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | undefined> => option(arbitrary, { nil: undefined })

/** Short lists, often empty. */
export const few = <T>(item: Arbitrary<T>, minLength = 0): Arbitrary<T[]> =>
  array(item, { minLength, maxLength: minLength + 2 })

export const name: Arbitrary<Name> = record({ name: identifier, position })
export const qualifiedName: Arbitrary<QualifiedName> = record({
  parts: array(identifier, { minLength: 1, maxLength: 3 }),
  position,
})

export const text: Arbitrary<string> = oneof(
  constantFrom('', 'a', "it's", 'back\\slash', 'two\nlines', '--', '/*', '$$', ';'),
  string({ unit: 'grapheme', maxLength: 8 }).filter((value) => !value.includes('\0')),
)

const unsigned = oneof(
  integer({ min: 0, max: 99 }).map(String),
  constantFrom('9223372036854775808', '1.5', '.5', '1.', '1e3', '0.0000001', '1E-5'),
)

export const number = record({ kind: fc.constant('number' as const), position, text: unsigned })

export const leaf: Arbitrary<Exclude<Leaf, { kind: 'star' }>> = oneof(
  record({ kind: constantFrom('null' as const, 'default' as const), position }),
  record({ kind: fc.constant('boolean' as const), position, value: fc.boolean() }),
  number,
  record({ kind: fc.constant('number' as const), position, text: unsigned.map((digits) => `-${digits}`) }),
  record({ kind: fc.constant('string' as const), position, value: text }),
  record({
    kind: fc.constant('bitString' as const),
    position,
    base: fc.constant('binary' as const),
    digits: constantFrom('', '101'),
  }),
  record({ kind: fc.constant('parameter' as const), position, index: integer({ min: 1, max: 9 }) }),
  { weight: 4, arbitrary: record({ kind: fc.constant('column' as const), position, parts: few(identifier, 1) }) },
  record({
    kind: fc.constant('currentValue' as const),
    position,
    function: constantFrom('current_date' as const, 'user' as const, 'current_schema' as const),
    precision: fc.constant(undefined),
  }),
  record({
    kind: fc.constant('currentValue' as const),
    position,
    function: constantFrom('current_timestamp' as const, 'localtime' as const),
    precision: maybe(integer({ min: 0, max: 6 })),
  }),
)

// ---- Types ----

const bounds = oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  array(maybe(integer({ min: 1, max: 9 })), { maxLength: 2 }),
)
const modifiers = array(number as Arbitrary<Expression>, { minLength: 1, maxLength: 2 })

const typeOf = (fields: {
  name: Arbitrary<readonly string[]>
  modifiers?: Arbitrary<Expression[]>
  intervalFields?: Arbitrary<IntervalFields | undefined>
}): Arbitrary<TypeName> =>
  record({
    kind: fc.constant('type' as const),
    position,
    name: fields.name,
    modifiers: fields.modifiers ?? fc.constant([]),
    intervalFields: fields.intervalFields ?? fc.constant(undefined),
    arrayBounds: bounds,
    fields: fc.constant(undefined),
  })

const one = (...names: string[]): Arbitrary<string[]> => constantFrom(...names).map((each) => [each])
const optionalModifiers: Arbitrary<Expression[]> = oneof(fc.constant<Expression[]>([]), modifiers)

const plainType: Arbitrary<TypeName> = oneof(
  typeOf({
    name: one('smallint', 'integer', 'bigint', 'real', 'boolean', 'double precision', 'text', 'int8', 'jsonb'),
  }),
  typeOf({ name: one('numeric', 'character varying', 'bit varying'), modifiers: optionalModifiers }),
  typeOf({ name: one('character', 'bit'), modifiers }),
  typeOf({
    name: one('timestamp with time zone', 'timestamp without time zone', 'time with time zone'),
    modifiers: optionalModifiers,
  }),
  typeOf({ name: one('interval'), modifiers: optionalModifiers }),
  typeOf({
    name: one('interval'),
    intervalFields: constantFrom<IntervalFields>('year', 'second', 'year to month', 'day to second', 'hour to minute'),
  }),
  typeOf({ name: one('interval'), intervalFields: fc.constant('minute to second'), modifiers }),
  typeOf({ name: few(identifier, 1), modifiers: optionalModifiers }),
)

export const typeName: Arbitrary<TypeName> = oneof(
  { weight: 5, arbitrary: plainType },
  record({
    kind: fc.constant('type' as const),
    position,
    name: fc.constant(['struct']),
    modifiers: fc.constant([]),
    intervalFields: fc.constant(undefined),
    arrayBounds: bounds,
    fields: array(record({ name: identifier, type: plainType, position }), { minLength: 1, maxLength: 2 }),
  }),
)
