// How a map runs: plain references by sharing columns, otherwise closures at first and generated code after some
// hundred rows.

import { type Batch, batchOf } from '../../core/batch.ts'
import type { Schema } from '../../core/schema.ts'
import type { Output } from '../operator.ts'
import type { Environment } from './closures.ts'
import { CompiledRows, generatedSource } from './compile.ts'
import { interpreter, type RowExpressions } from './interpret.ts'

export interface RowProgram {
  /** Puts the rows of the batch that pass, projected, and the errors of those that fail, into `out`. */
  run(batch: Batch, out: Output): void
  /** Generated code, where there is some: of the layout that ran last, or of what the schema allows. */
  readonly source: string | undefined
}

/** `input`: the rows' schema, for errors that name their row and for the code before the first row has come. */
export function rowProgram(row: RowExpressions, env: Environment, input?: Schema): RowProgram {
  return references(row) ?? compiledLater(row, env, input)
}

/** Only columns of the input, every row: the columns are shared. */
function references(row: RowExpressions): RowProgram | undefined {
  if (row.predicate !== undefined) return undefined
  const indexes: number[] = []
  for (const expr of row.columns) {
    if (expr.kind !== 'column') return undefined
    indexes.push(expr.index)
  }
  return {
    run(batch, out) {
      out.rows(
        batchOf(
          batch.length,
          indexes.map((index) => batch.columns[index]!),
          batch.weights,
        ),
      )
    },
    source: undefined,
  }
}

/** Rows that a program interprets before it is compiled: what most ad-hoc queries never reach. */
const INTERPRETED_ROWS = 400

/** Closures first, then generated code; closures again for the rest of a batch in which a row fails. */
function compiledLater(row: RowExpressions, env: Environment, input: Schema | undefined): RowProgram {
  const interpret = interpreter(row, env, input)
  let seen = 0
  let code: CompiledRows | undefined
  return {
    run(batch, out) {
      if (code === undefined) {
        seen += batch.length
        if (seen > INTERPRETED_ROWS) code = new CompiledRows(row, env)
      }
      const done = code?.run(batch, out)
      if (done?.rows !== undefined) out.rows(done.rows)
      if (done !== undefined && done.failed === batch.length) return
      const rest = interpret(batch, done?.failed ?? 0, out)
      if (rest !== undefined) out.rows(rest)
    },
    get source() {
      return code?.source ?? (input && generatedSource(row, input, env))
    },
  }
}
