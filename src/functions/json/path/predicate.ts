// The predicates of SQL/JSON paths: true, false or unknown, by SQL's three-valued logic.
//
// A comparison holds if it does for one pair of items. lax stops at the first pair that holds; strict looks at all of
// them, and one that cannot be compared makes the answer unknown.

import { unreachable } from '../../../core/assert.ts'
import { isJsonArray, isJsonNumber, isJsonObject } from '../../../core/encoding/json-form.ts'
import { compareNumerics, compareText } from '../../../core/order.ts'
import type { JsonNode } from '../../../core/value.ts'
import { isPathError, type PathContext, unwrapped } from './context.ts'
import { compilePathRegex } from './parse.ts'
import type { Comparison, PathExpr, Predicate, Primary } from './path.ts'

export type Answer = boolean | 'unknown'

export function holds(predicate: Exclude<Primary, { kind: 'literal' }>, context: PathContext): Answer {
  const inner = (expr: PathExpr): Answer => holds(expr.primary as Predicate, context)
  switch (predicate.kind) {
    case 'and': {
      const left = inner(predicate.left)
      if (left === false) return false
      const right = inner(predicate.right)
      return right === true ? left : right
    }
    case 'or': {
      const left = inner(predicate.left)
      if (left === true) return true
      const right = inner(predicate.right)
      return right === false ? left : right
    }
    case 'not': {
      const answer = inner(predicate.operand)
      return answer === 'unknown' ? answer : !answer
    }
    case 'isUnknown':
      return inner(predicate.operand) === 'unknown'
    case 'exists':
      return exists(predicate.operand, context)
    case 'comparison':
      return somePair(predicate.left, predicate.right, context, (a, b) => compareItems(predicate.operator, a, b))
    case 'startsWith':
      return somePair(predicate.left, predicate.right, context, (text, start) =>
        typeof text === 'string' && typeof start === 'string' ? text.startsWith(start) : 'unknown',
      )
    case 'likeRegex': {
      const regex = regexOf(predicate)
      return someItem(predicate.operand, context, (text) => (typeof text === 'string' ? regex.test(text) : 'unknown'))
    }
    default:
      return unreachable(predicate as never)
  }
}

const regexes = new WeakMap<object, ReturnType<typeof compilePathRegex>>()

/** Compiled once a path. */
function regexOf(predicate: Extract<Predicate, { kind: 'likeRegex' }>): ReturnType<typeof compilePathRegex> {
  const known = regexes.get(predicate)
  if (known !== undefined) return known
  const regex = compilePathRegex(predicate.pattern, predicate.flags)
  regexes.set(predicate, regex)
  return regex
}

/** Undefined where finding them is an error. */
function itemsOrUnknown(expr: PathExpr, context: PathContext): readonly JsonNode[] | undefined {
  try {
    return [...unwrapped(expr, context)]
  } catch (error) {
    if (isPathError(error)) return undefined
    throw error
  }
}

function exists(expr: PathExpr, context: PathContext): Answer {
  try {
    if (context.strict) return [...context.evaluate(expr, context)].length > 0
    for (const _ of context.evaluate(expr, context)) return true
    return false
  } catch (error) {
    if (isPathError(error)) return 'unknown'
    throw error
  }
}

const someItem = (expr: PathExpr, context: PathContext, test: (item: JsonNode) => Answer): Answer => {
  const items = itemsOrUnknown(expr, context)
  return items === undefined ? 'unknown' : someOf(items.values(), context, test)
}

function somePair(
  left: PathExpr,
  right: PathExpr,
  context: PathContext,
  test: (a: JsonNode, b: JsonNode) => Answer,
): Answer {
  const lefts = itemsOrUnknown(left, context)
  if (lefts === undefined) return 'unknown'
  const rights = itemsOrUnknown(right, context)
  if (rights === undefined) return 'unknown'
  const pairs = function* () {
    for (const a of lefts) for (const b of rights) yield [a, b] as const
  }
  return someOf(pairs(), context, ([a, b]) => test(a, b))
}

function someOf<T>(things: Iterable<T>, { strict }: PathContext, test: (thing: T) => Answer): Answer {
  let found = false
  let unknown = false
  for (const thing of things) {
    const answer = test(thing)
    if (answer === 'unknown') {
      if (strict) return 'unknown'
      unknown = true
    } else if (answer) {
      if (!strict) return true
      found = true
    }
  }
  if (found) return true
  return unknown ? 'unknown' : false
}

function compareItems(operator: Comparison, a: JsonNode, b: JsonNode): Answer {
  if (a === null || b === null) {
    if (a === b) return isOrder(operator, 0)
    return operator === '!='
  }
  const order = orderOf(a, b)
  return order === undefined ? 'unknown' : isOrder(operator, order)
}

/** Undefined for what has no order: items of different types, arrays and objects. */
function orderOf(a: Exclude<JsonNode, null>, b: Exclude<JsonNode, null>): number | undefined {
  if (isJsonArray(a) || isJsonObject(a)) return undefined
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  return isJsonNumber(a) && isJsonNumber(b) ? compareNumerics(a, b) : undefined
}

function isOrder(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return unreachable(operator)
  }
}
