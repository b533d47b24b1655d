// INSERT: rows of all the table's columns, in their order, with defaults and generated columns computed.

import { notSupported, SqlError } from '../../core/error.ts'
import type { Schema } from '../../core/schema.ts'
import type * as Ast from '../../parser/ast.ts'
import type { RelationInfo, UniqueKey } from '../catalog.ts'
import { badSyntax, duplicateColumn, invalidColumnReference } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { substitute } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import { columnOf, project, unit, values } from '../plan-build.ts'
import { bindAssignments } from './assignment.ts'
import { environmentOf, type Place, type Scope } from './environment.ts'
import { generatedValues } from './generated.ts'
import { toBoolean } from './operators.ts'
import { bindQuery } from './query.ts'
import { bindReturning, bothScopes, tableScope, withoutSubquery } from './returning.ts'
import { emptyScope, levelOf } from './scope.ts'
import { typeUnknowns } from './settle.ts'
import type { Named } from './star.ts'
import { defaultValue, refuseGenerated, storedValue, targetColumn } from './target.ts'

export interface BoundInsert {
  readonly plan: LogicalPlan
  readonly conflict: BoundConflict | undefined
  readonly returning: readonly Named[] | undefined
}

export interface BoundConflict {
  /** Unique keys whose violation is the conflict. */
  readonly keys: readonly UniqueKey[]
  /** Over the existing row, then the row that was to be inserted; undefined: DO NOTHING. */
  readonly update: { readonly row: readonly Expr[]; readonly where: Expr | undefined } | undefined
}

export function bindInsert(place: Place, relation: RelationInfo, node: Ast.Insert): BoundInsert {
  const columns = insertColumns(relation, node)
  const given = bindSource(place, relation, node, columns)
  const plan = withGenerated(place, relation, given)
  const name = node.alias?.name ?? relation.name
  return {
    plan,
    conflict: node.onConflict && bindConflict(place, relation, node.onConflict, name),
    returning: bindReturning(place, node.returning, tableScope(relation, name, relation.columns, 0)),
  }
}

function insertColumns(relation: RelationInfo, node: Ast.Insert): readonly number[] {
  if (node.columns.length === 0) return relation.columns.flatMap((_, i) => (relation.hidden.includes(i) ? [] : [i]))
  const columns = node.columns.map((name) => targetColumn(relation, name))
  const repeated = columns.findIndex((column, i) => columns.indexOf(column) !== i)
  if (repeated >= 0) throw duplicateColumn(node.columns[repeated]!.name, node.columns[repeated]!.position)
  return columns
}

/** Rows of all columns; generated ones are NULL still. */
function bindSource(place: Place, relation: RelationInfo, node: Ast.Insert, columns: readonly number[]): LogicalPlan {
  const defaults = relation.columns.map((_, i) => defaultValue(place, relation, i))
  const { source } = node
  const names = relation.columns.map((def) => def.name)
  if (source.kind === 'defaultValues') return project(unit, defaults, names)
  if (source.body.kind === 'values' && source.with === undefined && !hasClauses(source))
    return bindRows(place, relation, node, { rows: source.body.rows, columns, defaults })
  const bound = bindQuery(place, source)
  checkCount(bound.schema.length, columns, node, source.position)
  const wanted = columns.map((column) => relation.columns[column]!.type)
  const plan = typeUnknowns(place.statement.types, bound, wanted)
  const row = [...defaults]
  plan.schema.forEach((_, i) => {
    const column = columns[i]!
    refuseGenerated(relation, column, 'insert', { overriding: node.overriding === 'system', position: source.position })
    row[column] = storedValue(place, relation, column, { ...columnOf(plan.schema, i), position: source.position })
  })
  return project(plan, row, names)
}

const hasClauses = (query: Ast.Query): boolean =>
  query.orderBy.length > 0 || query.limit !== undefined || query.offset !== undefined

function checkCount(count: number, columns: readonly number[], node: Ast.Insert, position: number): void {
  if (count > columns.length) throw badSyntax('INSERT has more expressions than target columns', { position })
  if (count < columns.length && node.columns.length > 0)
    throw badSyntax('INSERT has more target columns than expressions', node.columns[count]!)
}

interface Rows {
  readonly rows: readonly (readonly Ast.Expression[])[]
  readonly columns: readonly number[]
  readonly defaults: readonly Expr[]
}

/** VALUES: each value is converted to its column by itself, and may be DEFAULT. */
function bindRows(
  place: Place,
  relation: RelationInfo,
  node: Ast.Insert,
  { rows, columns, defaults }: Rows,
): LogicalPlan {
  const environment = environmentOf(place, levelOf(emptyScope, place.parent), 'VALUES')
  const width = rows[0]!.length
  const bound = rows.map((items) => {
    if (items.length !== width) throw badSyntax('VALUES lists must all be the same length', items[0] ?? node)
    checkCount(items.length, columns, node, items[columns.length]?.position ?? node.position)
    const row = [...defaults]
    items.forEach((item, i) => {
      const column = columns[i]!
      if (item.kind === 'default') return
      refuseGenerated(relation, column, 'insert', {
        overriding: node.overriding === 'system',
        position: item.position,
      })
      row[column] = storedValue(place, relation, column, place.statement.binder.expression(environment, item))
    })
    return row
  })
  const schema: Schema = relation.columns.map((def, i) => ({
    ...def,
    nullable: bound.some((row) => row[i]!.nullable),
  }))
  return values(bound, schema)
}

function withGenerated(place: Place, relation: RelationInfo, plan: LogicalPlan): LogicalPlan {
  const generated = generatedValues(place, relation)
  if (generated.size === 0) return plan
  const row = plan.schema.map((_, i) => columnOf(plan.schema, i))
  return project(
    plan,
    row.map((column, i) => (generated.has(i) ? substitute(generated.get(i)!, row) : column)),
    plan.schema.map((def) => def.name),
  )
}

function bindConflict(place: Place, relation: RelationInfo, node: Ast.OnConflict, name: string): BoundConflict {
  const keys = arbiterKeys(relation, node)
  if (node.update === undefined) return { keys, update: undefined }
  const width = relation.columns.length
  const both = [...relation.columns, ...relation.columns]
  const scope = bothScopes(
    tableScope(relation, name, both, 0),
    withoutBareNames(tableScope(relation, 'excluded', both, width)),
  )
  const environment = environmentOf(place, levelOf(scope, place.parent), 'UPDATE')
  const existing = relation.columns.map((_, i) => columnOf(both, i))
  const row = bindAssignments(place, relation, { assignments: node.update.set, environment, row: existing })
  for (const expr of row) withoutSubquery(expr, 'ON CONFLICT DO UPDATE')
  const where =
    node.update.where &&
    toBoolean(
      environment,
      place.statement.binder.expression({ ...environment, clause: 'WHERE' }, node.update.where),
      'WHERE',
    )
  return { keys, update: { row, where: where && withoutSubquery(where, 'ON CONFLICT DO UPDATE') } }
}

/** `excluded` is named in full: its columns hide nothing. */
const withoutBareNames = (scope: Scope): Scope => ({ ...scope, columns: [] })

function arbiterKeys(relation: RelationInfo, { target, update, position }: Ast.OnConflict): readonly UniqueKey[] {
  if (target === undefined) {
    if (update !== undefined)
      throw badSyntax('ON CONFLICT DO UPDATE requires inference specification or constraint name', {
        position,
        hint: 'For example, ON CONFLICT (column_name).',
      })
    return relation.uniqueKeys
  }
  if (target.kind === 'conflictConstraint') {
    const named = relation.uniqueKeys.filter((key) => key.name === target.name.name)
    if (named.length === 0) throw undefinedConstraint(target.name.name, relation.name, target.position)
    return named
  }
  if (target.where !== undefined) throw notSupported('ON CONFLICT with a WHERE in its target', target)
  const columns = target.elements.map(({ value, position: at }) => {
    if (value.kind !== 'column' || value.parts.length !== 1)
      throw notSupported('ON CONFLICT with an expression', { position: at })
    return targetColumn(relation, { name: value.parts[0]!, position: value.position })
  })
  const wanted = new Set(columns)
  const keys = relation.uniqueKeys.filter(
    (key) => key.columns.length === wanted.size && key.columns.every((column) => wanted.has(column)),
  )
  if (keys.length === 0)
    throw invalidColumnReference(
      'there is no unique or exclusion constraint matching the ON CONFLICT specification',
      undefined,
    )
  return keys
}

const undefinedConstraint = (name: string, table: string, position: number): SqlError =>
  new SqlError({ code: '42704', message: `constraint "${name}" for table "${table}" does not exist`, position })
