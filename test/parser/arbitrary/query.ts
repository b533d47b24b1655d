// Random expressions and queries, in the form the grammar gives them: what the grammar never makes (an AND of one
// operand, a minus before a literal number, a parenthesised query without clauses) is left out. Positions are all 0.

import fc, { type Arbitrary, type LetrecTypedTie } from 'fast-check'
import type {
  Expression,
  FunctionCall,
  GroupItem,
  Join,
  OrderItem,
  Query,
  QueryBody,
  RelationRef,
  SelectItem,
  TableAlias,
  TableRef,
  WindowSpec,
  WindowTable,
} from '../../../src/parser/ast.ts'
import { few, identifier, leaf, maybe, name, position, qualifiedName, typeName } from './word.ts'

const { array, boolean, constant, constantFrom, oneof, record, tuple } = fc

interface Nodes {
  expression: Expression
  query: Query
  body: QueryBody
  table: TableRef
}
type Tie = LetrecTypedTie<Nodes>

const depth = { depthSize: 'small', depthIdentifier: 'sql', withCrossShrink: true } as const

/** A node of one kind; the other members are arbitraries. */
const node = <Kind extends string, Fields extends object>(
  kind: Kind,
  fields: { [Key in keyof Fields]: Arbitrary<Fields[Key]> },
): Arbitrary<Fields & { kind: Kind; position: number }> =>
  record({ kind: constant(kind), position, ...fields }) as Arbitrary<Fields & { kind: Kind; position: number }>

const nothing = constant(undefined)
const negated = boolean()

// ---- Expressions ----

const operatorRef = {
  operator: constantFrom('+', '-', '*', '/', '%', '^', '=', '<', '>', '<=', '>=', '<>', '||', '->>', '@>', '~~', '&'),
  schema: oneof({ weight: 5, arbitrary: nothing }, constant('pg_catalog')),
}

const operators = (tie: Tie): Arbitrary<Expression>[] => {
  const expression = tie('expression')
  const quantifier = constantFrom('any' as const, 'all' as const)
  return [
    node('binary', { ...operatorRef, left: expression, right: expression }),
    node('unary', { operator: constantFrom('-', '+', '@', '~', '!!'), schema: nothing, operand: expression }).map(
      (unary): Expression => (unary.operator === '-' && unary.operand.kind === 'number' ? unary.operand : unary),
    ),
    node('and', { operands: few(expression, 2) }),
    node('or', { operands: few(expression, 2) }),
    node('not', { operand: expression }),
    node('isTest', { operand: expression, test: constantFrom('null', 'true', 'false', 'unknown'), negated }),
    node('isDistinct', { left: expression, right: expression, negated }),
    node('isNormalized', { operand: expression, form: constantFrom('nfc', 'nfkd'), negated }),
    node('between', { operand: expression, low: expression, high: expression, symmetric: boolean(), negated }),
    node('inList', { operand: expression, items: few(expression, 1), negated }).filter(
      ({ items }) => items.length > 1 || items[0]!.kind !== 'scalarSubquery',
    ),
    node('inSubquery', { operand: expression, query: tie('query'), negated }),
    node('like', {
      operator: constantFrom('like', 'ilike', 'similar'),
      operand: expression,
      pattern: expression,
      escape: maybe(expression),
      negated,
    }),
    node('quantified', { ...operatorRef, quantifier, left: expression, array: expression }).filter(
      ({ array: values }) => values.kind !== 'scalarSubquery',
    ),
    node('quantifiedSubquery', { ...operatorRef, quantifier, left: expression, query: tie('query') }),
    node('atTimeZone', { operand: expression, zone: expression }),
    node('collate', { operand: expression, collation: qualifiedName }),
  ]
}

/** Only subscripts can be continued. */
const unchained = <S extends { readonly operand: Expression; readonly chained: boolean }>(node: S): S => ({
  ...node,
  chained: node.chained && (node.operand.kind === 'subscript' || node.operand.kind === 'slice'),
})

const compounds = (tie: Tie): Arbitrary<Expression>[] => {
  const expression = tie('expression')
  const query = tie('query')
  return [
    node('scalarSubquery', { query }),
    node('exists', { query }),
    node('arraySubquery', { query }),
    node('array', { items: few(expression) }),
    node('row', { items: few(expression), explicit: constant(true) }),
    node('row', { items: few(expression, 2), explicit: constant(false) }),
    node('subscript', { operand: expression, chained: boolean(), index: expression }).map(unchained),
    node('slice', { operand: expression, chained: boolean(), lower: maybe(expression), upper: maybe(expression) }).map(
      unchained,
    ),
    node('field', { operand: expression, field: identifier }),
    node('fieldStar', { operand: expression }),
    node('cast', { operand: expression, type: typeName }),
    node('case', {
      operand: maybe(expression),
      whens: few(node('when', { condition: expression, result: expression }), 1),
      otherwise: maybe(expression),
    }),
    node('coalesce', { arguments: few(expression, 1) }),
    node('grouping', { arguments: few(expression, 1) }),
    node('nullif', { left: expression, right: expression }),
    node('extremum', { function: constantFrom('greatest', 'least'), arguments: few(expression, 1) }),
    call(tie),
  ]
}

const orderItem = (tie: Tie): Arbitrary<OrderItem> =>
  node('orderItem', {
    value: tie('expression'),
    direction: constantFrom(undefined, 'asc' as const, 'desc' as const),
    using: nothing,
    nulls: constantFrom(undefined, 'first' as const, 'last' as const),
  })

const windowSpec = (tie: Tie): Arbitrary<WindowSpec> => {
  const offset = tie('expression')
  return node('window', {
    existing: maybe(identifier),
    partitionBy: few(tie('expression')),
    orderBy: few(orderItem(tie)),
    frame: maybe(
      node('frame', {
        unit: constantFrom('rows' as const, 'range' as const, 'groups' as const),
        start: oneof(node('unboundedPreceding', {}), node('preceding', { offset })),
        end: oneof(node('unboundedFollowing', {}), node('currentRow', {}), node('following', { offset })),
        exclude: constantFrom(undefined, 'current row' as const, 'group' as const, 'ties' as const),
      }),
    ),
  })
}

/** What may stand in FROM: without FILTER, OVER, … */
const plainCall = (tie: Tie): Arbitrary<FunctionCall> => {
  const argument = node('argument', { name: maybe(identifier), variadic: constant(false), value: tie('expression') })
  return node('call', {
    name: few(identifier, 1),
    arguments: few(argument),
    star: constant(false),
    distinct: constant(false),
    orderBy: constant([]),
    withinGroup: constant([]),
    filter: nothing,
    nulls: nothing,
    over: nothing,
  })
}

const call = (tie: Tie): Arbitrary<FunctionCall> =>
  record({
    plain: plainCall(tie),
    star: boolean(),
    distinct: boolean(),
    variadic: boolean(),
    orderBy: few(orderItem(tie)),
    withinGroup: few(orderItem(tie)),
    filter: maybe(tie('expression')),
    nulls: constantFrom(undefined, 'ignore' as const, 'respect' as const),
    over: oneof(nothing, node('windowName', { name: identifier }), windowSpec(tie)),
  }).map(({ plain, star, distinct, variadic, orderBy, ...after }) => {
    const values = plain.arguments.map((argument, index, all) =>
      index === all.length - 1 ? { ...argument, variadic } : argument,
    )
    if (values.length === 0) return { ...plain, ...after, star }
    return { ...plain, ...after, arguments: values, distinct, orderBy }
  })

// ---- Queries ----

const selectItem = (tie: Tie): Arbitrary<SelectItem> =>
  oneof(
    { weight: 4, arbitrary: node('selectItem', { value: tie('expression'), alias: maybe(name) }) },
    node('selectItem', { value: node('star', { parts: few(identifier) }), alias: nothing }),
  )

const groupItem = (tie: Tie): Arbitrary<GroupItem> => {
  const plain = tie('expression').filter(({ kind }) => kind !== 'row')
  const set = oneof(
    node('groupingSet', { items: constant([]) }),
    node('groupingSet', { items: few(tie('expression'), 2) }),
  )
  const several = node('groupingSets', { sets: few(oneof(plain, set), 1) })
  const rollup = oneof(node('rollup', { sets: few(oneof(plain, set), 1) }), node('cube', { sets: few(plain, 1) }))
  return oneof({ weight: 4, arbitrary: plain }, set, several, rollup)
}

const select = (tie: Tie): Arbitrary<QueryBody> =>
  node('select', {
    distinct: oneof(boolean(), few(tie('expression'), 1)),
    items: few(selectItem(tie), 1),
    from: few(tie('table')),
    where: maybe(tie('expression')),
    groupBy: maybe(node('groupBy', { distinct: boolean(), items: few(groupItem(tie), 1) })),
    having: maybe(tie('expression')),
    windows: array(record({ name: identifier, window: windowSpec(tie), position }), { maxLength: 1 }),
    qualify: maybe(tie('expression')),
  })

const values = (tie: Tie): Arbitrary<QueryBody> =>
  oneof(
    few(
      few(tie('expression'), 1).filter((row) => row.length === 1),
      1,
    ),
    few(tuple(tie('expression'), tie('expression')), 1),
  ).map((rows) => ({ kind: 'values', position: 0, rows }))

/** INTERSECT stands alone, or the grammar would fold it first. A query as an operand has a clause of its own. */
const setOperation = (tie: Tie): Arbitrary<QueryBody> => {
  const operand = oneof(
    { weight: 4, arbitrary: tie('body') },
    tie('query').filter((query) => query.orderBy.length > 0 || query.limit !== undefined),
  )
  const operands = (operator: Arbitrary<'union' | 'intersect' | 'except'>): Arbitrary<QueryBody> =>
    node('setOperation', {
      first: operand,
      rest: few(node('setOperand', { operator, all: boolean(), body: operand }), 1),
    })
  return oneof(operands(constant('intersect')), operands(constantFrom('union', 'except')))
}

const query = (tie: Tie): Arbitrary<Query> => {
  const table = node('commonTable', {
    name,
    columns: few(name),
    materialized: constantFrom(undefined, true, false),
    statement: tie('query'),
  })
  const locking = node('locking', {
    strength: constantFrom('update' as const, 'no key update' as const, 'share' as const, 'key share' as const),
    of: few(qualifiedName),
    wait: constantFrom(undefined, 'nowait' as const, 'skip locked' as const),
  })
  return record({
    kind: constant('query' as const),
    position,
    with: oneof({ weight: 4, arbitrary: nothing }, node('with', { recursive: boolean(), tables: few(table, 1) })),
    body: tie('body'),
    orderBy: few(orderItem(tie)),
    limit: maybe(tie('expression')),
    withTies: boolean(),
    offset: maybe(tie('expression')),
    locking: oneof({ weight: 4, arbitrary: constant([]) }, few(locking)),
  }).map((whole) => ({ ...whole, withTies: whole.withTies && whole.orderBy.length > 0 && whole.limit !== undefined }))
}

// ---- FROM ----

const alias: Arbitrary<TableAlias> = record({ name: identifier, columns: few(name), position })
const definition = record({ name: identifier, type: typeName, position })

const relation = (
  asOf: Arbitrary<Expression | undefined>,
  called: Arbitrary<TableAlias | undefined>,
): Arbitrary<RelationRef> => node('relation', { name: qualifiedName, only: boolean(), asOf, alias: called })

const join = (tie: Tie): Arbitrary<Join> => {
  const sides = { left: tie('table'), right: tie('table'), alias: maybe(alias) }
  const type = constantFrom('inner' as const, 'left' as const, 'right' as const, 'full' as const)
  const no = constant(false)
  const on = node('on', { predicate: tie('expression') })
  return oneof(
    node('join', { ...sides, type, asof: no, condition: on }),
    node('join', {
      ...sides,
      type: constantFrom('inner' as const, 'left' as const),
      asof: constant(true),
      condition: on,
    }),
    node('join', { ...sides, type, asof: no, condition: node('using', { columns: few(name, 1), alias: maybe(name) }) }),
    node('join', { ...sides, type, asof: no, condition: node('natural', {}) }),
    node('join', { ...sides, type: constant('cross' as const), asof: no, condition: nothing }),
  )
}

const functionTable = (tie: Tie): Arbitrary<TableRef> => {
  const called = record({ call: plainCall(tie), columns: oneof(constant([]), few(definition, 1)), position })
  return node('functionTable', {
    functions: few(called, 1),
    lateral: boolean(),
    ordinality: boolean(),
    alias: maybe(alias),
  })
}

const windowTable = (tie: Tie): Arbitrary<TableRef> => {
  const value = tie('expression')
  const derived = node('derived', { query: tie('query'), lateral: constant(false), alias: nothing })
  const common = {
    input: oneof(relation(nothing, nothing), derived),
    time: node('column', { parts: array(identifier, { minLength: 1, maxLength: 3 }) }),
    alias: maybe(alias),
  }
  const keys = few(value).filter(([key, second]) => second !== undefined || key?.kind !== 'row')
  const none = { size: nothing, slide: nothing, step: nothing, gap: nothing, offset: nothing, timeZone: nothing }
  const grid = {
    ...common,
    ...none,
    partitionBy: constant([]),
    size: value,
    offset: maybe(value),
    timeZone: maybe(value),
  }
  type Fields = Omit<WindowTable, 'kind' | 'position'>
  return oneof(
    node<'windowTable', Fields>('windowTable', { ...grid, function: constant('tumble' as const) }),
    node<'windowTable', Fields>('windowTable', { ...grid, function: constant('hop' as const), slide: value }),
    node<'windowTable', Fields>('windowTable', { ...grid, function: constant('cumulate' as const), step: value }),
    node<'windowTable', Fields>('windowTable', {
      ...common,
      ...none,
      function: constant('session' as const),
      partitionBy: keys,
      gap: value,
    }),
  )
}

const tables = (tie: Tie): Arbitrary<TableRef>[] => [
  relation(maybe(tie('expression')), maybe(alias)),
  node('derived', { query: tie('query'), lateral: boolean(), alias: maybe(alias) }),
  functionTable(tie),
  windowTable(tie),
  join(tie),
]

export const nodes = fc.letrec<Nodes>((tie) => ({
  expression: oneof(depth, leaf, ...operators(tie), ...compounds(tie)),
  query: query(tie),
  body: oneof(depth, values(tie), select(tie), setOperation(tie)),
  table: oneof(depth, relation(nothing, maybe(alias)), ...tables(tie)),
}))
