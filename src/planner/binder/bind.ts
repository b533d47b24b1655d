// The beginning of binding: a statement, and the two binders that reach each other through it.

import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { FunctionRegistry } from '../../functions/registry.ts'
import type { TextSettings } from '../../functions/text/settings.ts'
import type { PlannerCatalog } from '../catalog.ts'
import { ParameterTypes } from '../types/parameters.ts'
import type { Binder, Place, Purpose, ReturnedRelations, Statement } from './environment.ts'
import { bindExpression } from './expression.ts'
import { bindOrdered, bindQuery } from './query.ts'

const binder: Binder = { expression: bindExpression, query: bindQuery, ordered: bindOrdered }

export interface BindOptions {
  readonly catalog: PlannerCatalog
  readonly registry: FunctionRegistry
  readonly searchPath: readonly string[]
  /** How literals are read: date order, time zone, names behind regclass. */
  readonly text: TextSettings
  readonly purpose: Purpose
  /** Declared types of $1 …; undefined ones are deduced. */
  readonly parameterTypes?: readonly (SqlType | undefined)[] | undefined
  /** What the data-modifying statements of the outermost WITH return. */
  readonly returned?: ReturnedRelations | undefined
  /** Values of $1 …, where the statement is planned for one execution. */
  readonly parameterValues?: readonly SqlValue[] | undefined
}

export function statementOf(options: BindOptions): Statement {
  return {
    catalog: options.catalog,
    types: {
      registry: options.registry,
      parameters: new ParameterTypes(options.parameterTypes),
      text: options.text,
    },
    purpose: options.purpose,
    dependencies: new Set(),
    views: new Map(),
    binder,
    returned: options.returned ?? new Map(),
    parameterValues: options.parameterValues,
    needsValues: false,
  }
}

/** The place of a statement's own query. */
export const outermost = (statement: Statement, searchPath: readonly string[]): Place => ({
  statement,
  searchPath,
  parent: undefined,
  commonTables: undefined,
})
