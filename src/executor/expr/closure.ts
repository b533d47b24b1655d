// The closure form of an expression.

import type { Batch } from '../../core/batch.ts'
import type { SqlValue } from '../../core/value.ts'

/** Value of an expression for a row of a batch. */
export type Closure = (batch: Batch, row: number) => SqlValue
