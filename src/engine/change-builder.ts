// From the rows of a planned INSERT, UPDATE or DELETE to the table's delta: conflicts resolved, NOT NULL and CHECK
// checked, RETURNING evaluated. Uniqueness is checked over the whole change afterwards (table-writer.ts).

import type { Batch, Column } from '../core/batch.ts'
import { batchFromRows } from '../core/convert.ts'
import { SqlError } from '../core/error.ts'
import { canonicalKeys, rowComparator, sortRows } from '../core/primitives/compare.ts'
import { concat } from '../core/primitives/concat.ts'
import { consolidate } from '../core/primitives/consolidate.ts'
import { gather } from '../core/primitives/gather.ts'
import { negate, weightsOf } from '../core/primitives/weights.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import { CallOutput, DEFAULT_BUDGET } from '../executor/call-output.ts'
import { closure, type Environment } from '../executor/expr/closures.ts'
import { rowProgram } from '../executor/expr/program.ts'
import { parseExpression } from '../parser/parse.ts'
import {
  bindCheck,
  type PlannedConflict,
  type PlannedDelete,
  type PlannedInsert,
  type PlannedUpdate,
} from '../planner/dml.ts'
import type { Expr } from '../planner/expr.ts'
import type { LiveTable } from './live-relation.ts'
import { planOptions } from './planning.ts'
import type { Reads } from './reads.ts'
import { anyNull, rowKeys } from './row-keys.ts'
import type { StatementSession } from './statement-session.ts'
import { notNullViolation, rowDetail } from './table-writer.ts'

/** The part of a planned statement that matters here. */
export type ChangePlan =
  | Pick<PlannedInsert, 'kind' | 'conflict' | 'returning'>
  | Pick<PlannedUpdate | PlannedDelete, 'kind' | 'mayRepeat' | 'returning'>

export interface ChangeParts {
  readonly session: StatementSession
  readonly table: LiveTable
  readonly plan: ChangePlan
  readonly env: Environment
  readonly reads: Reads
  readonly region: Region
  /** What the transaction changed of the table before. */
  readonly changes: readonly Batch[]
}

export interface BuiltChange {
  readonly delta: Batch
  readonly count: number
  readonly returned: readonly Batch[]
  /** Rows that are gone, or replaced by those at the same places of `fresh`. */
  readonly replaced?: { readonly old: Batch; readonly fresh: Batch | undefined }
}

export class ChangeBuilder {
  readonly #parts: ChangeParts
  readonly #width: number

  constructor(parts: ChangeParts) {
    this.#parts = parts
    this.#width = parts.table.schema.length
  }

  build(batches: readonly Batch[]): BuiltChange {
    const { plan, region } = this.#parts
    if (batches.length === 0) return { delta: emptyBatch, count: 0, returned: [] }
    const rows = concat(batches, region)
    switch (plan.kind) {
      case 'insert':
        return this.#insert(rows, plan.conflict)
      case 'update':
        return this.#update(plan.mayRepeat ? this.#onceEach(rows) : rows)
      case 'delete':
        return this.#delete(plan.mayRepeat ? this.#onceEach(rows) : rows)
    }
  }

  #insert(rows: Batch, conflict: PlannedConflict | undefined): BuiltChange {
    if (conflict !== undefined) return this.#upsert(rows, conflict)
    this.checkRows(rows)
    return { delta: rows, count: copies(rows), returned: this.#returning(rows) }
  }

  #update(rows: Batch): BuiltChange {
    const { region } = this.#parts
    const old = part(rows, 0, this.#width)
    const fresh = part(rows, this.#width, 2 * this.#width)
    this.checkRows(fresh)
    const delta = concat([negate(old, region), { ...fresh, weights: weightsOf(fresh, region) }], region)
    return { delta, count: copies(rows), returned: this.#returning(rows), replaced: { old, fresh } }
  }

  #delete(rows: Batch): BuiltChange {
    const old = part(rows, 0, this.#width)
    const delta = negate(old, this.#parts.region)
    return { delta, count: copies(rows), returned: this.#returning(rows), replaced: { old, fresh: undefined } }
  }

  /** Each old row once, with all its copies, to the canonically first of what it is to become. */
  #onceEach(rows: Batch): Batch {
    const { region, table } = this.#parts
    const order = Int32Array.from({ length: rows.length }, (_, i) => i)
    const old = canonicalKeys(this.#width)
    sortRows(rows.columns, canonicalKeys(rows.columns.length), order, rows.length)
    const compare = rowComparator(rows.columns, rows.columns, old)
    const chosen = order.filter((row, i) => i === 0 || compare(order[i - 1]!, row) !== 0)
    const once = gather({ ...rows, weights: undefined }, chosen, chosen.length, region)
    const counts = this.#weightsInTable()
    const keyOf = rowKeys(table.schema, [...table.schema.keys()])
    return { ...once, weights: Int32Array.from({ length: once.length }, (_, i) => counts?.get(keyOf(once, i)) ?? 1) }
  }

  /** Copies of rows that stand more than once; undefined where a key forbids that. */
  #weightsInTable(): ReadonlyMap<string, number> | undefined {
    const { table, reads, region } = this.#parts
    if (table.object.uniques.some((unique) => unique.primary)) return undefined
    const keyOf = rowKeys(table.schema, [...table.schema.keys()])
    const counts = new Map<string, number>()
    for (const batch of reads.scan(table.id, [...table.schema.keys()], region))
      for (let i = 0; i < batch.length; i++) {
        const key = keyOf(batch, i)
        counts.set(key, (counts.get(key) ?? 0) + (batch.weights?.[i] ?? 1))
      }
    return counts
  }

  /**
   * INSERT … ON CONFLICT: row by row, in order, each against the table and what came before it. A row that this
   * statement has inserted or updated cannot be affected again; one that WHERE left as it was can.
   */
  #upsert(rows: Batch, conflict: PlannedConflict): BuiltChange {
    const { table, region } = this.#parts
    const existing = new ExistingRows(this.#parts, conflict)
    const single = writtenOut(rows, region)
    this.checkRows(single)
    const inserted: number[] = []
    const changes: { readonly old: Batch; readonly fresh: Batch }[] = []
    for (let row = 0; row < single.length; row++) {
      const found = existing.find(single, row)
      if (found === undefined) {
        existing.add(single, row)
        inserted.push(row)
      } else if (conflict.update !== undefined) {
        if (found.ours) throw affectedTwice()
        const fresh = this.#conflictUpdate(conflict.update, found.batch, single, row)
        if (fresh === undefined) continue
        existing.replace(found.batch, fresh)
        changes.push({ old: found.batch, fresh })
      }
    }
    const updated = changes.map((change) => change.fresh)
    for (const batch of updated) this.checkRows(batch)
    const news = [gather(single, Int32Array.from(inserted), inserted.length, region), ...updated]
    const added = news.filter((batch) => batch.length > 0)
    const parts = [
      ...added.map((batch) => ({ ...batch, weights: weightsOf(batch, region) })),
      ...changes.map((change) => negate(change.old, region)),
    ]
    const delta = parts.length === 0 ? emptyRows(table.schema, region) : concat(parts, region)
    const old = changes.map((change) => change.old)
    return {
      delta,
      count: inserted.length + changes.length,
      returned: added.flatMap((batch) => this.#returning(batch)),
      ...(changes.length > 0 && { replaced: { old: concat(old, region), fresh: concat(updated, region) } }),
    }
  }

  /** What DO UPDATE makes of a row; undefined: WHERE leaves it as it is. */
  #conflictUpdate(update: NonNullable<PlannedConflict['update']>, old: Batch, rows: Batch, row: number) {
    const { region, env, table } = this.#parts
    const excluded = gather(rows, Int32Array.of(row), 1, region)
    const both: Batch = { length: 1, weights: undefined, columns: [...old.columns, ...excluded.columns] }
    if (update.where !== undefined && closure(update.where, env)(both, 0) !== true) return undefined
    return this.#evaluate(update.row, table.schema, both)
  }

  #evaluate(columns: readonly Expr[], schema: Schema, rows: Batch): Batch {
    const { region, env } = this.#parts
    const errors: SqlError[] = []
    const out = new CallOutput(region, DEFAULT_BUDGET, ({ code, message }) => {
      errors.push(new SqlError({ code, message }))
    })
    rowProgram({ label: 'change', predicate: undefined, columns, schema }, env).run(rows, out)
    if (errors[0] !== undefined) throw errors[0]
    return out.batches.length === 0 ? emptyRows(schema, region) : concat(out.batches, region)
  }

  #returning(rows: Batch): readonly Batch[] {
    const { plan } = this.#parts
    const { returning } = plan
    if (returning === undefined) return []
    const schema = returning.output.map(({ name, type }, i) => {
      const { physical, nullable } = returning.columns[i]!
      return { name, type, physical, nullable }
    })
    return [this.#evaluate(returning.columns, schema, rows)]
  }

  /** NOT NULL and CHECK of rows that the table is to have. */
  checkRows(rows: Batch): void {
    const { table, session } = this.#parts
    table.object.columns.forEach((column, i) => {
      const { nulls } = rows.columns[i]!
      if (!column.notNull || nulls === undefined) return
      const row = nulls.indexOf(1)
      if (row >= 0 && row < rows.length)
        throw notNullViolation(table, i, rowDetail(table, rows, row, session.context().text))
    })
    this.#checkConstraints(rows)
  }

  #checkConstraints(rows: Batch): void {
    const { table, session, env } = this.#parts
    const { checks } = table.object
    if (checks.length === 0) return
    const relation = session.core.lookup.info(table.object)
    const options = planOptions(session, 'adhoc')
    for (const { name, expression } of checks) {
      const test = closure(bindCheck(parseExpression(expression), relation, options), env)
      for (let row = 0; row < rows.length; row++)
        if (test(rows, row) === false)
          throw new SqlError({
            code: '23514',
            message: `new row for relation "${table.object.name}" violates check constraint "${name}"`,
            detail: rowDetail(table, rows, row, session.context().text),
            schema: table.object.schema,
            table: table.object.name,
            constraint: name,
          })
    }
  }
}

/** The table's rows by the keys that a conflict is about, with what this statement has added to them. */
class ExistingRows {
  /** `keyOf` undefined: a row without a key, for NULL in it. */
  readonly #keys: { readonly keyOf: (batch: Batch, row: number) => string | undefined }[]
  readonly #rows: Map<string, { readonly batch: Batch; readonly row: number; readonly ours: boolean }>[]
  readonly #region: Region

  constructor(parts: ChangeParts, conflict: PlannedConflict) {
    const { table, reads, region } = parts
    this.#region = region
    const columns = [...table.schema.keys()]
    this.#keys = conflict.keys.map(({ columns: of, nullsNotDistinct }) => {
      const keyOf = rowKeys(table.schema, of)
      const isKey = (batch: Batch, row: number) => nullsNotDistinct === true || !anyNull(batch, of, row)
      return { keyOf: (batch, row) => (isKey(batch, row) ? keyOf(batch, row) : undefined) }
    })
    this.#rows = this.#keys.map(() => new Map())
    for (const batch of reads.scan(table.id, columns, region))
      for (let row = 0; row < batch.length; row++) this.#put(batch, row, false)
  }

  #put(batch: Batch, row: number, ours: boolean): void {
    this.#keys.forEach((key, i) => {
      const found = key.keyOf(batch, row)
      if (found !== undefined) this.#rows[i]!.set(found, { batch, row, ours })
    })
  }

  find(batch: Batch, row: number): { readonly batch: Batch; readonly ours: boolean } | undefined {
    for (const [i, key] of this.#keys.entries()) {
      const wanted = key.keyOf(batch, row)
      const found = wanted === undefined ? undefined : this.#rows[i]!.get(wanted)
      if (found === undefined) continue
      const one = gather({ ...found.batch, weights: undefined }, Int32Array.of(found.row), 1, this.#region)
      return { batch: one, ours: found.ours }
    }
    return undefined
  }

  add(batch: Batch, row: number): void {
    this.#put(batch, row, true)
  }

  /** The updated row stands under its own keys, which need not be those of the old one. */
  replace(old: Batch, fresh: Batch): void {
    this.#keys.forEach((key, i) => {
      const known = key.keyOf(old, 0)
      if (known !== undefined) this.#rows[i]!.delete(known)
    })
    this.#put(fresh, 0, true)
  }
}

const emptyBatch: Batch = { length: 0, weights: undefined, columns: [] }
const emptyRows = (schema: Schema, region: Region): Batch => batchFromRows(schema, [], region)

const part = (rows: Batch, from: number, to: number): Batch => ({
  length: rows.length,
  weights: rows.weights,
  columns: rows.columns.slice(from, to) as readonly Column[],
})

function copies(rows: Batch): number {
  if (rows.weights === undefined) return rows.length
  let sum = 0
  for (let i = 0; i < rows.length; i++) sum += rows.weights[i]!
  return sum
}

/** Rows of weight n as n rows. */
function writtenOut(rows: Batch, region: Region): Batch {
  if (rows.weights === undefined) return rows
  const whole = rows.weights.some((weight) => weight < 0) ? consolidate(rows, region) : rows
  const order: number[] = []
  for (let i = 0; i < whole.length; i++) for (let n = whole.weights?.[i] ?? 1; n > 0; n--) order.push(i)
  return gather({ ...whole, weights: undefined }, Int32Array.from(order), order.length, region)
}

/** 21000. */
const affectedTwice = (): SqlError =>
  new SqlError({
    code: '21000',
    message: 'ON CONFLICT DO UPDATE command cannot affect row a second time',
    hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
  })
