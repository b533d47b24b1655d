// Grids of days and months: which instants their points are (spec/windows-and-time.md §2.4).
//
// A point is the start of a local day or month, plus the offset's time of day. In a zone it is mapped to an instant: a
// skipped local time to the first instant after the gap, a repeated one to its earlier instant. So the points ascend
// strictly, and neighbouring windows share theirs: they tile time, with days of 23 and 25 hours.

import { civilFromDays, daysFromCivil, MICROS_PER_DAY_BIG } from '../../functions/arithmetic/calendar.ts'
import { firstInstantOfLocal, localOfInstant, type TimeZone } from '../../functions/arithmetic/time-zone.ts'
import { zoneNamed } from '../../functions/datetime/zone.ts'
import type { AlignedWindows, WindowGrid } from '../../planner/time-window.ts'

/** A grid whose points are numbered by units (ticks, days, months from the origin, the offset not counted). */
export interface GridPoints {
  /** The greatest multiple of `multiple` whose point is not after the time. */
  unitOf(time: bigint, multiple: bigint): bigint
  instantOf(unit: bigint): bigint
}

export function civilGrid({ offset, shift }: AlignedWindows, grid: Extract<WindowGrid, { kind: 'civil' }>): GridPoints {
  const zone = grid.instants ? zoneNamed(grid.zone) : undefined
  const localDay = grid.unit === 'day' ? (unit: bigint) => unit + offset : (unit: bigint) => firstDay(unit + offset)
  const unitOfDay = grid.unit === 'day' ? (day: bigint) => day - offset : (day: bigint) => monthOf(day) - offset
  const instantOf = (unit: bigint): bigint => instant(localDay(unit) * MICROS_PER_DAY_BIG + shift, zone)
  return {
    instantOf,
    unitOf(time, multiple) {
      const local = zone === undefined ? time : localOfInstant(time, zone)
      let unit = floorTo(unitOfDay(floorDivide(local - shift, MICROS_PER_DAY_BIG)), multiple)
      // Where clocks go back over a boundary, local time alone is one unit off.
      while (instantOf(unit) > time) unit -= multiple
      while (instantOf(unit + multiple) <= time) unit += multiple
      return unit
    },
  }
}

const instant = (local: bigint, zone: TimeZone | undefined): bigint =>
  zone === undefined ? local : firstInstantOfLocal(local, zone)

/** Days from the origin of the first of a month, numbered from January 1970. */
function firstDay(month: bigint): bigint {
  const number = Number(month)
  const year = Math.floor(number / 12)
  return BigInt(daysFromCivil({ year: 1970 + year, month: number - year * 12 + 1, day: 1 }))
}

function monthOf(day: bigint): bigint {
  const { year, month } = civilFromDays(Number(day))
  return BigInt((year - 1970) * 12 + month - 1)
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return quotient * by > value ? quotient - 1n : quotient
}

const floorTo = (value: bigint, multiple: bigint): bigint => floorDivide(value, multiple) * multiple
