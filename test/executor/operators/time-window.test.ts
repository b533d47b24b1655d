import { describe, test } from 'vitest'
import type { TimeWindowNode } from '../../../src/planner/physical.ts'
import { timeWindow } from '../../../src/planner/plan-build.ts'
import { type TimeWindows, windowBounds } from '../../../src/planner/time-window.ts'
import { checkIncremental } from '../../support/incremental.ts'
import { int4, int8, scan, schemaOf } from '../../support/plans.ts'

const ticks = (kind: 'tumble' | 'hop' | 'cumulate', step: bigint, size: bigint, offset = 0n): TimeWindows => ({
  kind,
  grid: { kind: 'ticks' },
  step,
  size,
  offset,
  shift: 0n,
})

/** Columns: value, time, key. */
function check(windows: TimeWindows, type: typeof int4 | typeof int8): void {
  const schema = schemaOf(int4, type, int4)
  const input = scan('t', schema)
  const { schema: shown } = timeWindow({ kind: 'values', rows: [], schema }, 1, windows)
  const node: TimeWindowNode = {
    kind: 'timeWindow',
    input,
    time: 1,
    windows,
    bounds: windowBounds,
    schema: shown,
    insertOnly: false,
    uniqueKeys: [],
  }
  const times = [-11, -3, -1, 0, 2, 5, 7, 9, 10, 13, 20, 22, null]
  const domain = [[1, 2], times.map((time) => (time === null || type === int4 ? time : BigInt(time))), [1, 2, null]]
  checkIncremental(node, [{ scan: input, domain }])
}

describe('time windows', () => {
  test('tumble', () => {
    check(ticks('tumble', 10n, 10n), int8)
    check(ticks('tumble', 10n, 10n, 3n), int4)
  })

  test('hop: overlapping, with a rest, with gaps', () => {
    check(ticks('hop', 5n, 10n), int8)
    check(ticks('hop', 4n, 10n, 1n), int8)
    check(ticks('hop', 10n, 4n), int4)
  })

  test('cumulate', () => {
    check(ticks('cumulate', 2n, 6n), int8)
    check(ticks('cumulate', 2n, 6n, 3n), int4)
  })

  test('session, with and without a partition', () => {
    check({ kind: 'session', gap: 4n, partition: [2] }, int8)
    check({ kind: 'session', gap: 3n, partition: [] }, int4)
    check({ kind: 'session', gap: 100n, partition: [2] }, int8)
  })
})
