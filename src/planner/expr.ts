// Bound scalar expressions: names, types and overloads resolved. What the binder makes, rules rewrite, and the executor
// runs as closures (`evaluate`) or compiles.
//
// Every node knows its SQL type, its physical kind and whether it can be NULL. Columns are indexes into the one input
// row of the plan node that holds the expression (joins: left columns, then right columns). `outer` columns and
// subqueries occur only between binding and decorrelation; the physical plan has neither.

import type { Schema } from '../core/schema.ts'
import type { Physical, SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { Cast, ScalarFunction } from '../functions/registry.ts'

interface Typed {
  readonly type: SqlType
  readonly physical: Physical
  readonly nullable: boolean
  /** Place in the statement, for errors. */
  readonly position?: number | undefined
}

export type Expr =
  | ColumnExpr
  | OuterColumnExpr
  | ConstantExpr
  | ParameterExpr
  | CallExpr
  | CastExpr
  | AndExpr
  | OrExpr
  | NotExpr
  | IsNullExpr
  | IsTruthExpr
  | DistinctFromExpr
  | CaseExpr
  | CoalesceExpr
  | NullIfExpr
  | GreatestExpr
  | InListExpr
  | AnyAllExpr
  | ArrayExpr
  | RowExpr
  | FieldExpr
  | SubscriptExpr
  | SubqueryExpr

export interface ColumnExpr extends Typed {
  readonly kind: 'column'
  readonly index: number
}

/** A column of an enclosing query, `depth` levels up (1 = the next). Gone after decorrelation. */
export interface OuterColumnExpr extends Typed {
  readonly kind: 'outer'
  readonly depth: number
  readonly index: number
}

export interface ConstantExpr extends Typed {
  readonly kind: 'constant'
  readonly value: SqlValue
}

/** $n, `index` from 0. */
export interface ParameterExpr extends Typed {
  readonly kind: 'parameter'
  readonly index: number
}

export interface CallExpr extends Typed {
  readonly kind: 'call'
  readonly function: ScalarFunction
  readonly args: readonly Expr[]
}

/** `cast` is absent where only the representation changes (text ↔ varchar without length, relabelled types). */
export interface CastExpr extends Typed {
  readonly kind: 'cast'
  readonly input: Expr
  readonly cast: Cast | undefined
  readonly explicit: boolean
}

/** Three-valued, evaluated left to right; a FALSE before a failing argument hides its error (operators spec §9). */
export interface AndExpr extends Typed {
  readonly kind: 'and'
  readonly args: readonly Expr[]
}

export interface OrExpr extends Typed {
  readonly kind: 'or'
  readonly args: readonly Expr[]
}

export interface NotExpr extends Typed {
  readonly kind: 'not'
  readonly input: Expr
}

export interface IsNullExpr extends Typed {
  readonly kind: 'isNull'
  readonly input: Expr
  readonly negated: boolean
}

/** IS [NOT] TRUE | FALSE | UNKNOWN. */
export interface IsTruthExpr extends Typed {
  readonly kind: 'isTruth'
  readonly input: Expr
  readonly of: boolean | null
  readonly negated: boolean
}

/** IS [NOT] DISTINCT FROM; both sides have the same type. `equals` is that type's `=`. */
export interface DistinctFromExpr extends Typed {
  readonly kind: 'distinctFrom'
  readonly left: Expr
  readonly right: Expr
  readonly negated: boolean
  readonly equals: ScalarFunction
}

/** Searched CASE; the simple form is bound to it with `=`. */
export interface CaseExpr extends Typed {
  readonly kind: 'case'
  readonly whens: readonly { readonly condition: Expr; readonly result: Expr }[]
  readonly otherwise: Expr
}

export interface CoalesceExpr extends Typed {
  readonly kind: 'coalesce'
  readonly args: readonly Expr[]
}

export interface NullIfExpr extends Typed {
  readonly kind: 'nullIf'
  readonly left: Expr
  readonly right: Expr
  readonly equals: ScalarFunction
  /** `left = right`, with the conversions that the operator asks for. */
  readonly comparison: Expr
}

export interface GreatestExpr extends Typed {
  readonly kind: 'greatest'
  readonly args: readonly Expr[]
  readonly least: boolean
  /** `<` of the common type. */
  readonly lessThan: ScalarFunction
}

/** x [NOT] IN (e, …): `equals` of the common type. */
export interface InListExpr extends Typed {
  readonly kind: 'inList'
  readonly input: Expr
  readonly list: readonly Expr[]
  readonly negated: boolean
  readonly equals: ScalarFunction
}

/** x op ANY | ALL (array). */
export interface AnyAllExpr extends Typed {
  readonly kind: 'anyAll'
  readonly input: Expr
  readonly array: Expr
  readonly all: boolean
  readonly operator: ScalarFunction
}

export interface ArrayExpr extends Typed {
  readonly kind: 'array'
  readonly elements: readonly Expr[]
}

export interface RowExpr extends Typed {
  readonly kind: 'row'
  readonly fields: readonly Expr[]
}

export interface FieldExpr extends Typed {
  readonly kind: 'field'
  readonly input: Expr
  readonly index: number
}

/** a[i] or a[i:j]; an absent bound of a slice is undefined. */
export interface SubscriptExpr extends Typed {
  readonly kind: 'subscript'
  readonly input: Expr
  readonly subscripts: readonly SubscriptBound[]
}

export type SubscriptBound =
  | { readonly kind: 'index'; readonly index: Expr }
  | { readonly kind: 'slice'; readonly lower: Expr | undefined; readonly upper: Expr | undefined }

/** A logical plan as seen from an expression. Plans hold expressions, so which one it is `planOf` says (logical.ts). */
export interface QueryPlan {
  readonly kind: string
  readonly schema: Schema
}

/** Between binding and decorrelation only. */
export interface SubqueryExpr extends Typed {
  readonly kind: 'subquery'
  readonly plan: QueryPlan
  readonly form:
    | { readonly kind: 'scalar' }
    | { readonly kind: 'exists' }
    /**
     * x = ANY (q) has quantifier 'any' and operator '='; NOT IN is 'all' with '<>'. Row forms have several inputs;
     * where they are ordered (`<` and its like) `equals` are the equalities of all but the last, else there are none.
     */
    | {
        readonly kind: 'quantified'
        readonly inputs: readonly Expr[]
        readonly operators: readonly ScalarFunction[]
        readonly equals: readonly ScalarFunction[]
        readonly quantifier: 'any' | 'all'
      }
}
