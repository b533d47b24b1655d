// Temporal filters: now() in the conditions of a maintained query (spec/windows-and-time.md §5.1).
//
//   Filter p(row, now())   =>   TemporalFilter: p over the row and over the truths of its comparisons with the time
//
// now() may stand only in comparisons E(row) op G(now()) where G never decreases: then each comparison is true on one
// half-line of time, and p, however it combines them, on a finite union of intervals. Everywhere else the value would
// change with every epoch: refused by name.

import { assert } from '../core/assert.ts'
import { notSupported, type SqlError } from '../core/error.ts'
import type { Interval } from '../core/value.ts'
import type { FunctionRegistry, ScalarFunction } from '../functions/registry.ts'
import type { TextSettings } from '../functions/text/settings.ts'
import { evaluateConstant } from './evaluate.ts'
import type { CallExpr, Expr } from './expr.ts'
import { allOf, and, boolean } from './expr-build.ts'
import { canFail, conjuncts, isConstant, rewriteExpr, someExpr } from './expr-walk.ts'
import type { LogicalPlan } from './logical.ts'
import type { PhysicalPlan, TemporalComparison } from './physical.ts'
import { chooseColumns, mapNode, temporalFilterNode } from './physical-build.ts'
import { columnOf } from './plan-build.ts'
import { exprsOf, inputsOf } from './plan-walk.ts'

/** What lowering needs to know of a query that is kept up to date. */
export interface Maintained {
  readonly registry: FunctionRegistry
  readonly text: TextSettings
}

/** Functions without arguments whose value is the time of the epoch. */
export const TIME_FUNCTIONS: ReadonlySet<string> = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'proctime',
])

const isNow = (expr: Expr): boolean =>
  expr.kind === 'call' && expr.args.length === 0 && TIME_FUNCTIONS.has(expr.function.name)

export const readsNow = (expr: Expr): boolean => someExpr(expr, isNow)

/** Throws 0A000 where the plan reads the time outside of the conditions of filters and inner joins. */
export function checkTimeReads(plan: LogicalPlan): void {
  const seen = new Set<LogicalPlan>()
  const visit = (node: LogicalPlan, recursive: boolean): void => {
    if (seen.has(node)) return
    seen.add(node)
    const mayRead = node.kind === 'filter' || (node.kind === 'join' && node.type === 'inner')
    const found = exprsOf(node).find(readsNow)
    if (found !== undefined && recursive) throw timeElsewhere(found, 'inside WITH RECURSIVE')
    if (found !== undefined && !mayRead) throw timeElsewhere(found, placeOf(node))
    for (const input of inputsOf(node)) visit(input, recursive || node.kind === 'recursion')
  }
  visit(plan, false)
}

function placeOf(node: LogicalPlan): string {
  if (node.kind === 'join') return 'in the ON condition of an outer join'
  return node.kind === 'project' ? 'in a select list, join key or sort key' : 'here'
}

function timeElsewhere(expr: Expr, place: string): SqlError {
  let name = 'now'
  let position = expr.position
  someExpr(expr, (node) => {
    if (node.kind !== 'call' || !isNow(node)) return false
    name = node.function.name
    position = node.position ?? position
    return true
  })
  return notSupported(`${name}() ${place} of a maintained query`, { position, hint: HINT })
}

const HINT =
  "Its value would change with every epoch. In WHERE, compare a column with it: ts > now() - INTERVAL '1 hour'."

/** A filter whose predicate reads the time. */
export function lowerTemporal(input: PhysicalPlan, predicate: Expr, { registry, text }: Maintained): PhysicalPlan {
  const all = conjuncts(predicate)
  const first = all.findIndex(readsNow)
  // What stands before the first of them, or cannot fail, may be asked before it.
  const isPlain = (one: Expr, i: number): boolean => !readsNow(one) && (i < first || !canFail(one))
  const plain = all.filter(isPlain)
  const below =
    plain.length === 0
      ? input
      : mapNode(
          input,
          and(plain),
          input.schema.map((_, i) => columnOf(input.schema, i)),
          input.schema,
        )
  const comparisons: TemporalComparison[] = []
  const width = input.schema.length
  const truth = (comparison: TemporalComparison): Expr => {
    const index = width + comparisons.push(comparison) - 1
    return { kind: 'column', index, type: boolean, physical: { kind: 'i32' }, nullable: true }
  }
  const rest = allOf(all.filter((one, i) => !isPlain(one, i)))
  assert(rest !== undefined, 'a temporal filter reads the time')
  const replaced = rewriteExpr(rest, (node) => {
    if (!isComparison(node) || !readsNow(node)) return undefined
    if (node.function.name === '=' || node.function.name === '<>') {
      const parts = ['<=', '>='].map((name) => truth(comparisonOf({ ...node, ...called(registry, node, name) }, text)))
      const equal = and(parts)
      return node.function.name === '='
        ? equal
        : { kind: 'not', input: equal, type: boolean, physical: { kind: 'i32' }, nullable: true }
    }
    return truth(comparisonOf(node, text))
  })
  if (readsNow(replaced)) throw notComparable(replaced)
  return chooseColumns(temporalFilterNode(below, comparisons, replaced), [...input.schema.keys()])
}

const COMPARISONS = new Set(['<', '<=', '>', '>=', '=', '<>'])

const isComparison = (node: Expr): node is CallExpr =>
  node.kind === 'call' && node.args.length === 2 && COMPARISONS.has(node.function.name)

/** The other comparison of the same types. */
function called(registry: FunctionRegistry, node: CallExpr, name: string): { readonly function: ScalarFunction } {
  const { args } = node.function
  const found = registry.scalars.get(name)?.find((one) => one.args.every((type, i) => type === args[i]))
  if (found === undefined) throw notComparable(node)
  return { function: found }
}

function comparisonOf(node: CallExpr, text: TextSettings): TemporalComparison {
  const [left, right] = node.args as readonly [Expr, Expr]
  const boundFirst = readsNow(left)
  const [value, bound] = boundFirst ? [right, left] : [left, right]
  if (readsNow(value) || !isMonotone(bound)) throw notComparable(node)
  if (!text.timeZone.fixed && readsZone(node, bound)) throw zoneChanges(node, text)
  const grows = node.function.name.startsWith('<') !== boundFirst
  return { value, bound, operator: node.function, boundFirst, rising: grows, shift: shiftOf(bound, value, text) }
}

const isTime = ({ kind }: Expr['type']): boolean => kind === 'timestamptz' || kind === 'timestamp' || kind === 'date'

/** The arguments with which a function never decreases, the others being constant. */
const VARYING: ReadonlyMap<string, readonly number[]> = new Map([
  ['+', [0, 1]],
  ['-', [0]],
  ['date_trunc', [1]],
  ['date_bin', [1]],
])

/** now() ± constants, date_trunc and date_bin of that, its date or civil time: with now() it never decreases. */
function isMonotone(expr: Expr): boolean {
  if (isNow(expr)) return true
  if (!isTime(expr.type)) return false
  if (expr.kind === 'cast') return isMonotone(expr.input)
  if (expr.kind !== 'call') return false
  const place = VARYING.get(expr.function.name)
  const varying = expr.args.flatMap((arg, i) => (isConstant(arg) && !readsNow(arg) ? [] : [i]))
  const [only] = varying
  return varying.length === 1 && place?.includes(only!) === true && isMonotone(expr.args[only!]!)
}

/** Whether the zone's rules take part: where clocks go back, civil time does too. */
function readsZone(comparison: CallExpr, bound: Expr): boolean {
  const [left, right] = comparison.args
  return (
    left!.type.kind !== right!.type.kind ||
    someExpr(bound, (node) => {
      if (node.kind === 'cast') return node.type.kind !== node.input.type.kind && isTime(node.type)
      if (node.kind !== 'call' || isNow(node) || node.type.kind !== 'timestamptz') return false
      return node.function.name === 'date_trunc' || node.args.some(isCivil)
    })
  )
}

/** An interval with days or months. */
function isCivil(expr: Expr): boolean {
  if (expr.type.kind !== 'interval') return false
  return !(expr.kind === 'constant' && expr.value !== null && isPhysical(expr.value as Interval))
}

const isPhysical = ({ months, days }: Interval): boolean => months === 0 && days === 0

const DAY_MICROS = 86_400_000_000n

/** d, where both sides are µs and the bound is now() + d. */
function shiftOf(bound: Expr, value: Expr, text: TextSettings): bigint | undefined {
  if (value.type.kind === 'date' || !isTime(value.type) || value.type.kind !== bound.type.kind) return undefined
  const shift = (expr: Expr): bigint | undefined => {
    if (isNow(expr)) return 0n
    if (expr.kind !== 'call' || expr.type.kind !== 'timestamptz') return undefined
    const [left, right] = expr.args as readonly [Expr, Expr]
    const sign = expr.function.name === '+' ? 1n : -1n
    if ((expr.function.name !== '+' && expr.function.name !== '-') || right.type.kind !== 'interval') return undefined
    const interval = evaluateConstant(right, { text }) as Interval | null | undefined
    const inner = shift(left)
    if (inner === undefined || interval === undefined || interval === null || interval.months !== 0) return undefined
    return inner + sign * (BigInt(interval.days) * DAY_MICROS + interval.micros)
  }
  return shift(bound)
}

const notComparable = (expr: Expr): SqlError => timeElsewhere(expr, 'in this form in a condition')

const zoneChanges = (node: CallExpr, { timeZone }: TextSettings): SqlError =>
  notSupported(`a comparison with the civil time of ${timeZone.name}, where clocks go back, in a maintained query`, {
    position: node.position,
    hint: "SET TimeZone = 'UTC' before the view is created, or use a timestamptz column and hours.",
  })
