// Arrange: keeps a relation indexed by a key for all who read it so, and hands its batches on.
//
// State   one arrangement, of which this node is the only writer. Rows of the running epoch carry its stamp: readers
//         see the contents `before` and, once this node has finished, `after` it.
// Cost    one look-up and one append a row.

import type { Batch } from '../../core/batch.ts'
import type { Schema } from '../../core/schema.ts'
import { type Arrangement, arrange } from '../../storage/arrangement.ts'
import type { Operator, Output, Progress } from '../operator.ts'

export class Arrange implements Operator {
  readonly label: string
  readonly schema: Schema
  readonly owns: readonly [Arrangement]

  constructor(arrangement: Arrangement) {
    this.label = `Arrange ${arrangement.label}`
    this.schema = arrangement.schema
    this.owns = [arrangement]
  }

  push(_port: number, batch: Batch, out: Output): Progress {
    arrange(this.owns[0], batch, out.region)
    out.rows(batch)
    out.spent(batch.length)
    return 'done'
  }

  finish(): Progress {
    return 'done'
  }

  reset(): void {}
}
