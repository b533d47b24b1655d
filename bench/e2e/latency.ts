// Times of single round trips: median and the 99th percentile, in ms.

export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly perSecond: number
}

/** `clients` loops of `rounds` calls each, side by side, after as many calls to warm up as `warmUps` says. */
export async function latencies(
  clients: readonly ((round: number) => Promise<unknown>)[],
  rounds: number,
  warmUps: number,
): Promise<Latency> {
  const times: number[] = []
  const loop = async (call: (round: number) => Promise<unknown>, from: number, count: number): Promise<void> => {
    for (let i = from; i < from + count; i++) {
      const start = performance.now()
      await call(i)
      times.push(performance.now() - start)
    }
  }
  await Promise.all(clients.map((call) => loop(call, 0, warmUps)))
  times.length = 0
  const start = performance.now()
  await Promise.all(clients.map((call) => loop(call, warmUps, rounds)))
  const seconds = (performance.now() - start) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number): number => Number(times[Math.floor(times.length * share)]!.toFixed(3))
  return { p50: at(0.5), p99: at(0.99), perSecond: Math.round(times.length / seconds) }
}
