// Refusals of what is legal in general, but not at one place of a statement.

import { SqlError } from '../../core/error.ts'
import type { Clause } from './environment.ts'

/** "cannot use subquery in DEFAULT expression": clauses are named in the plural elsewhere. */
export const refuseSubquery = (clause: Clause, position: number): SqlError =>
  new SqlError({ code: '0A000', message: `cannot use subquery in ${clause.replace(/s$/, '')}`, position })
