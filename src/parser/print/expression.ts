// Expressions and types back to text, with no more parentheses than the precedence of fold.ts needs.

import { unreachable } from '../../core/assert.ts'
import type {
  Argument,
  Expression,
  FrameBound,
  FunctionCall,
  OrderItem,
  Slice,
  Subscript,
  TypeName,
  WindowSpec,
} from '../ast.ts'
import { operatorLevel, precedence } from '../precedence.ts'
import {
  dotted,
  flag,
  given,
  list,
  type Piece,
  parens,
  printIdentifier,
  printString,
  qualified,
  some,
  sql,
} from './piece.ts'

/** Tighter than every operator: what can stand anywhere. */
const atom = 100

const levelOf = (expression: Expression): number => {
  switch (expression.kind) {
    case 'or':
    case 'and':
    case 'not':
      return precedence[expression.kind]
    case 'isTest':
    case 'isDistinct':
    case 'isNormalized':
      return precedence.is
    case 'between':
    case 'inList':
    case 'inSubquery':
    case 'like':
      return precedence.between
    case 'binary':
    case 'quantified':
    case 'quantifiedSubquery':
      return operatorLevel(expression)
    case 'unary':
      return isSign(expression) ? precedence.sign : precedence.operator
    case 'number':
      return expression.text.startsWith('-') ? precedence.sign : atom
    case 'atTimeZone':
      return precedence.at
    case 'collate':
      return precedence.collate
    default:
      return atom
  }
}

const isSign = ({ operator, schema }: { operator: string; schema: string | undefined }): boolean =>
  schema === undefined && (operator === '-' || operator === '+')

/** In parentheses unless it binds at least as tight as `level`. */
const atLeast = (level: number, expression: Expression): Piece =>
  levelOf(expression) >= level ? expression : parens(expression)
const tighter = (level: number, expression: Expression): Piece => atLeast(level + 1, expression)
/** Where only a restricted expression may stand (grammar/expression.ts). */
export const restricted = (expression: Expression): Piece => atLeast(precedence.sign, expression)

export const printOperator = ({ operator, schema }: { operator: string; schema: string | undefined }): string =>
  schema === undefined ? operator : `OPERATOR(${printIdentifier(schema)}.${operator})`

const not = (negated: boolean): string => (negated ? 'NOT ' : '')

export const expressionPieces = (node: Expression): Piece => {
  switch (node.kind) {
    case 'null':
      return 'NULL'
    case 'boolean':
      return node.value ? 'TRUE' : 'FALSE'
    case 'number':
      return node.text
    case 'string':
      return printString(node.value)
    case 'bitString':
      return `${node.base === 'binary' ? 'B' : 'X'}'${node.digits}'`
    case 'parameter':
      return `$${node.index}`
    case 'column':
      return dotted(node.parts)
    case 'star':
      return node.parts.length === 0 ? '*' : `${dotted(node.parts)}.*`
    case 'default':
      return 'DEFAULT'
    case 'currentValue':
      return sql`${node.function.toUpperCase()}${given(node.precision, (digits) => `(${digits})`)}`
    case 'unary':
    case 'binary':
    case 'and':
    case 'or':
    case 'not':
    case 'quantified':
    case 'quantifiedSubquery':
    case 'atTimeZone':
    case 'collate':
      return operatorPieces(node)
    case 'isTest':
    case 'isDistinct':
    case 'isNormalized':
    case 'between':
    case 'inList':
    case 'inSubquery':
    case 'like':
      return predicatePieces(node)
    default:
      return compoundPieces(node)
  }
}

type OperatorNode = Extract<
  Expression,
  { kind: 'unary' | 'binary' | 'and' | 'or' | 'not' | 'quantified' | 'quantifiedSubquery' | 'atTimeZone' | 'collate' }
>

const operatorPieces = (node: OperatorNode): Piece => {
  switch (node.kind) {
    case 'unary':
      return sql`${printOperator(node)} ${unaryOperand(node)}`
    case 'binary': {
      const level = operatorLevel(node)
      // A comparison does not follow another one; all others lean left.
      const left = level === precedence.comparison ? tighter(level, node.left) : atLeast(level, node.left)
      return sql`${left} ${printOperator(node)} ${tighter(level, node.right)}`
    }
    case 'and':
    case 'or':
      return list(
        node.operands.map((operand) => tighter(precedence[node.kind], operand)),
        ` ${node.kind.toUpperCase()} `,
      )
    case 'not':
      return sql`NOT ${atLeast(precedence.not, node.operand)}`
    case 'quantified':
      return sql`${quantifiedLeft(node)} (${node.array})`
    case 'quantifiedSubquery':
      return sql`${quantifiedLeft(node)} (${node.query})`
    case 'atTimeZone':
      return sql`${atLeast(precedence.at, node.operand)} AT TIME ZONE ${tighter(precedence.at, node.zone)}`
    case 'collate':
      return sql`${atLeast(precedence.collate, node.operand)} COLLATE ${qualified(node.collation)}`
    default:
      return unreachable(node)
  }
}

const quantifiedLeft = (node: Extract<OperatorNode, { quantifier: string }>): Piece =>
  sql`${tighter(operatorLevel(node), node.left)} ${printOperator(node)} ${node.quantifier.toUpperCase()}`

const unaryOperand = (node: Extract<Expression, { kind: 'unary' }>): Piece => {
  if (isSign(node)) return atLeast(precedence.sign, node.operand)
  return node.operand.kind === 'unary' ? node.operand : tighter(precedence.operator, node.operand)
}

type PredicateNode = Extract<
  Expression,
  { kind: 'isTest' | 'isDistinct' | 'isNormalized' | 'between' | 'inList' | 'inSubquery' | 'like' }
>

const predicatePieces = (node: PredicateNode): Piece => {
  switch (node.kind) {
    case 'isTest':
      return sql`${tighter(precedence.is, node.operand)} IS ${not(node.negated)}${node.test.toUpperCase()}`
    case 'isDistinct': {
      const [left, right] = [tighter(precedence.is, node.left), tighter(precedence.is, node.right)]
      return sql`${left} IS ${not(node.negated)}DISTINCT FROM ${right}`
    }
    case 'isNormalized':
      return sql`${tighter(precedence.is, node.operand)} IS ${not(node.negated)}${node.form.toUpperCase()} NORMALIZED`
    case 'between': {
      const word = node.symmetric ? 'BETWEEN SYMMETRIC' : 'BETWEEN'
      const [operand, high] = [tighter(precedence.between, node.operand), tighter(precedence.between, node.high)]
      return sql`${operand} ${not(node.negated)}${word} ${restricted(node.low)} AND ${high}`
    }
    case 'inList':
      return sql`${tighter(precedence.between, node.operand)} ${not(node.negated)}IN (${list(node.items)})`
    case 'inSubquery':
      return sql`${tighter(precedence.between, node.operand)} ${not(node.negated)}IN (${node.query})`
    case 'like': {
      const word = node.operator === 'similar' ? 'SIMILAR TO' : node.operator.toUpperCase()
      const [operand, pattern] = [tighter(precedence.between, node.operand), tighter(precedence.escape, node.pattern)]
      const after = given(node.escape, (mark) => sql` ESCAPE ${tighter(precedence.escape, mark)}`)
      return sql`${operand} ${not(node.negated)}${word} ${pattern}${after}`
    }
    default:
      return unreachable(node)
  }
}

type CompoundNode = Exclude<
  Expression,
  | OperatorNode
  | PredicateNode
  | { kind: 'null' | 'boolean' | 'number' | 'string' | 'bitString' | 'parameter' | 'column' | 'star' | 'default' }
  | { kind: 'currentValue' }
>

const compoundPieces = (node: CompoundNode): Piece => {
  switch (node.kind) {
    case 'scalarSubquery':
      return parens(node.query)
    case 'exists':
      return sql`EXISTS (${node.query})`
    case 'arraySubquery':
      return sql`ARRAY(${node.query})`
    case 'array':
      return sql`ARRAY[${list(node.items)}]`
    case 'row':
      return sql`${flag(node.explicit, 'ROW')}(${list(node.items)})`
    case 'subscript':
      return sql`${subscripted(node)}[${node.index}]`
    case 'slice':
      return sql`${subscripted(node)}[${node.lower ?? ''}:${node.upper ?? ''}]`
    case 'field':
      return sql`${indirected(node.operand)}.${printIdentifier(node.field)}`
    case 'fieldStar':
      return sql`${indirected(node.operand)}.*`
    case 'cast':
      return sql`CAST(${node.operand} AS ${node.type})`
    case 'case': {
      const whens = node.whens.map((when) => sql` WHEN ${when.condition} THEN ${when.result}`)
      const otherwise = given(node.otherwise, (result) => sql` ELSE ${result}`)
      return sql`CASE${given(node.operand, (operand) => sql` ${operand}`)}${list(whens, '')}${otherwise} END`
    }
    case 'coalesce':
    case 'grouping':
      return sql`${node.kind.toUpperCase()}(${list(node.arguments)})`
    case 'nullif':
      return sql`NULLIF(${node.left}, ${node.right})`
    case 'extremum':
      return sql`${node.function.toUpperCase()}(${list(node.arguments)})`
    case 'call':
      return callPieces(node)
    default:
      return unreachable(node)
  }
}

/** Subscripts may follow a name or the subscripts that they continue; fields and all else need parentheses first. */
const subscripted = ({ operand, chained }: Subscript | Slice): Piece =>
  chained || ['column', 'parameter', 'field'].includes(operand.kind) ? operand : parens(operand)

const indirected = (operand: Expression): Piece =>
  operand.kind === 'subscript' || operand.kind === 'slice' || operand.kind === 'field' ? operand : parens(operand)

// ---- Calls and windows ----

const callPieces = (node: FunctionCall): Piece => {
  const values = node.star ? '*' : list(node.arguments.map(argumentPieces))
  const order = some(node.orderBy, (items) => sql` ${orderByPieces(items)}`)
  const inside = sql`${flag(node.distinct, 'DISTINCT ')}${values}${order}`
  const withinGroup = some(node.withinGroup, (items) => sql` WITHIN GROUP (${orderByPieces(items)})`)
  const filter = given(node.filter, (predicate) => sql` FILTER (WHERE ${predicate})`)
  const nulls = given(node.nulls, (word) => ` ${word.toUpperCase()} NULLS`)
  return sql`${dotted(node.name)}(${inside})${withinGroup}${filter}${nulls}${given(node.over, overPieces)}`
}

const argumentPieces = ({ name, variadic, value }: Argument): Piece =>
  sql`${flag(variadic, 'VARIADIC ')}${given(name, (text) => `${printIdentifier(text)} => `)}${value}`

const overPieces = (over: NonNullable<FunctionCall['over']>): Piece =>
  over.kind === 'windowName' ? ` OVER ${printIdentifier(over.name)}` : sql` OVER ${windowPieces(over)}`

export const windowPieces = ({ existing, partitionBy, orderBy, frame }: WindowSpec): Piece => {
  const parts = [
    given(existing, printIdentifier),
    some(partitionBy, (keys) => sql`PARTITION BY ${list(keys)}`),
    some(orderBy, orderByPieces),
    given(frame, ({ unit, start, end, exclude }) => {
      const bounds = sql`${unit.toUpperCase()} BETWEEN ${boundPieces(start)} AND ${boundPieces(end)}`
      return sql`${bounds}${given(exclude, (what) => ` EXCLUDE ${what.toUpperCase()}`)}`
    }),
  ]
  return parens(
    list(
      parts.filter((part) => part !== ''),
      ' ',
    ),
  )
}

const boundPieces = (bound: FrameBound): Piece => {
  switch (bound.kind) {
    case 'unboundedPreceding':
      return 'UNBOUNDED PRECEDING'
    case 'unboundedFollowing':
      return 'UNBOUNDED FOLLOWING'
    case 'currentRow':
      return 'CURRENT ROW'
    case 'preceding':
    case 'following':
      return sql`${bound.offset} ${bound.kind.toUpperCase()}`
    default:
      return unreachable(bound)
  }
}

export const orderByPieces = (items: readonly OrderItem[]): Piece => sql`ORDER BY ${list(items.map(orderItemPieces))}`

const orderItemPieces = ({ value, direction, using, nulls }: OrderItem): Piece => {
  const how = given(using, (operator) => ` USING ${printOperator(operator)}`)
  const which = given(direction, (word) => ` ${word.toUpperCase()}`)
  return sql`${value}${which}${how}${given(nulls, (place) => ` NULLS ${place.toUpperCase()}`)}`
}

// ---- Types ----

/**
 * Names that are keywords, to be written without quotes; modifiers stand at the `#`. Such a name with modifiers it
 * cannot have is another type's, and quoted, and so is `character` without any, which would read back as character(1).
 */
const standardTypes: Readonly<Record<string, string>> = {
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  real: 'real',
  boolean: 'boolean',
  numeric: 'numeric#',
  interval: 'interval#',
  'double precision': 'double precision',
  character: 'character#',
  'character varying': 'character varying#',
  bit: 'bit#',
  'bit varying': 'bit varying#',
  'timestamp without time zone': 'timestamp# without time zone',
  'timestamp with time zone': 'timestamp# with time zone',
  'time without time zone': 'time# without time zone',
  'time with time zone': 'time# with time zone',
}

export const typePieces = (type: TypeName): Piece => {
  const bounds = type.arrayBounds.map((bound) => `[${bound ?? ''}]`).join('')
  return sql`${elementPieces(type)}${bounds}`
}

const elementPieces = ({ name, modifiers, fields, intervalFields }: TypeName): Piece => {
  const inside = some(modifiers, (values) => parens(list(values)))
  if (fields !== undefined) {
    return sql`STRUCT<${list(fields.map((field) => sql`${printIdentifier(field.name)} ${field.type}`))}>`
  }
  if (intervalFields !== undefined) return sql`interval ${intervalFields}${inside}`
  const standard = name.length === 1 ? standardTypes[name[0]!] : undefined
  const fits = name[0] === 'character' ? modifiers.length > 0 : modifiers.length === 0 || standard?.includes('#')
  if (standard === undefined || !fits) return sql`${dotted(name)}${inside}`
  const [before, after] = standard.split('#')
  return sql`${before!}${inside}${after ?? ''}`
}
