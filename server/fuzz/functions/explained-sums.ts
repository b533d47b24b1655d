// Aggregates of doubles are exact here and rounded once (operators spec §5.1); PostgreSQL rounds at each step. How far
// the answers may be apart follows from the size of the values, which the text of the call shows.

interface Answers {
  readonly sql: string
  readonly ours: string
  readonly theirs: string
}

/** Squares beyond these sizes leave the doubles. */
const SQUARES_OVERFLOW = 1e150
const SQUARES_UNDERFLOW = 1e-150
const STEP = 1e-14

const sizesOf = (sql: string): readonly number[] =>
  Array.from(sql.matchAll(/'([^']*)'::float[48]\b/g), ([, text]) => Math.abs(Number(text))).filter(Number.isFinite)

const first = /^sum$|^avg$|^regr_avg/
const second = /^var|^covar|^regr_s[xy]/
const root = /^stddev/
const quotient = /^corr$|^regr_(?:slope|intercept|r2)$/

/** The most that rounding at each step may change. */
function slack(name: string, greatest: number): number {
  if (first.test(name)) return STEP * greatest
  if (second.test(name)) return STEP * greatest * greatest
  return root.test(name) ? Math.sqrt(STEP) * greatest : Number.POSITIVE_INFINITY
}

/** Whether PostgreSQL's answer is ours but for its rounding, or its overflow, on the way. */
export function roundedOnTheWay(name: string, { sql, ours, theirs }: Answers): boolean {
  if (![first, second, root, quotient].some((names) => names.test(name))) return false
  const sizes = sizesOf(sql)
  const greatest = Math.max(0, ...sizes)
  const overflows = greatest > SQUARES_OVERFLOW
  if (theirs === 'ERROR 22003') return overflows
  if (quotient.test(name) && (overflows || sizes.some((size) => size > 0 && size < SQUARES_UNDERFLOW))) return true
  const [a, b] = [Number(ours), Number(theirs)]
  return Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= slack(name, greatest)
}
