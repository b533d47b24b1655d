// Building table functions: what most of them leave out has its default here.

import type { SqlType } from '../core/type.ts'
import type { ParameterType, TableFunction } from './registry.ts'

interface TableOptions {
  readonly doc: string
  readonly example?: string
  readonly columns: TableFunction['columns']
  readonly evaluate: TableFunction['evaluate']
  readonly strict?: boolean
  readonly variadic?: boolean
  readonly volatility?: TableFunction['volatility']
}

export const tableFunction = (
  name: string,
  args: readonly ParameterType[],
  { strict = true, variadic = false, volatility = 'immutable', ...rest }: TableOptions,
): TableFunction => ({ kind: 'table', name, args, strict, variadic, volatility, ...rest })

/** A set of single values of a fixed type: its one column is named like the function. */
export const setOf = (
  name: string,
  args: readonly ParameterType[],
  type: Exclude<SqlType['kind'], 'array' | 'row' | 'reg'> | SqlType,
  options: Omit<TableOptions, 'columns'>,
): TableFunction => {
  const columns = [{ name, type: typeof type === 'string' ? ({ kind: type } as SqlType) : type }]
  return tableFunction(name, args, { ...options, columns: () => columns })
}
