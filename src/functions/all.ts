// The list of all that SQL can compute. A new family is one line in the list of its kind; nothing registers itself.

import type { SqlType, TypeKind } from '../core/type.ts'
import { bitAggregates } from './aggregate/bits.ts'
import { collectAggregates } from './aggregate/collect.ts'
import { extremumAggregates } from './aggregate/extremum.ts'
import { linearAggregates } from './aggregate/linear.ts'
import { orderedSetAggregates } from './aggregate/ordered-set.ts'
import { rangeAggregates } from './aggregate/ranges.ts'
import { regressionAggregates } from './aggregate/regression.ts'
import { varianceAggregates } from './aggregate/variance.ts'
import { buildFunctions } from './array/build.ts'
import { searchFunctions } from './array/search.ts'
import { arraySets } from './array/sets.ts'
import { shapeFunctions } from './array/shape.ts'
import { arrayTextFunctions } from './array/text.ts'
import { bitFunctions } from './bits/functions.ts'
import { bitCasts } from './cast/bits.ts'
import { datetimeCasts } from './cast/datetime.ts'
import { jsonCasts } from './cast/json.ts'
import { numberCasts } from './cast/numbers.ts'
import { numericCasts } from './cast/numeric.ts'
import { rangeCasts } from './cast/ranges.ts'
import { textCasts } from './cast/text.ts'
import { compositeComparisons } from './comparison/composite.ts'
import { nullCounts } from './comparison/null-counts.ts'
import { simpleComparisons } from './comparison/simple.ts'
import { timeComparisons } from './comparison/times.ts'
import { currentFunctions } from './datetime/current.ts'
import { makeFunctions } from './datetime/make.ts'
import { datetimeOperators } from './datetime/operators.ts'
import { overlapsFunctions } from './datetime/overlaps.ts'
import { partFunctions } from './datetime/part-functions.ts'
import { timeSeries } from './datetime/series.ts'
import { truncateFunctions } from './datetime/truncate.ts'
import { zoneFunctions } from './datetime/zone.ts'
import { enumFunctions } from './enum/functions.ts'
import { dateFormatFunctions } from './format/date-functions.ts'
import { numberFormatFunctions } from './format/number-functions.ts'
import { jsonAccess } from './json/access.ts'
import { jsonBuild } from './json/build.ts'
import { jsonContain } from './json/contain.ts'
import { jsonModify } from './json/modify.ts'
import { jsonPathFunctions, jsonPathSets } from './json/path/functions.ts'
import { jsonSets } from './json/sets.ts'
import { bucketFunctions } from './math/buckets.ts'
import { floatArithmetic } from './math/float.ts'
import { integerOperators } from './math/integer.ts'
import { integerFunctions } from './math/integer-functions.ts'
import { numericFunctions } from './math/numeric.ts'
import { transcendentalFunctions } from './math/transcendental.ts'
import { trigonometricFunctions } from './math/trigonometry.ts'
import { rangeFunctions, rangeSets } from './range/functions.ts'
import { regexFunctions, regexSets } from './regex/functions.ts'
import { regexOperators } from './regex/operators.ts'
import type {
  AggregateFunction,
  Cast,
  FunctionRegistry,
  ScalarFunction,
  TableFunction,
  WindowFunction,
} from './registry.ts'
import { binaryFunctions } from './string/binary.ts'
import { caseFunctions } from './string/case.ts'
import { concatFunctions } from './string/concat.ts'
import { formatFunctions } from './string/format.ts'
import { likeFunctions } from './string/like.ts'
import { measureFunctions } from './string/measure.ts'
import { quoteFunctions } from './string/quote.ts'
import { substringFunctions } from './string/substring.ts'
import { trimPadFunctions } from './string/trim-pad.ts'
import { unicodeFunctions } from './string/unicode.ts'
import { catalogFunctions } from './system/catalog.ts'
import { identifierFunctions } from './system/identifiers.ts'
import { privilegeFunctions } from './system/privileges.ts'
import { sessionFunctions } from './system/session.ts'
import { typeFunctions } from './system/types.ts'
import { windowFunctions } from './window/window.ts'

export const scalarFunctions: readonly ScalarFunction[] = [
  ...simpleComparisons,
  ...compositeComparisons,
  ...timeComparisons,
  ...integerOperators,
  ...integerFunctions,
  ...floatArithmetic,
  ...numericFunctions,
  ...transcendentalFunctions,
  ...trigonometricFunctions,
  ...bucketFunctions,
  ...measureFunctions,
  ...caseFunctions,
  ...substringFunctions,
  ...trimPadFunctions,
  ...concatFunctions,
  ...binaryFunctions,
  ...unicodeFunctions,
  ...nullCounts,
  ...likeFunctions,
  ...regexOperators,
  ...regexFunctions,
  ...quoteFunctions,
  ...formatFunctions,
  ...datetimeOperators,
  ...partFunctions,
  ...truncateFunctions,
  ...makeFunctions,
  ...currentFunctions,
  ...zoneFunctions,
  ...overlapsFunctions,
  ...dateFormatFunctions,
  ...numberFormatFunctions,
  ...shapeFunctions,
  ...buildFunctions,
  ...searchFunctions,
  ...arrayTextFunctions,
  ...jsonAccess,
  ...jsonContain,
  ...jsonModify,
  ...jsonBuild,
  ...jsonPathFunctions,
  ...rangeFunctions,
  ...bitFunctions,
  ...enumFunctions,
  ...sessionFunctions,
  ...typeFunctions,
  ...catalogFunctions,
  ...privilegeFunctions,
  ...identifierFunctions,
]

export const tableFunctions: readonly TableFunction[] = [
  ...arraySets,
  ...timeSeries,
  ...regexSets,
  ...jsonSets,
  ...jsonPathSets,
  ...rangeSets,
]

export const aggregateFunctions: readonly AggregateFunction[] = [
  ...linearAggregates,
  ...extremumAggregates,
  ...collectAggregates,
  ...bitAggregates,
  ...varianceAggregates,
  ...regressionAggregates,
  ...rangeAggregates,
  ...orderedSetAggregates,
]

/** Of two entries for one pair the later one counts. */
const casts: readonly Cast[] = [
  ...textCasts,
  ...numberCasts,
  ...numericCasts,
  ...datetimeCasts,
  ...jsonCasts,
  ...bitCasts,
  ...rangeCasts,
]

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
