// Builds bound expressions: type, physical kind and nullability follow from the parts.

import { defaultPhysical, type Physical, type SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { Cast, ScalarFunction } from '../functions/registry.ts'
import type { AndExpr, CallExpr, CaseExpr, ConstantExpr, Expr, OrExpr, ParameterExpr } from './expr.ts'
import { commonPhysical, physicalOfCall, physicalOfCast, physicalOfConstant, sameLayout } from './types/physical.ts'

export const boolean: SqlType = { kind: 'boolean' }
export const text: SqlType = { kind: 'text' }
export const int4: SqlType = { kind: 'int4' }
export const int8: SqlType = { kind: 'int8' }
export const unknown: SqlType = { kind: 'unknown' }

const boolPhysical = defaultPhysical(boolean)

type Position = number | undefined

export const constant = (type: SqlType, value: SqlValue, position?: Position): ConstantExpr => ({
  kind: 'constant',
  value,
  type,
  physical: physicalOfConstant(type, value),
  nullable: value === null,
  position,
})

export const TRUE: ConstantExpr = constant(boolean, true)
export const FALSE: ConstantExpr = constant(boolean, false)

export const parameter = (index: number, type: SqlType, position?: Position): ParameterExpr => ({
  kind: 'parameter',
  index,
  type,
  physical: defaultPhysical(type),
  nullable: true,
  position,
})

/** Operators that give a value for values. Functions may give NULL all the same (array_length of an empty array). */
const total = new Set(
  ['=', '<>', '<', '>', '<=', '>=', '+', '-', '*', '/', '%', '||', '^', '&', '|', '#', '<<', '>>'].concat(
    ['~', '!~', '~*', '!~*', '~~', '!~~', '~~*', '!~~*'],
    ['abs', 'lower', 'upper', 'length', 'char_length', 'octet_length', 'mod', 'round', 'floor', 'ceil', 'ceiling'],
    ['concat', 'date_trunc', 'trunc'],
  ),
)

export function call(called: ScalarFunction, args: readonly Expr[], type: SqlType, position?: Position): CallExpr {
  return {
    kind: 'call',
    function: called,
    args,
    type,
    physical: physicalOfCall(
      called,
      type,
      args.map((arg) => arg.physical),
    ),
    nullable: callNullable(called, args),
    position,
  }
}

export const castTo = (input: Expr, to: SqlType, cast: Cast | undefined, explicit: boolean): Expr => ({
  kind: 'cast',
  input,
  cast,
  explicit,
  type: to,
  physical: physicalOfCast(input.type, input.physical, to),
  nullable: castNullable(input, cast),
  position: input.position,
})

/** The same value in another physical kind of its type. */
export const toPhysical = (expr: Expr, physical: Physical): Expr =>
  sameLayout(expr.physical, physical)
    ? expr
    : {
        kind: 'cast',
        input: expr,
        cast: undefined,
        explicit: false,
        type: expr.type,
        physical,
        nullable: expr.nullable,
        position: expr.position,
      }

/** Whether a node can be NULL, from what its children say now: after columns were replaced it may differ. */
export function withNullability<E extends Expr>(expr: E): E {
  const nullable = nullability(expr)
  return nullable === expr.nullable ? expr : { ...expr, nullable }
}

function nullability(expr: Expr): boolean {
  const some = (args: readonly Expr[]): boolean => args.some((arg) => arg.nullable)
  switch (expr.kind) {
    case 'call':
      return callNullable(expr.function, expr.args)
    case 'cast':
      return castNullable(expr.input, expr.cast)
    case 'not':
      return expr.input.nullable
    case 'and':
    case 'or':
      return some(expr.args)
    case 'coalesce':
    case 'greatest':
      return expr.args.every((arg) => arg.nullable)
    case 'case':
      return expr.otherwise.nullable || expr.whens.some((when) => when.result.nullable)
    case 'inList':
      return expr.input.nullable || some(expr.list)
    default:
      return expr.nullable
  }
}

const callNullable = (called: ScalarFunction, args: readonly Expr[]): boolean =>
  !total.has(called.name) || (called.strict && args.some((arg) => arg.nullable))

const castNullable = (input: Expr, cast: Cast | undefined): boolean =>
  input.nullable || (cast !== undefined && input.type.kind === 'jsonb')

/** NULL in the type and physical kind of a column. */
export const nullOf = (def: { readonly type: SqlType; readonly physical: Physical }): ConstantExpr => ({
  kind: 'constant',
  value: null,
  type: def.type,
  physical: def.physical,
  nullable: true,
})

const logical = (kind: 'and' | 'or', args: readonly Expr[]): AndExpr | OrExpr => ({
  kind,
  args,
  type: boolean,
  physical: boolPhysical,
  nullable: args.some((arg) => arg.nullable),
  position: args[0]?.position,
})

/** Of no conditions: TRUE. */
export function and(args: readonly Expr[]): Expr {
  const flat = args.flatMap((arg) => (arg.kind === 'and' ? arg.args : [arg]))
  return flat.length === 0 ? TRUE : flat.length === 1 ? flat[0]! : logical('and', flat)
}

/** Of no conditions: FALSE. */
export function or(args: readonly Expr[]): Expr {
  const flat = args.flatMap((arg) => (arg.kind === 'or' ? arg.args : [arg]))
  return flat.length === 0 ? FALSE : flat.length === 1 ? flat[0]! : logical('or', flat)
}

/** The conjunction, or undefined of none: what joins hold. */
export const allOf = (args: readonly Expr[]): Expr | undefined => (args.length === 0 ? undefined : and(args))

export const not = (input: Expr, position?: Position): Expr => ({
  kind: 'not',
  input,
  type: boolean,
  physical: boolPhysical,
  nullable: input.nullable,
  position: position ?? input.position,
})

export const isNull = (input: Expr, negated = false, position?: Position): Expr => ({
  kind: 'isNull',
  input,
  negated,
  type: boolean,
  physical: boolPhysical,
  nullable: false,
  position: position ?? input.position,
})

export const isTruth = (input: Expr, of: boolean | null, negated: boolean, position?: Position): Expr => ({
  kind: 'isTruth',
  input,
  of,
  negated,
  type: boolean,
  physical: boolPhysical,
  nullable: false,
  position: position ?? input.position,
})

export const distinctFrom = (
  left: Expr,
  right: Expr,
  equals: ScalarFunction,
  negated: boolean,
  position?: Position,
): Expr => ({
  kind: 'distinctFrom',
  left,
  right,
  negated,
  equals,
  type: boolean,
  physical: boolPhysical,
  nullable: false,
  position: position ?? left.position,
})

/** All results have `type` already; they are brought to one physical kind here. */
export function caseOf(whens: CaseExpr['whens'], otherwise: Expr, type: SqlType, position?: Position): Expr {
  const results = [...whens.map((when) => when.result), otherwise]
  const physical = unified(type, results)
  return {
    kind: 'case',
    whens: whens.map(({ condition, result }) => ({ condition, result: toPhysical(result, physical) })),
    otherwise: toPhysical(otherwise, physical),
    type,
    physical,
    nullable: results.some((result) => result.nullable),
    position,
  }
}

/** One kind for values of one type; NULL constants fit into any. */
function unified(type: SqlType, exprs: readonly Expr[]): Physical {
  const valued = exprs.filter((expr) => !(expr.kind === 'constant' && expr.value === null))
  return commonPhysical(
    type,
    valued.map((expr) => expr.physical),
  )
}

export function coalesce(args: readonly Expr[], type: SqlType, position?: Position): Expr {
  const physical = unified(type, args)
  return {
    kind: 'coalesce',
    args: args.map((arg) => toPhysical(arg, physical)),
    type,
    physical,
    nullable: args.every((arg) => arg.nullable),
    position: position ?? args[0]?.position,
  }
}

export function greatest(
  args: readonly Expr[],
  type: SqlType,
  options: { readonly least: boolean; readonly lessThan: ScalarFunction; readonly position?: Position },
): Expr {
  const physical = unified(type, args)
  return {
    kind: 'greatest',
    ...options,
    args: args.map((arg) => toPhysical(arg, physical)),
    type,
    physical,
    nullable: args.every((arg) => arg.nullable),
  }
}

export const row = (fields: readonly Expr[], type: SqlType, position?: Position): Expr => ({
  kind: 'row',
  fields,
  type,
  physical: defaultPhysical(type),
  nullable: false,
  position,
})

export const arrayOf = (elements: readonly Expr[], type: SqlType, position?: Position): Expr => ({
  kind: 'array',
  elements,
  type,
  physical: defaultPhysical(type),
  nullable: false,
  position,
})

export const field = (input: Expr, index: number, type: SqlType, position?: Position): Expr => ({
  kind: 'field',
  input,
  index,
  type,
  physical: defaultPhysical(type),
  nullable: true,
  position: position ?? input.position,
})
