// Map: a filter, then a projection. A row whose filter is not TRUE is dropped; a row that fails becomes an error.
//
// State   none (linear: the map of a delta is the delta of the map). Expressions are deterministic.
// Cost    one pass over the batch; columns that are plain references are shared with the input where nothing is
//         dropped.

import type { Batch } from '../../core/batch.ts'
import type { Schema } from '../../core/schema.ts'
import type { RowProgram } from '../expr/program.ts'
import type { Operator, Output, Progress } from '../operator.ts'

export class MapRows implements Operator {
  readonly label = 'Map'
  readonly schema: Schema
  readonly owns = []
  readonly forgets = 'passes'
  readonly #program: RowProgram

  constructor(schema: Schema, program: RowProgram) {
    this.schema = schema
    this.#program = program
  }

  get code(): readonly string[] {
    const { source } = this.#program
    return source === undefined ? [] : [source]
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    this.#program.run(batch, out)
    out.spent(batch.length)
    return 'done'
  }

  finish(): Progress {
    return 'done'
  }

  reset(): void {}
}
