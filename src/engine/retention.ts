// Bad and late rows go when they have been kept for `bad_retention` or `late_retention`: retractions in an epoch of
// their own, by its T, that the journal records as it does any other change of a table.
//
// State: when each such table is to be looked at next. Rows go at most a hundredth of the time too late, so that a
// table is not searched for each of them; a look costs one pass over the column with the time.

import type { Batch } from '../core/batch.ts'
import type { RelationId } from '../core/ids.ts'
import { gather } from '../core/primitives/gather.ts'
import type { Region } from '../core/region.ts'
import type { EngineCore } from './core.ts'
import type { LiveTable } from './live-relation.ts'
import { scanBatches } from './reads.ts'
import { applyAgain } from './table-writer.ts'

/** Rows that go in one epoch. */
const ROWS_MAX = 65_536
const LEAST_WAIT_MICROS = 1_000_000n

export class Retention {
  readonly #core: EngineCore
  readonly #next = new Map<RelationId, bigint>()
  #busy = false

  constructor(core: EngineCore) {
    this.#core = core
  }

  /** Now and then: takes away what has been kept long enough. Does not throw. */
  tick(): void {
    if (this.#busy || !this.#core.pump.writable) return
    const now = this.#core.clock.now()
    const due = [...this.#core.graph.relations].find(
      (relation) =>
        relation.kind === 'table' &&
        relation.object.retention !== undefined &&
        (this.#next.get(relation.id) ?? 0n) <= now,
    )
    if (due?.kind !== 'table') return
    this.#busy = true
    this.#sweep(due.id)
      .catch((error: unknown) => {
        this.#next.set(due.id, now + LEAST_WAIT_MICROS)
        this.#core.host.log('warn', `rows of "${due.object.name}" could not be removed`, { error: String(error) })
      })
      .finally(() => {
        this.#busy = false
      })
  }

  async #sweep(id: RelationId): Promise<void> {
    const { pump, graph, clock, region } = this.#core
    const done = await pump.change(() => {
      const table = graph.get(id)
      if (table?.kind !== 'table' || table.object.retention === undefined) return { epoch: undefined }
      const kept = BigInt(table.object.retention)
      const now = clock.now()
      const oldest = oldestTime(table, region)
      const expires = oldest === undefined ? now + kept : oldest + kept
      if (expires > now) {
        const least = now + (kept / 100n > LEAST_WAIT_MICROS ? kept / 100n : LEAST_WAIT_MICROS)
        this.#next.set(id, expires > least ? expires : least)
        return { epoch: undefined }
      }
      for (const batch of expired(table, now - kept, region)) {
        applyAgain({ table, delta: batch }, region)
        table.delta.push(batch)
      }
      return { epoch: pump.collect() }
    })
    await done.epoch
  }
}

const timeColumn = ({ schema }: LiveTable): number =>
  schema.findLastIndex(({ name }) => name === 'ingested_at' || name === '_ingested_at')

function oldestTime(table: LiveTable, region: Region): bigint | undefined {
  let oldest: bigint | undefined
  for (const { columns, length } of scanBatches(table.store, [timeColumn(table)], 'after', region)) {
    const [column] = columns
    if (column?.kind !== 'i64') continue
    for (let i = 0; i < length; i++) {
      const time = column.values[i]!
      if (oldest === undefined || time < oldest) oldest = time
    }
  }
  return oldest
}

/** Retractions of rows that came at `until` or before. */
function expired(table: LiveTable, until: bigint, region: Region): readonly Batch[] {
  const all = table.schema.map((_, column) => column)
  const found: Batch[] = []
  let left = ROWS_MAX
  for (const batch of scanBatches(table.store, all, 'after', region)) {
    const column = batch.columns[timeColumn(table)]!
    if (column.kind !== 'i64' || left === 0) break
    const rows: number[] = []
    for (let i = 0; i < batch.length && rows.length < left; i++) if (column.values[i]! <= until) rows.push(i)
    if (rows.length === 0) continue
    left -= rows.length
    const gone = gather(batch, Int32Array.from(rows), rows.length, region)
    const weights = region.i32(rows.length)
    for (let i = 0; i < rows.length; i++) weights[i] = -(gone.weights?.[i] ?? 1)
    found.push({ ...gone, weights })
  }
  return found
}
