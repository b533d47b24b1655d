// The `Output` that the scheduler hands to one call of an operator: collects batches, counts against the two budgets.

import type { Batch } from '../core/batch.ts'
import type { Region } from '../core/region.ts'
import type { Output, RowError } from './operator.ts'

/** Work (rows consumed plus candidates visited) after which a call should return 'more'. */
export const WORK_BUDGET = 65_536
/** Output rows after which a call should return 'more'. */
export const ROWS_BUDGET = 65_536

export interface Budget {
  readonly rows: number
  readonly work: number
}

export const DEFAULT_BUDGET: Budget = { rows: ROWS_BUDGET, work: WORK_BUDGET }

/** An output whose batches the scheduler hands on after each call. */
export interface Collector extends Output {
  readonly batches: readonly Batch[]
  /** Ready for the next call. */
  clear(): void
}

export class CallOutput implements Collector {
  readonly region: Region
  readonly batches: Batch[] = []
  readonly #budget: Budget
  readonly #onError: (error: RowError) => void
  #rows = 0
  #work = 0

  constructor(region: Region, budget: Budget, onError: (error: RowError) => void) {
    this.region = region
    this.#budget = budget
    this.#onError = onError
  }

  rows(batch: Batch): void {
    if (batch.length === 0) return
    this.batches.push(batch)
    this.#rows += batch.length
  }

  error(error: RowError): void {
    this.#onError(error)
  }

  spent(work: number): boolean {
    this.#work += work
    return this.#work >= this.#budget.work || this.#rows >= this.#budget.rows
  }

  clear(): void {
    this.batches.length = 0
    this.#rows = 0
    this.#work = 0
  }
}
