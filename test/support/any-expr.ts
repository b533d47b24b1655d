// Arbitrary expressions over a row of every physical kind, by result type: arithmetic that overflows, lazy forms,
// casts.

import fc from 'fast-check'
import { columnDef, type Schema } from '../../src/core/schema.ts'
import { defaultPhysical, type SqlType } from '../../src/core/type.ts'
import { numeric, type SqlValue } from '../../src/core/value.ts'
import { functionRegistry } from '../../src/functions/all.ts'
import type { Expr } from '../../src/planner/expr.ts'
import { bool, call, column, constant, float8, int4, int8, scalar, text } from './plans.ts'

const money: SqlType = { kind: 'numeric', precision: 12, scale: 2 }

export const exprSchema: Schema = [
  columnDef('i', int4),
  columnDef('j', int4, false),
  columnDef('l', int8),
  columnDef('d', float8),
  columnDef('b', bool),
  columnDef('s', text),
  columnDef('t', text, false),
  columnDef('m', money),
]

const texts = ['', 'a', 'ab', 'b%', 'é', '\u{1F600}']

/** Per column the values that rows take. */
export const exprDomain: readonly (readonly SqlValue[])[] = [
  [0, 1, -3, 2147483647, -2147483648, null],
  [0, 1, 7],
  [0n, 2n, 9223372036854775807n, -9223372036854775808n, 4294967297n, null],
  [0, 1.5, -1e308, 1e308, Number.NaN, Number.POSITIVE_INFINITY, null],
  [true, false, null],
  [...texts, null],
  texts,
  [numeric(0n, 2), numeric(125n, 2), numeric(-9999999999n, 2), null],
]

const types = { int4, int8, float8, bool, text }
type Name = keyof typeof types

const constants: Record<Name, readonly SqlValue[]> = {
  int4: [0, 1, -1, 100, null],
  int8: [0n, 3n, -1n, 9223372036854775807n, null],
  float8: [0, 0.5, -2, null],
  bool: [true, false, null],
  text: [...texts, null],
}

const columnsOf: Record<Name, readonly number[]> = { int4: [0, 1], int8: [2], float8: [3], bool: [4], text: [5, 6] }

const typed = (type: SqlType) => ({ type, physical: defaultPhysical(type), nullable: true })

const castTo = (input: Expr, type: SqlType): Expr => {
  const cast = functionRegistry().cast(input.type, type)
  return { ...typed(type), kind: 'cast', input, cast, explicit: true }
}

const comparisons = ['=', '<>', '<', '<=', '>', '>='] as const

export function anyExpr(name: Name, depth: number): fc.Arbitrary<Expr> {
  const leaf = fc.oneof(
    fc.constantFrom(...columnsOf[name]).map((index) => column(exprSchema, index)),
    fc.constantFrom(...constants[name]).map((value) => constant(value, types[name])),
  )
  if (depth === 0) return leaf
  const sub = (type: Name) => anyExpr(type, depth - 1)
  const lazy = fc.oneof(
    fc.tuple(sub('bool'), sub(name), sub('bool'), sub(name), sub(name)).map(
      ([c1, r1, c2, r2, otherwise]): Expr => ({
        ...typed(types[name]),
        kind: 'case',
        whens: [
          { condition: c1, result: r1 },
          { condition: c2, result: r2 },
        ],
        otherwise,
      }),
    ),
    fc
      .array(sub(name), { minLength: 1, maxLength: 3 })
      .map((args): Expr => ({ ...typed(types[name]), kind: 'coalesce', args })),
    fc.tuple(fc.array(sub(name), { minLength: 1, maxLength: 3 }), fc.boolean()).map(
      ([args, least]): Expr => ({
        ...typed(types[name]),
        kind: 'greatest',
        args,
        least,
        lessThan: scalar('<', comparable(types[name]), comparable(types[name])),
      }),
    ),
    fc.tuple(sub(name), sub(name)).map(
      ([left, right]): Expr => ({
        ...typed(types[name]),
        kind: 'nullIf',
        left,
        right,
        equals: scalar('=', types[name], types[name]),
        comparison: call('=', bool, left, right),
      }),
    ),
  )
  return fc.oneof(leaf, ownExpr(name, sub), lazy)
}

const comparable = (type: SqlType): SqlType => type

function ownExpr(name: Name, sub: (type: Name) => fc.Arbitrary<Expr>): fc.Arbitrary<Expr> {
  if (name === 'bool') return anyCondition(sub)
  if (name === 'text') return fc.tuple(sub('text'), sub('text')).map(([a, b]) => call('||', text, a, b))
  const type = types[name]
  const operators = name === 'float8' ? ['+', '-', '*', '/'] : ['+', '-', '*', '/', '%']
  const arithmetic = fc
    .tuple(fc.constantFrom(...operators), sub(name), sub(name))
    .map(([operator, a, b]) => call(operator, type, a, b))
  const other: Name = name === 'int4' ? 'int8' : 'int4'
  return fc.oneof(
    arithmetic,
    sub(other).map((input) => castTo(input, type)),
  )
}

function anyCondition(sub: (type: Name) => fc.Arbitrary<Expr>): fc.Arbitrary<Expr> {
  const compared = fc.constantFrom<Name>('int4', 'int8', 'float8', 'bool', 'text')
  const pair = compared.chain((name) => fc.tuple(fc.constant(types[name]), sub(name), sub(name), sub(name)))
  return fc.oneof(
    fc.tuple(fc.constantFrom(...comparisons), pair).map(([operator, [, a, b]]) => call(operator, bool, a, b)),
    fc.array(sub('bool'), { minLength: 2, maxLength: 3 }).map((args): Expr => ({ ...typed(bool), kind: 'and', args })),
    fc.array(sub('bool'), { minLength: 2, maxLength: 3 }).map((args): Expr => ({ ...typed(bool), kind: 'or', args })),
    sub('bool').map((input): Expr => ({ ...typed(bool), kind: 'not', input })),
    fc
      .tuple(pair, fc.boolean())
      .map(([[, input], negated]): Expr => ({ ...typed(bool), kind: 'isNull', input, negated })),
    fc
      .tuple(sub('bool'), fc.constantFrom(true, false, null), fc.boolean())
      .map(([input, of, negated]): Expr => ({ ...typed(bool), kind: 'isTruth', input, of, negated })),
    fc.tuple(pair, fc.boolean()).map(
      ([[type, left, right], negated]): Expr => ({
        ...typed(bool),
        kind: 'distinctFrom',
        left,
        right,
        negated,
        equals: scalar('=', type, type),
      }),
    ),
    fc.tuple(pair, fc.boolean()).map(
      ([[type, input, a, b], negated]): Expr => ({
        ...typed(bool),
        kind: 'inList',
        input,
        list: [a, b],
        negated,
        equals: scalar('=', type, type),
      }),
    ),
    sub('text').map((input) => call('~~', bool, input, constant('%b%', text))),
  )
}

const moneyColumn = column(exprSchema, 7)

/** price * 0.5 and a comparison of it, in the physical forms that the planner derives. */
export function moneyExprs(): readonly Expr[] {
  const half: Expr = {
    kind: 'constant',
    value: numeric(5n, 1),
    type: { kind: 'numeric' },
    physical: { kind: 'i64', precision: 1, scale: 1 },
    nullable: false,
  }
  const times = scalar('*', { kind: 'numeric' }, { kind: 'numeric' })
  const physical = times.physical!([moneyColumn.physical, half.physical])
  const product: Expr = {
    kind: 'call',
    function: times,
    args: [moneyColumn, half],
    type: { kind: 'numeric' },
    physical,
    nullable: true,
  }
  return [product, call('>', bool, product, half)]
}
