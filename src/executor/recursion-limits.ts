// What bounds a recursion: its iterations, and the memory that giving up an epoch may need for a moment.

import type { MemoryAccount } from '../core/memory.ts'
import type { EvaluationContext } from '../functions/registry.ts'
import type { RowError } from './operator.ts'

const ITERATIONS_MAX = 10_000

/** `max_recursion_iterations`; a context that knows no session has the default. */
export function iterationLimit(context: EvaluationContext): number {
  const value = context.setting('max_recursion_iterations')
  return value === undefined ? ITERATIONS_MAX : Number(value)
}

export const tooManyIterations = (name: string, limit: number, weight: 1 | -1): RowError => ({
  code: '54000',
  message: `recursive query "${name}" exceeds ${limit} iterations (max_recursion_iterations)`,
  operator: 'Recursion',
  weight,
})

export interface LoanAccount extends MemoryAccount {
  /** While `work` runs, charges beyond the limit are lent; what is given back pays the loan off first. */
  lend(work: () => void): void
}

/**
 * An account that can pass its limit for a moment. An aborted epoch takes its changes back: afterwards the state is as
 * large as before, but not at each step on the way.
 */
export function loanAccount(parent: MemoryAccount): LoanAccount {
  let lending = false
  let lent = 0
  return {
    owner: parent.owner,
    get bytes() {
      return parent.bytes
    },
    charge(bytes) {
      if (bytes < 0 && lent > 0) {
        const back = Math.min(lent, -bytes)
        lent -= back
        parent.charge(bytes + back)
        return
      }
      try {
        parent.charge(bytes)
      } catch (error) {
        if (!lending) throw error
        lent += bytes
      }
    },
    lend(work) {
      lending = true
      try {
        work()
      } finally {
        lending = false
      }
    },
  }
}
