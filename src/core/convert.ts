import { AssertionError } from './assert.ts'
import type { Batch, Column } from './batch.ts'
import type { Region } from './region.ts'
import type { ColumnDef, Schema } from './schema.ts'
import type { Physical } from './type.ts'
import type { SqlValue } from './value.ts'

export type Row = readonly SqlValue[]

export function columnFromValues(_def: ColumnDef, _values: readonly SqlValue[], _region: Region): Column {
  throw new AssertionError('columnFromValues')
}

export function valueAt(_def: ColumnDef, _column: Column, _row: number): SqlValue {
  throw new AssertionError('valueAt')
}

export function batchFromRows(_schema: Schema, _rows: readonly Row[], _region: Region, _weights?: Int32Array): Batch {
  throw new AssertionError('batchFromRows')
}

export function rowsOfBatch(_schema: Schema, _batch: Batch): SqlValue[][] {
  throw new AssertionError('rowsOfBatch')
}

/** The column of `length` rows in another physical form of the same type (NUMERIC: rescaled, rounded half away). */
export function castPhysical(
  _from: ColumnDef,
  _to: Physical,
  _column: Column,
  _length: number,
  _region: Region,
): Column {
  throw new AssertionError('castPhysical')
}
