// From a group's state to the shown result of one call: a column over a chunk of groups, and the errors of single
// groups.
//
// A result that cannot be shown (SUM beyond BIGINT) is an error of its group for as long as that lasts; the value in
// the column is then unspecified.

import { type Column, type I64Column, i32Column, i64Column, i128Column, type Nulls } from '../../core/batch.ts'
import { castPhysical, columnFromValues } from '../../core/convert.ts'
import { outOfRange, SqlError } from '../../core/error.ts'
import type { Region } from '../../core/region.ts'
import type { ColumnDef } from '../../core/schema.ts'
import { numeric, type SqlValue } from '../../core/value.ts'
import { divide } from '../../functions/arithmetic/numeric.ts'
import { gatherFields, type KeyTable, stateField } from '../../storage/key-table.ts'
import type { Chunk } from '../touched.ts'
import { sumsOf } from './wide-feed.ts'
import { averageResult, type SumDomain, sumResult } from './wide-sum.ts'

export interface Result {
  readonly column: Column
  /** Per group; absent where none has failed. */
  readonly errors?: readonly (SqlError | undefined)[] | undefined
}

/** Reads the groups of a chunk as they are after the epoch. */
export type Final = (table: KeyTable, chunk: Chunk, region: Region) => Result

const stateColumn = (table: KeyTable, state: number, { slots, length }: Chunk, region: Region): Column =>
  gatherFields(table, [stateField(table, state)], slots, length, 'after', region)[0]!

const longs = (table: KeyTable, state: number, chunk: Chunk, region: Region): BigInt64Array =>
  (stateColumn(table, state, chunk, region) as I64Column).values

/** A state that is the result: counts, insert-only extrema. */
export const stateResult =
  (state: number): Final =>
  (table, chunk, region) => ({ column: stateColumn(table, state, chunk, region) })

/** SUM of two words; NULL where `count` is 0. `scale` is that of the mantissa; BIGINT results are checked. */
export function linearSum(sum: number, count: number, scale: number, def: ColumnDef): Final {
  const exact: ColumnDef = { ...def, type: { kind: 'numeric' }, physical: { kind: 'i128', precision: 38, scale } }
  return (table, chunk, region) => {
    const nulls = nullsWhereZero(longs(table, count, chunk, region), chunk.length, region)
    const words = longs(table, sum, chunk, region)
    if (def.physical.kind === 'i64' && def.type.kind !== 'numeric')
      return narrowed(words, nulls, chunk.length, def.type.kind === 'int8' ? 'bigint' : def.type.kind, region)
    const column = i128Column(words, nulls)
    const sameForm = def.physical.kind === 'i128' && def.physical.scale === scale
    return { column: sameForm ? column : castPhysical(exact, def.physical, column, chunk.length, region) }
  }
}

function nullsWhereZero(counts: BigInt64Array, length: number, region: Region): Nulls {
  const nulls = region.nulls(length)
  let any = false
  for (let i = 0; i < length; i++) {
    if (counts[i] !== 0n) continue
    nulls[i] = 1
    any = true
  }
  return any ? nulls : undefined
}

/** The low words, where the high ones are nothing but sign. */
function narrowed(words: BigInt64Array, nulls: Nulls, length: number, type: string, region: Region): Result {
  const values = region.i64(length)
  let errors: (SqlError | undefined)[] | undefined
  for (let i = 0; i < length; i++) {
    const low = words[2 * i]!
    values[i] = low
    if (words[2 * i + 1]! === (low < 0n ? -1n : 0n)) continue
    errors ??= new Array<SqlError | undefined>(length).fill(undefined)
    errors[i] = outOfRange(type)
  }
  return { column: i64Column(values, nulls), errors }
}

/** AVG of integers and NUMERICs whose sum has two words. */
export function linearAverage(sum: number, count: number, scale: number, def: ColumnDef): Final {
  return (table, chunk, region) => {
    const words = longs(table, sum, chunk, region)
    const counts = longs(table, count, chunk, region)
    return eachGroup(chunk, def, region, (i) => {
      if (counts[i] === 0n) return null
      const total = (words[2 * i + 1]! << 64n) | BigInt.asUintN(64, words[2 * i]!)
      return divide(numeric(total, scale), numeric(counts[i]!))
    })
  }
}

/** BOOL_AND: FALSE where one is; BOOL_OR: TRUE where one is; NULL of nothing. */
export function booleanResult(of: 'and' | 'or', trues: number, falses: number): Final {
  return (table, chunk, region) => {
    const yes = longs(table, trues, chunk, region)
    const no = longs(table, falses, chunk, region)
    const values = region.i32(chunk.length)
    const nulls = region.nulls(chunk.length)
    let any = false
    for (let i = 0; i < chunk.length; i++) {
      values[i] = (of === 'and' ? no[i] === 0n : yes[i]! > 0n) ? 1 : 0
      if (yes[i] !== 0n || no[i] !== 0n) continue
      nulls[i] = 1
      any = true
    }
    return { column: i32Column(values, any ? nulls : undefined) }
  }
}

/** SUM and AVG of wide sums. */
export function wideResult(state: number, form: 'sum' | 'avg', domain: SumDomain, def: ColumnDef): Final {
  const resultOf = form === 'sum' ? sumResult : averageResult
  return (table, chunk, region) => {
    const sums = sumsOf(table, state, chunk, region)
    return eachGroup(chunk, def, region, (i) => resultOf(sums[i]!, domain))
  }
}

/** A column of values made one by one; a SqlError is the error of its group. */
export function eachGroup(chunk: Chunk, def: ColumnDef, region: Region, groupValue: (i: number) => SqlValue): Result {
  const values: SqlValue[] = []
  let errors: (SqlError | undefined)[] | undefined
  for (let i = 0; i < chunk.length; i++) {
    try {
      values.push(groupValue(i))
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      errors ??= new Array<SqlError | undefined>(chunk.length).fill(undefined)
      errors[i] = error
      values.push(null)
    }
  }
  return { column: columnFromValues(def, values, region), errors }
}
