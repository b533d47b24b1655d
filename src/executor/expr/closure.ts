// The closure form of an expression: what closures.ts builds, and who runs it needs to know of it.
// A SqlError that it throws belongs to the row.

import type { Batch } from '../../core/batch.ts'
import type { SqlValue } from '../../core/value.ts'

/** Value of an expression for a row of a batch. */
export type Closure = (batch: Batch, row: number) => SqlValue
