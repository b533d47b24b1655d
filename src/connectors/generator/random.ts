// Random numbers of generated records: a generator of 32 bits of state, seeded by (seed, record number), so that each
// record can be made alone. The constants are murmur3's finaliser's and the golden ratio's.

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
export function eventState(seeded: number, n: number): number {
  const high = n < WORD ? 0 : Math.imul(Math.floor(n / WORD) | 0, HIGH_FACTOR)
  return mix((mix((n | 0) ^ seeded) + high) | 0)
}

export const seedWord = (seed: number): number => Math.imul((seed + 1) | 0, SEED_FACTOR)

/** 32 random bits scaled to 0 ≤ whole number < `bound`. */
export const scale = (bits: number, bound: number): number => Math.floor((bits * bound) / WORD)
