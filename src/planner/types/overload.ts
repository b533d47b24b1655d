// Picks one of several functions of a name for the given arguments, as PostgreSQL does (chapter 10.2 and 10.3;
// func_select_candidate): exact match; else those that implicit conversions reach, weighed by exact arguments, by
// preferred types, and by what untyped literals could best be.

import { type SqlType, sameType } from '../../core/type.ts'
import type { FunctionRegistry, ParameterType, ResultType } from '../../functions/registry.ts'
import { type Category, categoryOf, isPreferred } from './category.ts'
import { accepts, bindPolymorphic, fixedType, resultOf, targetType } from './polymorphic.ts'

/** What all kinds of functions have in common here. */
export interface Overload {
  readonly args: readonly ParameterType[]
  readonly variadic?: boolean
  readonly result?: ResultType
}

export interface Chosen<F> {
  readonly function: F
  /** What each argument is to be converted to; undefined: as it is. */
  readonly targets: readonly (SqlType | undefined)[]
  /** Of the function's `result`; unknown for functions without one (table functions). */
  readonly result: SqlType
}

interface Candidate<F> {
  readonly function: F
  readonly params: readonly ParameterType[]
  readonly spread: boolean
}

/** The one that is meant, 'none' or 'ambiguous'. */
export function resolveOverload<F extends Overload>(
  registry: FunctionRegistry,
  functions: readonly F[],
  args: readonly SqlType[],
): Chosen<F> | 'none' | 'ambiguous' {
  const fitting = functions.flatMap((entry) => expand(entry, args.length))
  const exact = fitting.filter((one) => one.params.every((param, i) => isExact(param, args[i]!)))
  const plain = exact.find((one) => !one.spread) ?? exact[0]
  if (plain !== undefined) return choose(registry, plain, args)

  const reachable = fitting.filter((one) => isReachable(registry, one.params, args))
  if (reachable.length === 0) return 'none'
  const chosen = reachable.length === 1 ? reachable[0] : select(registry, reachable, args)
  return chosen === undefined ? 'ambiguous' : choose(registry, chosen, args)
}

/** Binary operators: an untyped operand is first tried as being of the other one's type. */
export function resolveOperator<F extends Overload>(
  registry: FunctionRegistry,
  functions: readonly F[],
  args: readonly SqlType[],
): Chosen<F> | 'none' | 'ambiguous' {
  const [left, right] = args
  if (left !== undefined && right !== undefined && (left.kind === 'unknown') !== (right.kind === 'unknown')) {
    const known = left.kind === 'unknown' ? right : left
    const same = functions.find((one) => one.args.length === 2 && one.args.every((param) => isExact(param, known)))
    if (same !== undefined)
      return choose(registry, { function: same, params: same.args, spread: false }, [known, known])
  }
  return resolveOverload(registry, functions, args)
}

function expand<F extends Overload>(entry: F, count: number): readonly Candidate<F>[] {
  const { args, variadic } = entry
  if (!variadic) return args.length === count ? [{ function: entry, params: args, spread: false }] : []
  if (count < args.length) return []
  const repeated = Array.from({ length: count - args.length }, () => args.at(-1)!)
  return [{ function: entry, params: [...args, ...repeated], spread: true }]
}

function choose<F extends Overload>(
  registry: FunctionRegistry,
  candidate: Candidate<F>,
  args: readonly SqlType[],
): Chosen<F> {
  const bindings = bindPolymorphic(registry, candidate.params, args) ?? { element: undefined, compatible: undefined }
  const targets = candidate.params.map((param, i) => {
    const target = targetType(param, bindings)
    return target ?? (args[i]!.kind === 'unknown' && param !== 'any' ? ({ kind: 'text' } as const) : undefined)
  })
  const converted = args.map((arg, i) => converts(targets[i], arg))
  const result = candidate.function.result
  return {
    function: candidate.function,
    targets,
    result: result === undefined ? { kind: 'unknown' } : resultOf(result, bindings, converted),
  }
}

/** An argument of the right kind keeps its modifiers: nothing is converted. */
const converts = (target: SqlType | undefined, arg: SqlType): SqlType =>
  target === undefined || (target.kind === arg.kind && target.kind !== 'array' && target.kind !== 'row') ? arg : target

const isReachable = (registry: FunctionRegistry, params: readonly ParameterType[], args: readonly SqlType[]): boolean =>
  params.every((param, i) => accepts(registry, param, args[i]!)) &&
  bindPolymorphic(registry, params, args) !== undefined

function isExact(param: ParameterType, arg: SqlType): boolean {
  if (param === arg.kind) return true
  if (!param.endsWith('[]') || arg.kind !== 'array') return false
  const fixed = fixedType(param) as Extract<SqlType, { kind: 'array' }>
  return fixed.element.kind === arg.element.kind
}

const paramCategory = (param: ParameterType): Category => {
  const fixed = fixedType(param)
  if (fixed !== undefined) return categoryOf(fixed.kind)
  if (param === 'array' || param === 'anyarray' || param === 'anycompatiblearray') return 'array'
  return param === 'record' || param === 'row' ? 'composite' : param === 'reg' ? 'numeric' : 'pseudo'
}

const isPreferredParam = (param: ParameterType): boolean => {
  const fixed = fixedType(param)
  return fixed !== undefined && isPreferred(fixed.kind)
}

function select<F extends Overload>(
  registry: FunctionRegistry,
  candidates: readonly Candidate<F>[],
  args: readonly SqlType[],
): Candidate<F> | undefined {
  const known = args.flatMap((arg, i) => (arg.kind === 'unknown' ? [] : [i]))
  let left = best(candidates, (one) => known.filter((i) => isExact(one.params[i]!, args[i]!)).length)
  if (left.length === 1) return left[0]
  left = best(left, (one) => known.filter((i) => isExactOrPreferred(one.params[i]!, args[i]!)).length)
  if (left.length === 1) return left[0]
  const open = args.flatMap((arg, i) => (arg.kind === 'unknown' ? [i] : []))
  if (open.length === 0) return onlyFixed(left)
  left = byLiteralCategory(left, open)
  if (left.length === 1) return left[0]
  return sameAsKnown(registry, left, args, known) ?? onlyFixed(left)
}

/** What takes as many arguments as were given goes before what takes any number. */
function onlyFixed<F>(candidates: readonly Candidate<F>[]): Candidate<F> | undefined {
  const fixed = candidates.filter((one) => !one.spread)
  return fixed.length === 1 ? fixed[0] : undefined
}

const isExactOrPreferred = (param: ParameterType, arg: SqlType): boolean =>
  isExact(param, arg) || (isPreferredParam(param) && paramCategory(param) === categoryOf(arg.kind))

function best<T>(candidates: readonly T[], score: (candidate: T) => number): readonly T[] {
  const scores = candidates.map(score)
  const highest = Math.max(...scores)
  return candidates.filter((_, i) => scores[i] === highest)
}

/** Untyped literals: a position any candidate takes a string at is a string, else the category all agree on. */
function byLiteralCategory<F>(candidates: readonly Candidate<F>[], open: readonly number[]): readonly Candidate<F>[] {
  let left = candidates
  const wanted = open.map((i) => {
    const categories = candidates.map((one) => paramCategory(one.params[i]!))
    const category = categories.includes('string') ? 'string' : categories[0]!
    const agreed = category === 'string' || categories.every((one) => one === category)
    const preferred = candidates.some(
      (one) => paramCategory(one.params[i]!) === category && isPreferredParam(one.params[i]!),
    )
    return { i, category, agreed, preferred }
  })
  if (wanted.some((one) => !one.agreed)) return candidates
  left = candidates.filter((one) =>
    wanted.every(
      ({ i, category, preferred }) =>
        paramCategory(one.params[i]!) === category && (!preferred || isPreferredParam(one.params[i]!)),
    ),
  )
  return left.length === 0 ? candidates : left
}

/** Last: all typed arguments have one type, and exactly one candidate takes it at the untyped positions too. */
function sameAsKnown<F extends Overload>(
  registry: FunctionRegistry,
  candidates: readonly Candidate<F>[],
  args: readonly SqlType[],
  known: readonly number[],
): Candidate<F> | undefined {
  const [first, ...rest] = known.map((i) => args[i]!)
  if (first === undefined || !rest.every((type) => sameType(type, first))) return undefined
  const assumed = args.map(() => first)
  const fitting = candidates.filter((one) => isReachable(registry, one.params, assumed))
  return fitting.length === 1 ? fitting[0] : undefined
}
