// Expressions as trees of closures over `evaluate`: one row in, one SqlValue out. The oracle of the compiled form,
// what a plan starts with, what finishes a batch after its first failing row, and all there is where code generation
// is denied.
//
// Invariants  three-valued logic; AND, OR, CASE and COALESCE are lazy from left to right, so that an error which the
//             written query hides stays hidden (operators spec §9). Errors are SqlErrors, thrown.
// Cost        a call and some objects a node and row: 50–100 ns; see compile.ts for the fast form.

import { unreachable } from '../../core/assert.ts'
import type { Batch } from '../../core/batch.ts'
import { valueAt } from '../../core/convert.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import type { SqlValue } from '../../core/value.ts'
import type { Evaluate, EvaluationContext, ScalarFunction } from '../../functions/registry.ts'
import type { CallExpr, CaseExpr, CastExpr, ColumnExpr, Expr, GreatestExpr, InListExpr } from '../../planner/expr.ts'
import { arrayOf, subscriptOf } from './arrays.ts'
import type { Closure } from './closure.ts'

/** What expressions may read besides their row. */
export interface Environment {
  readonly context: EvaluationContext
  /** $1 … of the statement. */
  readonly parameters: readonly SqlValue[]
}

type Callable = (...args: readonly unknown[]) => SqlValue

export function closure(expr: Expr, env: Environment): Closure {
  switch (expr.kind) {
    case 'column':
      return column(expr)
    case 'constant':
      return always(expr.value)
    case 'parameter':
      return always(env.parameters[expr.index] ?? null)
    case 'call':
      return call(expr, env)
    case 'cast':
      return cast(expr, env)
    case 'and':
      return conjunction(all(expr.args, env), false)
    case 'or':
      return conjunction(all(expr.args, env), true)
    case 'not':
      return negated(closure(expr.input, env))
    case 'isNull':
      return isNull(closure(expr.input, env), expr.negated)
    case 'isTruth':
      return isTruth(closure(expr.input, env), expr.of, expr.negated)
    case 'distinctFrom':
      return distinctFrom(closure(expr.left, env), closure(expr.right, env), equality(expr.equals, env), expr.negated)
    case 'case':
      return searchedCase(expr, env)
    case 'coalesce':
      return coalesce(all(expr.args, env))
    case 'nullIf':
      return nullIf(closure(expr.left, env), closure(expr.comparison, env))
    case 'greatest':
      return greatest(expr, env)
    case 'inList':
      return inList(expr, env)
    case 'anyAll':
      return anyAll(closure(expr.input, env), closure(expr.array, env), relation(expr.operator, env), expr.all)
    case 'array':
      return arrayOf(all(expr.elements, env))
    case 'row':
      return rowOf(all(expr.fields, env))
    case 'field':
      return field(closure(expr.input, env), expr.index)
    case 'subscript':
      return subscriptOf(expr, (part) => closure(part, env))
    case 'outer':
    case 'subquery':
      throw notSupported('a subquery in this place', { position: expr.position })
    default:
      return unreachable(expr)
  }
}

const all = (exprs: readonly Expr[], env: Environment): readonly Closure[] => exprs.map((expr) => closure(expr, env))

const always =
  (value: SqlValue): Closure =>
  () =>
    value

function column(expr: ColumnExpr): Closure {
  const { index, type, physical, nullable } = expr
  const def = { name: '', type, physical, nullable }
  return (batch, row) => valueAt(def, batch.columns[index]!, row)
}

/** The value of an expression that reads no column. */
export const constantOf = (expr: Expr, env: Environment): SqlValue => closure(expr, env)(NO_ROW, 0)
const NO_ROW: Batch = { length: 1, weights: undefined, columns: [] }

/** Constants that the function refuses raise their error in each row that comes to the call, not before. */
function preparedFor(entry: ScalarFunction, constants: readonly (SqlValue | undefined)[]): Evaluate | undefined {
  if (entry.prepare === undefined || constants.every((value) => value === undefined)) return undefined
  try {
    return entry.prepare(constants)
  } catch (error) {
    if (error instanceof SqlError) return undefined
    throw error
  }
}

function call(expr: CallExpr, env: Environment): Closure {
  const { function: entry } = expr
  const args = all(expr.args, env)
  const { context } = env
  const constants = expr.args.map((arg) => knownConstant(arg, env))
  const evaluate = (preparedFor(entry, constants) ?? entry.evaluate) as Callable
  if (args.length === 1) {
    const [first] = args as [Closure]
    if (!entry.strict) return (batch, row) => evaluate(first(batch, row), context)
    return (batch, row) => {
      const value = first(batch, row)
      return value === null ? null : evaluate(value, context)
    }
  }
  if (args.length === 2 && entry.strict) {
    const [first, second] = args as [Closure, Closure]
    return (batch, row) => {
      const left = first(batch, row)
      const right = second(batch, row)
      return left === null || right === null ? null : evaluate(left, right, context)
    }
  }
  const { strict } = entry
  return (batch, row) => {
    const values = args.map((arg) => arg(batch, row))
    return strict && values.includes(null) ? null : evaluate(...values, context)
  }
}

/** The value of a constant or parameter; undefined for what depends on the row. */
export function knownConstant(expr: Expr, env: Environment): SqlValue | undefined {
  if (expr.kind === 'constant') return expr.value
  if (expr.kind === 'parameter') return env.parameters[expr.index] ?? null
  return undefined
}

function cast(expr: CastExpr, env: Environment): Closure {
  const input = closure(expr.input, env)
  if (expr.cast === undefined) return input
  const evaluate = expr.cast.evaluate as Callable
  const target = { from: expr.input.type, to: expr.type, explicit: expr.explicit }
  const { context } = env
  return (batch, row) => {
    const value = input(batch, row)
    return value === null ? null : evaluate(value, target, context)
  }
}

/** AND stops at the first FALSE (`decisive` false), OR at the first TRUE; NULL where none is and one is NULL. */
function conjunction(args: readonly Closure[], decisive: boolean): Closure {
  return (batch, row) => {
    let result: SqlValue = !decisive
    for (const arg of args) {
      const value = arg(batch, row)
      if (value === decisive) return decisive
      if (value === null) result = null
    }
    return result
  }
}

const negated =
  (input: Closure): Closure =>
  (batch, row) => {
    const value = input(batch, row)
    return value === null ? null : !value
  }

/** A composite value is NULL when all its fields are, and NOT NULL when none is (PostgreSQL, section 9.2). */
const isNull =
  (input: Closure, isNegated: boolean): Closure =>
  (batch, row) => {
    const value = input(batch, row)
    if (value !== null && typeof value === 'object' && 'kind' in value && value.kind === 'row')
      return value.fields.every((part) => (part === null) !== isNegated)
    return (value === null) !== isNegated
  }

const isTruth =
  (input: Closure, of: boolean | null, isNegated: boolean): Closure =>
  (batch, row) =>
    (input(batch, row) === of) !== isNegated

type Relation = (left: SqlValue, right: SqlValue) => SqlValue

/** A comparison of two values with NULL for a NULL operand. */
export function relation(entry: ScalarFunction, env: Environment): Relation {
  const evaluate = entry.evaluate as Callable
  const { context } = env
  if (!entry.strict) return (left, right) => evaluate(left, right, context)
  return (left, right) => (left === null || right === null ? null : evaluate(left, right, context))
}

const equality = relation

function distinctFrom(left: Closure, right: Closure, equals: Relation, isNegated: boolean): Closure {
  return (batch, row) => {
    const a = left(batch, row)
    const b = right(batch, row)
    const distinct = a === null || b === null ? a !== b : equals(a, b) !== true
    return distinct !== isNegated
  }
}

function searchedCase(expr: CaseExpr, env: Environment): Closure {
  const whens = expr.whens.map((when) => ({
    condition: closure(when.condition, env),
    result: closure(when.result, env),
  }))
  const otherwise = closure(expr.otherwise, env)
  return (batch, row) => {
    for (const when of whens) if (when.condition(batch, row) === true) return when.result(batch, row)
    return otherwise(batch, row)
  }
}

function coalesce(args: readonly Closure[]): Closure {
  return (batch, row) => {
    for (const arg of args) {
      const value = arg(batch, row)
      if (value !== null) return value
    }
    return null
  }
}

const nullIf =
  (left: Closure, comparison: Closure): Closure =>
  (batch, row) =>
    comparison(batch, row) === true ? null : left(batch, row)

function greatest(expr: GreatestExpr, env: Environment): Closure {
  const args = all(expr.args, env)
  const lessThan = relation(expr.lessThan, env)
  const { least } = expr
  return (batch, row) => {
    let best: SqlValue = null
    for (const arg of args) {
      const value = arg(batch, row)
      if (value === null) continue
      if (best === null || (least ? lessThan(value, best) : lessThan(best, value)) === true) best = value
    }
    return best
  }
}

function inList(expr: InListExpr, env: Environment): Closure {
  const input = closure(expr.input, env)
  const list = all(expr.list, env)
  const equals = equality(expr.equals, env)
  const { negated: isNegated } = expr
  return (batch, row) => {
    const value = input(batch, row)
    let found: SqlValue = false
    for (const element of list) {
      const equal = equals(value, element(batch, row))
      if (equal === true) return !isNegated
      if (equal === null) found = null
    }
    return found === null ? null : isNegated
  }
}

/** ANY is TRUE at the first TRUE, ALL is FALSE at the first FALSE; over no elements FALSE and TRUE. */
function anyAll(input: Closure, array: Closure, compare: Relation, isAll: boolean): Closure {
  return (batch, row) => {
    const value = input(batch, row)
    const elements = array(batch, row)
    if (elements === null) return null
    let result: SqlValue = isAll
    for (const element of elementsOf(elements)) {
      const outcome = compare(value, element)
      if (outcome === !isAll) return !isAll
      if (outcome === null) result = null
    }
    return result
  }
}

function elementsOf(value: SqlValue): readonly SqlValue[] {
  if (value !== null && typeof value === 'object' && 'kind' in value && value.kind === 'array') return value.elements
  throw notSupported('ANY over something else than an array')
}

const rowOf =
  (fields: readonly Closure[]): Closure =>
  (batch, row) => ({ kind: 'row', fields: fields.map((part) => part(batch, row)) })

const field =
  (input: Closure, index: number): Closure =>
  (batch, row) => {
    const value = input(batch, row)
    if (value === null || typeof value !== 'object' || !('kind' in value) || value.kind !== 'row') return null
    return value.fields[index] ?? null
  }
