// Values: constant rows that enter in the first epoch.
//
// State   none but the place in the list while an output budget is spent. A row that raises an error is an error.

import { BATCH_ROWS, type Batch, batchOf } from '../../core/batch.ts'
import { columnFromValues } from '../../core/convert.ts'
import { SqlError } from '../../core/error.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { Expr } from '../../planner/expr.ts'
import { constantOf, type Environment } from '../expr/closures.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'

export class Values implements Operator {
  readonly label = 'Values'
  readonly schema: Schema
  readonly owns = []
  readonly #rows: readonly (readonly Expr[])[]
  readonly #env: Environment
  #next = 0

  constructor(schema: Schema, rows: readonly (readonly Expr[])[], env: Environment) {
    this.schema = schema
    this.#rows = rows
    this.#env = env
  }

  push(): Progress {
    return 'done'
  }

  finish(epoch: EpochContext, out: Output): Progress {
    if (!epoch.first) return 'done'
    while (this.#next < this.#rows.length) {
      const end = Math.min(this.#next + BATCH_ROWS, this.#rows.length)
      const batch = this.#batch(this.#rows.slice(this.#next, end), out)
      if (batch.length > 0) out.rows(batch)
      const work = end - this.#next
      this.#next = end
      if (out.spent(work) && end < this.#rows.length) return 'more'
    }
    this.#next = 0
    return 'done'
  }

  reset(): void {
    this.#next = 0
  }

  #batch(exprs: readonly (readonly Expr[])[], out: Output): Batch {
    const rows: SqlValue[][] = []
    for (const row of exprs) {
      try {
        rows.push(row.map((expr) => constantOf(expr, this.#env)))
      } catch (error) {
        if (!(error instanceof SqlError)) throw error
        out.error({ code: error.code, message: error.message, operator: this.label, weight: 1 })
      }
    }
    return batchOf(
      rows.length,
      this.schema.map((def, c) =>
        columnFromValues(
          def,
          rows.map((row) => row[c]!),
          out.region,
        ),
      ),
    )
  }
}
