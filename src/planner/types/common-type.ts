// The one type of several expressions: UNION, CASE, COALESCE, ARRAY, VALUES, IN (PostgreSQL, chapter 10.5).

import { type SqlType, sameType } from '../../core/type.ts'
import type { FunctionRegistry } from '../../functions/registry.ts'
import { cannotConvert, cannotMatch } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { categoryOf, isPreferred } from './category.ts'
import { canCoerce, coerce, type TypeContext, withoutModifiers } from './coerce.ts'

interface Candidate {
  readonly type: SqlType
  readonly position?: number | undefined
}

/** `context` is said in the error: UNION, CASE, VALUES. Undefined instead of an error where `context` is undefined. */
export function commonType(registry: FunctionRegistry, exprs: readonly Candidate[], context: string): SqlType
export function commonType(
  registry: FunctionRegistry,
  exprs: readonly Candidate[],
  context: undefined,
): SqlType | undefined
export function commonType(
  registry: FunctionRegistry,
  exprs: readonly Candidate[],
  context: string | undefined,
): SqlType | undefined {
  const known = exprs.filter((expr) => expr.type.kind !== 'unknown')
  const first = known[0]
  if (first === undefined) return { kind: 'text' }
  if (exprs.every((expr) => sameType(expr.type, first.type))) return first.type
  const row = commonRow(
    registry,
    known.map((expr) => expr.type),
  )
  if (row !== undefined) return row
  let chosen = first.type
  for (const { type, position } of known.slice(1)) {
    if (sameType(withoutModifiers(type), withoutModifiers(chosen))) continue
    if (categoryOf(type.kind) !== categoryOf(chosen.kind)) {
      if (context === undefined) return undefined
      throw cannotMatch(context, chosen, type, position)
    }
    if (isPreferred(chosen.kind)) continue
    if (canCoerce(registry, chosen, type, 'implicit') && !canCoerce(registry, type, chosen, 'implicit')) chosen = type
  }
  return known.every((expr) => sameType(expr.type, chosen)) ? chosen : withoutModifiers(chosen)
}

type RowType = Extract<SqlType, { kind: 'row' }>

/** Unnamed rows of one width meet field by field. */
function commonRow(registry: FunctionRegistry, types: readonly SqlType[]): SqlType | undefined {
  const rows = types.filter((type): type is RowType => type.kind === 'row' && type.name === undefined)
  const [first] = rows
  if (first === undefined || rows.length < types.length) return undefined
  if (rows.some((type) => type.fields.length !== first.fields.length)) return undefined
  const fields = first.fields.map((field, i) => {
    const type = commonType(
      registry,
      rows.map((row) => ({ type: row.fields[i]!.type })),
      undefined,
    )
    return type && { name: field.name, type }
  })
  return fields.every((field) => field !== undefined) ? { kind: 'row', fields } : undefined
}

/** All expressions as values of their common type. */
export function unify(types: TypeContext, exprs: readonly Expr[], context: string): readonly Expr[] {
  const type = commonType(types.registry, exprs, context)
  return exprs.map((expr) => toCommon(types, expr, type, context))
}

/** One of them as a value of the type that was chosen. */
export function toCommon(types: TypeContext, expr: Expr, type: SqlType, context: string): Expr {
  if (expr.type.kind !== 'unknown' && !canCoerce(types.registry, expr.type, type, 'implicit'))
    throw cannotConvert(context, expr.type, type, expr.position)
  return coerce(types, expr, type, 'implicit')
}
