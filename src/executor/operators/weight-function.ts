// WeightFunction: rows whose output weight is a function of their weights in several inputs of one schema.
//
//   INTERSECT [ALL], EXCEPT [ALL]     weights of the two sides (operators spec §3)
//   semi, anti, mark joins with a     weight of the left row, and the sum over its pairs of left × right weight,
//   residual condition                w(l) · m(l): above 0 exactly where the row has a match
//
// State       one key table: row -> a weight per input; rows with all 0 are absent. NULLs compare equal.
// Invariant   after every epoch a row's output weights sum to f(weights).
// Cost        O(delta) per epoch.

import { type Batch, batchOf } from '../../core/batch.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { multiplyWeights } from '../../core/primitives/weights.ts'
import type { Schema } from '../../core/schema.ts'
import { type EpochState, tableState } from '../../storage/arrangement.ts'
import { createKeyTable, findOrInsert, gatherKeys, type KeyTable } from '../../storage/key-table.ts'
import { fieldDef } from '../../storage/record-layout.ts'
import type { Expire } from '../cleaner.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { TouchedCursor } from '../touched.ts'
import { addWeights, edgeWeight, freeWeightless, weightState, weightsAt } from '../weights.ts'

export interface WeightFunctionForm {
  readonly label: string
  /** Number of inputs. */
  readonly inputs: number
  /** Output weight of a row; gets one weight per input. 0 where all are 0. */
  readonly weight: (weights: readonly bigint[]) => bigint
  /** Which columns are NULL in some input's rows, though perhaps in none of the result's. */
  readonly nullableIn?: readonly boolean[]
}

const lesser = (a: bigint, b: bigint): bigint => {
  if (a < b) return a
  return b
}

/** INTERSECT and EXCEPT. Rows of the right side that no row of the left can equal may have NULLs where it has none. */
export function setOperation(
  operation: 'intersect' | 'except',
  all: boolean,
  sides: readonly Schema[],
): WeightFunctionForm {
  const nullableIn = sides[0]!.map((_, column) => sides.some((side) => side[column]!.nullable))
  const label = `${operation === 'intersect' ? 'Intersect' : 'Except'}${all ? ' all' : ''}`
  const form = (weight: (a: bigint, b: bigint) => bigint): WeightFunctionForm => ({
    label,
    inputs: 2,
    weight: ([a, b]) => weight(a!, b!),
    nullableIn,
  })
  if (operation === 'intersect') return form(all ? lesser : (a, b) => (a > 0n && b > 0n ? 1n : 0n))
  return form(all ? (a, b) => (a > b ? a - b : 0n) : (a, b) => (a > 0n && b === 0n ? 1n : 0n))
}

export class WeightFunction implements Operator {
  readonly label: string
  readonly schema: Schema
  readonly owns: readonly EpochState[]
  readonly #rows: KeyTable
  readonly #touched: TouchedCursor
  readonly #form: WeightFunctionForm

  constructor(schema: Schema, form: WeightFunctionForm, account: MemoryAccount, expire?: Expire) {
    this.label = form.label
    this.schema = schema
    this.#form = form
    const states = Array.from({ length: form.inputs }, () => weightState)
    const stored = schema.map((def, i) => ({ ...def, nullable: def.nullable || form.nullableIn?.[i] === true }))
    this.#rows = createKeyTable({ keys: stored.map(fieldDef), states, account })
    this.#touched = new TouchedCursor(this.#rows)
    this.owns = [tableState(this.#rows, expire?.(this.#rows))]
  }

  push(port: number, batch: Batch, out: Output): Progress {
    const slots = out.region.i32(batch.length)
    findOrInsert(this.#rows, batch.columns, batch.length, slots)
    addWeights(this.#rows, port, slots, batch)
    out.spent(batch.length)
    return 'done'
  }

  finish(_epoch: EpochContext, out: Output): Progress {
    const { region } = out
    const ports = Array.from({ length: this.#form.inputs }, (_, port) => port)
    for (let chunk = this.#touched.take(region); chunk !== undefined; chunk = this.#touched.take(region)) {
      const { slots, length } = chunk
      const before = ports.map((port) => weightsAt(this.#rows, port, { slots, length }, 'before', region))
      const after = ports.map((port) => weightsAt(this.#rows, port, { slots, length }, 'after', region))
      freeWeightless(this.#rows, chunk, after, region)
      const change = region.i32(length)
      for (let i = 0; i < length; i++) change[i] = edgeWeight(this.#weight(after, i) - this.#weight(before, i))
      const rows = batchOf(length, gatherKeys(this.#rows, slots, length, region))
      out.rows(multiplyWeights(rows, change, region))
      if (out.spent(length) && !this.#touched.atEnd) return 'more'
    }
    return 'done'
  }

  reset(): void {
    this.#touched.reset()
  }

  #weight(weights: readonly BigInt64Array[], row: number): bigint {
    return this.#form.weight(weights.map((column) => column[row]!))
  }
}
