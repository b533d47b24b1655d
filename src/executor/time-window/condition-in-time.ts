// A condition over a row and now() as a function of the time: what it is at a time, and when it changes next.
//
// Each comparison E(row) op G(now()) flips once, at its threshold: the least time (from the first that was asked about
// on) from which on it is true (rising) or false. Between two thresholds nothing changes. Where G is now() ± d the
// threshold follows at once; otherwise it is sought by doubling steps and bisection, G being non-decreasing.
//
// State: the first time that was asked about. Thresholds more than HORIZON after it count as never.

import { type Batch, i32Column } from '../../core/batch.ts'
import { SqlError } from '../../core/error.ts'
import type { SqlValue } from '../../core/value.ts'
import type { EvaluationContext } from '../../functions/registry.ts'
import type { Expr } from '../../planner/expr.ts'
import type { TemporalComparison, TemporalFilterNode } from '../../planner/physical.ts'
import type { Closure } from '../expr/closure.ts'
import { closure, type Environment } from '../expr/closures.ts'

export type Outcome = boolean | { readonly code: string; readonly message: string }

export const sameOutcome = (a: Outcome, b: Outcome): boolean =>
  typeof a === 'object' && typeof b === 'object' ? a.code === b.code && a.message === b.message : a === b

/** About 1,100 years in µs. */
const HORIZON = 1n << 55n
const SECOND = 1_000_000n
/** No threshold. */
const NEVER = 0n

interface Timed {
  readonly rising: boolean
  readonly value: Closure
  /** The least time at which it has flipped; undefined: it does not. */
  flip(value: SqlValue, from: bigint): bigint | undefined
}

export class ConditionInTime {
  readonly #timed: readonly Timed[]
  readonly #predicate: Closure
  #first: bigint | undefined

  constructor({ comparisons, predicate }: Pick<TemporalFilterNode, 'comparisons' | 'predicate'>, env: Environment) {
    this.#timed = comparisons.map((comparison) => ({
      rising: comparison.rising,
      value: closure(comparison.value, env),
      flip: flipOf(comparison, env.context),
    }))
    this.#predicate = closure(predicate, env)
  }

  /** To go over the rows of a batch. */
  over(batch: Batch): RowInTime {
    const truths = this.#timed.map(() => ({
      values: new Int32Array(batch.length),
      nulls: new Uint8Array(batch.length),
    }))
    const columns = [...batch.columns, ...truths.map(({ values, nulls }) => i32Column(values, nulls))]
    const extended = { ...batch, columns }
    let row = 0
    let error: Outcome = false
    let flips: readonly (bigint | null | undefined)[] = []
    let found = false
    const find = (time: bigint): void => {
      if (found) return
      found = true
      this.#first ??= time
      const from = this.#first
      error = false
      try {
        flips = this.#timed.map(({ value, flip }) => {
          const given = value(extended, row)
          return given === null ? null : flip(given, from)
        })
      } catch (thrown) {
        flips = this.#timed.map(() => undefined)
        error = outcomeOf(thrown)
      }
    }
    const outcome = (time: bigint): Outcome => {
      find(time)
      if (error !== false) return error
      this.#timed.forEach(({ rising }, k) => {
        const flip = flips[k]
        const flipped = flip !== null && flip !== undefined && time >= flip
        truths[k]!.values[row] = flipped === rising ? 1 : 0
        truths[k]!.nulls[row] = flip === null ? 1 : 0
      })
      try {
        return this.#predicate(extended, row) === true
      } catch (thrown) {
        return outcomeOf(thrown)
      }
    }
    return {
      at(next) {
        row = next
        found = false
      },
      outcome,
      next(time) {
        const now = outcome(time)
        const later = flips.flatMap((flip) => (flip !== null && flip !== undefined && flip > time ? [flip] : []))
        later.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        return later.find((flip) => !sameOutcome(outcome(flip), now)) ?? NEVER
      },
    }
  }
}

export interface RowInTime {
  /** Goes to this row. */
  at(row: number): void
  outcome(time: bigint): Outcome
  /** The first time after this one at which the outcome is another; 0: there is none. */
  next(time: bigint): bigint
}

function outcomeOf(thrown: unknown): Outcome {
  if (!(thrown instanceof SqlError)) throw thrown
  return { code: thrown.code, message: thrown.message }
}

type Callable = (...args: readonly unknown[]) => SqlValue

function flipOf(comparison: TemporalComparison, context: EvaluationContext): Timed['flip'] {
  const { operator, boundFirst, rising, shift } = comparison
  const isStrict = operator.name === '<' || operator.name === '>'
  if (shift !== undefined)
    return (value, from) => {
      // value = now + d at this time; a rising < and a falling >= flip one later.
      const equal = (value as bigint) - shift
      const flip = isStrict === rising ? equal + 1n : equal
      return flip - from > HORIZON ? undefined : flip
    }
  const bound = timeFunction(comparison.bound, context)
  const compare = operator.evaluate as Callable
  return (value, from) => {
    const flipped = (time: bigint): boolean => {
      const at = bound(time)
      return (boundFirst ? compare(at, value, context) : compare(value, at, context)) === rising
    }
    if (flipped(from)) return from
    let step = SECOND
    while (!flipped(from + step)) {
      if (step >= HORIZON) return undefined
      step *= 2n
    }
    let [low, high] = [from + step / 2n, from + step]
    if (step === SECOND) low = from
    while (high - low > 1n) {
      const middle = (low + high) / 2n
      if (flipped(middle)) high = middle
      else low = middle
    }
    return high
  }
}

/** An expression over now() and constants as a function of the time. */
function timeFunction(expr: Expr, context: EvaluationContext): (time: bigint) => SqlValue {
  switch (expr.kind) {
    case 'constant':
      return () => expr.value
    case 'cast': {
      const input = timeFunction(expr.input, context)
      if (expr.cast === undefined) return input
      const evaluate = expr.cast.evaluate as Callable
      const target = { from: expr.input.type, to: expr.type, explicit: expr.explicit }
      return (time) => {
        const value = input(time)
        return value === null ? null : evaluate(value, target, context)
      }
    }
    case 'call': {
      const { args, function: called } = expr
      if (args.length === 0) return (time) => time
      const evaluate = called.evaluate as Callable
      const inputs = args.map((arg) => timeFunction(arg, context))
      return (time) => {
        const values = inputs.map((input) => input(time))
        return called.strict && values.includes(null) ? null : evaluate(...values, context)
      }
    }
    default:
      throw new Error(`a bound of now() has no ${expr.kind}`)
  }
}
