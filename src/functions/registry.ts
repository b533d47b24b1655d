// What an SQL function, operator, cast or aggregate is: one entry holds signature, implementation, documentation and
// its first test. Families are plain lists of entries; `src/functions/all.ts` joins them; nothing registers itself.
//
// Operators are functions too: `a + b` is the entry named '+' with two arguments, `- a` the entry '-' with one. Casts
// are entries of `Cast`. The binder picks an overload as PostgreSQL does (chapter 10) and stores the entry in the plan.
//
// Every scalar function has `evaluate`; `inline` is code over typed locals, where speed matters. The closure form and
// the inline form must agree: tests run both.

import type { Physical, SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { TextSettings } from './text/settings.ts'

/** A parameter type: a type's kind, an array of one (`'text[]'`), or one of PostgreSQL's polymorphic pseudo-types. */
export type ParameterType =
  | SqlType['kind']
  | `${SqlType['kind']}[]`
  | 'any'
  | 'anyelement'
  | 'anyarray'
  | 'anynonarray'
  | 'anyenum'
  | 'anycompatible'
  | 'anycompatiblearray'
  | 'anycompatiblenonarray'
  | 'record'

/** A fixed result, a polymorphic one, or computed from the actual argument types. */
export type ResultType = ParameterType | ((args: readonly SqlType[]) => SqlType)

export type Volatility = 'immutable' | 'stable' | 'volatile'

/** What stable and volatile functions may read. The same epoch, the same answers. */
export interface EvaluationContext {
  /** µs from 1970: T(e) of the epoch in a view, the transaction's start in a statement. */
  readonly now: bigint
  /** Wall clock, for clock_timestamp() and statement_timestamp() in statements only. */
  readonly clock: () => bigint
  readonly random: () => number
  /** A setting's value, or undefined where nobody knows the name. */
  setting(name: string): string | undefined
  /** Sets a setting (set_config). */
  setSetting(name: string, value: string, local: boolean): void
  /** IANA name of the session's or the view's zone. */
  readonly timeZone: string
  /** How values are read from and shown as text (casts, concat, format, to_json …). */
  readonly text: TextSettings
  readonly user: string
  readonly database: string
  readonly searchPath: readonly string[]
  /** The session's number; absent in views, which know no session. */
  readonly backendPid?: number | undefined
  /** System-information functions read the catalog through this (pg_get_viewdef, format_type, to_regclass …). */
  readonly catalog: CatalogFacts
}

/** What printing a value needs of an evaluation. */
export type TextContext = Pick<EvaluationContext, 'text'>

/** Facts about named things that functions may ask for; engine/catalog implements it. Undefined: no such thing. */
export interface CatalogFacts {
  relationName(oid: number): { readonly schema: string; readonly name: string } | undefined
  relationOid(schema: string | undefined, name: string): number | undefined
  /** Declared types only; their arrays have the number after. */
  typeName(oid: number): string | undefined
  typeOid(schema: string | undefined, name: string): number | undefined
  schemaName(oid: number): string | undefined
  schemaOid(name: string): number | undefined
  isVisible(oid: number): boolean
  viewDefinition(oid: number): string | undefined
  functionArguments(oid: number): string | undefined
  functionResult(oid: number): string | undefined
  indexDefinition(oid: number): string | undefined
  constraintDefinition(oid: number): string | undefined
  columnDefault(relation: number, column: number): string | undefined
  comment(oid: number, column: number): string | undefined
  relationBytes(oid: number): bigint | undefined
}

/** A value for the arguments; each implementation names its own argument types. */
export type Evaluate = (...args: never[]) => SqlValue

interface Described {
  /** One or two sentences for `\df+` and docs/functions.md. */
  readonly doc: string
  /** An expression that is true; run as a test here and on PostgreSQL. Absent only where the result varies. */
  readonly example?: string | undefined
}

export interface ScalarFunction extends Described {
  readonly kind: 'scalar'
  readonly name: string
  readonly args: readonly ParameterType[]
  /** The last argument repeats (VARIADIC); its element type stands last in `args`. */
  readonly variadic: boolean
  readonly result: ResultType
  /** Any NULL argument gives NULL without a call. */
  readonly strict: boolean
  readonly volatility: Volatility
  /** False only where no argument can make it raise: such expressions may move past filters (operators spec §9). */
  readonly fails: boolean
  /** Where it is known from constant arguments (undefined: not constant) whether a row can fail. */
  readonly failsFor?: ((constants: readonly (SqlValue | undefined)[]) => boolean) | undefined
  /** Physical kind of the result where it is not the type's default (NUMERIC of derived scale). */
  readonly physical?: ((args: readonly Physical[]) => Physical) | undefined
  /** `context` is passed last to every call; immutable functions ignore it. */
  readonly evaluate: Evaluate
  /**
   * A specialised `evaluate` where some arguments are constant (undefined: not constant), so that no pattern is
   * compiled and no format parsed per row. Returns undefined where that does not help.
   */
  readonly prepare?: ((constants: readonly (SqlValue | undefined)[]) => Evaluate | undefined) | undefined
  /** Code over typed locals; undefined for physical kinds it has no code for. */
  readonly inline?: ((args: readonly InlineArg[], code: InlineCode) => string | undefined) | undefined
  /**
   * Polymorphic functions that must know their actual types (how to compare or print an element): the `evaluate` for
   * them. The binder puts `instantiate(entry, argTypes, resultType)` (instantiate.ts) into the plan instead of it.
   */
  readonly forTypes?: ((args: readonly SqlType[], result: SqlType) => Evaluate) | undefined
}

/** One non-NULL argument in generated code. */
export interface InlineArg {
  readonly physical: Physical
  readonly type: SqlType
  /**
   * i32, f64: a number; i64: a BigInt; i128: `name` is the low and `high` the high BigInt word;
   * bytes: `name` is the arena (Uint8Array), `offset` and `length` are numbers.
   */
  readonly name: string
  readonly high?: string
  readonly offset?: string
  readonly length?: string
}

/** What a snippet may do besides returning the expression of its result (a number or BigInt; booleans as 0 or 1). */
export interface InlineCode {
  readonly result: Physical
  /** Declares a local with this value before the result and returns its name. Every BigInt must be under asIntN(64). */
  local(value: string): string
  /** Where the condition holds the row fails: closures evaluate it again and raise the error. */
  failIf(condition: string): void
  /** A constant from outside (a table, a regular expression): passed as an argument, never spelt into the source. */
  constant(value: unknown): string
  /** i128 results: the high word; the snippet returns the low one. Both under asIntN(64). */
  high(value: string): void
}

/**
 * `explicit` by CAST only, `assignment` also when stored in a column, `implicit` anywhere (PostgreSQL, CREATE CAST).
 */
export type CastContext = 'explicit' | 'assignment' | 'implicit'

export interface Cast {
  readonly kind: 'cast'
  readonly from: SqlType['kind']
  readonly to: SqlType['kind']
  readonly context: CastContext
  /** False: the cast of every value succeeds. */
  readonly fails: boolean
  readonly volatility: Volatility
  /** It brings the value to the target's modifiers itself (integers to BIT(n)). */
  readonly appliesModifiers?: true
  /** NULL never comes here. `to` carries the modifiers; explicit casts truncate where assignment raises. */
  readonly evaluate: (value: never, target: CastTarget, context: EvaluationContext) => SqlValue
  readonly inline?: (arg: InlineArg, code: InlineCode, target: CastTarget) => string | undefined
}

export interface CastTarget {
  readonly from: SqlType
  readonly to: SqlType
  readonly explicit: boolean
}

/** Returns a set of rows: generate_series, unnest, regexp_matches, jsonb_each … */
export interface TableFunction extends Described {
  readonly kind: 'table'
  readonly name: string
  readonly args: readonly ParameterType[]
  readonly variadic: boolean
  /** Columns of a row. One column named like the function: the function returns a scalar set. */
  readonly columns: (args: readonly SqlType[]) => readonly { readonly name: string; readonly type: SqlType }[]
  readonly strict: boolean
  readonly volatility: Volatility
  /** Rows in order; each row has as many values as `columns`. */
  readonly evaluate: (...args: never[]) => Iterable<readonly SqlValue[]>
}

/**
 * An aggregate by how it is kept up to date (operators spec §5). All are exact under retraction.
 *   linear    fixed-width accumulators that add weight × value; `final` reads them
 *   extremum  MIN/MAX: an ordered multiset, or one value over insert-only input
 *   multiset  everything else: `final` walks the group's values in order with their weights
 */
export interface AggregateFunction extends Described {
  readonly kind: 'aggregate'
  readonly name: string
  readonly args: readonly ParameterType[]
  readonly variadic: boolean
  readonly result: ResultType
  readonly physical?: (args: readonly Physical[]) => Physical
  /** Rows where an argument is NULL are not seen. */
  readonly ignoresNulls: boolean
  /** WITHIN GROUP (ORDER BY …): number of direct arguments that stand first in `args`; absent: a normal aggregate. */
  readonly directArgs?: number
  readonly hypothetical?: boolean
  readonly state: AggregateState
}

export type AggregateState =
  /** count(*), count(x): Σ weights. */
  | { readonly kind: 'count' }
  /** Σ weight × x, exact; NULL on no input; range-checked against the result type only when shown. */
  | { readonly kind: 'sum' }
  /** sum and count; `final` divides. */
  | { readonly kind: 'avg' }
  | { readonly kind: 'extremum'; readonly direction: 'min' | 'max' }
  /** Counts of TRUE and FALSE. */
  | { readonly kind: 'bool'; readonly of: 'and' | 'or' }
  | {
      readonly kind: 'multiset'
      /** Result over the group's argument rows, ordered by the call's ORDER BY, then canonically. */
      readonly final: (rows: Iterable<WeightedRow>, direct: readonly SqlValue[], context: MultisetContext) => SqlValue
    }

/** `values`: the aggregate's arguments (WITHIN GROUP: its sort keys) of one distinct row that stands `weight` times. */
export interface WeightedRow {
  readonly values: readonly SqlValue[]
  readonly weight: bigint
}

export interface MultisetContext {
  readonly argTypes: readonly SqlType[]
  readonly resultType: SqlType
  /** For WITHIN GROUP and hypothetical sets: the sort directions of the call. */
  readonly order: readonly { readonly descending: boolean; readonly nullsFirst: boolean }[]
  /** How values become text (json_agg of timestamps …). */
  readonly text: TextSettings
}

/** rank(), lag() …; aggregates over a window are AggregateFunction. */
export interface WindowFunction extends Described {
  readonly kind: 'window'
  readonly name: string
  readonly args: readonly ParameterType[]
  readonly result: ResultType
}

export type SqlFunction = ScalarFunction | TableFunction | AggregateFunction | WindowFunction

/** All that SQL can compute, by lower-case name. Built once from the families by `functions/all.ts`. */
export interface FunctionRegistry {
  readonly scalars: ReadonlyMap<string, readonly ScalarFunction[]>
  readonly tables: ReadonlyMap<string, readonly TableFunction[]>
  readonly aggregates: ReadonlyMap<string, readonly AggregateFunction[]>
  readonly windows: ReadonlyMap<string, readonly WindowFunction[]>
  cast(from: SqlType, to: SqlType): Cast | undefined
}

interface ScalarOptions extends Described {
  readonly evaluate: Evaluate
  readonly prepare?: ScalarFunction['prepare']
  readonly inline?: ScalarFunction['inline']
  readonly physical?: ScalarFunction['physical']
  readonly forTypes?: ScalarFunction['forTypes']
  readonly failsFor?: ScalarFunction['failsFor']
  readonly volatility?: Volatility
  /** Default true. */
  readonly fails?: boolean
  readonly variadic?: boolean
}

/** Any NULL argument gives NULL; decided once, not in each function. */
export const strict = (
  name: string,
  args: readonly ParameterType[],
  result: ResultType,
  options: ScalarOptions,
): ScalarFunction => scalar(name, args, result, options, true)

/** Sees its NULLs: coalesce-like functions, concat, IS DISTINCT FROM. */
export const lenient = (
  name: string,
  args: readonly ParameterType[],
  result: ResultType,
  options: ScalarOptions,
): ScalarFunction => scalar(name, args, result, options, false)

function scalar(
  name: string,
  args: readonly ParameterType[],
  result: ResultType,
  options: ScalarOptions,
  isStrict: boolean,
): ScalarFunction {
  const { volatility = 'immutable', fails = true, variadic = false, ...rest } = options
  return {
    kind: 'scalar',
    name,
    args,
    result,
    strict: isStrict,
    volatility,
    fails,
    variadic,
    ...rest,
  }
}
