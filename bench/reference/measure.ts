// Timing of one loop: the median of five passes after some that only warm the code up.

export interface Measured {
  readonly rows: number
  readonly nsPerRow: number
  /** Slowest pass over fastest, in processor time: above 1.5 the figure means little. */
  readonly spread: number
  /** What else was found, by name; printed as it is. */
  readonly facts?: Readonly<Record<string, number>>
  /** Where the limit is not one of ns a row. */
  readonly withinLimit?: boolean
}

const PASSES = 5

/** Each call of `pass` handles `rows` rows. */
export function measure(rows: number, pass: () => void, warmUps = 2): Measured {
  for (let i = 0; i < warmUps; i++) pass()
  const times: number[] = []
  const costs: number[] = []
  for (let i = 0; i < PASSES; i++) {
    const before = process.cpuUsage()
    const start = process.hrtime.bigint()
    pass()
    times.push(Number(process.hrtime.bigint() - start) / rows)
    costs.push(process.cpuUsage(before).user)
  }
  times.sort((a, b) => a - b)
  return { rows, nsPerRow: times[PASSES >> 1]!, spread: Math.max(...costs) / Math.min(...costs) }
}
