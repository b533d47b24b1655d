// Walking and rewriting bound expressions. One function knows the children of every kind of node (`mapChildren`); all
// the others are built on it. Subquery plans are not entered here: that is plan-walk.ts's business.

import { unreachable } from '../core/assert.ts'
import { sameType } from '../core/type.ts'
import type { CaseExpr, ColumnExpr, Expr, SubscriptBound } from './expr.ts'
import { withNullability } from './expr-build.ts'

/** The node with each child replaced; the same object where no child changed. */
export function mapChildren(expr: Expr, f: (child: Expr) => Expr): Expr {
  const mapped = replaceChildren(expr, f)
  return mapped === expr ? expr : withNullability(mapped)
}

function replaceChildren(expr: Expr, f: (child: Expr) => Expr): Expr {
  switch (expr.kind) {
    case 'column':
    case 'outer':
    case 'constant':
    case 'parameter':
      return expr
    case 'call':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'greatest':
      return withList(expr, 'args', f)
    case 'cast':
    case 'not':
    case 'isNull':
    case 'isTruth':
    case 'field': {
      const input = f(expr.input)
      return input === expr.input ? expr : { ...expr, input }
    }
    case 'distinctFrom': {
      const [left, right] = [f(expr.left), f(expr.right)]
      return left === expr.left && right === expr.right ? expr : { ...expr, left, right }
    }
    case 'nullIf': {
      const [left, right, comparison] = [f(expr.left), f(expr.right), f(expr.comparison)]
      const same = left === expr.left && right === expr.right && comparison === expr.comparison
      return same ? expr : { ...expr, left, right, comparison }
    }
    case 'case':
      return mapCase(expr, f)
    case 'inList': {
      const [input, list] = [f(expr.input), mapList(expr.list, f)]
      return input === expr.input && list === expr.list ? expr : { ...expr, input, list }
    }
    case 'anyAll': {
      const [input, array] = [f(expr.input), f(expr.array)]
      return input === expr.input && array === expr.array ? expr : { ...expr, input, array }
    }
    case 'array':
      return withList(expr, 'elements', f)
    case 'row':
      return withList(expr, 'fields', f)
    case 'subscript': {
      const input = f(expr.input)
      const subscripts = mapList(expr.subscripts, (bound) => mapBound(bound, f))
      return input === expr.input && subscripts === expr.subscripts ? expr : { ...expr, input, subscripts }
    }
    case 'subquery': {
      if (expr.form.kind !== 'quantified') return expr
      const inputs = mapList(expr.form.inputs, f)
      return inputs === expr.form.inputs ? expr : { ...expr, form: { ...expr.form, inputs } }
    }
    default:
      return unreachable(expr)
  }
}

function mapCase(expr: CaseExpr, f: (child: Expr) => Expr): CaseExpr {
  const whens = mapList(expr.whens, (when) => {
    const [condition, result] = [f(when.condition), f(when.result)]
    return condition === when.condition && result === when.result ? when : { condition, result }
  })
  const otherwise = f(expr.otherwise)
  return whens === expr.whens && otherwise === expr.otherwise ? expr : { ...expr, whens, otherwise }
}

function mapBound(bound: SubscriptBound, f: (child: Expr) => Expr): SubscriptBound {
  if (bound.kind === 'index') {
    const index = f(bound.index)
    return index === bound.index ? bound : { kind: 'index', index }
  }
  const lower = bound.lower && f(bound.lower)
  const upper = bound.upper && f(bound.upper)
  return lower === bound.lower && upper === bound.upper ? bound : { kind: 'slice', lower, upper }
}

/** The list with each element mapped; the same array where none changed. */
export function mapList<T>(list: readonly T[], f: (item: T) => T): readonly T[] {
  const mapped = list.map((item) => f(item))
  return mapped.every((item, i) => item === list[i]) ? list : mapped
}

function withList<E extends Expr>(expr: E, key: keyof E, f: (child: Expr) => Expr): Expr {
  const list = expr[key] as unknown as readonly Expr[]
  const mapped = mapList(list, f)
  return mapped === list ? expr : { ...expr, [key]: mapped }
}

/** Direct children, in order of evaluation. */
export function childrenOf(expr: Expr): readonly Expr[] {
  const children: Expr[] = []
  mapChildren(expr, (child) => {
    children.push(child)
    return child
  })
  return children
}

/** Calls `visit` for the node and everything below it, parents first. */
export function visitExpr(expr: Expr, visit: (node: Expr) => void): void {
  visit(expr)
  for (const child of childrenOf(expr)) visitExpr(child, visit)
}

export const someExpr = (expr: Expr, test: (node: Expr) => boolean): boolean =>
  test(expr) || childrenOf(expr).some((child) => someExpr(child, test))

/** Replaces nodes top-down: where `f` returns an expression, that stands and is not entered; else the children are. */
export function rewriteExpr(expr: Expr, f: (node: Expr) => Expr | undefined): Expr {
  return f(expr) ?? mapChildren(expr, (child) => rewriteExpr(child, f))
}

/** Replaces the columns of the expression. */
export const mapColumns = (expr: Expr, f: (column: ColumnExpr) => Expr): Expr =>
  rewriteExpr(expr, (node) => (node.kind === 'column' ? f(node) : undefined))

/** The expression with its columns moved to other places of the row. */
export const remap = (expr: Expr, place: (index: number) => number): Expr =>
  mapColumns(expr, (column) => {
    const index = place(column.index)
    return index === column.index ? column : { ...column, index }
  })

export const shift = (expr: Expr, by: number): Expr => (by === 0 ? expr : remap(expr, (index) => index + by))

/** `expr` over a projection's output, as an expression over its input: columns are replaced by what computes them. */
export const substitute = (expr: Expr, columns: readonly Expr[]): Expr =>
  mapColumns(expr, (column) => columns[column.index]!)

/** Indexes of the columns that are read, ascending, each once. */
export function columnsOf(expr: Expr): readonly number[] {
  const found = new Set<number>()
  visitExpr(expr, (node) => {
    if (node.kind === 'column') found.add(node.index)
  })
  return [...found].sort((a, b) => a - b)
}

export const hasSubquery = (expr: Expr): boolean => someExpr(expr, (node) => node.kind === 'subquery')

export const isVolatile = (expr: Expr): boolean => someExpr(expr, isVolatileNode)

/** Of the node alone, not of what is below it. */
export const isVolatileNode = (node: Expr): boolean =>
  (node.kind === 'call' && node.function.volatility === 'volatile') ||
  (node.kind === 'anyAll' && node.operator.volatility === 'volatile') ||
  (node.kind === 'cast' && node.cast?.volatility === 'volatile')

/** Depends on nothing but its columns: neither on the session nor on the time. */
export const isImmutable = (expr: Expr): boolean =>
  !someExpr(
    expr,
    (node) =>
      (node.kind === 'call' && node.function.volatility !== 'immutable') ||
      (node.kind === 'anyAll' && node.operator.volatility !== 'immutable') ||
      (node.kind === 'cast' && node.cast !== undefined && node.cast.volatility !== 'immutable'),
  )

/** Some row could make it raise an error (operators spec §9). */
export const canFail = (expr: Expr): boolean =>
  someExpr(
    expr,
    (node) =>
      (node.kind === 'call' && node.function.fails && callFails(node)) ||
      (node.kind === 'cast' && node.cast !== undefined && node.cast.fails) ||
      (node.kind === 'anyAll' && node.operator.fails) ||
      node.kind === 'subquery',
  )

const callFails = ({ function: { failsFor }, args }: Extract<Expr, { kind: 'call' }>): boolean =>
  failsFor === undefined || failsFor(args.map((arg) => (arg.kind === 'constant' ? arg.value : undefined)))

export const isConstant = (expr: Expr): boolean =>
  !someExpr(expr, (node) => ['column', 'outer', 'parameter', 'subquery'].includes(node.kind))

/** A list of conditions: the operands of nested ANDs; TRUE gives none. */
export function conjuncts(predicate: Expr | undefined): readonly Expr[] {
  if (predicate === undefined || isTrue(predicate)) return []
  return predicate.kind === 'and' ? predicate.args.flatMap(conjuncts) : [predicate]
}

export const isTrue = (expr: Expr): boolean => expr.kind === 'constant' && expr.value === true

/** Structural equality, places in the text aside. Two volatile calls are never the same. */
export function sameExpr(a: Expr, b: Expr): boolean {
  return a === b || (!isVolatile(a) && sameNode(a, b))
}

function sameNode(a: Expr, b: Expr): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || !sameType(a.type, b.type)) return false
  if (a.kind === 'subquery' && b.kind === 'subquery') return sameInText(a.form, b.form) && sameInText(a.plan, b.plan)
  if (shapeOf(a) !== shapeOf(b)) return false
  const [left, right] = [childrenOf(a), childrenOf(b)]
  return sameOwnFields(a, b) && left.length === right.length && left.every((child, i) => sameNode(child, right[i]!))
}

/** Compares what a node holds besides its children. */
function sameOwnFields(a: Expr, b: Expr): boolean {
  const skipped = new Set(['position', 'type', 'physical', 'nullable'])
  const own = (expr: Expr): readonly (readonly [string, unknown])[] =>
    Object.entries(expr).filter(([key, value]) => !skipped.has(key) && !holdsExpr(value))
  const [left, right] = [own(a), own(b)]
  return (
    left.length === right.length && left.every(([key, value], i) => key === right[i]![0] && same(value, right[i]![1]))
  )
}

/** Plans and what is in them by their contents, places in the text aside. */
function sameInText(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if ('volatility' in a && a.volatility === 'volatile') return false
  const own = (value: object) =>
    Object.entries(value).filter(([key, part]) => key !== 'position' && typeof part !== 'function')
  const [left, right] = [own(a), own(b)]
  return (
    left.length === right.length &&
    left.every(([key, value], i) => {
      const other = right[i]!
      return key === other[0] && (key === 'relation' ? value === other[1] : sameInText(value, other[1]))
    })
  )
}

const holdsExpr = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ('nullable' in value || (Array.isArray(value) && (value.length === 0 || value.some(isPart))))

const isPart = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ('nullable' in value || 'condition' in value || 'upper' in value || 'index' in value)

const shapeOf = (expr: Expr): string =>
  expr.kind !== 'subscript'
    ? ''
    : expr.subscripts.map((b) => (b.kind === 'index' ? 'i' : `${b.lower ? 'l' : ''}:${b.upper ? 'u' : ''}`)).join()

/** Plain values by their contents; functions and casts by name and argument types. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [left, right] = [Object.entries(a), Object.entries(b)].map((entries) =>
    entries.filter(([, value]) => typeof value !== 'function'),
  )
  return (
    left!.length === right!.length &&
    left!.every(([key, value], i) => key === right![i]![0] && same(value, right![i]![1]))
  )
}
