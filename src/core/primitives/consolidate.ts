// Consolidation: each row once, its weights added, rows of weight 0 gone. Order of first occurrence is kept.
//
// Rows meet in a hash table of row numbers; the hash narrows, equality decides. A sum beyond Int32 is sent as several
// entries of one row, each of the same sign, so "once" holds but for weights beyond ±2,147,483,647.

import type { Batch } from '../batch.ts'
import type { Region } from '../region.ts'
import type { HashRows } from './hash.ts'

/** Returns `batch` itself where it is consolidated already. `hash` is replaced in tests by one that collides. */
export function consolidate(_batch: Batch, _region: Region, _hash?: HashRows): Batch {
  throw new Error('unwritten')
}
