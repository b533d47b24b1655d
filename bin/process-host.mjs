// Time, chance and turns of the event loop from the process itself, for the tools that run an engine outside the
// server.

export const clock = {
  now: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)),
  monotonicMs: () => performance.now(),
}

export const timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

export const random = Math.random

export const nextTurn = () => new Promise((resolve) => void setImmediate(resolve))
