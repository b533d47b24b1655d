// OVER by definition; see oracle.ts.

import type { PhysicalPlan } from '../../src/planner/physical.ts'
import type { Fail } from './oracle-common.ts'
import type { ZSet } from './zset.ts'

export function windowRows(_plan: PhysicalPlan & { readonly kind: 'window' }, _input: ZSet, _fail: Fail): ZSet {
  throw new Error('no window yet')
}
