// A filter and projection run row by row through closures: the slow, complete form of what compile.ts generates.
//
// Rows whose predicate or columns raise a SqlError become errors with the row's weight and are not in the result.

import { type Batch, batchOf } from '../../core/batch.ts'
import { columnFromValues } from '../../core/convert.ts'
import { SqlError } from '../../core/error.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { Expr } from '../../planner/expr.ts'
import type { Output } from '../operator.ts'
import type { Closure } from './closure.ts'
import { closure, type Environment } from './closures.ts'

/** What a map computes: a filter (absent: every row passes), then the columns of `schema`. */
export interface RowExpressions {
  readonly label: string
  readonly predicate: Expr | undefined
  readonly columns: readonly Expr[]
  readonly schema: Schema
}

/** Rows `from` … of a batch; undefined where none is left. */
export type Interpret = (batch: Batch, from: number, out: Output) => Batch | undefined

/** `input`: the rows' schema, by which errors refer to them. */
export function interpreter(row: RowExpressions, env: Environment, input: Schema | undefined): Interpret {
  const conjuncts = conjunctsOf(row.predicate).map((expr) => closure(expr, env))
  const columns = row.columns.map((expr) => closure(expr, env))
  return (batch, from, out) => {
    const values: SqlValue[][] = columns.map(() => [])
    const weights: number[] = []
    for (let i = from; i < batch.length; i++) {
      const weight = batch.weights === undefined ? 1 : batch.weights[i]!
      const result = rowOrError(conjuncts, columns, batch, i)
      if (result === undefined) continue
      if (result instanceof SqlError) {
        const { code, message } = result
        const failed = input && { schema: input, batch, index: i }
        out.error({ code, message, operator: row.label, weight, row: failed })
        continue
      }
      for (let c = 0; c < values.length; c++) values[c]!.push(result[c]!)
      weights.push(weight)
    }
    if (weights.length === 0) return undefined
    return batchOf(
      weights.length,
      row.schema.map((def, c) => columnFromValues(def, values[c]!, out.region)),
      batch.weights === undefined ? undefined : copyWeights(weights, out),
    )
  }
}

function rowOrError(
  conjuncts: readonly Closure[],
  columns: readonly Closure[],
  batch: Batch,
  row: number,
): SqlValue[] | SqlError | undefined {
  try {
    for (const conjunct of conjuncts) if (conjunct(batch, row) !== true) return undefined
    return columns.map((column) => column(batch, row))
  } catch (error) {
    if (error instanceof SqlError) return error
    throw error
  }
}

function copyWeights(weights: readonly number[], out: Output): Int32Array {
  const copy = out.region.i32(weights.length)
  copy.set(weights)
  return copy
}

/** The conditions of a filter, each applied to the rows that the ones before let through. */
export function conjunctsOf(predicate: Expr | undefined): readonly Expr[] {
  if (predicate === undefined) return []
  return predicate.kind === 'and' ? predicate.args.flatMap(conjunctsOf) : [predicate]
}
