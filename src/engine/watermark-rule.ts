// The WATERMARK clause of a source over decoded columns: the times of rows, and the watermark that each asks for.
//
// `col` and `col − constant` are loops over the column (judge-times.ts); any other expression is a closure per row. A
// row for which it fails asks for none, as one for which it is NULL.

import type { Decoded } from '../connectors/source.ts'
import type { Batch, Column } from '../core/batch.ts'
import { valueAt } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import type { Region } from '../core/region.ts'
import type { ColumnDef, Schema } from '../core/schema.ts'
import { DATE_INFINITY, type Interval, type SqlValue } from '../core/value.ts'
import { closure, type Environment } from '../executor/expr/closures.ts'
import { print } from '../functions/text/text.ts'
import { evaluateConstant } from '../planner/evaluate.ts'
import type { Expr } from '../planner/expr.ts'
import { columnsOf, remap } from '../planner/expr-walk.ts'
import type { SourceWatermark } from '../storage/catalog.ts'
import { dropAhead, type JudgedTimes, laggingMarks, NO_TIME, widened } from './judge-times.ts'
import { plainText, timeText } from './time-text.ts'
import { lateChange } from './watermark.ts'

/** The expression over the relation's row. */
export interface BoundWatermark {
  readonly expr: Expr
  readonly env: Environment
}

export class WatermarkRule {
  readonly definition: SourceWatermark
  /** Columns of the relation that judging reads, the watermark's own among them; ascending. */
  readonly columns: readonly number[]
  readonly lateness: bigint
  readonly #relation: string
  readonly #def: ColumnDef
  /** Where the expression is the column less so much. */
  readonly #lag: bigint | undefined
  readonly #maxAhead: bigint | undefined
  readonly #mark: (batch: Batch, row: number) => SqlValue

  /** `relation`: its name. */
  constructor(relation: string, schema: Schema, definition: SourceWatermark, { expr, env }: BoundWatermark) {
    this.#relation = relation
    const { column } = definition
    this.definition = definition
    this.columns = [...new Set([column, ...columnsOf(expr)])].sort((a, b) => a - b)
    this.lateness = BigInt(definition.lateness)
    this.#def = schema[column]!
    this.#lag = lagOf(expr, column, this.#def, env)
    this.#maxAhead = definition.maxAhead === undefined ? undefined : BigInt(definition.maxAhead)
    this.#mark = closure(
      remap(expr, (index) => this.columns.indexOf(index)),
      env,
    ) as (batch: Batch, row: number) => SqlValue
  }

  /** `columns` are those that judging reads, in order. `stamps`: when the records were written, ms. */
  times(
    columns: readonly Column[],
    length: number,
    stamps: Float64Array | undefined,
    region: Region,
  ): JudgedTimes & { readonly ahead: number } {
    const column = columns[this.columns.indexOf(this.definition.column)]!
    const times = this.#ticks(column, length, region)
    const { nulls } = column
    const marks = this.#marks({ length, weights: undefined, columns }, times, region)
    if (this.#maxAhead === undefined || stamps === undefined) return { times, marks, nulls, ahead: 0 }
    const own = marks === times ? region.i64(length) : marks
    if (own !== marks) own.set(marks.subarray(0, length))
    const limits = region.i64(length)
    for (let i = 0; i < length; i++) limits[i] = BigInt(Math.round(stamps[i]! * 1000)) + this.#maxAhead
    return { times, marks: own, nulls, ahead: dropAhead(own, limits, length) }
  }

  /** 22000: late = 'error', and a late row came. */
  refused(
    { batch }: Decoded,
    columns: readonly number[],
    late: { readonly rows: Int32Array; readonly closing: BigInt64Array },
  ): SqlError {
    const def = this.#def
    const value = valueAt(def, batch.columns[columns.indexOf(this.definition.column)]!, late.rows[0]!)
    const time = print(def.type, value as Exclude<SqlValue, null>, plainText)
    return lateChange(this.#relation, def.name, time, timeText(def, late.closing[0]!)!)
  }

  #ticks(column: Column, length: number, region: Region): BigInt64Array {
    if (column.kind === 'i64') return column.values
    const out = region.i64(length)
    const infinite = this.#def.type.kind === 'date' ? DATE_INFINITY : undefined
    if (column.kind === 'i32') widened(column.values, length, infinite, out)
    return out
  }

  #marks(batch: Batch, times: BigInt64Array, region: Region): BigInt64Array {
    const marks = region.i64(batch.length)
    if (this.#lag !== undefined) {
      laggingMarks(times, batch.length, this.#lag, marks)
      return marks
    }
    for (let i = 0; i < batch.length; i++) marks[i] = this.#markOf(batch, i)
    return marks
  }

  #markOf(batch: Batch, row: number): bigint {
    try {
      const value = this.#mark(batch, row)
      if (typeof value === 'number') return value === DATE_INFINITY ? NO_TIME : BigInt(value)
      return typeof value === 'bigint' && value < INFINITE ? value : NO_TIME
    } catch (error) {
      if (error instanceof SqlError) return NO_TIME
      throw error
    }
  }
}

const INFINITE = 9_223_372_036_854_775_807n

/** What the expression takes from the column, in the column's unit; undefined where it is of another form. */
function lagOf(expr: Expr, column: number, def: ColumnDef, env: Environment): bigint | undefined {
  if (expr.kind === 'column') return expr.index === column ? 0n : undefined
  if (expr.kind !== 'call' || expr.function.name !== '-' || expr.args.length !== 2) return undefined
  const [left, right] = expr.args
  if (left!.kind !== 'column' || left!.index !== column || columnsOf(right!).length > 0) return undefined
  const value = evaluateConstant(right!, env.context)
  const lag = typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : intervalTicks(value, def)
  // A lag beyond all times would leave none, and is left to the general form.
  return lag === undefined || lag < 0n || lag > MAX_LAG ? undefined : lag
}

const MAX_LAG = 2n ** 60n

/** Days of an instant have the length that its zone gives them; those of a civil time are 24 hours. */
function intervalTicks(value: unknown, def: ColumnDef): bigint | undefined {
  if (value === null || typeof value !== 'object' || !('micros' in value)) return undefined
  const { months, days, micros } = value as Interval
  if (months !== 0 || (days !== 0 && def.type.kind !== 'timestamp')) return undefined
  return BigInt(days) * 86_400_000_000n + micros
}
