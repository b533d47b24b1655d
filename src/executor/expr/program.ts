// How a map runs: plain references by sharing columns, otherwise closures.

import { type Batch, batchOf } from '../../core/batch.ts'
import type { Output } from '../operator.ts'
import type { Environment } from './closures.ts'
import { interpreter, type RowExpressions } from './interpret.ts'

export interface RowProgram {
  /** Puts the rows of the batch that pass, projected, and the errors of those that fail, into `out`. */
  run(batch: Batch, out: Output): void
  /** Generated code, where there is some. */
  readonly source: string | undefined
}

export function rowProgram(row: RowExpressions, env: Environment): RowProgram {
  return references(row) ?? interpreted(row, env)
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

function interpreted(row: RowExpressions, env: Environment): RowProgram {
  const interpret = interpreter(row, env)
  return {
    run(batch, out) {
      const result = interpret(batch, 0, out)
      if (result !== undefined) out.rows(result)
    },
    source: undefined,
  }
}
