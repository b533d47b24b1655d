// Errors of single groups, as state: a nullable bytes column with `code message`, so that what was reported can be
// retracted.

import type { Column } from '../../core/batch.ts'
import { columnFromValues, valueAt } from '../../core/convert.ts'
import type { SqlError } from '../../core/error.ts'
import type { Region } from '../../core/region.ts'
import { type ColumnDef, columnDef } from '../../core/schema.ts'
import type { FieldDef } from '../../storage/record-layout.ts'
import type { Output } from '../operator.ts'

export const errorState: FieldDef = { kind: 'bytes', nullable: true }

const text: ColumnDef = columnDef('', { kind: 'text' })
const CODE_LENGTH = 5

/** The state's column for these errors. */
export function errorColumn(
  errors: readonly (SqlError | undefined)[] | undefined,
  length: number,
  region: Region,
): Column {
  const values = Array.from({ length }, (_, i) => {
    const error = errors?.[i]
    return error === undefined ? null : `${error.code}${error.message}`
  })
  return columnFromValues(text, values, region)
}

/** Retracts the errors that groups had and reports those that they have, where they differ. */
export function emitGroupErrors(
  change: { readonly before: Column; readonly after: Column; readonly length: number; readonly label: string },
  out: Output,
): void {
  for (let i = 0; i < change.length; i++) {
    const before = valueAt(text, change.before, i) as string | null
    const after = valueAt(text, change.after, i) as string | null
    if (before === after) continue
    if (before !== null) out.error({ ...parse(before), operator: change.label, weight: -1 })
    if (after !== null) out.error({ ...parse(after), operator: change.label, weight: 1 })
  }
}

const parse = (state: string): { readonly code: string; readonly message: string } => ({
  code: state.slice(0, CODE_LENGTH),
  message: state.slice(CODE_LENGTH),
})
