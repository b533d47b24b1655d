// The random numbers of a Nexmark event: a generator of 32 bits of state, seeded by (seed, event number), so that each
// event can be made alone. The constants are murmur3's finaliser's and the golden ratio's.

/** Added to the state at each draw. */
export const STEP = 0x9e3779b9 | 0
const SEED_FACTOR = 0x9e3779b1
const HIGH_FACTOR = 0x7feb352d
const WORD = 4_294_967_296

export function mix(word: number): number {
  let h = word ^ (word >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** The state that event `n` starts with; `seeded` = `seedWord(seed)`. */
export const eventState = (seeded: number, n: number): number =>
  mix((mix((n | 0) ^ seeded) + Math.imul(Math.floor(n / WORD) | 0, HIGH_FACTOR)) | 0)

export const seedWord = (seed: number): number => Math.imul((seed + 1) | 0, SEED_FACTOR)

/** 32 random bits scaled to 0 ≤ whole number < `bound`. */
export const scale = (bits: number, bound: number): number => Math.floor((bits * bound) / WORD)

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
