// What the parts of the SQL/JSON path evaluator share: where they are, and errors that silent calls and predicates
// swallow. State: the errors told apart, weakly held.

import { isJsonArray } from '../../../core/encoding/json-form.ts'
import { SqlError } from '../../../core/error.ts'
import type { JsonNode } from '../../../core/value.ts'
import type { PathExpr } from './path.ts'

export type Items = Generator<JsonNode, void>

export interface PathContext {
  readonly strict: boolean
  readonly root: JsonNode
  readonly variables: JsonNode
  /** What `@` is. */
  readonly current: JsonNode
  /** The length of the innermost subscripted array. */
  readonly arrayLength: number
  /** Within `**`: members and elements that are not there are no error, not even in strict paths. */
  readonly ignoreStructure: boolean
  /** The items of an expression. */
  readonly evaluate: (expr: PathExpr, context: PathContext) => Items
}

const pathErrors = new WeakSet<Error>()

/** An error of the path on this value, which may be silenced. */
export function pathError(code: string, message: string): SqlError {
  const error = new SqlError({ code, message })
  pathErrors.add(error)
  return error
}

export const isPathError = (error: unknown): boolean => error instanceof Error && pathErrors.has(error)

/** Runs `f`; its errors may be silenced. */
export function silenceable<T>(f: () => T): T {
  try {
    return f()
  } catch (error) {
    throw error instanceof SqlError ? pathError(error.code, error.message) : error
  }
}

/** An operand: in lax paths arrays stand for their elements. */
export function* unwrapped(expr: PathExpr, context: PathContext): Items {
  for (const item of context.evaluate(expr, context)) {
    if (!context.strict && isJsonArray(item)) yield* item
    else yield item
  }
}
