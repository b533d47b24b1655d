// The list of all that SQL can compute. A new family is one line in the list of its kind; nothing registers itself.

import type { SqlType, TypeKind } from '../core/type.ts'
import { extremumAggregates } from './aggregate/extremum.ts'
import { linearAggregates } from './aggregate/linear.ts'
import { numberCasts } from './cast/numbers.ts'
import { simpleComparisons } from './comparison/simple.ts'
import { floatArithmetic } from './math/float.ts'
import { integerOperators } from './math/integer.ts'
import { integerFunctions } from './math/integer-functions.ts'
import type {
  AggregateFunction,
  Cast,
  FunctionRegistry,
  ScalarFunction,
  TableFunction,
  WindowFunction,
} from './registry.ts'
import { windowFunctions } from './window/window.ts'

export const scalarFunctions: readonly ScalarFunction[] = [
  ...simpleComparisons,
  ...integerOperators,
  ...integerFunctions,
  ...floatArithmetic,
]

export const tableFunctions: readonly TableFunction[] = []

export const aggregateFunctions: readonly AggregateFunction[] = [...linearAggregates, ...extremumAggregates]

const casts: readonly Cast[] = [...numberCasts]

export function functionRegistry(): FunctionRegistry {
  const castsByKinds = new Map(casts.map((cast) => [castKey(cast.from, cast.to), cast]))
  return {
    scalars: byName(scalarFunctions),
    tables: byName(tableFunctions),
    aggregates: byName(aggregateFunctions),
    windows: byName<WindowFunction>(windowFunctions),
    cast: (from: SqlType, to: SqlType) => castsByKinds.get(castKey(from.kind, to.kind)),
  }
}

const castKey = (from: TypeKind, to: TypeKind): string => `${from} ${to}`

const byName = <F extends { readonly name: string }>(list: readonly F[]): ReadonlyMap<string, readonly F[]> =>
  Map.groupBy(list, (entry) => entry.name)
