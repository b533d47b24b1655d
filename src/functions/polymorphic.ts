// Building functions that must know the actual types of their arguments.

import { assert } from '../core/assert.ts'
import type { SqlType } from '../core/type.ts'
import type { Evaluate, ParameterType, ResultType, ScalarFunction, Volatility } from './registry.ts'
import { lenient, strict } from './registry.ts'

interface PolymorphicOptions {
  readonly doc: string
  readonly example?: string
  readonly forTypes: (args: readonly SqlType[], result: SqlType) => Evaluate
  readonly fails?: boolean
  readonly variadic?: boolean
  readonly volatility?: Volatility
}

/** What the entry itself would do: a call of it was not instantiated, which is our mistake. */
const uninstantiated: Evaluate = () => {
  assert(false, 'a polymorphic function was not instantiated for its types')
}

export const strictByType = (
  name: string,
  args: readonly ParameterType[],
  result: ResultType,
  options: PolymorphicOptions,
): ScalarFunction => strict(name, args, result, { ...options, evaluate: uninstantiated })

export const lenientByType = (
  name: string,
  args: readonly ParameterType[],
  result: ResultType,
  options: PolymorphicOptions,
): ScalarFunction => lenient(name, args, result, { ...options, evaluate: uninstantiated })
