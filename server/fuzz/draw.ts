// Draws of one trial: everything random in it comes from (seed, trial number), so that a trial can be made again alone.

import { eventState, mix, STEP, scale, seedWord } from '../../src/connectors/generator/random.ts'

export class Draw {
  #state: number

  constructor(seed: number, trial: number) {
    this.#state = eventState(seedWord(seed), trial)
  }

  /** 0 ≤ whole number < bound. */
  below(bound: number): number {
    this.#state = (this.#state + STEP) | 0
    return scale(mix(this.#state) >>> 0, bound)
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** One of the keys, by the weights that are their values. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const keys = Object.keys(weights) as K[]
    let rest = this.below(keys.reduce((sum, key) => sum + weights[key], 0))
    for (const key of keys) {
      rest -= weights[key]
      if (rest < 0) return key
    }
    return keys[0]!
  }

  /** `count` different members, in the order of the list. */
  some<T>(list: readonly T[], count: number): readonly T[] {
    const left = [...list.keys()]
    while (left.length > count) left.splice(this.below(left.length), 1)
    return left.map((index) => list[index]!)
  }

  times<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index))
  }
}
