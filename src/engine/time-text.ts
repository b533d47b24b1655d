// Times and distances of watermarks as texts, printed as their columns' type, in UTC.

import type { ColumnDef } from '../core/schema.ts'
import { interval } from '../core/value.ts'
import { utcZone } from '../functions/arithmetic/time-zone.ts'
import type { TextSettings } from '../functions/text/settings.ts'
import { print } from '../functions/text/text.ts'
import { ENDLESS, NO_TIME } from './judge-times.ts'

export const plainText: TextSettings = {
  dateStyle: { output: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  timeZone: utcZone,
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  now: () => 0n,
  names: undefined,
}

/** A tick as a value of the column. */
export function timeText(def: ColumnDef, ticks: bigint | undefined): string | undefined {
  if (ticks === undefined || ticks === NO_TIME) return undefined
  if (ticks === ENDLESS) return 'infinity'
  return print(def.type, def.physical.kind === 'i32' ? Number(ticks) : ticks, plainText)
}

/** A distance in the column's unit. */
export function distanceText(def: ColumnDef, ticks: bigint | undefined): string | undefined {
  if (ticks === undefined || ticks === NO_TIME) return undefined
  const { kind } = def.type
  if (kind === 'timestamp' || kind === 'timestamptz')
    return print({ kind: 'interval' }, interval(0, 0, ticks), plainText)
  return kind === 'date' ? `${ticks} days` : String(ticks)
}
