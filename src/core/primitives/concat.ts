// Batches laid end to end, and columns of NULLs or of one repeated value.

import type { Batch, Column } from '../batch.ts'
import type { Region } from '../region.ts'
import type { PhysicalKind } from '../type.ts'

/** One batch with the rows of all `batches` in order (at least one; same kinds). A dict column stays dict where all
 * parts share the dictionary, else becomes bytes in one new arena. Weights are absent only where all parts' are. */
export function concat(_batches: readonly Batch[], _region: Region): Batch {
  throw new Error('unwritten')
}

/** A column of `length` NULLs. */
export function nullColumn(_kind: PhysicalKind, _length: number, _region: Region): Column {
  throw new Error('unwritten')
}
