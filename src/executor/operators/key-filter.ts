// KeyFilter: left rows by whether the right side has their key: semi, anti and mark joins whose condition is equality
// alone.
//
//   Δout = S⁺(ΔL) + Σ over l in L⁻ whose status changed of −S⁻(l) + S⁺(l)
//
// Status is a function of the counters (match-counters.ts); semi passes TRUE, anti FALSE, mark appends it as a column.
//
// State   the counters; L by its keys (and for IN's NULL rules also by the other keys) is arranged by its own node.
//         One-shot: there is no L⁻.
// Cost    O(ΔL + ΔR), and a key whose matches begin or end visits its left rows.

import { type Batch, batchOf } from '../../core/batch.ts'
import { gather } from '../../core/primitives/gather.ts'
import { multiplyWeights, negate } from '../../core/primitives/weights.ts'
import type { Schema } from '../../core/schema.ts'
import type { EpochState } from '../../storage/arrangement.ts'
import type { ArrangementReader } from '../../storage/arrangement-reader.ts'
import { gatherKeys } from '../../storage/key-table.ts'
import { FALSE, type MatchCounters, TRUE, withMark } from '../match-counters.ts'
import type { EpochContext, Operator, Output, Progress } from '../operator.ts'
import { findSlots, type KeyMatch, Probe } from '../probing.ts'
import { type Chunk, TouchedCursor } from '../touched.ts'

export type KeyFilterForm = 'semi' | 'anti' | 'mark'

export interface KeyFilterInputs {
  /** L by all keys; absent in one-shot dataflows. */
  readonly left: ArrangementReader | undefined
  /** L by all keys but the first; only where the counters are null-aware. */
  readonly leftByGroup: ArrangementReader | undefined
  readonly nullSafe: readonly boolean[]
  readonly leftColumns: number
}

export class KeyFilter implements Operator {
  readonly label: string
  readonly schema: Schema
  readonly owns: readonly EpochState[]
  readonly #form: KeyFilterForm
  readonly #inputs: KeyFilterInputs
  readonly #counters: MatchCounters
  readonly #leftColumns: readonly number[]
  readonly #kept: Batch[] = []
  readonly #keys: TouchedCursor
  readonly #groups: TouchedCursor | undefined
  #next = 0
  #probe: Probe | undefined

  constructor(schema: Schema, form: KeyFilterForm, inputs: KeyFilterInputs, counters: MatchCounters) {
    this.label = `Join ${form}`
    this.schema = schema
    this.owns = counters.owns
    this.#form = form
    this.#inputs = inputs
    this.#counters = counters
    this.#leftColumns = Array.from({ length: inputs.leftColumns }, (_, i) => i)
    this.#keys = new TouchedCursor(counters.byKey)
    this.#groups = counters.byGroup === undefined ? undefined : new TouchedCursor(counters.byGroup)
  }

  push(port: number, batch: Batch, out: Output): Progress {
    if (port === 0) this.#kept.push(batch)
    else this.#counters.count(batch, out.region)
    out.spent(batch.length)
    return 'done'
  }

  finish(_epoch: EpochContext, out: Output): Progress {
    while (this.#next < this.#kept.length) {
      const batch = this.#kept[this.#next++]!
      const status = this.#counters.statusOf(batch.columns, batch.length, 'after', out.region)
      this.#emit(batch, status, out)
      if (out.spent(batch.length)) return 'more'
    }
    if (this.#inputs.left !== undefined && this.#changedRows(out) === 'more') return 'more'
    this.#counters.freeEmpty(out.region)
    return 'done'
  }

  reset(): void {
    this.#kept.length = 0
    this.#next = 0
    this.#probe = undefined
    this.#keys.reset()
    this.#groups?.reset()
  }

  /** Re-examines the rows of L⁻ whose key or group has changed. */
  #changedRows(out: Output): Progress {
    for (;;) {
      if (this.#probe === undefined) this.#probe = this.#nextProbe(out)
      if (this.#probe === undefined) return 'done'
      for (let pairs = this.#probe.next(out.region); pairs !== undefined; pairs = this.#probe.next(out.region)) {
        this.#emitChange(batchOf(pairs.length, pairs.gather(this.#leftColumns), pairs.weights), out)
        if (out.spent(pairs.length)) return 'more'
      }
      this.#probe = undefined
    }
  }

  #nextProbe(out: Output): Probe | undefined {
    const keys = this.#keys.take(out.region)
    if (keys !== undefined) return this.#probeKeys(keys, out)
    const groups = this.#groups?.take(out.region)
    return groups === undefined ? undefined : this.#probeGroups(groups, out)
  }

  /** Left rows under keys that gained their first or lost their last match, unless their whole group is re-examined. */
  #probeKeys(chunk: Chunk, out: Output): Probe {
    const { region } = out
    const keys = gatherKeys(this.#counters.byKey, chunk.slots, chunk.length, region)
    const flips = this.#counters.flips(chunk, region)
    if (this.#groups !== undefined) {
      const groups = this.#counters.groupsOf(keys, chunk.length, region)
      const moved = this.#counters.groupMoved({ slots: groups, length: chunk.length }, region)
      for (let i = 0; i < chunk.length; i++) if (moved[i] === 1) flips[i] = 0
    }
    const changed = rowsWhere(flips, region.i32(chunk.length))
    const batch = gather(batchOf(chunk.length, keys), changed.rows, changed.length, region)
    return this.#probeFor(this.#inputs.left!, this.#inputs.nullSafe, batch, out)
  }

  #probeGroups(chunk: Chunk, out: Output): Probe {
    const { region } = out
    const keys = gatherKeys(this.#counters.byGroup!, chunk.slots, chunk.length, region)
    const moved = Int32Array.from(this.#counters.groupMoved(chunk, region))
    const changed = rowsWhere(moved, region.i32(chunk.length))
    const batch = gather(batchOf(chunk.length, keys), changed.rows, changed.length, region)
    return this.#probeFor(this.#inputs.leftByGroup!, this.#inputs.nullSafe.slice(1), batch, out)
  }

  #probeFor(reader: ArrangementReader, nullSafe: readonly boolean[], keys: Batch, out: Output): Probe {
    const match: KeyMatch = { columns: keys.columns.map((_, i) => i), nullSafe }
    const slots = out.region.i32(keys.length)
    findSlots(reader, match, keys, 'before', slots, out.region)
    return new Probe(reader, 'before', { batch: keys, slots, weights: undefined })
  }

  #emitChange(rows: Batch, out: Output): void {
    const { region } = out
    const before = this.#counters.statusOf(rows.columns, rows.length, 'before', region)
    const after = this.#counters.statusOf(rows.columns, rows.length, 'after', region)
    this.#emit(negate(rows, region), before, out)
    this.#emit(rows, after, out)
  }

  #emit(rows: Batch, status: Int32Array, out: Output): void {
    if (this.#form === 'mark') {
      out.rows(withMark(rows, status, out.region))
      return
    }
    const passing = this.#form === 'semi' ? TRUE : FALSE
    const factors = out.region.i32(rows.length)
    for (let i = 0; i < rows.length; i++) factors[i] = status[i] === passing ? 1 : 0
    out.rows(multiplyWeights(rows, factors, out.region))
  }
}

/** Row numbers of the entries that are not 0. */
function rowsWhere(flags: Int32Array, rows: Int32Array): { readonly rows: Int32Array; readonly length: number } {
  let length = 0
  for (let i = 0; i < rows.length; i++) if (flags[i] !== 0) rows[length++] = i
  return { rows, length }
}
