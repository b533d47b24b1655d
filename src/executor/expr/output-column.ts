// One output column of a generated row loop: where it is allocated, what is stored per row, how it becomes a column.

import {
  type Batch,
  bytesColumn,
  type Column,
  dictColumn,
  f64Column,
  i32Column,
  i64Column,
  i128Column,
  type Nulls,
} from '../../core/batch.ts'
import { type ColumnShape, columnCode } from '../../core/codegen.ts'
import { columnFromValues } from '../../core/convert.ts'
import type { Region } from '../../core/region.ts'
import type { ColumnDef } from '../../core/schema.ts'
import type { SqlValue } from '../../core/value.ts'
import type { ColumnExpr, Expr } from '../../planner/expr.ts'
import type { CodeText } from './code-text.ts'
import type { Operand } from './operand.ts'

interface Finished {
  readonly batch: Batch
  readonly count: number
  readonly region: Region
}

export interface OutputColumn {
  /** What the loop gets as `outs[place]`. */
  allocate(batch: Batch, region: Region): unknown
  /** Stores the row's value at k. */
  store(code: CodeText): void
  finish(out: unknown, finished: Finished): Column
}

/** The input's own column. */
export const sharedColumn = (index: number): OutputColumn => ({
  allocate: () => undefined,
  store: () => {},
  finish: (_out, { batch }) => batch.columns[index]!,
})

interface Wanted {
  readonly expr: Expr
  readonly def: ColumnDef
  readonly place: number
  readonly shapes: readonly ColumnShape[]
}

/** A copied, computed or, where there is no code for it, closure-made column. Computes the row's value at once. */
export function outputColumn(
  wanted: Wanted,
  operandOf: () => Operand | undefined,
  slow: (expr: Expr) => string,
): OutputColumn {
  const { expr, def, place } = wanted
  if (expr.kind === 'column') return copiedColumn(expr, wanted)
  const operand = def.physical.kind === 'bytes' ? undefined : operandOf()
  if (operand === undefined) return valuesColumn(def, place, slow(expr))
  return computedColumn(def, place, operand)
}

/** Values of single rows, made a column at the end. */
const valuesColumn = (def: ColumnDef, place: number, value: string): OutputColumn => ({
  allocate: (): SqlValue[] => [],
  store: (code) => code.line(`outs[${place}][k] = ${value}`),
  finish: (out, { count, region }) => columnFromValues(def, (out as SqlValue[]).slice(0, count), region),
})

interface Arrays {
  readonly values: Int32Array | BigInt64Array | Float64Array
  readonly lengths: Int32Array | undefined
  readonly nulls: Nulls
}

function copiedColumn({ index, physical }: ColumnExpr, { place, shapes }: Wanted): OutputColumn {
  const from = `s${place}`
  const source = columnCode(from, `columns[${index}]`, shapes[index]!)
  const { kind, nulls } = source.shape
  const name = `o${place}`
  return {
    allocate: (rows, region): Arrays => ({
      values:
        kind === 'bytes' || kind === 'dict' ? region.i32(rows.length) : newValues(physical.kind, rows.length, region),
      lengths: kind === 'bytes' ? region.i32(rows.length) : undefined,
      nulls: nulls ? region.u8(rows.length) : undefined,
    }),
    store(code) {
      code.before(`${source.prologue}const ${name} = outs[${place}].values`)
      if (kind === 'i128') code.line(`${name}[2 * k] = ${from}v[2 * i]; ${name}[2 * k + 1] = ${from}v[2 * i + 1]`)
      else if (kind === 'bytes') {
        code.before(`const ${name}l = outs[${place}].lengths`)
        code.line(`${name}[k] = ${source.offset('i')}; ${name}l[k] = ${source.byteLength('i')}`)
      } else code.line(`${name}[k] = ${from}v[i]`)
      if (nulls) {
        code.before(`const ${name}n = outs[${place}].nulls`)
        code.line(`${name}n[k] = ${from}n[i]`)
      }
    },
    finish(out, { batch: rows }) {
      const arrays = out as Arrays
      const input = rows.columns[index]!
      if (input.kind === 'dict') return dictColumn(arrays.values as Int32Array, input.dictionary, arrays.nulls)
      if (input.kind === 'bytes')
        return bytesColumn(
          { offsets: arrays.values as Int32Array, lengths: arrays.lengths!, arena: input.arena },
          arrays.nulls,
        )
      return columnOf(input.kind, arrays)
    },
  }
}

/** −0 and NaN are normalised at the store. The null mask is dropped again where no row is NULL. */
function computedColumn({ physical }: ColumnDef, place: number, operand: Operand): OutputColumn {
  const { kind } = physical
  const name = `o${place}`
  const nullable = operand.isNull !== undefined
  return {
    allocate: (rows, region): Arrays => ({
      values: newValues(kind, rows.length, region),
      lengths: undefined,
      nulls: nullable ? region.u8(rows.length) : undefined,
    }),
    store(code) {
      code.before(`const ${name} = outs[${place}].values`)
      if (kind === 'i128') code.line(`${name}[2 * k] = ${operand.name}; ${name}[2 * k + 1] = ${operand.high}`)
      else if (kind === 'f64') code.line(`${name}[k] = ${operand.name} !== ${operand.name} ? NaN : ${operand.name} + 0`)
      else code.line(`${name}[k] = ${operand.name}`)
      if (!nullable) return
      code.before(`const ${name}n = outs[${place}].nulls`)
      code.line(`${name}n[k] = ${operand.isNull} ? 1 : 0`)
    },
    finish(out, { count }) {
      const arrays = out as Arrays
      const nulls = arrays.nulls?.subarray(0, count).includes(1) ? arrays.nulls : undefined
      return columnOf(kind, { ...arrays, nulls })
    },
  }
}

function newValues(kind: string, length: number, region: Region): Int32Array | BigInt64Array | Float64Array {
  if (kind === 'i32') return region.i32(length)
  if (kind === 'f64') return region.f64(length)
  return region.i64(kind === 'i128' ? 2 * length : length)
}

function columnOf(kind: string, { values, nulls }: Arrays): Column {
  if (kind === 'i32') return i32Column(values as Int32Array, nulls)
  if (kind === 'f64') return f64Column(values as Float64Array, nulls)
  return kind === 'i128' ? i128Column(values as BigInt64Array, nulls) : i64Column(values as BigInt64Array, nulls)
}
