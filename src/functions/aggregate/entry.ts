// Building aggregate entries: what most of them leave out has its default here.

import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type {
  AggregateFunction,
  AggregateState,
  MultisetContext,
  ParameterType,
  ResultType,
  WeightedRow,
} from '../registry.ts'

interface AggregateOptions {
  readonly doc: string
  /** A query over VALUES whose single value is true; absent only where PostgreSQL 15 has no such aggregate. */
  readonly example: string | undefined
  readonly state: AggregateState
  readonly ignoresNulls?: boolean
  readonly variadic?: boolean
  readonly directArgs?: number
  readonly hypothetical?: boolean
  readonly physical?: NonNullable<AggregateFunction['physical']>
}

export const aggregate = (
  name: string,
  args: readonly ParameterType[],
  result: ResultType,
  { ignoresNulls = true, variadic = false, ...rest }: AggregateOptions,
): AggregateFunction => ({ kind: 'aggregate', name, args, result, ignoresNulls, variadic, ...rest })

export type Final = (rows: Iterable<WeightedRow>, direct: readonly SqlValue[], context: MultisetContext) => SqlValue

export const multiset = (final: Final): AggregateState => ({ kind: 'multiset', final })

/** The result has the type of the first argument, without its modifiers where a result could not keep them. */
export const sameAsArgument = (args: readonly SqlType[]): SqlType => args[0]!
