// A filter and projection as one generated loop (DESIGN §6): conjuncts first, then the columns, then the stores.
//
//   for each row i:  conjuncts … continue     columns → locals     stores at k     k++
//
// Plain references are shared with the input where no filter drops rows, else copied in the same loop. An expression
// without code is a call of its closure. At the first row that fails the loop returns with its index in `state[0]` and
// nothing done of it; closures do it and the rest of the batch. One function per layout of the input (kinds, which
// columns have NULLs, weights).

import { type Batch, batchOf, type Column } from '../../core/batch.ts'
import { type ColumnShape, compiled, shapeOf, shapesKey } from '../../core/codegen.ts'
import { SqlError } from '../../core/error.ts'
import type { Schema } from '../../core/schema.ts'
import type { Expr } from '../../planner/expr.ts'
import { columnsOf, isImmutable } from '../../planner/expr-walk.ts'
import type { Output } from '../operator.ts'
import { closure, type Environment } from './closures.ts'
import { CodeText } from './code-text.ts'
import { ExprCompiler } from './compile-expr.ts'
import { DICTIONARY_FAILS, DICTIONARY_NULL, DICTIONARY_TRUE, DictionaryTable } from './dictionary-table.ts'
import { conjunctsOf, type RowExpressions } from './interpret.ts'
import { isTrue, type Operand } from './operand.ts'
import { type OutputColumn, outputColumn, sharedColumn } from './output-column.ts'

type RowLoop = (
  batch: Batch,
  columns: readonly Column[],
  weights: Int32Array | undefined,
  length: number,
  outs: readonly unknown[],
  outWeights: Int32Array | undefined,
  outside: readonly unknown[],
  longs: BigInt64Array,
  tables: readonly Uint8Array[],
  state: Int32Array,
) => number

const PARAMETERS = [
  'batch',
  'columns',
  'weights',
  'length',
  'outs',
  'outWeights',
  'outside',
  'longs',
  'tables',
  'state',
] as const

/** The rows before `failed` are done (undefined: none passed); `failed` is the first row that was not. */
export interface Compiled {
  readonly rows: Batch | undefined
  readonly failed: number
}

interface Variant {
  readonly loop: RowLoop
  readonly source: string
  readonly outside: readonly unknown[]
  readonly longs: BigInt64Array
  readonly tables: readonly DictionaryTable[]
  readonly outputs: readonly OutputColumn[]
}

export class CompiledRows {
  readonly #row: RowExpressions
  readonly #env: Environment
  readonly #used: readonly number[]
  readonly #variants = new Map<string, Variant>()
  readonly #state = new Int32Array(1)

  constructor(row: RowExpressions, env: Environment) {
    this.#row = row
    this.#env = env
    const exprs = [...row.columns, ...(row.predicate === undefined ? [] : [row.predicate])]
    this.#used = [...new Set(exprs.flatMap((expr) => columnsOf(expr)))]
  }

  /** Text of the newest variant. */
  get source(): string | undefined {
    return [...this.#variants.values()].at(-1)?.source
  }

  run(batch: Batch, { region }: Output): Compiled {
    const variant = this.#variant(batch)
    const { length, columns, weights } = batch
    const filtered = this.#row.predicate !== undefined
    const outs = variant.outputs.map((output) => output.allocate(batch, region))
    const outWeights = filtered && weights !== undefined ? region.i32(length) : undefined
    const tables = variant.tables.map((table) => table.tableOf(batch))
    const { loop, outside, longs } = variant
    const count = loop(batch, columns, weights, length, outs, outWeights, outside, longs, tables, this.#state)
    const failed = this.#state[0]!
    if (count === 0) return { rows: undefined, failed }
    const made = variant.outputs.map((output, c) => output.finish(outs[c], { batch, count, region }))
    return { rows: batchOf(count, made, filtered ? outWeights : weights?.subarray(0, count)), failed }
  }

  #variant(batch: Batch): Variant {
    const weighted = batch.weights !== undefined
    const key = `${shapesKey(this.#used.map((column) => batch.columns[column]!))}${weighted}`
    let variant = this.#variants.get(key)
    if (variant === undefined) {
      variant = writeVariant(this.#row, this.#env, { shapes: batch.columns.map(shapeOf), weighted })
      this.#variants.set(key, variant)
    }
    return variant
  }
}

/** What a variant is made for. */
interface Layout {
  readonly shapes: readonly ColumnShape[]
  readonly weighted: boolean
}

/** For EXPLAIN (CODE): the code where all nullable columns have NULLs and no column is a dictionary. */
export function generatedSource(row: RowExpressions, input: Schema, env: Environment): string {
  const shapes = input.map(({ physical, nullable }) => ({ kind: physical.kind, nulls: nullable }))
  return writeVariant(row, env, { shapes, weighted: true }).source
}

function writeVariant(row: RowExpressions, env: Environment, { shapes, weighted }: Layout): Variant {
  const code = new CodeText()
  const tables: DictionaryTable[] = []
  let callsClosures = false
  const compiler = new ExprCompiler(code, { shapes }, env, (expr) => {
    const column = dictionaryColumn(expr, shapes)
    return column === undefined ? undefined : tableOperand(code, tables, expr, column, env, shapes[column]!.nulls)
  })
  const slow = (expr: Expr): string => {
    callsClosures = true
    return code.local(`${code.outside(closure(expr, env))}(batch, i)`)
  }
  for (const conjunct of conjunctsOf(row.predicate)) {
    const operand = compiler.operand(conjunct)
    code.line(`if (!(${operand === undefined ? `${slow(conjunct)} === true` : isTrue(operand)})) continue`)
  }
  const filtered = row.predicate !== undefined
  const outputs = row.columns.map((expr, c): OutputColumn => {
    if (!filtered && expr.kind === 'column') return sharedColumn(expr.index)
    return outputColumn({ expr, def: row.schema[c]!, place: c, shapes }, () => compiler.operand(expr), slow)
  })
  for (const output of outputs) output.store(code)
  if (filtered && weighted) code.line('outWeights[k] = weights[i]')
  const body = loopText(code, callsClosures)
  const loop = compiled<RowLoop>(body, () => ({ parameters: PARAMETERS, body }))
  return { loop, source: body, outside: [...code.outsideValues, SqlError], longs: code.longValues, tables, outputs }
}

function loopText(code: CodeText, callsClosures: boolean): string {
  const loop = `for (; i < length; i++) {\n${code.body}\nk++\n}\nstate[0] = length\nreturn k`
  const start = `${code.prologue}\nlet i = 0, k = 0\n`
  if (!callsClosures) return start + loop
  return `${start}try {\n${loop}\n} catch (error) {
if (!(error instanceof outside[outside.length - 1])) throw error
state[0] = i
return k
}`
}

/** The dictionary column that a BOOLEAN expression depends on alone. */
function dictionaryColumn(expr: Expr, shapes: readonly ColumnShape[]): number | undefined {
  if (expr.type.kind !== 'boolean' || expr.kind === 'column' || !isImmutable(expr)) return undefined
  const [column, ...others] = columnsOf(expr)
  if (column === undefined || others.length > 0) return undefined
  return shapes[column]!.kind === 'dict' ? column : undefined
}

function tableOperand(
  code: CodeText,
  tables: DictionaryTable[],
  expr: Expr,
  column: number,
  env: Environment,
  nullable: boolean,
): Operand {
  const table = new DictionaryTable(column, closure(expr, env))
  const entries = code.name('t')
  code.before(`const ${entries} = tables[${tables.length}], ${entries}c = columns[${column}]`)
  tables.push(table)
  const fill = code.outside((known: Uint8Array, entry: number, rows: Batch, row: number) =>
    table.fill(known, entry, rows, row),
  )
  const isNullRow = nullable ? `${entries}c.nulls[i] !== 0 ? 0 : ` : ''
  const entry = code.local(`${isNullRow}${entries}c.codes[i] + 1`)
  const state = code.name('v')
  code.line(`let ${state} = ${entries}[${entry}]`)
  code.line(`if (${state} === 0) ${state} = ${fill}(${entries}, ${entry}, batch, i)`)
  code.line(`if (${state} === ${DICTIONARY_FAILS}) { state[0] = i; return k }`)
  return {
    physical: expr.physical,
    type: expr.type,
    name: code.local(`${state} === ${DICTIONARY_TRUE} ? 1 : 0`),
    isNull: code.local(`${state} === ${DICTIONARY_NULL}`),
  }
}
