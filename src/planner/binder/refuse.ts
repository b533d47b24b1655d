// Refusals of what is legal in general, but not at one place of a statement.

import { SqlError } from '../../core/error.ts'
import type { Expression } from '../../parser/ast.ts'
import type { Clause } from './environment.ts'

/** "cannot use subquery in DEFAULT expression": clauses are named in the plural elsewhere. */
export const refuseSubquery = (clause: Clause, position: number): SqlError =>
  new SqlError({ code: '0A000', message: `cannot use subquery in ${clause.replace(/s$/, '')}`, position })

/** 0A000 for a column in a DEFAULT, wherever it stands in the expression. */
export function refuseColumns(node: Expression): void {
  const position = columnPosition(node)
  if (position === undefined) return
  throw new SqlError({ code: '0A000', message: 'cannot use column reference in DEFAULT expression', position })
}

function columnPosition(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const node = value as { readonly kind?: unknown; readonly position?: unknown }
  if (node.kind === 'column' && typeof node.position === 'number') return node.position
  for (const part of Object.values(value)) {
    const found = columnPosition(part)
    if (found !== undefined) return found
  }
  return undefined
}

/** 42P17: the definition of a generated column may read nothing that changes by itself. */
export const notImmutable = (position: number): SqlError =>
  new SqlError({ code: '42P17', message: 'generation expression is not immutable', position })

export const generatedFromGenerated = (name: string, position: number): SqlError =>
  new SqlError({
    code: '42P17',
    message: `cannot use generated column "${name}" in column generation expression`,
    position,
    detail: 'A generated column cannot reference another generated column.',
  })
