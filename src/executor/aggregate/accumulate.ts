// Accumulate: adds a batch to the fixed-width accumulators of its groups, in one generated loop over all of them.
//
//   weight     w                                 count(*), the group's own weight
//   count      w where the argument is not NULL  count(x), and the "is there any" of the others
//   sum        w × value, in two int64 words     integers and NUMERIC mantissas: exact, never overflows
//   true       w where the argument is TRUE      (false alike) bool_and, bool_or
//   least      the value where it is less        (greatest alike) insert-only MIN and MAX of fixed-width kinds
//
// Cost: about 1 ns an accumulator and row, and the cache miss of the group's record. BigInts never leave the loop,
// except in `multiplyWide`: 128-bit values with a weight other than ±1.

import { unreachable } from '../../core/assert.ts'
import type { Batch, Column } from '../../core/batch.ts'
import {
  type ColumnCode,
  type ColumnShape,
  columnCode,
  compiled,
  type Source,
  shapeOf,
  shapesKey,
} from '../../core/codegen.ts'
import type { Schema } from '../../core/schema.ts'
import { type KeyTable, stateField } from '../../storage/key-table.ts'
import { type RecordCode, recordCode } from '../../storage/record-layout.ts'

export type AccumulatorKind = 'weight' | 'count' | 'sum' | 'true' | 'false' | 'least' | 'greatest'

export interface AccumulatorOp {
  readonly kind: AccumulatorKind
  /** Argument; absent for `weight`. */
  readonly column: number | undefined
  /** Further arguments: rows where one is NULL are not seen. */
  readonly others: readonly number[]
  /** BOOLEAN column: rows where it is not TRUE are not seen. */
  readonly filter: number | undefined
  /** State column of the group table. */
  readonly state: number
}

type Accumulate = (
  slots: Int32Array,
  length: number,
  weights: Int32Array | undefined,
  columns: readonly Column[],
  words: readonly Int32Array[],
  longs: readonly BigInt64Array[],
  doubles: readonly Float64Array[],
  product: BigInt64Array,
  multiplyWide: (low: bigint, high: bigint, weight: bigint, product: BigInt64Array) => void,
) => void

/** The accumulators of one stream of rows: a loop per layout of its batches. */
export class Accumulators {
  readonly #table: KeyTable
  readonly #ops: readonly AccumulatorOp[]
  readonly #used: readonly number[]
  readonly #loops = new Map<string, Accumulate>()
  readonly #product = new BigInt64Array(2)

  constructor(table: KeyTable, ops: readonly AccumulatorOp[]) {
    this.#table = table
    this.#ops = ops
    this.#used = usedColumns(ops)
  }

  /** Adds row i of the batch to the accumulators of `slots[i]` (−1: skipped). The slots must have been touched. */
  add(slots: Int32Array, batch: Batch): void {
    const { length, weights } = batch
    const columns = this.#used.map((column) => batch.columns[column]!)
    const { words, longs, doubles } = this.#table.store
    this.#loop(
      columns,
      weights !== undefined,
    )(...([slots, length, weights, columns, words, longs, doubles, this.#product, multiplyWide] as const))
  }

  #loop(columns: readonly Column[], weighted: boolean): Accumulate {
    const layout = `${shapesKey(columns)}${weighted}`
    const known = this.#loops.get(layout)
    if (known !== undefined) return known
    const source = accumulateSource(this.#table, this.#ops, this.#used, columns.map(shapeOf), weighted)
    const loop = compiled<Accumulate>(`accumulate ${source.body}`, () => source)
    this.#loops.set(layout, loop)
    return loop
  }
}

/** For EXPLAIN (CODE): the loop where nullable columns have NULLs, none is a dictionary, and rows are weighted. */
export function accumulateText(table: KeyTable, ops: readonly AccumulatorOp[], schema: Schema): string {
  const used = usedColumns(ops)
  const shapes = used.map((column): ColumnShape => {
    const { physical, nullable } = schema[column]!
    return { kind: physical.kind, nulls: nullable }
  })
  return accumulateSource(table, ops, used, shapes, true).body
}

const usedColumns = (ops: readonly AccumulatorOp[]): readonly number[] => [
  ...new Set(ops.flatMap((op) => [op.column, ...op.others, op.filter]).filter((column) => column !== undefined)),
]

function multiplyWide(low: bigint, high: bigint, weight: bigint, product: BigInt64Array): void {
  const exact = ((high << 64n) | BigInt.asUintN(64, low)) * weight
  product[0] = BigInt.asIntN(64, exact)
  product[1] = BigInt.asIntN(64, exact >> 64n)
}

function accumulateSource(
  table: KeyTable,
  ops: readonly AccumulatorOp[],
  used: readonly number[],
  shapes: readonly ColumnShape[],
  weighted: boolean,
): Source {
  const record = recordCode(table.layout)
  const codes = shapes.map((shape, k) => columnCode(`c${k}`, `columns[${k}]`, shape))
  const codeOf = (column: number): ColumnCode => codes[used.indexOf(column)]!
  const body = ops.map((op) => opCode(op, record, stateField(table, op.state), codeOf, weighted)).join('\n')
  return {
    parameters: [...['slots', 'length', 'weights', 'columns', 'words', 'longs', 'doubles', 'product', 'multiplyWide']],
    body: `${codes.map((code) => code.prologue).join('')}
for (let i = 0; i < length; i++) {
const id = slots[i]
if (id < 0) continue
${record.locate('id')}${weighted ? 'const weight = weights[i]\n' : ''}${body}
}`,
  }
}

function opCode(
  op: AccumulatorOp,
  record: RecordCode,
  field: number,
  codeOf: (column: number) => ColumnCode,
  weighted: boolean,
): string {
  const conditions: string[] = []
  const argument = op.column === undefined ? undefined : codeOf(op.column)
  if (argument?.shape.nulls) conditions.push(`!(${argument.isNull('i')})`)
  for (const other of op.others) if (codeOf(other).shape.nulls) conditions.push(`!(${codeOf(other).isNull('i')})`)
  if (op.filter !== undefined) {
    const filter = codeOf(op.filter)
    if (filter.shape.nulls) conditions.push(`!(${filter.isNull('i')})`)
    conditions.push(`${filter.value('i')} !== 0`)
  }
  if (op.kind === 'true') conditions.push(`${argument!.value('i')} !== 0`)
  if (op.kind === 'false') conditions.push(`${argument!.value('i')} === 0`)
  const code = `{\n${statement(op.kind, record, field, argument, weighted)}\n}`
  return conditions.length === 0 ? code : `if (${conditions.join(' && ')}) ${code}`
}

function statement(
  kind: AccumulatorKind,
  record: RecordCode,
  field: number,
  argument: ColumnCode | undefined,
  weighted: boolean,
): string {
  switch (kind) {
    case 'weight':
    case 'count':
    case 'true':
    case 'false':
      return `${record.long(field)} = BigInt.asIntN(64, ${record.long(field)} + ${weighted ? 'BigInt(weight)' : '1n'})`
    case 'sum':
      return sumCode(record, field, argument!, weighted)
    case 'least':
    case 'greatest':
      return extremumCode(kind, record, field, argument!)
    default:
      return unreachable(kind)
  }
}

/** Adds the int64 `v` to the two words: the high one changes by the borrow or the carry, seen by the signs. */
const addCode = (low: string, high: string, v: string): string => `{
const a = ${low}, s = BigInt.asIntN(64, a + ${v})
${low} = s
if (${v} < 0n) { if (a >= 0n && s < 0n) ${high} = BigInt.asIntN(64, ${high} - 1n) }
else if (a < 0n && s >= 0n) ${high} = BigInt.asIntN(64, ${high} + 1n)
}`

/** Adds the two-word value (low, high). */
const addWideCode = (record: RecordCode, field: number, low: string, high: string): string => `{
${record.long(field, 1)} = BigInt.asIntN(64, ${record.long(field, 1)} + ${high} + (${low} < 0n ? 1n : 0n))
${addCode(record.long(field, 0), record.long(field, 1), low)}
}`

function sumCode(record: RecordCode, field: number, argument: ColumnCode, weighted: boolean): string {
  const { kind } = argument.shape
  const add = (v: string): string => addCode(record.long(field, 0), record.long(field, 1), v)
  if (kind === 'i128') {
    const values = argument.value('0').replace(/\[.*$/, '')
    const load = `const vl = ${values}[2 * i], vh = ${values}[2 * i + 1]\n`
    if (!weighted) return load + addWideCode(record, field, 'vl', 'vh')
    return `${load}if (weight === 1) ${addWideCode(record, field, 'vl', 'vh')} else {
multiplyWide(vl, vh, BigInt(weight), product)
const pl = product[0], ph = product[1]
${addWideCode(record, field, 'pl', 'ph')}
}`
  }
  const load = kind === 'i32' ? `const v = BigInt(${argument.value('i')})\n` : `const v = ${argument.value('i')}\n`
  if (!weighted) return load + add('v')
  // w × v exactly: v = h · 2³² + l, both products fit 64 bits.
  return `${load}if (weight === 1) ${add('v')} else {
const w64 = BigInt(weight)
const h = BigInt.asIntN(64, BigInt.asIntN(64, v >> 32n) * w64)
const l = BigInt.asIntN(64, BigInt.asIntN(64, v & 0xffffffffn) * w64)
const pl = BigInt.asIntN(64, h << 32n), ph = BigInt.asIntN(64, h >> 32n)
${addWideCode(record, field, 'pl', 'ph')}
${add('l')}
}`
}

/** NaN is the greatest double. i128 compares its high words, then the low ones without sign. */
function extremumCode(kind: 'least' | 'greatest', record: RecordCode, field: number, argument: ColumnCode): string {
  const sign = kind === 'least' ? '<' : '>'
  const first = record.isNull(field)
  const keep = record.clearNull(field)
  switch (argument.shape.kind) {
    case 'i32': {
      const place = record.word(field, 0)
      return `const v = ${argument.value('i')}\nif (${first} || v ${sign} ${place}) { ${place} = v\n${keep}}`
    }
    case 'i64': {
      const place = record.long(field)
      return `const v = ${argument.value('i')}\nif (${first} || v ${sign} ${place}) { ${place} = v\n${keep}}`
    }
    case 'f64': {
      const place = record.double(field)
      const passes = kind === 'least' ? `v < ${place} || ${place} !== ${place}` : `v > ${place} || v !== v`
      return `const v = ${argument.value('i')}\nif (${first} || ${passes}) { ${place} = v\n${keep}}`
    }
    default: {
      const values = argument.value('0').replace(/\[.*$/, '')
      const [low, high] = [record.long(field, 0), record.long(field, 1)]
      const lowPasses = `(vl >= 0n) === (${low} >= 0n) ? vl ${sign} ${low} : ${kind === 'least' ? low : 'vl'} < 0n`
      return `const vl = ${values}[2 * i], vh = ${values}[2 * i + 1]
if (${first} || vh ${sign} ${high} || (vh === ${high} && (${lowPasses}))) {
${low} = vl
${high} = vh
${keep}}`
    }
  }
}
