// Named, typed columns: what an edge of a plan carries.

import { defaultPhysical, type Physical, type SqlType } from './type.ts'

export interface ColumnDef {
  readonly name: string
  readonly type: SqlType
  readonly physical: Physical
  /** False only where NULL is impossible: NOT NULL columns, counts, literals, and what is derived from them. */
  readonly nullable: boolean
}

export type Schema = readonly ColumnDef[]

/** A column with its type's default physical kind. */
export const columnDef = (name: string, type: SqlType, nullable = true): ColumnDef => ({
  name,
  type,
  physical: defaultPhysical(type),
  nullable,
})
