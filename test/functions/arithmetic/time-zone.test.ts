// Zones: offsets around changes, civil times that are skipped or repeated, and the two ways to read those.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  firstInstantOfLocal,
  fixedZone,
  instantOfLocal,
  localOfInstant,
  timeZone,
  utcZone,
} from '../../../src/functions/arithmetic/time-zone.ts'
import { parseTimestamp } from '../../../src/functions/text/datetime-parse.ts'
import { printTimestamp } from '../../../src/functions/text/datetime-print.ts'
import { defaultTextSettings } from '../../../src/functions/text/settings.ts'

const settings = defaultTextSettings(() => 0n)
const at = (text: string): bigint => parseTimestamp(text, undefined, settings)
const shown = (timestamp: bigint): string => printTimestamp(timestamp, settings.dateStyle)

test.each([
  ['Europe/Berlin', '2024-03-31 00:59:59', 3600],
  ['Europe/Berlin', '2024-03-31 01:00:00', 7200],
  ['Europe/Berlin', '2024-10-27 01:00:00', 3600],
  ['europe/berlin', '1800-01-01', 3208],
  ['America/New_York', '3000-07-01', -14_400],
  ['Australia/Lord_Howe', '2024-04-06 14:59:59', 39_600],
  ['Australia/Lord_Howe', '2024-04-06 15:00:00', 37_800],
  ['Asia/Kathmandu', '2024-01-01', 20_700],
  ['UTC', '2024-01-01', 0],
  ['UTC+3', '2024-01-01', -10_800],
  ['<+0530>-5:30', '2024-01-01', 19_800],
])('%s at %s UTC is %d seconds east', (name, instant, offset) => {
  expect(timeZone(name)!.offsetAt(at(instant))).toBe(offset)
})

test('names that are no zone are undefined', () => {
  expect(['Nowhere', 'Mars/Olympus', '', 'EST5EDT6X', '../etc'].map((name) => timeZone(name))).toEqual(
    Array(5).fill(undefined),
  )
})

test.each([
  [10_800, '<+03>-03'],
  [-12_600, '<-03:30>+03:30'],
  [0, '<+00>-00'],
])('%d seconds east is named %s', (seconds, name) => {
  expect(fixedZone(seconds).name).toBe(name)
  expect(timeZone(name)!.offsetAt(0n)).toBe(seconds)
})

test.each([
  // Skipped: read with the offset before the gap, or as the end of the gap.
  ['Europe/Berlin', '2024-03-31 02:30', '2024-03-31 01:30:00', '2024-03-31 01:00:00'],
  ['America/Sao_Paulo', '2018-11-04 00:00', '2018-11-04 03:00:00', '2018-11-04 03:00:00'],
  // Repeated: the later instant, or the earlier.
  ['Europe/Berlin', '2024-10-27 02:30', '2024-10-27 01:30:00', '2024-10-27 00:30:00'],
  ['America/Havana', '2024-11-03 00:00', '2024-11-03 05:00:00', '2024-11-03 04:00:00'],
  ['America/St_Johns', '2010-11-07 00:00', '2010-11-07 03:30:00', '2010-11-07 02:30:00'],
])('in %s %s is %s, at first %s', (name, local, later, first) => {
  const zone = timeZone(name)!
  expect(shown(instantOfLocal(at(local), zone))).toBe(later)
  expect(shown(firstInstantOfLocal(at(local), zone))).toBe(first)
})

describe.each(['Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Africa/Casablanca'])('%s', (name) => {
  const zone = timeZone(name)!
  const instants = fc.bigInt({ min: at('2000-01-01'), max: at('2030-01-01') })

  test('an instant has one civil time, which means it or its repetition', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const local = localOfInstant(instant, zone)
        const [first, last] = [firstInstantOfLocal(local, zone), instantOfLocal(local, zone)]
        expect([first, last]).toContain(instant)
        expect(first <= last).toBe(true)
      }),
    )
  })

  test('civil times in order have first instants in order', () => {
    fc.assert(
      fc.property(instants, fc.bigInt({ min: 0n, max: 7_200_000_000n }), (local, step) => {
        expect(firstInstantOfLocal(local, zone) <= firstInstantOfLocal(local + step, zone)).toBe(true)
      }),
    )
  })
})

test('UTC is its own civil time', () => {
  expect(instantOfLocal(5n, utcZone)).toBe(5n)
  expect(localOfInstant(5n, utcZone)).toBe(5n)
})
