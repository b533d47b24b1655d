// Pass: hands its batches on. UNION ALL has several inputs, a scan's one port takes what the engine reads.
//
// State   none; the sum of the deltas of several inputs is the delta of their sum.

import type { Batch } from '../../core/batch.ts'
import type { Schema } from '../../core/schema.ts'
import type { Operator, Output, Progress } from '../operator.ts'

export class Pass implements Operator {
  readonly label: string
  readonly schema: Schema
  readonly owns = []
  readonly forgets = 'passes'

  constructor(label: string, schema: Schema) {
    this.label = label
    this.schema = schema
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    out.rows(batch)
    return 'done'
  }

  finish(): Progress {
    return 'done'
  }

  reset(): void {}
}
