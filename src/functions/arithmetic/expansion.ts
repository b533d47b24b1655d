// Expansions: an exact sum of doubles kept as a few doubles that do not overlap (Shewchuk, "Adaptive Precision
// Floating-Point Arithmetic", 1997; the final rounding is that of Python's math.fsum).
//
//   1e16 + 1  =  [1, 1e16]        smallest first, no zeros; their exact sum is the value
//
// Terms lie in any Float64Array at any offset, so that they can stand in state memory. Cost: about 6 flops a term and
// value; most sums have one to three terms. Nothing here may overflow: callers keep |terms| below 2^970 (exact-sum.ts).

/** How many terms an expansion can have at most: 2,098 bits of a double's range, 53 a term, one more while adding. */
export const TERMS_MAX = 41

/**
 * Adds `value` to the expansion of `length` terms at `terms[at]`; returns its new length, at most one more. The array
 * must have room for it.
 */
export function addToExpansion(terms: Float64Array, at: number, length: number, value: number): number {
  let sum = value
  let kept = at
  for (let i = at; i < at + length; i++) {
    const term = terms[i]!
    const next = sum + term
    const part = next - sum
    const error = sum - (next - part) + (term - part)
    sum = next
    if (error !== 0) terms[kept++] = error
  }
  if (sum !== 0) terms[kept++] = sum
  return kept - at
}

/** The double nearest to the exact sum, half to even; 0 of no terms. */
export function roundExpansion(terms: Float64Array, at: number, length: number): number {
  if (length === 0) return 0
  let i = at + length - 1
  let high = terms[i]!
  let low = 0
  while (i > at && low === 0) {
    const larger = high
    const smaller = terms[--i]!
    high = larger + smaller
    low = smaller - (high - larger)
  }
  // A remainder of exactly half was rounded to even; what lies below it decides.
  if (i > at && low !== 0 && low < 0 === terms[i - 1]! < 0) {
    const doubled = low * 2
    const raised = high + doubled
    if (raised - high === doubled) high = raised
  }
  return high
}

const SPLITTER = 134_217_729 // 2^27 + 1

/** The error of the rounded product `product = a * b`, exact where nothing over- or underflows (Dekker, Veltkamp). */
export function productError(a: number, b: number, product: number): number {
  const scaledA = SPLITTER * a
  const highA = scaledA - (scaledA - a)
  const lowA = a - highA
  const scaledB = SPLITTER * b
  const highB = scaledB - (scaledB - b)
  const lowB = b - highB
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB)
}
