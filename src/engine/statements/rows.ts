// Executions that hand out rows which are there already: results of queries, and small tables made of values.

import { batchFromRows } from '../../core/convert.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import { columnDef, type Schema } from '../../core/schema.ts'
import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import { ResultRows } from '../result.ts'
import type { ResultColumn, RowsExecution } from '../session.ts'

/** Columns of a result that come from no relation. */
export const plainColumns = (schema: Schema): readonly ResultColumn[] =>
  schema.map(({ name, type }) => ({ name, type, tableOid: 0, columnNumber: 0 }))

/** `tag` receives the number of rows that were handed out. */
export function rowsExecution(
  rows: ResultRows,
  columns: readonly ResultColumn[],
  tag: (count: number) => string,
  onClose: () => void = () => {},
): RowsExecution {
  let count = 0
  let closed = false
  const close = (): void => {
    if (closed) return
    closed = true
    rows[Symbol.dispose]()
    onClose()
  }
  return {
    kind: 'rows',
    columns,
    schema: rows.schema,
    next(maxRows) {
      if (closed) return undefined
      const batch = rows.next(maxRows)
      if (batch === undefined) close()
      count += batch?.length ?? 0
      return batch
    },
    tag: () => tag(count),
    close,
  }
}

/** A result made of values: SHOW, EXPLAIN, FETCH 0. */
export function valuesExecution(
  account: MemoryAccount,
  columns: readonly { readonly name: string; readonly type: SqlType }[],
  rows: readonly (readonly SqlValue[])[],
  tag: string,
): RowsExecution {
  const schema = columns.map(({ name, type }) => columnDef(name, type))
  const result = new ResultRows(schema, account)
  const batch = batchFromRows(schema, rows, result.region)
  result.finish(rows.length === 0 ? [] : [batch], { order: [], limit: undefined, offset: 0n })
  return rowsExecution(result, plainColumns(schema), () => tag)
}
