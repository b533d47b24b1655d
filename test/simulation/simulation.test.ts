// A bounded slice of what `npm run sim` plays: some seeds, each a history of its own, and one of them twice to see that
// a seed decides everything. A mistake that is found gets a small test where it belongs.

import { beforeAll, describe, expect, test } from 'vitest'
import { loadLibrary } from '../../src/connectors/kafka/library.ts'
import { play } from './run.ts'

const STEPS = 50
/** Some found mistakes when they were new; those have small tests of their own. */
const SEEDS = [2, 3, 4, 10, 101, 102]

beforeAll(async () => {
  await loadLibrary() // not in the middle of a history
})

describe('simulated histories', () => {
  test.each(SEEDS.map((seed) => [seed]))('seed %i', async (seed) => {
    expect((await play(seed, STEPS)).failure).toBeUndefined()
  })

  test('a seed plays the same history again', async () => {
    const [first, second] = [await play(7, STEPS), await play(7, STEPS)]
    expect(second).toEqual(first)
  })
})
