// The compiled form against closures: same rows, same errors, over any expression, any batch layout.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch, Column } from '../../../src/core/batch.ts'
import { batchFromRows } from '../../../src/core/convert.ts'
import { hashBytes } from '../../../src/core/primitives/hash.ts'
import type { ColumnDef } from '../../../src/core/schema.ts'
import { CallOutput, DEFAULT_BUDGET } from '../../../src/executor/call-output.ts'
import { CompiledRows, generatedSource } from '../../../src/executor/expr/compile.ts'
import { interpreter, type RowExpressions } from '../../../src/executor/expr/interpret.ts'
import type { RowError } from '../../../src/executor/operator.ts'
import type { Expr } from '../../../src/planner/expr.ts'
import { anyExpr, exprDomain, exprSchema, moneyExprs } from '../../support/any-expr.ts'
import { testRegion } from '../../support/columns.ts'
import { environment } from '../../support/plans.ts'
import { type Row, ZSet } from '../../support/zset.ts'

const anyRow: fc.Arbitrary<Row> = fc.tuple(...exprDomain.map((values) => fc.constantFrom(...values)))

interface Rows {
  readonly rows: readonly Row[]
  readonly weights: readonly number[] | undefined
  readonly dictionaries: boolean
}

const anyRows: fc.Arbitrary<Rows> = fc.record({
  rows: fc.array(anyRow, { minLength: 1, maxLength: 12 }),
  weights: fc.option(fc.array(fc.constantFrom(1, -1, 3), { minLength: 12, maxLength: 12 }), { nil: undefined }),
  dictionaries: fc.boolean(),
})

function toBatch({ rows, weights, dictionaries }: Rows): Batch {
  const batch = batchFromRows(
    exprSchema,
    rows,
    testRegion(),
    weights === undefined ? undefined : Int32Array.from(weights.slice(0, rows.length)),
  )
  return dictionaries ? { ...batch, columns: batch.columns.map((column) => toDictionary(column, rows.length)) } : batch
}

/** One code per row: equal values may have several codes. */
function toDictionary(column: Column, length: number): Column {
  if (column.kind !== 'bytes') return column
  const { offsets, lengths, arena, nulls } = column
  const hashes = Int32Array.from({ length }, (_, i) => hashBytes(arena, offsets[i]!, lengths[i]!))
  const codes = Int32Array.from({ length }, (_, i) => i)
  return { kind: 'dict', codes, dictionary: { size: length, offsets, lengths, hashes, arena }, nulls }
}

const rowOf = (predicate: Expr | undefined, columns: readonly Expr[]): RowExpressions => ({
  label: 'Map',
  predicate,
  columns,
  schema: columns.map(({ type, physical }, i): ColumnDef => ({ name: `c${i}`, type, physical, nullable: true })),
})

function outcome(row: RowExpressions, run: (out: CallOutput) => readonly (Batch | undefined)[]) {
  const errors: RowError[] = []
  const out = new CallOutput(testRegion(), DEFAULT_BUDGET, (error) => errors.push(error))
  const rows = new ZSet()
  for (const batch of run(out)) if (batch !== undefined) rows.addBatch(row.schema, batch)
  return { rows: rows.text, errors: errors.map(({ code, message, weight }) => `${weight} ${code} ${message}`) }
}

function checkAgreement(row: RowExpressions, batches: readonly Batch[]): void {
  const compiled = new CompiledRows(row, environment)
  const interpret = interpreter(row, environment, undefined)
  for (const batch of batches) {
    const expected = outcome(row, (out) => [interpret(batch, 0, out)])
    const actual = outcome(row, (out) => {
      const { rows, failed } = compiled.run(batch, out)
      return [rows, failed < batch.length ? interpret(batch, failed, out) : undefined]
    })
    expect(actual).toEqual(expected)
  }
}

describe('compiled rows', () => {
  test('agree with closures on any expression', () => {
    const names = ['int4', 'int8', 'float8', 'bool', 'text'] as const
    const anyColumn = fc.constantFrom(...names).chain((name) => anyExpr(name, 3))
    fc.assert(
      fc.property(
        fc.option(anyExpr('bool', 3), { nil: undefined }),
        fc.array(anyColumn, { minLength: 1, maxLength: 3 }),
        fc.array(anyRows, { minLength: 1, maxLength: 3 }),
        (predicate, columns, rows) => {
          checkAgreement(rowOf(predicate, columns), rows.map(toBatch))
        },
      ),
      { numRuns: 400 },
    )
  })

  test('agree on NUMERIC of known scale', () => {
    const [product, greater] = moneyExprs()
    fc.assert(
      fc.property(fc.array(anyRows, { minLength: 1, maxLength: 3 }), (rows) => {
        checkAgreement(rowOf(undefined, [product!, greater!]), rows.map(toBatch))
        checkAgreement(rowOf(greater, [product!]), rows.map(toBatch))
      }),
    )
  })

  test('an expression that occurs twice is computed once', () => {
    const [product] = moneyExprs()
    const source = generatedSource(rowOf(undefined, [product!, product!]), exprSchema, environment)
    expect(source.match(/c7v\[i\]/g)).toHaveLength(1)
  })

  test('no constant and no name stands in the text', () => {
    const texts = fc
      .sample(anyExpr('bool', 3), 50)
      .map((expr) => generatedSource(rowOf(expr, [expr]), exprSchema, environment))
    for (const text of texts) expect(text).not.toMatch(/["'`]|%b%|9223372036854775807/)
  })
})
