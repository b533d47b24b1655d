// Evaluates what is constant when the query is planned, and simplifies logic around it.
//
//   1 + 1                    2
//   x = 1 AND TRUE           x = 1
//   x = 1 OR TRUE            TRUE            only if nothing that can fail stands before the TRUE
//   CASE WHEN FALSE …        the rest
//
// What would raise an error is left as it is: it is raised when, and if, a row gets there.

import { SqlError } from '../../core/error.ts'
import type { TextContext } from '../../functions/registry.ts'
import { evaluateConstant } from '../evaluate.ts'
import type { CaseExpr, Expr } from '../expr.ts'
import { and, caseOf, constant, FALSE, or, TRUE } from '../expr-build.ts'
import { canFail, isConstant, isTrue, isVolatile, mapChildren } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import { filter, join, project } from '../plan-build.ts'
import { mapExprs } from '../plan-walk.ts'
import { rule } from '../rule.ts'

export const foldConstants = rule('fold-constants', (node, { constants }) => {
  const folding = (expr: Expr): Expr => fold(expr, constants)
  if (node.kind === 'filter') {
    const predicate = folding(node.predicate)
    if (isTrue(predicate)) return node.input
    return predicate === node.predicate ? undefined : filter(node.input, predicate)
  }
  const folded = rebuilt(node, folding)
  return folded === node ? undefined : folded
})

function rebuilt(node: LogicalPlan, folding: (expr: Expr) => Expr): LogicalPlan {
  switch (node.kind) {
    case 'project': {
      const columns = node.columns.map(folding)
      if (columns.every((expr, i) => expr === node.columns[i])) return node
      const names = node.schema.map((def) => def.name)
      return project(node.input, columns, names)
    }
    case 'join': {
      const condition = node.condition && folding(node.condition)
      if (condition === node.condition) return node
      return join(
        node.type,
        node.left,
        node.right,
        condition && isTrue(condition) ? undefined : condition,
        node.nullAware,
      )
    }
    case 'tableCall':
    case 'values':
      return mapExprs(node, folding)
    default:
      return node
  }
}

export function fold(expr: Expr, context: TextContext): Expr {
  const folded = mapChildren(expr, (child) => fold(child, context))
  switch (folded.kind) {
    case 'call':
    case 'cast':
      return isConstant(folded) ? evaluated(folded, context) : folded
    case 'and':
      return foldAnd(folded.args, folded)
    case 'or':
      return foldOr(folded.args, folded)
    case 'not':
      return folded.input.kind === 'constant' ? foldNot(folded, folded.input.value) : folded
    case 'isNull':
      return foldIsNull(folded)
    case 'case':
      return foldCase(folded)
    default:
      return folded
  }
}

function evaluated(expr: Expr, context: TextContext): Expr {
  try {
    const value = evaluateConstant(expr, context)
    if (value === undefined) return expr
    const result = constant(expr.type, value, expr.position)
    return { ...result, physical: expr.physical }
  } catch (error) {
    if (error instanceof SqlError) return expr
    throw error
  }
}

const isFalse = (expr: Expr): boolean => expr.kind === 'constant' && expr.value === false

/** TRUEs go; a FALSE decides, if what stands before it cannot fail. */
function foldAnd(args: readonly Expr[], expr: Expr): Expr {
  const decisive = args.findIndex(isFalse)
  if (decisive >= 0 && !args.slice(0, decisive).some((arg) => canFail(arg) || isVolatile(arg))) return FALSE
  const left = args.filter((arg) => !isTrue(arg))
  return left.length === args.length ? expr : and(left)
}

function foldOr(args: readonly Expr[], expr: Expr): Expr {
  const decisive = args.findIndex(isTrue)
  if (decisive >= 0 && !args.slice(0, decisive).some((arg) => canFail(arg) || isVolatile(arg))) return TRUE
  const left = args.filter((arg) => !isFalse(arg))
  return left.length === args.length ? expr : or(left)
}

const foldNot = (expr: Expr, value: unknown): Expr =>
  value === null ? { ...expr, ...constant(expr.type, null) } : value ? FALSE : TRUE

function foldIsNull(expr: Extract<Expr, { kind: 'isNull' }>): Expr {
  const { input, negated } = expr
  if (input.type.kind === 'row') return expr
  if (input.kind === 'constant') return (input.value === null) !== negated ? TRUE : FALSE
  return !input.nullable && !canFail(input) && !isVolatile(input) ? (negated ? TRUE : FALSE) : expr
}

/** Branches never taken go; what follows a TRUE is never reached. */
function foldCase(expr: CaseExpr): Expr {
  const whens = expr.whens.filter(({ condition }) => condition.kind !== 'constant' || condition.value === true)
  const certain = whens.findIndex(({ condition }) => isTrue(condition))
  if (whens.length === expr.whens.length && certain < 0) return expr
  const left = certain < 0 ? whens : whens.slice(0, certain)
  const otherwise = certain < 0 ? expr.otherwise : whens[certain]!.result
  if (left.length === 0) return otherwise
  return { ...caseOf(left, otherwise, expr.type, expr.position), physical: expr.physical }
}
