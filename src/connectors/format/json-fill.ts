// Cells into columns, a block at a time: one loop a column over the rows of its good records.
//
// State of a filler: the column's arrays for all rows of one decode, and for values of variable length that do not lie
// in the payloads (unescaped text, encoded values) a buffer beside them. Where there is any, all go to an arena of the
// column's own at the end; else the column refers to the payloads' bytes.

import {
  bytesColumn,
  type Column,
  f64Column,
  type I64Column,
  i32Column,
  i64Column,
  i128Column,
} from '../../core/batch.ts'
import { ByteWriter } from '../../core/byte-writer.ts'
import { columnFromValues } from '../../core/convert.ts'
import { encode } from '../../core/encoding/encoding.ts'
import type { Region } from '../../core/region.ts'
import type { ColumnDef } from '../../core/schema.ts'
import { storeWhole } from '../generator/generated-log.ts'
import { type Cells, FAST, NONE, NULL, SLOW, WIDE } from './json-cells.ts'

/** The cells of column `field` in the block's `records`, to rows `row`, `row` + 1, … */
export interface Piece {
  readonly cells: Cells
  readonly field: number
  readonly records: Int32Array
  readonly count: number
  readonly row: number
}

export interface Filler {
  fill(piece: Piece): void
  finish(rows: number): Column
}

export function fillerOf(def: ColumnDef, rows: number, payloads: Uint8Array, region: Region): Filler {
  return def.physical.kind === 'bytes'
    ? new BytesFiller(def, rows, payloads, region)
    : new FixedFiller(def, rows, region)
}

/** Marks NULLs; the mask is made when the first comes. */
class NullMask {
  readonly #rows: number
  readonly #region: Region
  mask: Uint8Array | undefined

  constructor(rows: number, region: Region) {
    this.#rows = rows
    this.#region = region
  }

  set(row: number): void {
    this.mask ??= this.#region.nulls(this.#rows)
    this.mask[row] = 1
  }
}

class FixedFiller implements Filler {
  readonly #def: ColumnDef
  readonly #region: Region
  readonly #column: Exclude<Column, { kind: 'bytes' | 'dict' }>
  readonly #nulls: NullMask

  constructor(def: ColumnDef, rows: number, region: Region) {
    this.#def = def
    this.#region = region
    this.#column = fixedColumn(def.physical.kind as 'i32', rows, region)
    this.#nulls = new NullMask(rows, region)
  }

  fill(piece: Piece): void {
    const { cells, field, records, count, row } = piece
    const { tag, number, fields } = cells
    const column = this.#column
    if (column.kind === 'i64') {
      const { words } = column
      for (let i = 0; i < count; i++) {
        const cell = records[i]! * fields + field
        if (tag[cell] === FAST) storeWhole(words, row + i, number[cell]!)
        else this.#rare(cells, cell, row + i)
      }
    } else if (column.kind === 'i128') {
      for (let i = 0; i < count; i++) {
        const cell = records[i]! * fields + field
        if (tag[cell] === FAST) storeWide(column.words, row + i, number[cell]!)
        else this.#rare(cells, cell, row + i)
      }
    } else {
      const { values } = column
      for (let i = 0; i < count; i++) {
        const cell = records[i]! * fields + field
        if (tag[cell] === FAST) values[row + i] = number[cell]!
        else this.#rare(cells, cell, row + i)
      }
    }
  }

  #rare(cells: Cells, cell: number, row: number): void {
    const column = this.#column
    switch (cells.tag[cell]) {
      case WIDE:
        ;(column as I64Column).values[row] = BigInt(cells.number[cell]!) * 1_000_000_000n + BigInt(cells.start[cell]!)
        break
      case SLOW: {
        const value = cells.slow.get(cell)!
        if (value !== null) copyFirst(columnFromValues(this.#def, [value], this.#region), column, row)
        break
      }
      case NONE:
      case NULL:
        this.#nulls.set(row)
        if (column.kind === 'i32' || column.kind === 'f64') column.values[row] = 0
        break
    }
  }

  finish(): Column {
    return { ...this.#column, nulls: this.#nulls.mask }
  }
}

function fixedColumn(kind: 'i32' | 'i64' | 'i128' | 'f64', rows: number, region: Region) {
  switch (kind) {
    case 'i32':
      return i32Column(region.i32(rows))
    case 'i64':
      return i64Column(region.i64(rows))
    case 'i128':
      return i128Column(region.i64(2 * rows))
    case 'f64':
      return f64Column(region.f64(rows))
  }
}

function storeWide(words: Int32Array, row: number, value: number): void {
  storeWhole(words, 2 * row, value)
  words[4 * row + 2] = value < 0 ? -1 : 0
  words[4 * row + 3] = value < 0 ? -1 : 0
}

function copyFirst(from: Column, to: Column, row: number): void {
  if (from.kind === 'i128' && to.kind === 'i128') to.values.set(from.values, 2 * row)
  else if (from.kind === 'i64' && to.kind === 'i64') to.values[row] = from.values[0]!
  else if (from.kind === 'f64' && to.kind === 'f64') to.values[row] = from.values[0]!
  else if (from.kind === 'i32' && to.kind === 'i32') to.values[row] = from.values[0]!
}

class BytesFiller implements Filler {
  readonly #def: ColumnDef
  readonly #payloads: Uint8Array
  readonly #region: Region
  /** Below 0: −1 − the place in the buffer beside. */
  readonly #offsets: Int32Array
  readonly #lengths: Int32Array
  readonly #beside = new ByteWriter()
  #mixed = false
  readonly #nulls: NullMask

  constructor(def: ColumnDef, rows: number, payloads: Uint8Array, region: Region) {
    this.#def = def
    this.#payloads = payloads
    this.#region = region
    this.#offsets = region.i32(rows)
    this.#lengths = region.i32(rows)
    this.#nulls = new NullMask(rows, region)
  }

  fill({ cells, field, records, count, row }: Piece): void {
    const { tag, start, length, fields } = cells
    for (let i = 0; i < count; i++) {
      const cell = records[i]! * fields + field
      if (tag[cell] === FAST) {
        this.#offsets[row + i] = start[cell]!
        this.#lengths[row + i] = length[cell]!
      } else this.#rare(cells, cell, row + i)
    }
  }

  #rare(cells: Cells, cell: number, row: number): void {
    const value = cells.tag[cell] === SLOW ? cells.slow.get(cell)! : null
    const from = this.#beside.length
    this.#offsets[row] = value === null ? 0 : -1 - from
    if (value !== null) this.#mixed = true
    if (value === null) this.#nulls.set(row)
    else encode(this.#def.type, value, this.#beside)
    this.#lengths[row] = this.#beside.length - from
  }

  finish(rows: number): Column {
    const [offsets, lengths, beside] = [this.#offsets, this.#lengths, this.#beside]
    if (!this.#mixed) return bytesColumn({ offsets, lengths, arena: this.#payloads }, this.#nulls.mask)
    let size = 0
    for (let row = 0; row < rows; row++) size += lengths[row]!
    const arena = this.#region.u8(size)
    let at = 0
    for (let row = 0; row < rows; row++) {
      const offset = offsets[row]!
      const [from, start] = offset < 0 ? [beside.bytes, -1 - offset] : [this.#payloads, offset]
      arena.set(from.subarray(start, start + lengths[row]!), at)
      offsets[row] = at
      at += lengths[row]!
    }
    return bytesColumn({ offsets, lengths, arena }, this.#nulls.mask)
  }
}
