// Polymorphic functions at a call: the entry for the actual argument types.
//
// Most entries are what they are whatever they are called with. A few must know how to compare or print the elements
// they are given (array equality, concat, to_json …): `forTypes` makes their `evaluate`. The binder calls `instantiate`
// once it has picked an overload, so that the plan holds functions that need nothing but values.

import type { SqlType } from '../core/type.ts'
import type { ScalarFunction } from './registry.ts'

/** The entry as the plan holds it; `args` are the types after coercion (a variadic one repeated). */
export const instantiate = (entry: ScalarFunction, args: readonly SqlType[], result: SqlType): ScalarFunction =>
  entry.forTypes === undefined ? entry : { ...entry, evaluate: entry.forTypes(args, result), forTypes: undefined }
