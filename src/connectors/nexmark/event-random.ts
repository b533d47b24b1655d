// What the fields of a Nexmark event draw beyond plain numbers: prices, and draws one after the other.

import { mix, STEP, scale } from '../generator/random.ts'

const PRICE_BITS = 22

/** 10^(6 i / 1024), each from the one before, so that every machine has the same doubles. */
const priceSteps: Float64Array = (() => {
  const steps = new Float64Array(1025)
  steps[0] = 1
  for (let i = 1; i <= 1024; i++) steps[i] = steps[i - 1]! * 1.0135831333340657
  return steps
})()

/** Cents, log-uniform between 1.00 and 1,000,000.00. */
export function priceOf(bits: number): number {
  const step = bits >>> PRICE_BITS
  const low = priceSteps[step]!
  const part = (bits & ((1 << PRICE_BITS) - 1)) / (1 << PRICE_BITS)
  return Math.floor((low + (priceSteps[step + 1]! - low) * part) * 100 + 0.5)
}

/** Draws one after the other; for the loops that draw few, where a field costs nothing. */
export class EventRandom {
  state: number

  constructor(state: number) {
    this.state = state
  }

  bits(): number {
    this.state = (this.state + STEP) | 0
    return mix(this.state) >>> 0
  }

  below(bound: number): number {
    return scale(this.bits(), bound)
  }

  price(): number {
    return priceOf(this.bits())
  }
}
