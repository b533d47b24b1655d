// Joins of two sources: the condition, and what names mean afterwards. USING and NATURAL merge columns of one name into
// one, which unqualified names and `*` see; qualified names still mean either side's.

import type * as Ast from '../../parser/ast.ts'
import { ambiguousInSide, duplicateAlias, invalidColumnReference, missingInSide, tooManyAliases } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { allOf, boolean, call, coalesce, TRUE } from '../expr-build.ts'
import { conjuncts, mapColumns, remap } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import { apply, columnOf, extend, join } from '../plan-build.ts'
import { commonType, toCommon } from '../types/common-type.ts'
import { environmentOf, type Place, type Scope, type ScopeColumn, type ScopeTable } from './environment.ts'
import { equalOperands, toBoolean } from './operators.ts'
import { emptyScope, levelOf, mapScope } from './scope.ts'

/** A part of FROM: a plan and what names mean over its row. */
export interface Source {
  readonly plan: LogicalPlan
  readonly scope: Scope
}

export type RightSource = Source & { readonly correlated: boolean }

export interface JoinClause {
  readonly type: Ast.Join['type']
  readonly condition: Ast.JoinCondition | undefined
  readonly position: number
}

export function joinSources(place: Place, leftSide: Source, rightSide: RightSource, clause: JoinClause): Source {
  const type = clause.type === 'cross' ? 'inner' : clause.type
  refuseSameNames(leftSide.scope, rightSide.scope, clause.position)
  const left = type === 'right' || type === 'full' ? withPresence(leftSide) : leftSide
  const isMarked = (type === 'left' || type === 'full') && !rightSide.correlated
  const right = isMarked ? { ...withPresence(rightSide), correlated: false } : rightSide
  const width = left.plan.schema.length
  const leftScope = type === 'right' || type === 'full' ? optional(left.scope) : left.scope
  const shifted = mapScope(right.scope, (expr) => remap(expr, (index) => index + width))
  const rightScope = type === 'left' || type === 'full' ? optional(shifted) : shifted
  const merged = mergedColumns(place, clause, [left.scope, shifted], type)
  const using = clause.condition?.kind === 'using' ? clause.condition.alias : undefined
  const scope = joinedScope(leftScope, rightScope, merged, using?.name)
  const condition = conditionOf(place, left.scope, shifted, clause, merged)
  if (!right.correlated) return { plan: join(type, left.plan, right.plan, condition), scope }
  if (type !== 'inner' && type !== 'left')
    throw invalidColumnReference(
      'the combining JOIN type must be INNER or LEFT for a LATERAL reference',
      clause.position,
    )
  return { plan: apply(type, left.plan, right.plan, condition), scope }
}

export function refuseSameNames(left: Scope, right: Scope, position: number): void {
  for (const table of right.tables) {
    const same = left.tables.some(
      (one) =>
        one.name === table.name &&
        (one.schema === table.schema || one.schema === undefined || table.schema === undefined),
    )
    if (same) throw duplicateAlias(table.name, position)
  }
}

/** Where a table has no column that tells by not being NULL that its row is there, one that does is added. */
export function withPresence(source: Source): Source {
  const { plan, scope } = source
  const lacks = (table: ScopeTable): boolean =>
    table.presence === 'always' && !table.scalar && presenceOf(table) === undefined
  if (!scope.tables.some(lacks)) return source
  const marked = extend(plan, [TRUE])
  const mark = columnOf(marked.schema, plan.schema.length)
  const tables = scope.tables.map((table) => (lacks(table) ? { ...table, presence: mark } : table))
  return { plan: marked, scope: { ...scope, tables } }
}

/** The side of an outer join that may be left out: its columns can be NULL, and its rows absent. */
export function optional(scope: Scope): Scope {
  const mapped = mapScope(scope, asNullable)
  return {
    ...mapped,
    columns: mapped.columns.filter(isRead),
    tables: mapped.tables.map((table, i) => ({
      ...table,
      columns: table.columns.filter(isRead),
      presence: presenceOf(scope.tables[i]!),
    })),
  }
}

/** `tableoid` is a constant: of a row that is left out it would not be NULL, so it cannot be named there. */
const isRead = (column: ScopeColumn): boolean => column.expr.kind !== 'constant'

function presenceOf(table: ScopeTable): Expr | undefined {
  if (table.presence !== 'always') return table.presence && asNullable(table.presence)
  const always = table.columns.find((column) => isRead(column) && !column.expr.nullable)
  return always && asNullable(always.expr)
}

const asNullable = (expr: Expr): Expr =>
  mapColumns(expr, (column) => (column.nullable ? column : { ...column, nullable: true }))

interface Merged {
  readonly name: string
  readonly left: ScopeColumn
  readonly right: ScopeColumn
  readonly equal: Expr
  readonly shown: ScopeColumn
}

function mergedColumns(
  place: Place,
  { condition, position }: JoinClause,
  [left, right]: readonly [Scope, Scope],
  type: 'inner' | 'left' | 'right' | 'full',
): readonly Merged[] {
  if (condition === undefined || condition.kind === 'on') return []
  const environment = environmentOf(place, levelOf(emptyScope, place.parent), 'JOIN conditions')
  const names = condition.kind === 'using' ? condition.columns.map((column) => column.name) : commonNames(left, right)
  return names.map((name) => {
    const [a, b] = [find(left, name, 'left', position), find(right, name, 'right', position)]
    const { types } = place.statement
    const equal = equalOperands(environment, a.expr, b.expr, position)
    const common = commonType(types.registry, [a.expr, b.expr], 'JOIN/USING')
    const [l, r] = [toCommon(types, a.expr, common, 'JOIN/USING'), toCommon(types, b.expr, common, 'JOIN/USING')]
    const expr = {
      inner: l,
      left: l,
      right: r,
      full: coalesce([asNullable(l), asNullable(r)], common, position),
    }[type]
    return { name, left: a, right: b, equal: equalityOf(equal, position), shown: { name, expr, hidden: false } }
  })
}

/** Hidden columns (tableoid) are no part of a NATURAL JOIN. */
function commonNames(left: Scope, right: Scope): readonly string[] {
  const names = new Set(right.columns.filter((column) => !column.hidden).map((column) => column.name))
  return left.columns.filter((column) => !column.hidden && names.has(column.name)).map((column) => column.name)
}

const equalityOf = ({ left, right, operator }: ReturnType<typeof equalOperands>, position: number): Expr =>
  call(operator, [left, right], boolean, position)

function find(scope: Scope, name: string, side: 'left' | 'right', position: number): ScopeColumn {
  const matches = scope.columns.filter((column) => column.name === name)
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1) throw ambiguousInSide(name, side, position)
  throw missingInSide(name, side, position)
}

export function joinedScope(left: Scope, right: Scope, merged: readonly Merged[], using: string | undefined): Scope {
  const names = new Set(merged.map((one) => one.name))
  const rest = (scope: Scope): readonly ScopeColumn[] => scope.columns.filter((column) => !names.has(column.name))
  const mergedTable =
    using === undefined
      ? []
      : [
          plainTable(
            using,
            merged.map((one) => one.shown),
          ),
        ]
  return {
    tables: [...left.tables, ...right.tables, ...mergedTable],
    columns: [...merged.map((one) => one.shown), ...rest(left), ...rest(right)],
    order: [],
  }
}

export function conditionOf(
  place: Place,
  left: Scope,
  right: Scope,
  { condition }: JoinClause,
  merged: readonly Merged[],
): Expr | undefined {
  if (condition === undefined) return undefined
  if (condition.kind !== 'on') return allOf(merged.map((one) => one.equal))
  const columns = [...left.columns, ...right.columns]
  const scope = { tables: [...left.tables, ...right.tables], columns, order: [] }
  const environment = environmentOf(place, levelOf(scope, place.parent), 'JOIN conditions')
  const predicate = place.statement.binder.expression(environment, condition.predicate)
  return allOf(conjuncts(toBoolean(environment, predicate, 'JOIN/ON')))
}

/** (a JOIN b) AS j (x, y): one table of the joined columns. */
export function aliasJoin(source: Source, alias: Ast.TableAlias): Source {
  const { columns } = source.scope
  if (alias.columns.length > columns.length)
    throw tooManyAliases(alias.name, columns.length, alias.columns.length, alias.position)
  const renamed = columns.map((column, i) => ({ ...column, name: alias.columns[i]?.name ?? column.name }))
  return { plan: source.plan, scope: { tables: [plainTable(alias.name, renamed)], columns: renamed, order: [] } }
}

const plainTable = (name: string, columns: readonly ScopeColumn[]): ScopeTable => ({
  name,
  schema: undefined,
  columns,
  primaryKey: undefined,
  presence: 'always',
  scalar: false,
  relation: undefined,
  rowType: undefined,
})
