// A watermark while the engine runs: which rows are late, and how far time has come (spec/windows-and-time.md §3–4).
//
//   W    the greatest value of the WATERMARK expression so far: no row below is on time any more
//   C    the closing frontier, W − allowed lateness: what lies below is final
//
// A row is late iff its time is below C as it stood before the row; of a table, before its transaction. NULLs are never
// late and move nothing. Rows of sources are judged in their partitions (source-judge.ts). State: W sealed and W of the
// collecting epoch.

import { type Batch, batchOf } from '../core/batch.ts'
import { columnFromValues, valueAt } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import type { Region } from '../core/region.ts'
import type { ColumnDef, Schema } from '../core/schema.ts'
import type { SqlValue } from '../core/value.ts'
import { TIMESTAMP_INFINITY } from '../core/value.ts'
import type { Closure } from '../executor/expr/closure.ts'
import type { Frontiers } from '../executor/operator.ts'
import type { WatermarkDefinition } from '../storage/catalog.ts'
import { closingOf } from './judge-times.ts'

export interface WatermarkParts {
  readonly definition: WatermarkDefinition
  readonly schema: Schema
  /** The WATERMARK expression over the relation's row. */
  readonly expr: Closure
  /** The epoch that collects, and the clock. */
  readonly arrival: () => { readonly epoch: number; readonly time: bigint }
}

export class Watermark {
  readonly definition: WatermarkDefinition
  readonly #parts: WatermarkParts
  readonly #def: ColumnDef
  readonly #lateness: bigint
  #sealed: bigint | undefined
  #pending: bigint | undefined
  /** Of a source: what ADVANCE WATERMARK asks for in the collecting epoch. */
  #commanded: bigint | undefined

  constructor(parts: WatermarkParts) {
    this.definition = parts.definition
    this.#parts = parts
    this.#def = parts.schema[parts.definition.column]!
    this.#lateness = BigInt(parts.definition.lateness)
  }

  get column(): number {
    return this.definition.column
  }

  /** W of the running epoch. */
  get value(): bigint | undefined {
    return this.#pending
  }

  /** W of the last epoch. */
  get sealed(): bigint | undefined {
    return this.#sealed
  }

  get moved(): boolean {
    return this.#pending !== this.#sealed
  }

  /** C of the running epoch. */
  get closing(): bigint | undefined {
    return this.#pending === undefined ? undefined : closingOf(this.#pending, this.#lateness)
  }

  /** C as a value of the column; there is one. */
  get closingValue(): Exclude<SqlValue, null> {
    const closing = this.closing!
    return this.#def.physical.kind === 'i32' ? Number(closing) : closing
  }

  /** The relation's frontiers: one for the watermarked column. */
  get frontiers(): Frontiers {
    return this.#parts.schema.map((_, column) => (column === this.column ? this.closing : undefined))
  }

  /** Rows that are late against the frontier as it stands. */
  late(batch: Batch): readonly number[] {
    const { closing } = this
    if (closing === undefined) return []
    const rows: number[] = []
    for (let i = 0; i < batch.length; i++) {
      const time = ticks(valueAt(this.#def, batch.columns[this.column]!, i))
      if (time !== undefined && time < closing) rows.push(i)
    }
    return rows
  }

  /** Late rows as a change of the relation that keeps them, whose schema is given. */
  kept(rows: Batch, schema: Schema, region: Region): Batch {
    const { epoch, time } = this.#parts.arrival()
    const added = schema.slice(this.#parts.schema.length)
    const values: readonly SqlValue[] = [this.closingValue, time, BigInt(epoch)]
    const columns = added.map((def, i) => columnFromValues(def, new Array(rows.length).fill(values[i]!), region))
    return batchOf(rows.length, [...rows.columns, ...columns], rows.weights)
  }

  /** The greatest watermark among inserted rows moves W. */
  advance(batch: Batch): void {
    for (let i = 0; i < batch.length; i++) {
      if ((batch.weights?.[i] ?? 1) <= 0) continue
      const value = ticks(this.#parts.expr(batch, i) as SqlValue)
      if (value !== undefined) this.raise(value)
    }
  }

  raise(value: bigint): void {
    if (this.#pending === undefined || value > this.#pending) this.#pending = value
  }

  /** ADVANCE WATERMARK. */
  command(value: bigint): void {
    if (this.#commanded === undefined || value > this.#commanded) this.#commanded = value
    this.raise(value)
  }

  /** W of a source in the running epoch, as its partitions have it; an attempt before may have seen more of them. */
  follow(value: bigint | undefined): void {
    this.#pending = this.#sealed
    if (this.#commanded !== undefined) this.raise(this.#commanded)
    if (value !== undefined) this.raise(value)
  }

  /** What the last record says. */
  restore(value: bigint): void {
    this.#sealed = value
    this.#pending = value
  }

  seal(): void {
    this.#sealed = this.#pending
    this.#commanded = undefined
  }

  abort(): void {
    this.#pending = this.#sealed
    this.#commanded = undefined
  }
}

/** A time as an int64 of its unit; undefined where it is NULL. An infinite one says nothing of time. */
function ticks(value: SqlValue): bigint | undefined {
  if (typeof value === 'number') return BigInt(value)
  if (typeof value !== 'bigint') return undefined
  return value === TIMESTAMP_INFINITY ? undefined : value
}

/** 22000: policy 'error', and changes that cannot be left out. */
export const lateChange = (relation: string, column: string, time: string, closing: string): SqlError =>
  new SqlError({
    code: '22000',
    message: `a row of "${relation}" is late: ${column} ${time} is before ${closing}, where the watermark stands`,
    hint: "WITH (late = 'divert') keeps late rows beside the relation, late = 'apply' accepts them.",
  })
