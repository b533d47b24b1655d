// SET a = e, (b, c) = (…): the new row of a table, over whatever row the expressions see.

import { SqlError } from '../../core/error.ts'
import type * as Ast from '../../parser/ast.ts'
import type { RelationInfo } from '../catalog.ts'
import { badSyntax } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { substitute } from '../expr-walk.ts'
import type { Environment, Place } from './environment.ts'
import { generatedValues } from './generated.ts'
import { subqueryColumns } from './subquery.ts'
import { defaultValue, refuseGenerated, storedValue, targetColumn } from './target.ts'

interface Assignments {
  readonly assignments: readonly Ast.Assignment[]
  readonly environment: Environment
  /** The row's values now, over the environment's level. */
  readonly row: readonly Expr[]
}

/** The row after the assignments, generated columns computed anew. */
export function bindAssignments(
  place: Place,
  relation: RelationInfo,
  { assignments, environment, row }: Assignments,
): readonly Expr[] {
  const changed = new Map<number, Expr>()
  const assign = (name: Ast.Assignment['columns'][number], value: Expr | undefined): void => {
    const column = targetColumn(relation, name)
    if (changed.has(column)) throw assignedTwice(name.name, name.position)
    if (value !== undefined) refuseGenerated(relation, column, 'update', { overriding: false, position: name.position })
    changed.set(
      column,
      value === undefined ? defaultValue(place, relation, column) : storedValue(place, relation, column, value),
    )
  }
  for (const node of assignments) {
    const values = assignedValues(environment, node)
    for (const [i, name] of node.columns.entries()) assign(name, values[i])
  }
  const next = row.map((value, i) => changed.get(i) ?? value)
  const generated = generatedValues(place, relation)
  return next.map((value, i) => (generated.has(i) ? substitute(generated.get(i)!, next) : value))
}

const assignedTwice = (name: string, position: number): SqlError =>
  new SqlError({ code: '42601', message: `multiple assignments to same column "${name}"`, position })

/** One value a column; undefined is DEFAULT. */
function assignedValues(environment: Environment, node: Ast.Assignment): readonly (Expr | undefined)[] {
  const { binder } = environment.statement
  const bind = (value: Ast.Expression): Expr | undefined =>
    value.kind === 'default' ? undefined : binder.expression(environment, value)
  if (!node.multiple) return [bind(node.value)]
  const count = node.columns.length
  if (node.value.kind === 'row') {
    if (node.value.items.length !== count)
      throw badSyntax('number of columns does not match number of values', node.value)
    return node.value.items.map(bind)
  }
  if (node.value.kind !== 'scalarSubquery') {
    if (count === 1) return [bind(node.value)]
    throw badSyntax('source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression', node.value)
  }
  const columns = subqueryColumns(environment, node.value)
  if (columns.length !== count) throw badSyntax('number of columns does not match number of values', node.value)
  return columns
}
