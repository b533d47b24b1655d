// The command `npm run sim -- --seed S [--steps N] [--seeds N]`: plays simulated histories, one a seed, and stops at
// the first that shows a mistake. `--seeds`: so many, from S on. Exit code 1 if one failed.

import { parseArgs } from 'node:util'
import { play } from './run.ts'

const STEPS = 80

export async function main(argv: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ args: [...argv], options: { seed: text, steps: text, seeds: text } })
  const first = Number(values.seed ?? 1)
  const steps = Number(values.steps ?? STEPS)
  const count = Number(values.seeds ?? 1)
  if (![first, steps, count].every(Number.isSafeInteger)) {
    console.error('npm run sim -- --seed S [--steps N] [--seeds N], all whole numbers')
    return 1
  }
  for (let seed = first; seed < first + count; seed++) {
    const { failure, digest } = await play(seed, steps)
    if (failure !== undefined) {
      console.error(failure)
      return 1
    }
    console.log(`seed ${seed}: ${steps} steps, digest ${digest >>> 0}`)
  }
  return 0
}
