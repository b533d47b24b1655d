// The schema `millrace`: our own facts, joinable with everything else.

import { relationId } from '../../core/ids.ts'
import type { SqlArray } from '../../core/value.ts'
import { type Described, type Rows, systemRelation } from './build.ts'
import type { SystemFacts, SystemRelation } from './relation.ts'

const FIRST_OID = 15000

const nameOf = ({ catalog }: SystemFacts, id: number): string => catalog.objects.get(relationId(id))?.name ?? ''
const schemaOf = ({ catalog }: SystemFacts, id: number): string => catalog.objects.get(relationId(id))?.schema ?? ''

const sources: Rows = function* (facts) {
  for (const source of facts.status.sources())
    yield {
      id: source.id,
      schema: schemaOf(facts, source.id),
      name: nameOf(facts, source.id),
      connector: source.connector,
      state: source.state,
      error: source.error ?? null,
      partitions: source.partitions.length,
      records: source.partitions.reduce((sum, one) => sum + BigInt(one.records), 0n),
      bytes_in_flight: BigInt(source.bytesInFlight),
      watermark: source.watermark ?? null,
      closing: source.closing ?? null,
    }
}

const sourcePartitions: Rows = function* (facts) {
  for (const source of facts.status.sources())
    for (const one of source.partitions)
      yield {
        source_id: source.id,
        source: nameOf(facts, source.id),
        partition: one.partition,
        offset: BigInt(one.offset),
        log_end: one.end === undefined ? null : BigInt(one.end),
        lag: one.end === undefined ? null : BigInt(Math.max(0, one.end - one.offset)),
        records: BigInt(one.records),
        bad_records: BigInt(one.bad),
        late_records: BigInt(one.late),
        tardy_records: BigInt(one.tardy),
        null_time_records: BigInt(one.timeless),
        ahead_records: BigInt(one.ahead),
        largest_lateness: one.lateness ?? null,
        state: one.state,
        watermark: one.watermark ?? null,
        moved_by_offset: one.movedAt === undefined ? null : BigInt(one.movedAt),
        moved_by_time: one.movedTime ?? null,
        holds_back: one.holdsBack,
      }
}

const views: Rows = function* (facts) {
  const { number, time } = facts.status.epoch
  for (const view of facts.status.views())
    yield {
      id: view.id,
      schema: schemaOf(facts, view.id),
      name: nameOf(facts, view.id),
      state: view.state,
      error: view.error ?? null,
      epoch: BigInt(number),
      epoch_time: time,
      shown_epoch: view.held ? (view.shown === undefined ? null : BigInt(view.shown)) : BigInt(number),
      rows: view.rows,
      diverted: view.diverted ?? null,
      null_time_rows: view.nullTimeRows ?? null,
      state_bytes: BigInt(view.stateBytes),
      store_bytes: BigInt(view.storeBytes),
      hydration_done: view.progress === undefined ? null : BigInt(view.progress.done),
      hydration_total: view.progress === undefined ? null : BigInt(view.progress.total),
    }
}

const arrangements: Rows = function* (facts) {
  for (const one of facts.status.arrangements())
    yield {
      relation_id: one.relation,
      relation: nameOf(facts, one.relation),
      label: one.label,
      bytes: BigInt(one.bytes),
      readers: textArray(one.readers),
    }
}

const textArray = (elements: readonly string[]): SqlArray =>
  elements.length === 0
    ? { kind: 'array', elements, lengths: [], lowerBounds: [] }
    : { kind: 'array', elements, lengths: [elements.length], lowerBounds: [1] }

const epochs: Rows = function* (facts) {
  for (const one of facts.status.epochs())
    yield {
      epoch: BigInt(one.epoch),
      time: one.time,
      source_records: BigInt(one.rows),
      compute_ms: one.computeMs,
      sync_ms: one.syncMs,
    }
}

const errors: Rows = function* (facts) {
  for (const one of facts.status.errors())
    yield {
      relation_id: one.relation,
      relation: nameOf(facts, one.relation),
      code: one.code,
      message: one.message,
      operator: one.operator,
      rows: BigInt(one.weight),
    }
}

const settings: Rows = function* (facts) {
  for (const { name, value, default: fallback, description } of facts.settings)
    yield { name, value, default_value: fallback, description }
}

const sessions: Rows = function* (facts) {
  for (const one of facts.status.sessions())
    yield {
      pid: one.pid,
      user: one.user,
      database: one.database,
      application_name: one.applicationName,
      state: one.state,
      query: one.query,
    }
}

const described: readonly (readonly [name: string, columns: string, rows: Rows])[] = [
  [
    'sources',
    `id oid, schema text, name text, connector text, state text, error text, partitions int4, records int8,
     bytes_in_flight int8, watermark text, closing text`,
    sources,
  ],
  [
    'source_partitions',
    `source_id oid, source text, partition int4, offset int8, log_end int8, lag int8, records int8, bad_records int8,
     late_records int8, tardy_records int8, null_time_records int8, ahead_records int8, largest_lateness text,
     state text, watermark text, moved_by_offset int8, moved_by_time text, holds_back boolean`,
    sourcePartitions,
  ],
  [
    'views',
    `id oid, schema text, name text, state text, error text, epoch int8, epoch_time timestamptz, shown_epoch int8,
     rows int8, diverted int8, null_time_rows int8, state_bytes int8, store_bytes int8, hydration_done int8,
     hydration_total int8`,
    views,
  ],
  ['arrangements', 'relation_id oid, relation text, label text, bytes int8, readers text[]', arrangements],
  ['epochs', 'epoch int8, time timestamptz, source_records int8, compute_ms float8, sync_ms float8', epochs],
  ['errors', 'relation_id oid, relation text, code text, message text, operator text, rows int8', errors],
  ['settings', 'name text, value text, default_value text, description text', settings],
  ['sessions', 'pid int4, user text, database text, application_name text, state text, query text', sessions],
]

export const millraceRelations: readonly SystemRelation[] = described.map(([name, columns, rows], i) => {
  const description: Described = { schema: 'millrace', name, oid: FIRST_OID + i, columns }
  return systemRelation(description, rows)
})
