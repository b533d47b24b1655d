// An operator inside the contract of its edges (STYLE, "Contracts"): schema as declared, calls in order, 'more'
// repeated with the same arguments, nothing kept of an epoch that has ended. Operators do not repeat these checks.

import { assert } from '../../src/core/assert.ts'
import { type Batch, type Column, fitsPhysical } from '../../src/core/batch.ts'
import type { Schema } from '../../src/core/schema.ts'
import type { EpochContext, Operator, Output, Progress } from '../../src/executor/operator.ts'

export function checked(operator: Operator): Operator {
  let pending: readonly [number, Batch] | 'finish' | undefined
  let finished = false
  const watched = (out: Output): Output => ({
    rows: (batch) => {
      checkBatch(operator, batch)
      out.rows(batch)
    },
    error: (error) => {
      assert(error.weight !== 0 && error.code.length === 5, `${operator.label}: an error without weight or code`)
      out.error(error)
    },
    spent: (work) => out.spent(work),
    region: out.region,
  })
  return {
    label: operator.label,
    schema: operator.schema,
    owns: operator.owns,
    ...(operator.contents === undefined ? {} : { contents: operator.contents }),
    ...(operator.forgets === undefined ? {} : { forgets: operator.forgets }),
    push(port, batch, out): Progress {
      assert(!finished, `${operator.label}: push after finish`)
      assert(
        pending === undefined || (pending !== 'finish' && pending[0] === port && pending[1] === batch),
        `${operator.label}: another call before a repeated one`,
      )
      const progress = operator.push(port, batch, watched(out))
      pending = progress === 'more' ? [port, batch] : undefined
      return progress
    },
    finish(epoch: EpochContext, out): Progress {
      assert(pending === undefined || pending === 'finish', `${operator.label}: finish before a repeated push`)
      const progress = operator.finish(epoch, watched(out))
      pending = progress === 'more' ? 'finish' : undefined
      finished = progress === 'done'
      return progress
    },
    reset(): void {
      pending = undefined
      finished = false
      operator.reset()
    },
  }
}

function checkBatch({ label, schema }: Operator, batch: Batch): void {
  assert(
    batch.columns.length === schema.length,
    `${label}: ${batch.columns.length} columns instead of ${schema.length}`,
  )
  assert(batch.weights === undefined || batch.weights.length >= batch.length, `${label}: too few weights`)
  batch.columns.forEach((column, i) => {
    checkColumn(label, schema, i, column, batch.length)
  })
}

function checkColumn(label: string, schema: Schema, i: number, column: Column, length: number): void {
  const def = schema[i]!
  assert(fitsPhysical(column, def.physical), `${label}: column ${i} is ${column.kind}, not ${def.physical.kind}`)
  const size =
    column.kind === 'bytes'
      ? column.offsets.length
      : column.kind === 'dict'
        ? column.codes.length
        : column.values.length / (column.kind === 'i128' ? 2 : 1)
  assert(size >= length, `${label}: column ${i} has ${size} of ${length} values`)
  const { nulls } = column
  if (nulls === undefined) return
  for (let row = 0; row < length; row++)
    assert(nulls[row] === 0 || (nulls[row] === 1 && def.nullable), `${label}: a NULL in column ${i}, which has none`)
}
