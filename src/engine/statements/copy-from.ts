// COPY … FROM STDIN: fields of text to rows of the table, applied as one INSERT when the data have ended.
//
// State: the rows so far, as batches in a region of their own, which the session pays for. They become one change, so
// they may hold what an epoch may (53200 beyond).

import type { Batch } from '../../core/batch.ts'
import { batchFromRows } from '../../core/convert.ts'
import { SqlError } from '../../core/error.ts'
import { memoryAccount } from '../../core/memory.ts'
import { concat } from '../../core/primitives/concat.ts'
import { Region } from '../../core/region.ts'
import type { SqlValue } from '../../core/value.ts'
import { constantOf } from '../../executor/expr/closures.ts'
import { parse } from '../../functions/text/text.ts'
import type { CopyTable } from '../../parser/ast-statement.ts'
import { bindDefault } from '../../planner/dml.ts'
import { ownerOf } from '../../storage/catalog.ts'
import { ChangeBuilder } from '../change-builder.ts'
import type { LiveTable } from '../live-relation.ts'
import { findNamed, undefinedRelation } from '../names.ts'
import { planOptions } from '../planning.ts'
import { sealedReads } from '../reads.ts'
import type { CopyFormat, CopyInExecution } from '../session.ts'
import { ensureSnapshot, readBase } from '../session-reads.ts'
import type { StatementSession } from '../statement-session.ts'
import { readOnlyTransaction } from '../transaction.ts'
import { addToTransaction, checkStatement, collectChanges } from './table-change.ts'

export function copyFrom(session: StatementSession, subject: CopyTable, format: CopyFormat): CopyInExecution {
  const object = findNamed(session, subject.name)
  if (object === undefined) throw undefinedRelation(subject.name)
  const table = session.core.graph.get(object.id)
  if (table?.kind !== 'table' || ownerOf(table.object) !== undefined)
    throw new SqlError({
      code: '42809',
      message: `cannot copy to ${object.kind} "${object.name}"`,
      position: subject.name.position,
    })
  if (session.transaction?.options.readOnly === true) throw readOnlyTransaction()
  return new CopyIntoTable(session, table, format, columnsOf(table, subject))
}

function columnsOf(table: LiveTable, subject: CopyTable): readonly number[] {
  const generated = (i: number): boolean => table.object.columns[i]!.generated !== undefined
  if (subject.columns.length === 0) return [...table.schema.keys()].filter((i) => !generated(i))
  return subject.columns.map(({ name, position }) => {
    const found = table.object.columns.findIndex((column) => column.name === name)
    if (found < 0)
      throw new SqlError({
        code: '42703',
        message: `column "${name}" of relation "${table.object.name}" does not exist`,
        position,
      })
    return found
  })
}

class CopyIntoTable implements CopyInExecution {
  readonly kind = 'copyIn'
  readonly schema
  readonly format: CopyFormat
  readonly #session: StatementSession
  readonly #table: LiveTable
  readonly #columns: readonly number[]
  readonly #region: Region
  readonly #batches: Batch[] = []
  /** Rows after the last whole batch. */
  #rows: SqlValue[][] = []
  #count = 0
  readonly #defaults: readonly SqlValue[]
  readonly #text

  constructor(session: StatementSession, table: LiveTable, format: CopyFormat, columns: readonly number[]) {
    this.#session = session
    this.#table = table
    this.#columns = columns
    this.format = format
    this.schema = columns.map((column) => table.schema[column]!)
    this.#text = session.context().text
    const limitBytes = session.core.epochBytes
    this.#region = new Region(memoryAccount('a COPY', { parent: session.account, limitBytes }))
    this.#defaults = this.#defaultValues()
  }

  #defaultValues(): readonly SqlValue[] {
    const { core } = this.#session
    const relation = core.lookup.info(this.#table.object)
    const options = planOptions(this.#session, 'adhoc')
    const env = { context: this.#session.context(), parameters: [] }
    return relation.columns.map((_, i) => {
      if (relation.details?.[i]?.generated !== undefined && !this.#columns.includes(i))
        throw new SqlError({ code: '0A000', message: 'COPY into a table with generated columns is not supported' })
      const fallback = relation.details?.[i]?.default
      return fallback === undefined ? null : constantOf(bindDefault(fallback, relation, i, options), env)
    })
  }

  write(rows: readonly (readonly (string | null)[])[]): void {
    for (const fields of rows) {
      const line = this.#count + 1
      if (fields.length < this.#columns.length) throw missingData(this.#table, this.#columns[fields.length]!, line)
      if (fields.length > this.#columns.length)
        throw new SqlError({
          code: '22P04',
          message: 'extra data after last expected column',
          detail: `COPY ${this.#table.object.name}, line ${line}`,
        })
      const row = [...this.#defaults]
      this.#columns.forEach((column, i) => {
        const text = fields[i]!
        row[column] = text === null ? null : parse(this.#table.schema[column]!.type, text, this.#text)
      })
      this.#rows.push(row)
      this.#count++
      if (this.#rows.length === BATCH_ROWS) this.#pack()
    }
  }

  #pack(): void {
    if (this.#rows.length > 0) this.#batches.push(batchFromRows(this.#table.schema, this.#rows, this.#region))
    this.#rows = []
  }

  async finish(): Promise<string> {
    try {
      this.#pack()
      await this.#apply()
      return `COPY ${this.#count}`
    } finally {
      this.#release()
    }
  }

  async #apply(): Promise<void> {
    const { core, transaction } = this.#session
    if (transaction !== undefined) {
      await ensureSnapshot(this.#session)
      const { region } = transaction
      addToTransaction(this.#session, transaction, this.#table, { delta: this.#delta(region) })
      return
    }
    const done = await this.#session.change(() => ({
      epoch: collectChanges(
        this.#session,
        checkStatement(this.#session, this.#table, { delta: this.#delta(core.region) }),
      ),
    }))
    await done.epoch
  }

  #delta(region: Region) {
    const session = this.#session
    const env = { context: session.context(), parameters: [] }
    const rows = this.#batches.length === 0 ? [] : [concat(this.#batches, region)]
    const plan = { kind: 'insert', conflict: undefined, returning: undefined } as const
    const reads = sealedReads(readBase(session))
    return new ChangeBuilder({ session, table: this.#table, plan, env, reads, region, changes: [] }).build(rows).delta
  }

  abort(): void {
    this.#release()
  }

  #release(): void {
    this.#batches.length = 0
    this.#rows = []
    this.#region[Symbol.dispose]()
  }
}

/** Rows that are kept as values before they are packed. */
const BATCH_ROWS = 1024

/** 22P04. */
const missingData = (table: LiveTable, column: number, line: number): SqlError =>
  new SqlError({
    code: '22P04',
    message: `missing data for column "${table.object.columns[column]!.name}"`,
    detail: `COPY ${table.object.name}, line ${line}`,
  })
