// SQL/JSON paths as trees (PostgreSQL 15, section 9.16.2).
//
// A path expression is a primary followed by accessors (`steps`). Predicates are expressions too: they give true, false
// or null.

import type { JsonNode, Numeric } from '../../../core/value.ts'

export interface JsonPath {
  readonly strict: boolean
  readonly expr: PathExpr
}

export interface PathExpr {
  readonly primary: Primary
  readonly steps: readonly Step[]
}

export type Arithmetic = '+' | '-' | '*' | '/' | '%'
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

export type Primary =
  | { readonly kind: 'root' | 'current' | 'last' }
  | { readonly kind: 'literal'; readonly value: Exclude<JsonNode, object | null> | Numeric | null }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'arithmetic'; readonly operator: Arithmetic; readonly left: PathExpr; readonly right: PathExpr }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly operand: PathExpr }
  | Predicate

export type Predicate =
  | { readonly kind: 'comparison'; readonly operator: Comparison; readonly left: PathExpr; readonly right: PathExpr }
  | { readonly kind: 'and' | 'or' | 'startsWith'; readonly left: PathExpr; readonly right: PathExpr }
  | { readonly kind: 'not' | 'isUnknown' | 'exists'; readonly operand: PathExpr }
  | { readonly kind: 'likeRegex'; readonly operand: PathExpr; readonly pattern: string; readonly flags: string }

export type Method = 'type' | 'size' | 'abs' | 'floor' | 'ceiling' | 'double' | 'keyvalue'

export interface Subscript {
  readonly from: PathExpr
  readonly to: PathExpr | undefined
}

/** A level of `**`: Infinity is `last`. */
export type Level = number

export type Step =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'anyKey' | 'anyElement' }
  | { readonly kind: 'elements'; readonly subscripts: readonly Subscript[] }
  | { readonly kind: 'anyLevel'; readonly first: Level; readonly last: Level }
  | { readonly kind: 'method'; readonly method: Method }
  | { readonly kind: 'datetime'; readonly template: string | undefined }
  | { readonly kind: 'filter'; readonly predicate: PathExpr }

const predicateKinds: ReadonlySet<Primary['kind']> = new Set([
  'comparison',
  'and',
  'or',
  'startsWith',
  'not',
  'isUnknown',
  'exists',
  'likeRegex',
])

export const isPredicate = ({ primary, steps }: PathExpr): boolean =>
  steps.length === 0 && predicateKinds.has(primary.kind)

export const alone = (primary: Primary): PathExpr => ({ primary, steps: [] })
