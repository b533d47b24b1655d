// Repeatable numbers for the inputs of benchmarks: a linear congruential generator (Numerical Recipes' constants).
// Its low bits are poor, which does not matter for keys that are then hashed.

export type Draw = (limit: number) => number

export function draws(seed: number): Draw {
  let state = seed | 0
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) % limit
  }
}
