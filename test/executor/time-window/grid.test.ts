// Civil windows tile time: over every change of clocks of five zones from 2000 to 2040 the end of a day is the start
// of the next, and every instant is in exactly one. Half-hour shifts, skipped and repeated midnights are among them.

import { describe, expect, test } from 'vitest'
import { timeRange, type Windows, windowerOf } from '../../../src/executor/time-window/windows.ts'
import { zoneNamed } from '../../../src/functions/datetime/zone.ts'
import type { AlignedWindows } from '../../../src/planner/time-window.ts'

const zones = ['Europe/Berlin', 'America/Sao_Paulo', 'America/Havana', 'Australia/Lord_Howe', 'America/St_Johns']
const HOUR = 3_600_000_000n
const DAY = 24n * HOUR
const FROM = 946_684_800_000_000n // 2000-01-01
const TO = 2_208_988_800_000_000n // 2040-01-01

function windowAt(windows: AlignedWindows): (time: bigint) => readonly [bigint, bigint] {
  const out: Windows = { starts: new BigInt64Array(4), ends: new BigInt64Array(4) }
  const windower = windowerOf(windows, timeRange({ kind: 'timestamptz' }))
  return (time) => {
    expect(windower(time, out)).toBe(1)
    return [out.starts[0]!, out.ends[0]!]
  }
}

/** Days on which the zone's offset changes, each with the days around it. */
function changes(name: string): bigint[] {
  const zone = zoneNamed(name)
  const found: bigint[] = []
  for (let day = FROM; day < TO; day += DAY)
    if (zone.offsetAt(day) !== zone.offsetAt(day + DAY)) found.push(day - DAY, day, day + DAY)
  return found
}

describe.each(zones)('%s', (zone) => {
  const civil = (unit: 'day' | 'month', size: bigint, shift = 0n): AlignedWindows => ({
    kind: 'tumble',
    grid: { kind: 'civil', unit, zone, instants: true },
    step: size,
    size,
    offset: 0n,
    shift,
  })

  test('days tile around every change of clocks', () => {
    const at = windowAt(civil('day', 1n))
    const days = changes(zone)
    expect(days.length).toBeGreaterThan(20)
    for (const day of days)
      for (let time = day; time < day + DAY; time += HOUR / 2n) {
        const [start, end] = at(time)
        expect(start <= time && time < end).toBe(true)
        expect(at(end)[0]).toBe(end)
        expect(at(start - 1n)[1]).toBe(start)
        expect(at(end - 1n)).toEqual([start, end])
      }
  })

  test('weeks, months and days that begin at a quarter past two', () => {
    for (const windows of [civil('day', 7n), civil('month', 1n), civil('day', 1n, (9n * HOUR) / 4n)]) {
      const at = windowAt(windows)
      for (let time = FROM; time < FROM + 800n * DAY; ) {
        const [start, end] = at(time)
        expect(start <= time && time < end).toBe(true)
        expect(at(end)[0]).toBe(end)
        time = end
      }
    }
  })
})
