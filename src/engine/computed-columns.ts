// Computed columns of a source: evaluated when its records are decoded, whoever reads them, so that for the engine they
// are columns like others. A record for which one cannot be computed is bad, also when nobody reads that column: what
// is bad depends on the declared schema and the record alone (spec/engine.md §7).
//
//   reader.poll ──► chunk ──► decode: the format's columns ──► expressions ──► columns, and more bad records
//
// State: the expressions' program. Cost: one generated loop over the rows; where a row fails, closures find which.

import type { BadRecord, Chunk, Decoded, Position, SourceColumn, SourceReader } from '../connectors/source.ts'
import { type Batch, batchOf, type Column } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import { concat } from '../core/primitives/concat.ts'
import { gather } from '../core/primitives/gather.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { Closure } from '../executor/expr/closure.ts'
import { closure, type Environment } from '../executor/expr/closures.ts'
import { type RowProgram, rowProgram } from '../executor/expr/program.ts'
import type { Output } from '../executor/operator.ts'
import type { Expr } from '../planner/expr.ts'
import { columnsOf, remap } from '../planner/expr-walk.ts'

export class ComputedColumns {
  /** Of the relation: the format's column that each is, or −1. */
  readonly #formatColumn: readonly number[]
  /** The format's columns that expressions read. */
  readonly inputs: readonly number[]
  readonly #names: readonly string[]
  readonly #required: readonly boolean[]
  /** Place among the computed ones, by column of the relation. */
  readonly #place: ReadonlyMap<number, number>
  readonly #program: RowProgram
  readonly #closures: readonly Closure[]

  constructor(schema: Schema, exprs: ReadonlyMap<number, Expr>, format: readonly SourceColumn[], env: Environment) {
    const formatColumn = schema.map(({ name }, i) =>
      exprs.has(i) ? -1 : format.findIndex((column) => column.name === name),
    )
    const read = [...new Set([...exprs.values()].flatMap(columnsOf))].sort((a, b) => a - b)
    const columns = [...exprs.keys()]
    const placed = [...exprs.values()].map((expr) => remap(expr, (column) => read.indexOf(column)))
    this.#formatColumn = formatColumn
    this.inputs = read.map((column) => formatColumn[column]!)
    this.#names = columns.map((column) => schema[column]!.name)
    this.#required = columns.map((column) => !schema[column]!.nullable)
    this.#place = new Map(columns.map((column, i) => [column, i]))
    const computed = columns.map((column) => ({ ...schema[column]!, nullable: true }))
    const row = { label: 'Computed columns', predicate: undefined, columns: placed, schema: computed }
    this.#program = rowProgram(row, env)
    this.#closures = placed.map((expr) => closure(expr, env))
  }

  reader(inner: SourceReader): SourceReader {
    return new ComputedReader(inner, this)
  }

  /** The format's columns behind these columns of the relation, and what expressions need, ascending. */
  formatColumns(wanted: readonly number[]): readonly number[] {
    const plain = wanted.map((column) => this.#formatColumn[column]!).filter((column) => column >= 0)
    return [...new Set([...plain, ...this.inputs])].sort((a, b) => a - b)
  }

  /** `decoded` has the columns `given` of the format; the result those of the relation that are wanted. */
  compute(decoded: Decoded, given: readonly number[], wanted: readonly number[], work: Work): Decoded {
    const input = batchOf(
      decoded.batch.length,
      this.inputs.map((column) => decoded.batch.columns[given.indexOf(column)]!),
    )
    const computed = this.#all(input, work.region)
    const reasons = computed === undefined || this.#anyMissing(computed) ? this.#reasons(input) : NO_REASONS
    if (reasons.size === 0) return this.#result(decoded, computed!, given, wanted)
    const good = Int32Array.from({ length: input.length }, (_, row) => row).filter((row) => !reasons.has(row))
    const bad = [...reasons].map(([row, reason]): BadRecord => {
      const offset = decoded.offsets[row]!
      return { partition: work.chunk.partition, offset, ...work.chunk.record(offset), reason }
    })
    const kept = gather(decoded.batch, good, good.length, work.region)
    const rest = gather(input, good, good.length, work.region)
    return this.#result(
      {
        ...decoded,
        batch: kept,
        offsets: decoded.offsets.filter((_, row) => !reasons.has(row)),
        timestamps: decoded.timestamps?.filter((_, row) => !reasons.has(row)),
        bad: [...decoded.bad, ...bad].sort((a, b) => a.offset - b.offset),
      },
      this.#all(rest, work.region)!,
      given,
      wanted,
    )
  }

  /** All rows' computed columns; undefined where one fails. */
  #all(input: Batch, region: Region): readonly Column[] | undefined {
    const batches: Batch[] = []
    let failed = false
    const out: Output = {
      rows: (batch) => void batches.push(batch),
      error: () => {
        failed = true
      },
      spent: () => false,
      region,
    }
    this.#program.run(input, out)
    if (failed) return undefined
    return batches.length === 1 ? batches[0]!.columns : concat(batches, region).columns
  }

  #anyMissing(columns: readonly Column[]): boolean {
    return columns.some((column, i) => this.#required[i] === true && column.nulls?.some((isNull) => isNull !== 0))
  }

  /** Why rows are bad, by row. */
  #reasons(input: Batch): ReadonlyMap<number, string> {
    const reasons = new Map<number, string>()
    for (let row = 0; row < input.length; row++) {
      const reason = this.#reason(input, row)
      if (reason !== undefined) reasons.set(row, reason)
    }
    return reasons
  }

  #reason(input: Batch, row: number): string | undefined {
    for (const [i, evaluate] of this.#closures.entries()) {
      try {
        const value = evaluate(input, row)
        if (value === null && this.#required[i] === true) return `column "${this.#names[i]}" is null`
      } catch (error) {
        if (!(error instanceof SqlError)) throw error
        return `column "${this.#names[i]}" cannot be computed: ${error.message}`
      }
    }
    return undefined
  }

  #result(decoded: Decoded, computed: readonly Column[], given: readonly number[], wanted: readonly number[]): Decoded {
    const columns = wanted.map((column) => {
      const place = this.#place.get(column)
      if (place !== undefined) return computed[place]!
      return decoded.batch.columns[given.indexOf(this.#formatColumn[column]!)]!
    })
    return { ...decoded, batch: batchOf(decoded.batch.length, columns) }
  }
}

const NO_REASONS: ReadonlyMap<number, string> = new Map()

interface Work {
  readonly chunk: Chunk
  readonly region: Region
}

class ComputedReader implements SourceReader {
  readonly #inner: SourceReader
  readonly #computed: ComputedColumns

  constructor(inner: SourceReader, computed: ComputedColumns) {
    this.#inner = inner
    this.#computed = computed
  }

  ends() {
    return this.#inner.ends()
  }

  async poll(positions: readonly Position[], limits: Parameters<SourceReader['poll']>[1], signal: AbortSignal) {
    const chunks = await this.#inner.poll(positions, limits, signal)
    return chunks.map((chunk) => new ComputedChunk(chunk, this.#computed))
  }

  finalEnd(partition: number): number | undefined {
    return this.#inner.finalEnd?.(partition)
  }

  trouble(): string | undefined {
    return this.#inner.trouble?.()
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#inner[Symbol.asyncDispose]()
  }
}

class ComputedChunk implements Chunk {
  readonly #inner: Chunk
  readonly #computed: ComputedColumns
  readonly partition: number
  readonly from: number
  readonly to: number
  readonly records: number
  readonly bytes: number
  readonly end: number

  constructor(inner: Chunk, computed: ComputedColumns) {
    this.#inner = inner
    this.#computed = computed
    this.partition = inner.partition
    this.from = inner.from
    this.to = inner.to
    this.records = inner.records
    this.bytes = inner.bytes
    this.end = inner.end
  }

  recordsBelow(offset: number): number {
    return this.#inner.recordsBelow(offset)
  }

  record(offset: number): Pick<BadRecord, 'key' | 'payload'> {
    return this.#inner.record(offset)
  }

  decode(columns: readonly number[], range: { skip: number; max: number }, region: Region): Decoded {
    const given = this.#computed.formatColumns(columns)
    const decoded = this.#inner.decode(given, range, region)
    return this.#computed.compute(decoded, given, columns, { chunk: this.#inner, region })
  }

  release(): void {
    this.#inner.release?.()
  }
}
