// The value of an expression without columns, at planning time: LIMIT, options, constant folding. What is not a tree of
// calls and casts over constants and known parameters is left to the executor, which can evaluate everything.

import type { SqlValue } from '../core/value.ts'
import type { CastTarget, TextContext } from '../functions/registry.ts'
import type { Expr } from './expr.ts'

type Callable = (...args: readonly unknown[]) => SqlValue

/**
 * `parameters`: values of $1 …, where they are known. Undefined: not known now. Raises what the evaluation raises. What
 * is immutable reads nothing of a context but how values are written.
 */
export function evaluateConstant(
  expr: Expr,
  context: TextContext,
  parameters?: readonly SqlValue[] | undefined,
): SqlValue | undefined {
  switch (expr.kind) {
    case 'constant':
      return expr.value
    case 'parameter':
      return parameters?.[expr.index]
    case 'call': {
      if (expr.function.volatility !== 'immutable') return undefined
      const args = expr.args.map((arg) => evaluateConstant(arg, context, parameters))
      if (args.includes(undefined)) return undefined
      if (expr.function.strict && args.includes(null)) return null
      return (expr.function.evaluate as Callable)(...args, context)
    }
    case 'cast': {
      const value = evaluateConstant(expr.input, context, parameters)
      if (value === undefined || value === null || expr.cast === undefined) return value
      if (expr.cast.volatility !== 'immutable') return undefined
      const target: CastTarget = { from: expr.input.type, to: expr.type, explicit: expr.explicit }
      return (expr.cast.evaluate as Callable)(value, target, context)
    }
    default:
      return undefined
  }
}
