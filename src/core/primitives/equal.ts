// Equality of rows by identity: all values the same, NULL the same as NULL, bytes by their canonical encoding.

import type { Column } from '../batch.ts'

/** `out[i]` = 1 if row `leftRows[i]` of `left` is row `rightRows[i]` of `right`, else 0. Absent rows: row i itself. */
export function equalRows(
  _left: { readonly columns: readonly Column[]; readonly rows?: Int32Array },
  _right: { readonly columns: readonly Column[]; readonly rows?: Int32Array },
  _length: number,
  _out: Uint8Array,
): void {
  throw new Error('unwritten')
}
