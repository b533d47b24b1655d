// INSERT, UPDATE and DELETE from syntax tree to plan. The plan computes rows; the engine applies them to the table,
// checks constraints, and evaluates RETURNING over what was applied.
//
//   INSERT   rows: the new row, all columns of the table in order
//   UPDATE   rows: the old row, the new row, then columns that only RETURNING reads
//   DELETE   rows: the old row, then columns that only RETURNING reads
//
// Weights are those of the table's rows: of a row that stands three times, three copies come and three are changed.

import { notSupported } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import type { SqlType } from '../core/type.ts'
import type { Delete, Expression, Insert, TypeName, Update, With } from '../parser/ast.ts'
import type { QualifiedName } from '../parser/ast-leaf.ts'
import { type BindOptions, outermost, statementOf } from './binder/bind.ts'
import type { Place, Statement } from './binder/environment.ts'
import { environmentOf } from './binder/environment.ts'
import { checkGenerated, generatedValues } from './binder/generated.ts'
import { type BoundConflict, bindInsert } from './binder/insert.ts'
import { toBoolean } from './binder/operators.ts'
import { withTables } from './binder/query.ts'
import { generatedFromGenerated } from './binder/refuse.ts'
import { tableScope } from './binder/returning.ts'
import { emptyScope, levelOf } from './binder/scope.ts'
import type { Named } from './binder/star.ts'
import { bindDefinition, findTarget, storedValue } from './binder/target.ts'
import { bindType as bindTypeName } from './binder/type-name.ts'
import { type BoundChange, bindDelete, bindUpdate } from './binder/update.ts'
import type { RelationInfo, UniqueKey } from './catalog.ts'
import { decorrelate } from './decorrelate/decorrelate.ts'
import { evaluateConstant } from './evaluate.ts'
import type { Expr } from './expr.ts'
import { columnsOf, isVolatileNode, visitExpr } from './expr-walk.ts'
import type { LogicalPlan } from './logical.ts'
import { lower } from './lower.ts'
import { optimize } from './optimizer.ts'
import type { PhysicalPlan } from './physical.ts'
import type { OutputColumn } from './plan.ts'
import { fold } from './rules/fold-constants.ts'
import { coerce } from './types/coerce.ts'

interface PlannedChange {
  readonly relation: RelationInfo
  /** Computes the rows; see above. */
  readonly source: PhysicalPlan
  readonly logical: LogicalPlan
  readonly returning: Returning | undefined
  readonly parameters: readonly SqlType[]
  readonly dependencies: readonly RelationId[]
  readonly needsValues: boolean
}

export interface PlannedInsert extends PlannedChange {
  readonly kind: 'insert'
  /** RETURNING is over the inserted (or, after a conflict, updated) row. */
  readonly conflict: PlannedConflict | undefined
}

export interface PlannedUpdate extends PlannedChange {
  /** RETURNING is over a row of the plan. */
  readonly kind: 'update'
  /** An old row may come with several new ones: it is changed once, to the canonically first. */
  readonly mayRepeat: boolean
}

export interface PlannedDelete extends PlannedChange {
  /** RETURNING is over a row of the plan. */
  readonly kind: 'delete'
  readonly mayRepeat: boolean
}

export type PlannedDml = PlannedInsert | PlannedUpdate | PlannedDelete

export interface PlannedConflict {
  /** Unique keys of the table; a row that meets an existing one in any of them is in conflict. */
  readonly keys: readonly UniqueKey[]
  /**
   * Over the existing row, then the row that was to be inserted: the row that replaces the existing one, where `where`
   * is TRUE (else nothing happens). Undefined: DO NOTHING.
   */
  readonly update: { readonly row: readonly Expr[]; readonly where: Expr | undefined } | undefined
}

export interface Returning {
  readonly columns: readonly Expr[]
  readonly output: readonly OutputColumn[]
}

export function planInsert(node: Insert, options: BindOptions): PlannedInsert {
  const { statement, place, relation } = begin(node, 'insert into', options)
  const bound = bindInsert(place, relation, node)
  return {
    kind: 'insert',
    ...finish(statement, relation, bound),
    conflict: bound.conflict satisfies BoundConflict | undefined,
  }
}

export function planUpdate(node: Update, options: BindOptions): PlannedUpdate {
  const { statement, place, relation } = begin(node, 'update', options)
  const bound = bindUpdate(place, relation, node)
  return { kind: 'update', ...finish(statement, relation, bound), mayRepeat: bound.mayRepeat }
}

export function planDelete(node: Delete, options: BindOptions): PlannedDelete {
  const { statement, place, relation } = begin(node, 'delete from', options)
  const bound = bindDelete(place, relation, node)
  return { kind: 'delete', ...finish(statement, relation, bound), mayRepeat: bound.mayRepeat }
}

function begin(
  node: { readonly table: QualifiedName; readonly with: With | undefined },
  verb: 'insert into' | 'update' | 'delete from',
  options: BindOptions,
) {
  const statement = statementOf(options)
  const outer = outermost(statement, options.searchPath)
  const place: Place = node.with === undefined ? outer : withTables(outer, node.with)
  return { statement, place, relation: findTarget(place, node.table, verb) }
}

function finish(
  statement: Statement,
  relation: RelationInfo,
  bound: Pick<BoundChange, 'plan' | 'returning'>,
): PlannedChange {
  return {
    relation,
    source: lower(optimize(decorrelate(bound.plan, statement.types), statement.types).plan),
    logical: bound.plan,
    returning: bound.returning && returningOf(bound.returning, statement),
    parameters: statement.types.parameters.all(),
    dependencies: [...statement.dependencies],
    needsValues: statement.needsValues,
  }
}

const returningOf = (items: readonly Named[], { types }: Statement): Returning => ({
  columns: items.map((item) => fold(item.expr, types)),
  output: items.map(({ name, expr }) => ({ name, type: expr.type, origin: undefined })),
})

type DefinitionOptions = Omit<BindOptions, 'purpose' | 'parameterTypes' | 'parameterValues'>

const definitionPlace = (options: DefinitionOptions): Place =>
  outermost(statementOf({ ...options, purpose: 'adhoc' }), options.searchPath)

/** A DEFAULT as it will be stored in the column: checked at CREATE TABLE, computed at INSERT. */
export function bindDefault(
  node: Expression,
  relation: RelationInfo,
  column: number,
  options: DefinitionOptions,
): Expr {
  const place = definitionPlace(options)
  const value = bindDefinition(place, node, emptyScope, 'DEFAULT expressions')
  return fold(storedValue(place, relation, column, value), place.statement.types)
}

/** A CHECK over the table's row: it fails where it is FALSE. */
export function bindCheck(node: Expression, relation: RelationInfo, options: DefinitionOptions): Expr {
  const place = definitionPlace(options)
  const scope = tableScope(relation, relation.name, relation.columns, 0)
  const expr = bindDefinition(place, node, scope, 'check constraints')
  const condition = toBoolean(environmentOf(place, levelOf(scope, undefined), 'check constraints'), expr, 'CHECK')
  return fold(condition, place.statement.types)
}

/** GENERATED ALWAYS AS (…) STORED over the table's row, as it is stored in the column. */
export function bindGenerated(
  node: Expression,
  relation: RelationInfo,
  column: number,
  options: DefinitionOptions,
): Expr {
  const place = definitionPlace(options)
  const scope = tableScope(relation, relation.name, relation.columns, 0)
  const value = storedValue(
    place,
    relation,
    column,
    bindDefinition(place, node, scope, 'column generation expressions'),
  )
  checkGenerated(relation, value, node.position)
  return fold(value, place.statement.types)
}

/**
 * Computed columns of a source by column, over its row, as they stand in it. They are the same whenever a record is
 * read: volatile functions and the current time are refused (0A000).
 */
export function bindComputed(relation: RelationInfo, options: DefinitionOptions): ReadonlyMap<number, Expr> {
  const place = definitionPlace(options)
  const found = new Map<number, Expr>()
  for (const [column, expr] of generatedValues(place, relation)) {
    const other = columnsOf(expr).find((read) => relation.details?.[read]?.generated !== undefined)
    if (other !== undefined) throw generatedFromGenerated(relation.columns[other]!.name, expr.position ?? 0)
    refuseChanging(expr)
    found.set(column, fold(expr, place.statement.types))
  }
  return found
}

function refuseChanging(expr: Expr): void {
  visitExpr(expr, (node) => {
    const isCurrent = node.kind === 'call' && node.function.volatility === 'stable' && node.args.length === 0
    if (isCurrent || isVolatileNode(node))
      throw notSupported(changing(node), {
        position: node.position,
        hint: 'A record gives the same row whenever it is read. INCLUDE TIMESTAMP has the time it was written at.',
      })
  })
}

function changing(node: Expr): string {
  if (node.kind !== 'call') return 'this in a computed column'
  const { name } = node.function
  return name === 'proctime' ? 'proctime() in a source that is not stored' : `${name}() in a computed column`
}

/** Any expression over a relation's row: index keys, watermarks; as a value of `type`. */
export function bindOverRow(
  node: Expression,
  relation: RelationInfo,
  options: DefinitionOptions,
  type?: SqlType,
): Expr {
  const place = definitionPlace(options)
  const scope = tableScope(relation, relation.name, relation.columns, 0)
  const expr = bindDefinition(place, node, scope, 'index expressions')
  return type === undefined ? expr : coerce(place.statement.types, expr, type, 'assignment')
}

/** A type name of the syntax tree. Throws 42704. */
export const bindType = (node: TypeName, options: Pick<BindOptions, 'catalog' | 'searchPath'>): SqlType =>
  bindTypeName({ statement: { catalog: options.catalog }, searchPath: options.searchPath }, node)

/** The value of an expression without columns: options of statements. Undefined: it is not constant. */
export function evaluateExpression(node: Expression, options: DefinitionOptions) {
  const place = definitionPlace(options)
  const expr = bindDefinition(place, node, emptyScope, 'DEFAULT expressions')
  return { type: expr.type, value: evaluateConstant(expr, place.statement.types) }
}
