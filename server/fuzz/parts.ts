// The grammar put together: each part finds the others through the maker (maker.ts).

import { condition } from './condition.ts'
import { from } from './from.ts'
import type { Parts } from './maker.ts'
import { query } from './query.ts'
import { existsSubquery, inSubquery, quantifiedSubquery, rowSubquery, scalarSubquery } from './subquery.ts'
import { value } from './value.ts'

export const parts: Parts = {
  value,
  condition,
  scalarSubquery,
  existsSubquery,
  inSubquery,
  quantifiedSubquery,
  rowSubquery,
  query,
  from,
}
