// Join: the pairs of left and right rows that agree on the keys and satisfy the residual condition.
//
//   Δ(L ⋈ R) = ΔL ⋈ R⁻ + L⁺ ⋈ ΔR
//
// `push(left)` probes R before; `push(right)` keeps the batch; `finish` probes L after with the kept batches.
//
// So each pair counts once, whatever the order of pushes, also where both ports receive the same batches. Outer, semi,
// anti and mark joins are built around this one (build-join.ts).
//
// State   none of its own: the two arrangements are written by their Arrange nodes. In a one-shot dataflow there is
//         nothing before, so R is not arranged at all. Within an epoch: right batches, and the cursor of the probe in
//         progress.
// Cost    one look-up per changed row and one visit per pair. Weights multiply.

import { type Batch, batchOf, type Column } from '../../core/batch.ts'
import { gatherColumns } from '../../core/primitives/gather.ts'
import type { Region } from '../../core/region.ts'
import type { Schema } from '../../core/schema.ts'
import type { ArrangementReader } from '../../storage/arrangement-reader.ts'
import type { RowProgram } from '../expr/program.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { type KeyMatch, type Pairs, type Probe, probeBatch } from '../probing.ts'

export interface JoinInputs {
  /** Left rows by their key, and how right rows find them. */
  readonly left: ArrangementReader
  readonly rightKeys: KeyMatch
  /** Right rows by their key, and how left rows find them. Absent: one-shot. */
  readonly right: ArrangementReader | undefined
  readonly leftKeys: KeyMatch
  readonly leftColumns: number
  readonly rightColumns: number
}

export class Join implements Operator {
  readonly label = 'Join'
  readonly schema: Schema
  readonly owns = []
  readonly #inputs: JoinInputs
  /** Filters pairs by the residual condition; absent: every pair. */
  readonly #residual: RowProgram | undefined
  readonly #leftColumns: readonly number[]
  readonly #rightColumns: readonly number[]
  readonly #kept: Batch[] = []
  #next = 0
  #probe: Probe | undefined

  constructor(schema: Schema, inputs: JoinInputs, residual: RowProgram | undefined) {
    this.schema = schema
    this.#inputs = inputs
    this.#residual = residual
    this.#leftColumns = Array.from({ length: inputs.leftColumns }, (_, i) => i)
    this.#rightColumns = Array.from({ length: inputs.rightColumns }, (_, i) => i)
  }

  get code(): readonly string[] {
    const source = this.#residual?.source
    return source === undefined ? [] : [source]
  }

  push(port: number, batch: Batch, out: Output): Progress {
    if (port === 1) {
      this.#kept.push(batch)
      return 'done'
    }
    const { right, leftKeys } = this.#inputs
    if (right === undefined) return 'done'
    if (this.#probe === undefined) {
      this.#probe = probeBatch(right, leftKeys, batch, 'before', out.region)
      out.spent(batch.length)
    }
    return this.#drain(this.#probe, out, (probe, pairs, region) => [
      ...gatherColumns(probe.batch.columns, pairs.index, pairs.length, region),
      ...pairs.gather(this.#rightColumns),
    ])
  }

  finish(_epoch: EpochContext, out: Output): Progress {
    const { left, rightKeys } = this.#inputs
    for (; this.#next < this.#kept.length; this.#next++) {
      if (this.#probe === undefined) {
        this.#probe = probeBatch(left, rightKeys, this.#kept[this.#next]!, 'after', out.region)
        out.spent(this.#probe.batch.length)
      }
      const progress = this.#drain(this.#probe, out, (probe, pairs, region) => [
        ...pairs.gather(this.#leftColumns),
        ...gatherColumns(probe.batch.columns, pairs.index, pairs.length, region),
      ])
      if (progress === 'more') return progress
    }
    return 'done'
  }

  reset(): void {
    this.#kept.length = 0
    this.#next = 0
    this.#probe = undefined
  }

  /** Emits the blocks of a probe until it ends or a budget is spent. */
  #drain(probe: Probe, out: Output, columnsOf: (probe: Probe, pairs: Pairs, region: Region) => Column[]): Progress {
    for (let pairs = probe.next(out.region); pairs !== undefined; pairs = probe.next(out.region)) {
      const rows = batchOf(pairs.length, columnsOf(probe, pairs, out.region), pairs.weights)
      if (this.#residual === undefined) out.rows(rows)
      else this.#residual.run(rows, out)
      if (out.spent(pairs.length)) return 'more'
    }
    this.#probe = undefined
    return 'done'
  }
}
