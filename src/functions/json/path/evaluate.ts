// SQL/JSON paths run over jsonb, as jsonpath_exec.c does it. Items come one by one, so that what was found before an
// error is kept where errors are silent.
//
// lax      arrays are unwrapped where a member or method wants an item, scalars wrapped where an array is wanted;
//          missing members and elements are nothing
// strict   each of these is an error
//
// Within predicates errors make the answer unknown. Path errors (context.ts) may be silenced; other errors always show.

import { unreachable } from '../../../core/assert.ts'
import { isJsonArray, isJsonNumber, isJsonObject } from '../../../core/encoding/json-form.ts'
import { SqlError } from '../../../core/error.ts'
import { type JsonNode, type Numeric, numeric } from '../../../core/value.ts'
import { add, divide, modulo, multiply, negate, subtract, toInteger, truncate } from '../../arithmetic/numeric.ts'
import { memberOf } from '../node.ts'
import { type Items, type PathContext, pathError, silenceable, unwrapped } from './context.ts'
import { applyMethod } from './methods.ts'
import type { Arithmetic, JsonPath, PathExpr, Primary, Step } from './path.ts'
import { type Answer, holds } from './predicate.ts'

/** The items of a path over `root`. `variables` is an object. */
export const itemsOf = ({ strict, expr }: JsonPath, root: JsonNode, variables: JsonNode): Items =>
  evaluate(expr, { strict, root, variables, current: root, arrayLength: -1, ignoreStructure: !strict, evaluate })

function* evaluate(expr: PathExpr, context: PathContext): Items {
  for (const item of primaryItems(expr.primary, context)) yield* follow(expr.steps, 0, item, context, !context.strict)
}

function* primaryItems(primary: Primary, context: PathContext): Items {
  switch (primary.kind) {
    case 'root':
      yield context.root
      break
    case 'current':
      yield context.current
      break
    case 'last':
      yield numeric(BigInt(context.arrayLength - 1))
      break
    case 'literal':
      yield primary.value
      break
    case 'variable':
      yield variable(primary.name, context)
      break
    case 'arithmetic':
      yield arithmetic(primary, context)
      break
    case 'sign':
      for (const item of unwrapped(primary.operand, context)) {
        if (!isJsonNumber(item))
          throw pathError('2203B', `operand of unary jsonpath operator ${primary.operator} is not a numeric value`)
        yield primary.operator === '-' ? negate(item) : item
      }
      break
    default:
      yield answerItem(holds(primary, context))
  }
}

const answerItem = (answer: Answer): JsonNode => (answer === 'unknown' ? null : answer)

function variable(name: string, { variables }: PathContext): JsonNode {
  const value = isJsonObject(variables) ? memberOf(variables, name) : undefined
  if (value === undefined) throw new SqlError({ code: '42704', message: `could not find jsonpath variable "${name}"` })
  return value
}

const operations: Readonly<Record<Arithmetic, (a: Numeric, b: Numeric) => Numeric>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
}

function arithmetic(primary: Extract<Primary, { kind: 'arithmetic' }>, context: PathContext): Numeric {
  const single = (expr: PathExpr, side: 'left' | 'right'): Numeric => {
    const items = [...unwrapped(expr, context)]
    if (items.length !== 1 || !isJsonNumber(items[0]!))
      throw pathError('22038', `${side} operand of jsonpath operator ${primary.operator} is not a single numeric value`)
    return items[0] as Numeric
  }
  const left = single(primary.left, 'left')
  const right = single(primary.right, 'right')
  return silenceable(() => operations[primary.operator](left, right))
}

/** What the steps from `at` on make of one item. */
function* follow(steps: readonly Step[], at: number, item: JsonNode, context: PathContext, unwrap: boolean): Items {
  const step = steps[at]
  if (step === undefined) {
    yield item
    return
  }
  if (unwrap && isJsonArray(item) && wantsItem(step)) {
    for (const element of item) yield* follow(steps, at, element, context, false)
    return
  }
  if (step.kind === 'anyLevel') {
    yield* levels(step, steps, at, item, context)
    return
  }
  for (const next of stepItems(step, item, context)) yield* follow(steps, at + 1, next, context, !context.strict)
}

/** Steps that an array stands before for each of its elements. */
const wantsItem = (step: Step): boolean =>
  step.kind === 'key' ||
  step.kind === 'anyKey' ||
  step.kind === 'filter' ||
  step.kind === 'datetime' ||
  (step.kind === 'method' && step.method !== 'type' && step.method !== 'size')

type PlainStep = Exclude<Step, { kind: 'anyLevel' }>

function* stepItems(step: PlainStep, item: JsonNode, context: PathContext): Items {
  switch (step.kind) {
    case 'key':
      yield* member(step.name, item, context)
      break
    case 'anyKey':
      if (isJsonObject(item)) for (const [, value] of item.entries) yield value
      else if (!context.ignoreStructure)
        throw pathError('2203C', 'jsonpath wildcard member accessor can only be applied to an object')
      break
    case 'anyElement':
      if (isJsonArray(item)) yield* item
      else if (!context.strict) yield item
      else if (!context.ignoreStructure)
        throw pathError('22039', 'jsonpath wildcard array accessor can only be applied to an array')
      break
    case 'elements':
      yield* elements(step.subscripts, item, context)
      break
    case 'filter':
      if (holdsFor(step.predicate, item, context)) yield item
      break
    case 'method':
    case 'datetime':
      yield* applyMethod(step, item, context)
      break
    default:
      unreachable(step)
  }
}

const holdsFor = (predicate: PathExpr, item: JsonNode, context: PathContext): boolean =>
  holds(predicate.primary as Parameters<typeof holds>[0], { ...context, current: item }) === true

function* member(name: string, item: JsonNode, { ignoreStructure }: PathContext): Items {
  if (!isJsonObject(item)) {
    if (!ignoreStructure) throw pathError('2203A', 'jsonpath member accessor can only be applied to an object')
    return
  }
  const value = memberOf(item, name)
  if (value !== undefined) yield value
  else if (!ignoreStructure) throw pathError('2203A', `JSON object does not contain key "${name}"`)
}

type Subscripts = Extract<Step, { kind: 'elements' }>['subscripts']

function* elements(subscripts: Subscripts, item: JsonNode, context: PathContext): Items {
  if (!isJsonArray(item) && context.strict) {
    if (!context.ignoreStructure) throw pathError('22039', 'jsonpath array accessor can only be applied to an array')
    return
  }
  const list = isJsonArray(item) ? item : [item]
  const inner = { ...context, arrayLength: list.length }
  for (const { from, to } of subscripts) {
    const first = index(from, inner)
    const last = to === undefined ? first : index(to, inner)
    if (!context.ignoreStructure && (first < 0 || first > last || last >= list.length))
      throw pathError('22033', 'jsonpath array subscript is out of bounds')
    for (let i = Math.max(first, 0); i <= Math.min(last, list.length - 1); i++) yield list[i]!
  }
}

function index(expr: PathExpr, context: PathContext): number {
  const items = [...evaluate(expr, context)]
  if (items.length !== 1 || !isJsonNumber(items[0]!))
    throw pathError('22033', 'jsonpath array subscript is not a single numeric value')
  try {
    return Number(toInteger(truncate(items[0] as Numeric), 32, 'integer'))
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    throw pathError('22033', 'jsonpath array subscript is out of integer range')
  }
}

type AnyLevel = Extract<Step, { kind: 'anyLevel' }>

function* levels(step: AnyLevel, steps: readonly Step[], at: number, item: JsonNode, context: PathContext): Items {
  const lenient = { ...context, ignoreStructure: true }
  if (step.first === 0) yield* follow(steps, at + 1, item, lenient, !context.strict)
  yield* below(item, 1, step, function* (found) {
    yield* follow(steps, at + 1, found, lenient, !context.strict)
  })
}

/** Items at a level and deeper, each before what is in it. Only leaves where `last` alone was asked for. */
function* below(item: JsonNode, level: number, { first, last }: AnyLevel, then: (item: JsonNode) => Items): Items {
  if (level > last) return
  const leavesOnly = first === Number.POSITIVE_INFINITY && last === Number.POSITIVE_INFINITY
  const inside = isJsonArray(item) ? item : isJsonObject(item) ? item.entries.map(([, value]) => value) : []
  for (const each of inside) {
    const isLeaf = !isJsonArray(each) && !isJsonObject(each)
    if (level >= first || (leavesOnly && isLeaf)) yield* then(each)
    if (level < last && !isLeaf) yield* below(each, level + 1, { kind: 'anyLevel', first, last }, then)
  }
}
