// Conversions between types as PostgreSQL allows them (chapter 10, pg_cast): implicitly anywhere, by assignment when a
// value is stored in a column, explicitly by CAST. Untyped literals and parameters take the type that is asked of them.
//
// A type modifier (numeric(10,2), varchar(3)) is applied by the cast of the type to itself, after the conversion.

import { type SqlType, sameType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { Cast, CastContext, FunctionRegistry } from '../../functions/registry.ts'
import type { TextSettings } from '../../functions/text/settings.ts'
import { parse } from '../../functions/text/text.ts'
import { cannotCast } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { castTo, constant } from '../expr-build.ts'
import { arrayCast, rowCast } from './composite-cast.ts'
import type { ParameterTypes } from './parameters.ts'

/** What conversion needs to know; one per statement. */
export interface TypeContext {
  readonly registry: FunctionRegistry
  readonly parameters: ParameterTypes
  readonly text: TextSettings
}

export interface CastPath {
  readonly context: CastContext
  /** Undefined: the value stays as it is. */
  readonly cast: Cast | undefined
}

const rank = { implicit: 0, assignment: 1, explicit: 2 } satisfies Record<CastContext, number>

export const allows = (context: CastContext, path: CastPath): boolean => rank[path.context] <= rank[context]

/** How a value of `from` becomes one of `to`, modifiers aside; undefined where there is no way. */
export function castPath(registry: FunctionRegistry, from: SqlType, to: SqlType): CastPath | undefined {
  if (from.kind === 'array' && to.kind === 'array') {
    const element = castPath(registry, from.element, to.element)
    return element && { context: element.context, cast: element.cast && arrayCast(element.cast, from, to) }
  }
  if (from.kind === 'row' && to.kind === 'row') return rowPath(registry, from, to)
  if (from.kind === 'reg' && to.kind === 'reg' && from.of !== to.of) return undefined
  if (from.kind === 'enum' && to.kind === 'enum' && from.oid !== to.oid) return undefined
  if (from.kind === to.kind) return { context: 'implicit', cast: undefined }
  const cast = registry.cast(from, to)
  return cast && { context: cast.context, cast }
}

type RowType = Extract<SqlType, { kind: 'row' }>

function rowPath(registry: FunctionRegistry, from: RowType, to: RowType): CastPath | undefined {
  if (to.fields.length === 0 && to.name === undefined) return { context: 'implicit', cast: undefined }
  if (from.fields.length !== to.fields.length) return undefined
  const fields = from.fields.map((field, i) => castPath(registry, field.type, to.fields[i]!.type))
  if (fields.some((path) => path === undefined)) return undefined
  if (fields.every((path) => path!.cast === undefined)) return { context: 'implicit', cast: undefined }
  const isImplicit = fields.every((path) => path!.context === 'implicit')
  return {
    context: isImplicit && to.name === undefined ? 'implicit' : 'explicit',
    cast: rowCast(
      fields.map((path) => path!.cast),
      from,
      to,
    ),
  }
}

/** Could a value of `from` be passed where `to` is wanted? Untyped literals always can, until they are read. */
export function canCoerce(registry: FunctionRegistry, from: SqlType, to: SqlType, context: CastContext): boolean {
  if (from.kind === 'unknown') return true
  const path = castPath(registry, from, to)
  return path !== undefined && allows(context, path)
}

/** The expression as a value of `to`. Throws 42846 where the context does not allow it; callers may say it better. */
export function coerce(types: TypeContext, expr: Expr, to: SqlType, context: CastContext): Expr {
  if (expr.type.kind === 'unknown') {
    const typed = typeUnknown(types, expr, to)
    if (typed !== undefined) return applyModifiers(types, typed, to, context)
  }
  if (sameType(expr.type, to)) return expr
  if (expr.kind === 'row' && to.kind === 'row' && expr.fields.length === to.fields.length) {
    const fields = expr.fields.map((field, i) => coerce(types, field, to.fields[i]!.type, context))
    return { ...expr, fields, type: to }
  }
  if (expr.kind === 'array' && to.kind === 'array' && context === 'explicit') {
    const elements = expr.elements.map((item) => coerce(types, item, item.kind === 'array' ? to : to.element, context))
    return { ...expr, elements, type: to }
  }
  const path = castPath(types.registry, expr.type, to)
  if (path === undefined || !allows(context, path)) throw cannotCast(expr.type, to, expr.position)
  if (path.cast?.appliesModifiers) return castTo(expr, to, path.cast, context === 'explicit')
  const converted =
    path.cast === undefined && expr.type.kind === to.kind
      ? expr
      : castTo(expr, withoutModifiers(to), path.cast, context === 'explicit')
  return applyModifiers(types, converted, to, context)
}

/** An untyped literal or parameter as a value of `to` (without its modifiers). */
function typeUnknown(types: TypeContext, expr: Expr, to: SqlType): Expr | undefined {
  // Fields decide how an interval is read ('5' day); other modifiers are applied to what was read.
  const base = to.kind === 'interval' ? to : withoutModifiers(to)
  if (expr.kind === 'parameter') return types.parameters.resolve(expr, base)
  if (expr.kind !== 'constant') return undefined
  if (expr.value === null) return { ...constant(base, null), position: expr.position }
  const text = expr.value as string
  if (to.kind === 'unknown') return expr
  return { ...constant(base, literalValue(types, base, text, expr.position)), position: expr.position }
}

/** PostgreSQL reads literals when the statement is planned: 'now'::timestamp and 'pg_class'::regclass are constants. */
function literalValue(types: TypeContext, type: SqlType, text: string, position: number | undefined): SqlValue {
  return blame(position, () => parse(type, text, types.text))
}

/** Runs `f`; an error without a place gets this one. */
export function blame<T>(position: number | undefined, f: () => T): T {
  try {
    return f()
  } catch (error) {
    if (error instanceof Error && 'at' in error && typeof error.at === 'function') throw error.at(position)
    throw error
  }
}

/** The type without precision, scale, length. */
export function withoutModifiers(type: SqlType): SqlType {
  switch (type.kind) {
    case 'numeric':
    case 'varchar':
    case 'bpchar':
    case 'bit':
    case 'varbit':
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
    case 'interval':
      return { kind: type.kind }
    case 'array': {
      const element = withoutModifiers(type.element)
      return sameType(element, type.element) ? type : { kind: 'array', element }
    }
    default:
      return type
  }
}

export const hasModifiers = (type: SqlType): boolean => !sameType(withoutModifiers(type), type)

function applyModifiers(types: TypeContext, expr: Expr, to: SqlType, context: CastContext): Expr {
  if (sameType(expr.type, to)) return expr
  if (!hasModifiers(to)) return castTo(expr, to, undefined, context === 'explicit')
  const target = to.kind === 'array' ? to.element : to
  const source = expr.type.kind === 'array' ? expr.type.element : expr.type
  const cast = types.registry.cast(source, target)
  if (cast === undefined) throw cannotCast(expr.type, to, expr.position)
  return castTo(expr, to, to.kind === 'array' ? arrayCast(cast, expr.type, to) : cast, context === 'explicit')
}
