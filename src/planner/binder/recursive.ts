// WITH RECURSIVE: queries that may refer to each other in any order, and to themselves.
//
// A query that refers to itself has the form `base UNION [ALL] step`, the reference being in the step (operators spec
// §8). The step is bound with the reference as a feed of the base's columns; then it is checked that the step is
// monotone in it: what PostgreSQL refuses is refused in its words. Several references are allowed for UNION.

import { SqlError } from '../../core/error.ts'
import { columnDef, type Schema } from '../../core/schema.ts'
import { type SqlType, sameType } from '../../core/type.ts'
import { typeName } from '../../core/type-name.ts'
import type * as Ast from '../../parser/ast.ts'
import { badRecursion, badSyntax, notImplemented, tooManyAliases } from '../errors.ts'
import { toPhysical } from '../expr-build.ts'
import { hasSubquery, visitExpr } from '../expr-walk.ts'
import { type Feed, type FeedToken, type LogicalPlan, planOf } from '../logical.ts'
import { columnOf, feed, project, recursion } from '../plan-build.ts'
import { exprsOf, inputsOf, rewritePlan } from '../plan-walk.ts'
import { type TypeContext, withoutModifiers } from '../types/coerce.ts'
import { commonType } from '../types/common-type.ts'
import type { CommonTables, Place } from './environment.ts'
import { convertTo, settle } from './settle.ts'

/** How the parts of a query are bound: query.ts gives itself. */
export interface Parts {
  readonly operand: (place: Place, body: Ast.QueryBody) => LogicalPlan
  readonly table: (place: Place, table: Ast.CommonTable) => LogicalPlan
  readonly within: (place: Place, clause: Ast.With) => Place
  readonly requireEquality: (place: Place, plan: LogicalPlan, position: number) => void
}

/** What a reference to a query means that is being bound itself. */
type Reference = { readonly error: () => SqlError } | { readonly feed: Feed; uses: number }

interface Entry {
  readonly table: Ast.CommonTable
  plan: LogicalPlan | undefined
  reference: Reference | undefined
}

/** The queries of a WITH RECURSIVE clause in sight: each is bound when it is first referred to. */
export function recursiveTables(place: Place, clause: Ast.With, parts: Parts): Place {
  const depth = place.parent === undefined ? 0 : place.parent.level.depth + 1
  const binding: Entry[] = []
  let commonTables: CommonTables | undefined = place.commonTables
  const entries = clause.tables.map((table): Entry => ({ table, plan: undefined, reference: undefined }))
  for (const entry of entries) {
    const { name } = entry.table.name
    commonTables = { name, depth, next: commonTables, plan: (position) => resolve(entry, position) }
  }
  const inside: Place = { ...place, commonTables }
  function resolve(entry: Entry, position: number): LogicalPlan {
    if (entry.plan !== undefined) return entry.plan
    if (!binding.includes(entry)) {
      binding.push(entry)
      entry.plan = bindEntry(inside, entry, parts)
      binding.pop()
      return entry.plan
    }
    if (binding.at(-1) !== entry)
      throw notImplemented('mutual recursion between WITH items is not implemented', position)
    const { reference } = entry
    if (reference === undefined || 'error' in reference)
      throw reference?.error() ?? badRecursion(entry.table.name.name, 'form', position)
    reference.uses++
    return reference.feed
  }
  for (const entry of entries) resolve(entry, entry.table.position)
  return inside
}

function bindEntry(place: Place, entry: Entry, parts: Parts): LogicalPlan {
  const { table } = entry
  const { name } = table.name
  const query = table.statement
  const union = query.kind === 'query' && query.body.kind === 'setOperation' ? query.body : undefined
  if (query.kind === 'query' && union?.rest.at(-1)?.operator === 'union') {
    const recursive = bindUnion(place, entry, query, union, parts)
    if (recursive !== undefined) return recursive
  }
  entry.reference = { error: () => badRecursion(name, 'form', table.position) }
  return parts.table(place, table)
}

/** Undefined: the query does not refer to itself. */
function bindUnion(
  place: Place,
  entry: Entry,
  query: Ast.Query,
  union: Ast.SetOperation,
  parts: Parts,
): LogicalPlan | undefined {
  const { table } = entry
  const { name } = table.name
  const { types } = place.statement
  const last = union.rest.at(-1)!
  const first = union.rest.length === 1 ? union.first : { ...union, rest: union.rest.slice(0, -1) }
  entry.reference = { error: () => badRecursion(name, 'base', table.position) }
  const inside = query.with === undefined ? place : parts.within(place, query.with)
  const base = settle(types, parts.operand(inside, first))
  if (table.columns.length > base.schema.length)
    throw tooManyAliases(name, base.schema.length, table.columns.length, table.position, 'WITH query')
  const schema = base.schema.map((def, i) => columnDef(table.columns[i]?.name ?? def.name, def.type))
  const token: FeedToken = { name }
  const reference = { feed: feed(token, schema), uses: 0 }
  entry.reference = reference
  const step = parts.operand(inside, last.body)
  if (reference.uses === 0) return undefined
  checkQuery(query)
  if (step.schema.length !== schema.length)
    throw badSyntax('each UNION query must have the same number of columns', last)
  checkStep(step, token, last)
  checkTypes(types, name, base, step, last.position)
  if (!last.all) parts.requireEquality(place, base, last.position)
  const [from, to] = [base, last.all ? step : withoutDistinct(step, token)].map((side) => asSchema(types, side, schema))
  return recursion({ base: from!, step: to!, token, all: last.all }, schema)
}

/** What may not follow the UNION as a whole. */
function checkQuery(query: Ast.Query): void {
  const refuse = (what: string, node: { readonly position: number } | undefined): void => {
    if (node !== undefined) throw notImplemented(`${what} in a recursive query is not implemented`, node.position)
  }
  refuse('ORDER BY', query.orderBy[0])
  refuse('OFFSET', query.offset)
  refuse('LIMIT', query.limit)
  refuse('FOR UPDATE/SHARE', query.locking[0])
}

function checkTypes(types: TypeContext, name: string, base: LogicalPlan, step: LogicalPlan, position: number): void {
  base.schema.forEach((def, i) => {
    const other = step.schema[i]!.type
    const overall = overallType(types, def.type, other, position)
    if (sameType(overall, def.type)) return
    throw new SqlError({
      code: '42804',
      message:
        `recursive query "${name}" column ${i + 1} has type ${typeName(def.type)} in non-recursive term ` +
        `but type ${typeName(overall)} overall`,
      hint: 'Cast the output of the non-recursive term to the correct type.',
      position,
    })
  })
}

function overallType(types: TypeContext, base: SqlType, step: SqlType, position: number): SqlType {
  if (step.kind === 'unknown' || sameType(base, step)) return base
  const common = commonType(
    types.registry,
    [base, step].map((type) => ({ type, position })),
    'UNION',
  )
  return sameType(common, base) ? withoutModifiers(base) : common
}

/** Both terms in the columns of the reference, whose physical kinds are those of their types. */
function asSchema(types: TypeContext, plan: LogicalPlan, schema: Schema): LogicalPlan {
  const typed = convertTo(
    types,
    plan,
    schema.map((def) => def.type),
    'implicit',
  )
  return project(
    typed,
    typed.schema.map((_, i) => toPhysical(columnOf(typed.schema, i), schema[i]!.physical)),
    schema.map((def) => def.name),
  )
}

const reads = (plan: LogicalPlan, token: FeedToken): boolean =>
  plan.kind === 'feed' ? plan.token === token : inputsOf(plan).some((input) => reads(input, token))

/** In set semantics a step's DISTINCT says nothing that the UNION does not say. */
const withoutDistinct = (step: LogicalPlan, token: FeedToken): LogicalPlan =>
  rewritePlan(step, (node) => (node.kind === 'distinct' && reads(node, token) ? node.input : node))

function checkStep(step: LogicalPlan, token: FeedToken, { all, position }: Ast.SetOperand): void {
  const fail = (where: Parameters<typeof badRecursion>[1]): never => {
    throw badRecursion(token.name, where, position)
  }
  const visit = (node: LogicalPlan): number => {
    if (node.kind === 'feed') return node.token === token ? 1 : 0
    if (exprsOf(node).some((expr) => hasSubquery(expr) && subqueryReads(expr, token))) fail('subquery')
    if (reads(node, token)) checkNode(node, token, all, fail)
    return inputsOf(node).reduce((sum, input) => sum + visit(input), 0)
  }
  const uses = visit(step)
  if (all && uses > 1) fail('twice')
}

function subqueryReads(expr: Parameters<typeof hasSubquery>[0], token: FeedToken): boolean {
  let found = false
  visitExpr(expr, (node) => {
    if (node.kind === 'subquery') found ||= readsAnywhere(planOf(node), token)
  })
  return found
}

const readsAnywhere = (plan: LogicalPlan, token: FeedToken): boolean =>
  reads(plan, token) ||
  exprsOf(plan).some((expr) => subqueryReads(expr, token)) ||
  inputsOf(plan).some((input) => readsAnywhere(input, token))

function checkNode(
  node: LogicalPlan,
  token: FeedToken,
  all: boolean,
  fail: (where: Parameters<typeof badRecursion>[1]) => never,
): void {
  switch (node.kind) {
    case 'aggregate':
    case 'window':
    case 'top':
      fail(node.kind)
      break
    case 'setOperation':
      fail(node.operation === 'except' ? 'EXCEPT' : 'INTERSECT')
      break
    case 'distinct':
      if (all) fail('distinct')
      break
    case 'recursion':
      fail('nested')
      break
    case 'unionAll':
      if (all && !node.inputs.every((input) => reads(input, token))) fail('always')
      break
    case 'join':
    case 'apply': {
      const { type } = node
      const nulled = (type === 'left' || type === 'full') && reads(node.right, token)
      if (nulled || ((type === 'right' || type === 'full') && reads(node.left, token))) fail('outer join')
      break
    }
    default:
      break
  }
}
