// Expressions: the syntax tree's nodes one by one. What needs more room stands in files of its own: names, operators,
// functions, aggregates, windows, subqueries, composite values.

import { nestedTooDeep } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { numeric } from '../../core/value.ts'
import { parseBits } from '../../functions/text/bits.ts'
import type * as Ast from '../../parser/ast.ts'
import type * as Leaf from '../../parser/ast-leaf.ts'
import { badSyntax, wrongObjectType } from '../errors.ts'
import type { Expr } from '../expr.ts'
import {
  and,
  arrayOf,
  boolean,
  constant,
  distinctFrom,
  int4,
  int8,
  isNull,
  isTruth,
  not,
  or,
  text,
  unknown,
} from '../expr-build.ts'
import { blame, coerce } from '../types/coerce.ts'
import { checkCollation } from './collation.ts'
import { bindArray, bindField, bindRow, bindSlice, bindSubscript } from './composite.ts'
import { bindCase, bindCoalesce, bindExtremum, bindNullIf } from './conditional.ts'
import type { Environment } from './environment.ts'
import { bindCall, bindGrouping } from './functions.ts'
import { bindColumnRef } from './names.ts'
import { bindOperator, bindSystemCall, compareRows, equalOperands, inListByCommonType, toBoolean } from './operators.ts'
import {
  bindArraySubquery,
  bindExists,
  bindInSubquery,
  bindQuantifiedSubquery,
  bindScalarSubquery,
  subqueryColumns,
} from './subquery.ts'
import { bindType } from './type-name.ts'

/** Expressions nest at most this deep; long chains of operators count one a link. */
const NESTING_MAX = 1500

export function bindExpression(outer: Environment, node: Ast.Expression): Expr {
  if (outer.nesting >= NESTING_MAX) throw nestedTooDeep({ position: node.position })
  const environment = { ...outer, nesting: outer.nesting + 1 }
  const bind = binders[node.kind] as (environment: Environment, node: Ast.Expression) => Expr
  return bind(environment, node)
}

const bit: SqlType = { kind: 'bit' }

/** B'101' and X'1F' are of type BIT without a length. Throws 22P02 for digits that are none. */
const bindBits = ({ base, digits, position }: Leaf.BitStringLiteral): Expr =>
  constant(bit, parseBits({ kind: 'bit' }, `${base === 'binary' ? 'b' : 'x'}${digits}`), position)

const notHere = (what: string) => (_: Environment, node: { readonly position: number }) => {
  throw badSyntax(`${what} is not ${what === 'DEFAULT' ? 'allowed in this context' : 'supported here'}`, node)
}

const binders: {
  readonly [Kind in Ast.Expression['kind']]: (
    environment: Environment,
    node: Extract<Ast.Expression, { kind: Kind }>,
  ) => Expr
} = {
  null: (_, node) => constant(unknown, null, node.position),
  boolean: (_, node) => constant(boolean, node.value, node.position),
  number: (_, node) => bindNumber(node),
  string: (_, node) => constant(unknown, node.value, node.position),
  bitString: (_, node) => bindBits(node),
  parameter: ({ statement }, node) => statement.types.parameters.use(node.index - 1, node.position),
  column: bindColumnRef,
  star: notHere('row expansion via "*"'),
  fieldStar: notHere('row expansion via "*"'),
  default: notHere('DEFAULT'),
  currentValue: bindCurrentValue,
  unary: (environment, node) =>
    bindOperator(environment, operatorName(node), [bindExpression(environment, node.operand)], node.position),
  binary: bindBinary,
  and: (environment, node) => and(bindConditions(environment, node.operands, 'AND')),
  or: (environment, node) => or(bindConditions(environment, node.operands, 'OR')),
  not: (environment, node) => not(bindConditions(environment, [node.operand], 'NOT')[0]!, node.position),
  isTest: bindIsTest,
  isDistinct: bindIsDistinct,
  isNormalized: bindIsNormalized,
  between: bindBetween,
  inList: bindInList,
  inSubquery: bindInSubquery,
  like: bindLike,
  quantified: bindQuantified,
  quantifiedSubquery: bindQuantifiedSubquery,
  scalarSubquery: bindScalarSubquery,
  exists: bindExists,
  arraySubquery: bindArraySubquery,
  array: bindArray,
  row: bindRow,
  subscript: bindSubscript,
  slice: bindSlice,
  field: bindField,
  cast: bindCast,
  collate: bindCollate,
  atTimeZone: (environment, node) =>
    bindSystemCall(environment, 'timezone', bindAll(environment, [node.zone, node.operand]), node.position),
  case: bindCase,
  coalesce: bindCoalesce,
  nullif: bindNullIf,
  extremum: bindExtremum,
  grouping: bindGrouping,
  call: bindCall,
}

const bindConditions = (environment: Environment, nodes: readonly Ast.Expression[], context: string): readonly Expr[] =>
  nodes.map((node) => toBoolean(environment, bindExpression(environment, node), context))

/** ARRAY[]::int[]: an empty array has the type it is cast to. */
function bindCast(environment: Environment, node: Ast.Cast): Expr {
  const type = bindType(environment, node.type)
  if (node.operand.kind === 'array' && node.operand.items.length === 0 && type.kind === 'array')
    return arrayOf([], type, node.position)
  return coerce(environment.statement.types, bindExpression(environment, node.operand), type, 'explicit')
}

/** int4, int8 or numeric by the value's size, as PostgreSQL; the parser has put a sign before the digits to them. */
function bindNumber(node: Leaf.NumberLiteral): Expr {
  const { text: digits, position } = node
  if (/^-?\d+$/.test(digits)) {
    const value = BigInt(digits)
    if (BigInt.asIntN(32, value) === value) return constant(int4, Number(value), position)
    if (BigInt.asIntN(64, value) === value) return constant(int8, value, position)
    return constant({ kind: 'numeric' }, numeric(value), position)
  }
  const [, whole = '', fraction = '', exponent = '0'] = /^(-?\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(digits) ?? []
  const power = Number(exponent)
  if (Math.abs(power) > 131072) throw badSyntax(`value overflows numeric format`, { position })
  const scale = fraction.length - power
  const mantissa = BigInt(whole + fraction || '0')
  return scale >= 0
    ? constant({ kind: 'numeric' }, numeric(mantissa, scale), position)
    : constant({ kind: 'numeric' }, numeric(mantissa * 10n ** BigInt(-scale)), position)
}

function operatorName(node: {
  readonly operator: string
  readonly schema: string | undefined
  readonly position: number
}) {
  if (node.schema !== undefined && node.schema !== 'pg_catalog')
    throw badSyntax(`operator does not exist: ${node.schema}.${node.operator}`, { position: node.position })
  return node.operator
}

/** The left spine is walked by a loop: a + b + c … may be as long as the text. */
function bindBinary(environment: Environment, node: Ast.Binary): Expr {
  const spine: Ast.Binary[] = []
  let first: Ast.Expression = node
  while (first.kind === 'binary') {
    spine.push(first)
    first = first.left
  }
  if (environment.nesting + spine.length > NESTING_MAX) throw nestedTooDeep({ position: node.position })
  const links = spine.reverse()
  const rows = rowComparison(environment, links[0]!)
  return (rows === undefined ? links : links.slice(1)).reduce(
    (left, link) =>
      bindOperator(environment, operatorName(link), [left, bindExpression(environment, link.right)], link.position),
    rows ?? bindExpression(environment, first),
  )
}

/** (a, b) = (c, d) and (a, b) = (SELECT c, d); undefined: not a comparison of rows. */
function rowComparison(environment: Environment, node: Ast.Binary): Expr | undefined {
  const { left, right, position } = node
  if (left.kind !== 'row' || (right.kind !== 'row' && right.kind !== 'scalarSubquery')) return undefined
  const lefts = bindAll(environment, left.items)
  const rights = right.kind === 'row' ? bindAll(environment, right.items) : subqueryColumns(environment, right)
  if (right.kind === 'scalarSubquery' && rights.length !== lefts.length)
    throw badSyntax(`subquery has too ${rights.length < lefts.length ? 'few' : 'many'} columns`, { position })
  return compareRows(environment, operatorName(node), lefts, rights, position)
}

const bindAll = (environment: Environment, nodes: readonly Ast.Expression[]): readonly Expr[] =>
  nodes.map((node) => bindExpression(environment, node))

function bindIsTest(environment: Environment, node: Ast.IsTest): Expr {
  const { negated, position, test } = node
  const operand = bindExpression(environment, node.operand)
  if (test === 'null') {
    const typed =
      operand.type.kind === 'unknown' ? coerce(environment.statement.types, operand, text, 'implicit') : operand
    return isNull(typed, negated, position)
  }
  const of = test === 'unknown' ? null : test === 'true'
  const context = `IS ${negated ? 'NOT ' : ''}${test.toUpperCase()}`
  return isTruth(toBoolean(environment, operand, context), of, negated, position)
}

function bindIsDistinct(environment: Environment, node: Ast.IsDistinct): Expr {
  const { negated, position } = node
  if (node.left.kind === 'row' && node.right.kind === 'row') {
    const [lefts, rights] = [bindAll(environment, node.left.items), bindAll(environment, node.right.items)]
    if (lefts.length !== rights.length) throw badSyntax('unequal number of entries in row expressions', { position })
    const pairs = lefts.map((left, i) => distinct(environment, left, rights[i]!, negated, position))
    return negated ? and(pairs) : or(pairs)
  }
  const [left, right] = bindAll(environment, [node.left, node.right])
  return distinct(environment, left!, right!, negated, position)
}

function distinct(environment: Environment, a: Expr, b: Expr, negated: boolean, position: number): Expr {
  const { left, right, operator } = equalOperands(environment, a, b, position)
  return distinctFrom(left, right, operator, negated, position)
}

function bindIsNormalized(environment: Environment, node: Ast.IsNormalized): Expr {
  const form = constant(text, node.form, node.position)
  const operand = bindExpression(environment, node.operand)
  const test = bindSystemCall(environment, 'is_normalized', [operand, form], node.position)
  return node.negated ? not(test, node.position) : test
}

function bindBetween(environment: Environment, node: Ast.Between): Expr {
  const { position } = node
  const [operand, low, high] = bindAll(environment, [node.operand, node.low, node.high]) as [Expr, Expr, Expr]
  const within = (from: Expr, to: Expr): Expr =>
    and([
      bindOperator(environment, '>=', [operand, from], position),
      bindOperator(environment, '<=', [operand, to], position),
    ])
  const outside = (from: Expr, to: Expr): Expr =>
    or([
      bindOperator(environment, '<', [operand, from], position),
      bindOperator(environment, '>', [operand, to], position),
    ])
  if (node.negated) return node.symmetric ? and([outside(low, high), outside(high, low)]) : outside(low, high)
  return node.symmetric ? or([within(low, high), within(high, low)]) : within(low, high)
}

function bindInList(environment: Environment, node: Ast.InList): Expr {
  const { negated, position } = node
  if (node.operand.kind === 'row' && node.items.every((item) => item.kind === 'row')) {
    const left = bindAll(environment, node.operand.items)
    const rows = node.items.map((item) => bindAll(environment, item.kind === 'row' ? item.items : []))
    const any = or(rows.map((right) => compareRows(environment, '=', left, right, position)))
    return negated ? not(any, position) : any
  }
  const operand = bindExpression(environment, node.operand)
  const items = bindAll(environment, node.items)
  const list = inListByCommonType(environment, operand, items, { negated, position })
  if (list !== undefined) return list
  const any = or(items.map((item) => bindOperator(environment, '=', [operand, item], position)))
  return negated ? not(any, position) : any
}

function bindLike(environment: Environment, node: Ast.Like): Expr {
  const { position, negated } = node
  const operand = bindExpression(environment, node.operand)
  const pattern = bindExpression(environment, node.pattern)
  const escapeCharacter = node.escape && bindExpression(environment, node.escape)
  if (node.operator === 'similar') {
    const regex = bindSystemCall(
      environment,
      'similar_to_escape',
      escapeCharacter ? [pattern, escapeCharacter] : [pattern],
      position,
    )
    return bindOperator(environment, negated ? '!~' : '~', [operand, regex], position)
  }
  const escaped = escapeCharacter
    ? bindSystemCall(environment, 'like_escape', [pattern, escapeCharacter], position)
    : pattern
  const operator = `${negated ? '!' : ''}~~${node.operator === 'ilike' ? '*' : ''}`
  return bindOperator(environment, operator, [operand, escaped], position)
}

/** x op ANY | ALL (array): the operator is resolved against the array's element. */
function bindQuantified(environment: Environment, node: Ast.Quantified): Expr {
  const { position } = node
  const { types } = environment.statement
  const left = bindExpression(environment, node.left)
  const given = bindExpression(environment, node.array)
  const array =
    given.type.kind === 'unknown'
      ? coerce(types, given, { kind: 'array', element: left.type.kind === 'unknown' ? text : left.type }, 'implicit')
      : given
  if (array.type.kind !== 'array') throw notAnArray(position)
  const element = { ...constant(array.type.element, null), position: array.position }
  const applied = bindOperator(environment, operatorName(node), [left, element], position)
  if (applied.kind !== 'call') throw notAnArray(position)
  const [input, item] = applied.args as readonly [Expr, Expr]
  return {
    kind: 'anyAll',
    input,
    array: coerce(types, array, { kind: 'array', element: item.type }, 'implicit'),
    all: node.quantifier === 'all',
    operator: applied.function,
    type: boolean,
    physical: { kind: 'i32' },
    nullable: true,
    position,
  }
}

const notAnArray = (position: number) =>
  wrongObjectType('op ANY/ALL (array) requires array on right side', { position })

/** Order here is by code point: "C" and what equals it is accepted, any other collation is refused. */
function bindCollate(environment: Environment, node: Ast.Collate): Expr {
  const name = node.collation.parts.at(-1)!
  const operand = bindExpression(environment, node.operand)
  checkCollation(operand.type, name, node.position)
  return operand
}

function bindCurrentValue(environment: Environment, node: Leaf.CurrentValue): Expr {
  const { position, precision } = node
  const { types } = environment.statement
  const now = (): Expr => bindSystemCall(environment, 'now', [], position)
  const timed = (kind: 'time' | 'timetz' | 'timestamp' | 'timestamptz'): Expr =>
    coerce(types, now(), precision === undefined ? { kind } : { kind, precision }, 'explicit')
  return blame(position, () => {
    switch (node.function) {
      case 'current_date':
        return coerce(types, now(), { kind: 'date' }, 'explicit')
      case 'current_time':
        return timed('timetz')
      case 'current_timestamp':
        return timed('timestamptz')
      case 'localtime':
        return timed('time')
      case 'localtimestamp':
        return timed('timestamp')
      case 'current_role':
      case 'user':
        return bindSystemCall(environment, 'current_user', [], position)
      case 'current_catalog':
        return bindSystemCall(environment, 'current_database', [], position)
      default:
        return bindSystemCall(environment, node.function, [], position)
    }
  })
}
