// Precision and scale of NUMERIC results (spec/engine.md §1): what an operator makes of the digits of its operands.
//
// The scale is PostgreSQL's display scale of the result, so that a derived column prints as PostgreSQL prints it. What
// needs more than 38 digits, or whose scale depends on the values, is bytes.

import { numericPhysical, type Physical } from '../../core/type.ts'

export interface Digits {
  readonly precision: number
  readonly scale: number
}

const bytes: Physical = { kind: 'bytes' }

/** Precision and scale of a mantissa; undefined where the plan knows none. */
export function digitsOf(physical: Physical | undefined): Digits | undefined {
  if (physical?.kind === 'i128') return physical
  if (physical?.kind !== 'i64' || physical.scale === undefined || physical.precision === undefined) return undefined
  return { precision: physical.precision, scale: physical.scale }
}

type Derive = (args: readonly Physical[]) => Physical

const derive =
  (rule: (a: Digits, b: Digits) => Digits): Derive =>
  ([left, right]) => {
    const a = digitsOf(left)
    const b = digitsOf(right)
    if (a === undefined || b === undefined) return bytes
    const { precision, scale } = rule(a, b)
    return numericPhysical(precision, scale)
  }

export const sumPhysical = derive((a, b) => {
  const scale = Math.max(a.scale, b.scale)
  return { precision: Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale }
})

export const productPhysical = derive((a, b) => ({ precision: a.precision + b.precision, scale: a.scale + b.scale }))

/** A remainder is smaller than both operands. */
export const remainderPhysical = derive((a, b) => {
  const scale = Math.max(a.scale, b.scale)
  return { precision: Math.max(a.precision - a.scale, b.precision - b.scale) + scale, scale }
})

export const samePhysical: Derive = ([arg]) => arg ?? bytes

/** Rounding to an integer may carry into one more digit. */
export const integralPhysical: Derive = ([arg]) => {
  const digits = digitsOf(arg)
  return digits === undefined ? bytes : numericPhysical(Math.max(1, digits.precision - digits.scale + 1), 0)
}
