// TableFunction: each input row with the rows that set-returning functions give for it.
//
//   input columns │ columns of call 1 │ columns of call 2 … │ ordinality
//
// ROWS FROM: shorter sets are filled with NULLs.
//
// State   none (linear); within a push the input row and the functions' iterators, so that a long set can be emitted
//         in pieces.
// Cost    a value a cell. A row on which a function raises an error is an error, from there in its set on; where such
//         rows are diverted it must have emitted nothing, so that each set is run through once before (twice the cost).

import { BATCH_ROWS, type Batch, batchOf, i32Column } from '../../core/batch.ts'
import { columnFromValues } from '../../core/convert.ts'
import { SqlError } from '../../core/error.ts'
import { gatherColumns } from '../../core/primitives/gather.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { TableFunctionNode } from '../../planner/physical.ts'
import type { Closure } from '../expr/closure.ts'
import { closure, type Environment } from '../expr/closures.ts'
import type { Operator, Output, Progress } from '../operator.ts'

type Row = readonly SqlValue[]

interface Call {
  readonly rowsOf: (batch: Batch, row: number) => Iterable<Row>
  readonly columns: number
}

export class TableFunctionRows implements Operator {
  readonly label = 'TableFunction'
  readonly schema: Schema
  readonly owns = []
  readonly #plan: TableFunctionNode
  readonly #calls: readonly Call[]
  readonly #added: Schema
  #row = 0
  #rows: Iterator<Row> | undefined
  readonly #diverts: boolean
  /** Of the present row's set: what runs through it beforehand, and whether that has come to its end. */
  #trial: Iterator<Row> | undefined
  #tried = false

  constructor(plan: TableFunctionNode, env: Environment, diverts: boolean) {
    this.#diverts = diverts
    this.schema = plan.schema
    this.#plan = plan
    this.#calls = plan.calls.map((call) => callOf(call, env))
    this.#added = plan.schema.slice(plan.input.schema.length)
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    const rows: number[] = []
    const values: SqlValue[][] = this.#added.map(() => [])
    while (this.#row < batch.length) {
      if (this.#diverts && !this.#tried) {
        this.#try(batch, out)
        if (!out.spent(BATCH_ROWS) || this.#tried) continue
        this.#emit(batch, rows, values, out)
        return 'more'
      }
      const next = this.#next(batch, out)
      if (next === undefined) {
        this.#nextSet()
        continue
      }
      rows.push(this.#row)
      for (let c = 0; c < values.length; c++) values[c]!.push(next[c]!)
      if (rows.length < BATCH_ROWS) continue
      this.#emit(batch, rows, values, out)
      if (out.spent(BATCH_ROWS)) return 'more'
      rows.length = 0
      for (const column of values) column.length = 0
    }
    this.#emit(batch, rows, values, out)
    this.#row = 0
    return 'done'
  }

  finish(): Progress {
    return 'done'
  }

  reset(): void {
    this.#row = 0
    this.#endSet()
  }

  #nextSet(): void {
    this.#row++
    this.#endSet()
  }

  #endSet(): void {
    this.#rows = undefined
    this.#trial = undefined
    this.#tried = false
  }

  /** Runs through some of the present set; goes on to the next one where it fails. */
  #try(batch: Batch, out: Output): void {
    try {
      this.#trial ??= this.#set(batch, this.#row)
      for (let i = 0; i < BATCH_ROWS && !this.#tried; i++) this.#tried = this.#trial.next().done === true
    } catch (error) {
      this.#failed(error, batch, out)
      this.#nextSet()
    }
  }

  /** The next row of the present input row's set; undefined at its end. An error ends the set. */
  #next(batch: Batch, out: Output): Row | undefined {
    try {
      this.#rows ??= this.#set(batch, this.#row)
      const next = this.#rows.next()
      return next.done === true ? undefined : next.value
    } catch (error) {
      this.#failed(error, batch, out)
      return undefined
    }
  }

  #failed(error: unknown, batch: Batch, out: Output): void {
    if (!(error instanceof SqlError)) throw error
    const { code, message } = error
    const index = this.#row
    const weight = batch.weights === undefined ? 1 : batch.weights[index]!
    out.error({ code, message, operator: this.label, weight, row: { schema: this.#plan.input.schema, batch, index } })
  }

  *#set(batch: Batch, row: number): Generator<Row, void> {
    const sets = this.#calls.map((call) => call.rowsOf(batch, row)[Symbol.iterator]())
    const ended = sets.map(() => false)
    let number = 0n
    for (;;) {
      const values: SqlValue[] = []
      sets.forEach((set, k) => {
        const next = ended[k] ? undefined : set.next()
        ended[k] = next === undefined || next.done === true
        const row = next === undefined || next.done === true ? undefined : next.value
        for (let c = 0; c < this.#calls[k]!.columns; c++) values.push(row?.[c] ?? null)
      })
      if (!ended.includes(false)) break
      number++
      yield this.#plan.ordinality ? [...values, number] : values
    }
    if (number === 0n && this.#plan.outer) yield this.#added.map(() => null)
  }

  #emit(batch: Batch, rows: readonly number[], values: readonly SqlValue[][], out: Output): void {
    const length = rows.length
    if (length === 0) return
    const { region } = out
    const index = Int32Array.from(rows)
    const added = this.#added.map((def, c) => columnFromValues(def, values[c]!, region))
    const weights = batch.weights === undefined ? undefined : [i32Column(batch.weights)]
    const [gathered] = weights === undefined ? [] : gatherColumns(weights, index, length, region)
    out.rows(
      batchOf(
        length,
        [...gatherColumns(batch.columns, index, length, region), ...added],
        gathered?.kind === 'i32' ? gathered.values : undefined,
      ),
    )
  }
}

function callOf({ function: entry, args }: TableFunctionNode['calls'][number], env: Environment): Call {
  const closures: readonly Closure[] = args.map((arg) => closure(arg, env))
  const evaluate = entry.evaluate as (...values: readonly unknown[]) => Iterable<Row>
  return {
    columns: entry.columns(args.map((arg) => arg.type)).length,
    rowsOf: (batch, row) => {
      const values = closures.map((arg) => arg(batch, row))
      return entry.strict && values.includes(null) ? [] : evaluate(...values, env.context)
    },
  }
}
