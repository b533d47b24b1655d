// GROUP BY as written → the list of keys and the grouping sets over them.
//
// An item is an output column by ordinal, a name (of an input column; else of an output column), or an expression.
// Several items multiply: GROUP BY a, ROLLUP (b, c) has the sets (a, b, c), (a, b), (a).

import { notSupported } from '../../core/error.ts'
import type * as Ast from '../../parser/ast.ts'
import { aggregateNotAllowed, badSyntax, invalidColumnReference, noEquality } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { sameExpr } from '../expr-walk.ts'
import { visitLevels } from '../plan-walk.ts'
import { type Environment, inClause } from './environment.ts'
import { groupWindowName } from './group-window.ts'
import { operatorOn } from './operators.ts'
import { typed } from './order.ts'
import { AGGREGATE_BASE, GROUPING_BASE } from './scope.ts'
import type { Named } from './star.ts'

export interface Grouping {
  readonly keys: readonly Expr[]
  /** Each set as places in `keys`. */
  readonly sets: readonly (readonly number[])[]
}

/** More sets than this are refused (PostgreSQL's bound is 4096 for CUBE's 12 columns). */
const SETS_MAX = 4096

export function bindGroupBy(environment: Environment, groupBy: Ast.GroupBy, outputs: readonly Named[]): Grouping {
  const keys: Expr[] = []
  const inside = inClause(environment, 'GROUP BY')
  const place = (node: Ast.Expression): number => placed(bindKey(inside, node, outputs))
  const placed = (key: Expr): number => {
    const found = keys.findIndex((one) => sameExpr(one, key))
    return found >= 0 ? found : keys.push(key) - 1
  }
  const { window } = environment.level
  let sets: readonly (readonly number[])[] = [[]]
  for (const item of groupBy.items) {
    const isWindow = window !== undefined && groupWindowName(item as Ast.Expression) !== undefined
    const parts = isWindow ? [[placed(window.start), placed(window.end)]] : setsOf(item, place)
    if (sets.length * parts.length > SETS_MAX)
      throw notSupported(`GROUP BY with more than ${SETS_MAX} grouping sets`, groupBy)
    sets = sets.flatMap((left) => parts.map((right) => union(left, right)))
  }
  return { keys, sets: groupBy.distinct ? withoutRepeats(sets) : sets }
}

const union = (a: readonly number[], b: readonly number[]): readonly number[] => [...new Set([...a, ...b])]

const withoutRepeats = (sets: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const seen = new Map(sets.map((set) => [set.toSorted((a, b) => a - b).join(), set]))
  return [...seen.values()]
}

function setsOf(item: Ast.GroupItem, place: (node: Ast.Expression) => number): readonly (readonly number[])[] {
  switch (item.kind) {
    case 'groupingSet':
      return [[...new Set(item.items.map(place))]]
    case 'groupingSets':
      return item.sets.flatMap((set) => setsOf(set, place))
    case 'rollup': {
      const parts = item.sets.map((set) => setsOf(set, place)[0]!)
      return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, parts.length - i).flat())
    }
    case 'cube': {
      const parts = item.sets.map((set) => setsOf(set, place)[0]!)
      if (parts.length > 12) throw notSupported('CUBE of more than 12 elements', item)
      return Array.from({ length: 2 ** parts.length }, (_, bits) =>
        parts.filter((_, i) => (bits & (1 << i)) === 0).flat(),
      )
    }
    default:
      return [[place(item)]]
  }
}

function bindKey(environment: Environment, node: Ast.Expression, outputs: readonly Named[]): Expr {
  const key = typed(environment, keyExpr(environment, node, outputs))
  refuseAggregates(key, node.position)
  if (operatorOn(environment, '=', key.type) === undefined) throw noEquality(key.type, node.position)
  return key
}

function keyExpr(environment: Environment, node: Ast.Expression, outputs: readonly Named[]): Expr {
  if (node.kind === 'number') return outputs[ordinal(node, outputs.length, 'GROUP BY')]!.expr
  if (node.kind === 'string' || node.kind === 'null' || node.kind === 'boolean')
    throw badSyntax('non-integer constant in GROUP BY', node)
  if (node.kind === 'column' && node.parts.length === 1) {
    const [name] = node.parts
    const isInput = environment.level.scope.columns.some((column) => column.name === name)
    const output = isInput ? undefined : outputs.find((one) => one.name === name)
    if (output !== undefined) return output.expr
  }
  return environment.statement.binder.expression(environment, node)
}

/** The output column, from 0, that a number in GROUP BY or ORDER BY means. Throws 42601 or 42P10. */
export function ordinal(
  node: Extract<Ast.Expression, { kind: 'number' }>,
  count: number,
  clause: 'GROUP BY' | 'ORDER BY' | 'DISTINCT ON',
): number {
  if (!/^\d+$/.test(node.text)) throw badSyntax(`non-integer constant in ${clause}`, node)
  const position = Number(node.text)
  if (position < 1 || position > count)
    throw invalidColumnReference(`${clause} position ${node.text} is not in select list`, node.position)
  return position - 1
}

function refuseAggregates(key: Expr, position: number): void {
  visitLevels(key, (index, depth) => {
    if (depth === 0 && index >= AGGREGATE_BASE && index < GROUPING_BASE) throw aggregateNotAllowed('GROUP BY', position)
  })
}
