// Event times: whole milliseconds, kept in microseconds.

import { type I64Column, i64Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import { storeWhole } from '../generator/generated-log.ts'
import { type EventTable, eventNumber, eventTimeMs } from './events.ts'

/** `count` records of a table from offset `from` on. */
export interface EventRange {
  readonly from: number
  readonly count: number
  /** Events of all kinds a second of event time. */
  readonly rate: number
  readonly seeded: number
}

export function timeColumn(table: EventTable, { from, count, rate }: EventRange, region: Region): I64Column {
  const column = i64Column(region.i64(count))
  for (let i = 0; i < count; i++) storeWhole(column.words, i, eventTimeMs(eventNumber(table, from + i), rate) * 1000)
  return column
}
