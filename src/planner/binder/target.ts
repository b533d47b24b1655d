// The table that a statement changes: which relations can be, its columns by name, values for its columns.

import { SqlError } from '../../core/error.ts'
import type * as Ast from '../../parser/ast.ts'
import type { RelationInfo } from '../catalog.ts'
import { generatedAlways, notOfColumnType, wrongObjectType } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { nullOf, toPhysical } from '../expr-build.ts'
import { hasSubquery } from '../expr-walk.ts'
import { canCoerce, coerce } from '../types/coerce.ts'
import { type Clause, type Environment, environmentOf, type Place, type Scope } from './environment.ts'
import { findRelation } from './from.ts'
import { refuseColumns, refuseSubquery } from './refuse.ts'
import { emptyScope, levelOf } from './scope.ts'

/** Throws 42809 and its like for what cannot be changed by `verb` (INSERT, UPDATE, DELETE). */
export function findTarget(
  place: Place,
  name: Ast.RelationRef['name'],
  verb: 'insert into' | 'update' | 'delete from',
): RelationInfo {
  const relation = findRelation(place, name)
  switch (relation.kind) {
    case 'table':
      if (relation.insertOnly && verb !== 'insert into')
        throw wrongObjectType(`cannot ${verb} append-only table "${relation.name}"`, name)
      return relation
    case 'view':
      throw new SqlError({ code: '55000', message: `cannot ${verb} view "${relation.name}"`, position: name.position })
    case 'materialized view':
      throw wrongObjectType(`cannot change materialized view "${relation.name}"`, name)
    case 'system':
      throw new SqlError({
        code: '42501',
        message: `permission denied: "${relation.name}" is a system catalog`,
        position: name.position,
      })
    default:
      throw wrongObjectType(`cannot ${verb} ${relation.kind} "${relation.name}"`, name)
  }
}

/** Index of a column that can be written. Throws 42703. */
export function targetColumn(relation: RelationInfo, name: Ast.CommonTable['name']): number {
  const index = relation.columns.findIndex((def, i) => def.name === name.name && !relation.hidden.includes(i))
  if (index < 0)
    throw new SqlError({
      code: '42703',
      message: `column "${name.name}" of relation "${relation.name}" does not exist`,
      position: name.position,
    })
  return index
}

/** A value as it is stored in the column. Throws 42804. */
export function storedValue(
  place: Pick<Place, 'statement'>,
  relation: RelationInfo,
  column: number,
  value: Expr,
): Expr {
  const { types } = place.statement
  const def = relation.columns[column]!
  if (!canCoerce(types.registry, value.type, def.type, 'assignment'))
    throw notOfColumnType(def.name, def.type, value.type, value.position)
  return asColumn(coerce(types, value, def.type, 'assignment'), def)
}

/** In the column's physical kind; NULL takes it without a conversion. */
const asColumn = (value: Expr, def: RelationInfo['columns'][number]): Expr =>
  value.kind === 'constant' && value.value === null ? nullOf(def) : toPhysical(value, def.physical)

/** An expression of a table's definition, over `scope` (its own columns, or none). */
export function bindDefinition(place: Place, node: Ast.Expression, scope: Scope, clause: Clause): Expr {
  const environment: Environment = environmentOf(place, levelOf(scope, undefined), clause)
  if (clause === 'DEFAULT expressions') refuseColumns(node)
  const expr = place.statement.binder.expression(environment, node)
  if (hasSubquery(expr)) throw refuseSubquery(clause, node.position)
  return expr
}

/** What a column has that is given no value: its DEFAULT, or NULL. Generated columns come later, from the whole row. */
export function defaultValue(place: Place, relation: RelationInfo, column: number): Expr {
  const def = relation.columns[column]!
  const node = relation.details?.[column]?.default
  if (node === undefined) return nullOf(def)
  return storedValue(place, relation, column, bindDefinition(place, node, emptyScope, 'DEFAULT expressions'))
}

/** Throws 428C9 for a value written into a generated column, or into an identity column that is always generated. */
export function refuseGenerated(
  relation: RelationInfo,
  column: number,
  verb: 'insert' | 'update',
  options: { readonly overriding: boolean; readonly position: number },
): void {
  const details = relation.details?.[column]
  const { name } = relation.columns[column]!
  const { position } = options
  const message =
    verb === 'insert'
      ? `cannot insert a non-DEFAULT value into column "${name}"`
      : `column "${name}" can only be updated to DEFAULT`
  if (details?.generated !== undefined)
    throw generatedAlways(message, { position, detail: `Column "${name}" is a generated column.` })
  if (details?.identity === 'always' && !options.overriding)
    throw generatedAlways(message, {
      position,
      detail: `Column "${name}" is an identity column defined as GENERATED ALWAYS.`,
      hint: verb === 'insert' ? 'Use OVERRIDING SYSTEM VALUE to override.' : undefined,
    })
}
