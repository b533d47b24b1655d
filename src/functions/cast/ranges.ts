// Casts of ranges: each becomes the multirange of itself, explicitly only (pg_cast of PostgreSQL 15). Everything else
// goes through text (text.ts).

import { multirangeKindOf, rangeKinds } from '../../core/range.ts'
import type { SqlRange } from '../../core/value.ts'
import { makeMultirange } from '../range/make.ts'
import type { Cast } from '../registry.ts'
import { castEntry } from './entry.ts'

export const rangeCasts: readonly Cast[] = rangeKinds.map((kind) =>
  castEntry({
    from: kind,
    to: multirangeKindOf(kind),
    context: 'explicit',
    fails: false,
    evaluate: (range: SqlRange) => makeMultirange(kind, [range]),
  }),
)
