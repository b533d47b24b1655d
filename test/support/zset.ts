// Z-sets of plain rows, for oracles: text of the row -> row and weight. The text is injective and tells identity.

import type { Batch } from '../../src/core/batch.ts'
import { rowsOfBatch } from '../../src/core/convert.ts'
import type { Schema } from '../../src/core/schema.ts'
import type { SqlValue } from '../../src/core/value.ts'

export type Row = readonly SqlValue[]

export class ZSet {
  readonly entries = new Map<string, { readonly row: Row; weight: number }>()

  static of(rows: Iterable<readonly [Row, number]>): ZSet {
    const set = new ZSet()
    for (const [row, weight] of rows) set.add(row, weight)
    return set
  }

  add(row: Row, weight: number): void {
    const key = rowText(row)
    const found = this.entries.get(key)
    const sum = (found?.weight ?? 0) + weight
    if (sum === 0) this.entries.delete(key)
    else if (found === undefined) this.entries.set(key, { row, weight: sum })
    else found.weight = sum
  }

  addAll(other: ZSet, sign: 1 | -1 = 1): void {
    for (const { row, weight } of other.entries.values()) this.add(row, sign * weight)
  }

  addBatch(schema: Schema, batch: Batch): void {
    rowsOfBatch(schema, batch).forEach((row, i) => {
      this.add(row, batch.weights === undefined ? 1 : batch.weights[i]!)
    })
  }

  get rows(): readonly (readonly [Row, number])[] {
    return [...this.entries.values()].map(({ row, weight }) => [row, weight] as const)
  }

  /** One line a row: `+2 | a | 1`, sorted. */
  get text(): string[] {
    return [...this.entries].map(([key, { weight }]) => `${weight > 0 ? '+' : ''}${weight} | ${key}`).sort()
  }

  clone(): ZSet {
    return ZSet.of(this.rows)
  }
}

export const rowText = (row: Row): string => row.map(valueText).join(' | ')

export function valueText(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'object')
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))
  return typeof value === 'bigint' ? `${value}n` : String(value)
}
