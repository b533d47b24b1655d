// A real Kafka for tests: a broker of the test file's own, started by scripts/kafka where Java and Maven are there. A
// test that needs nothing special may also run against the broker named by MILLRACE_TEST_KAFKA (host:port).
// Without either, such tests are skipped, and their name says why.

import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brokerOptions, endBroker, runClass, runLines, startBroker, wipeBroker } from '../../scripts/kafka/broker.ts'
import { KAFKA_VERSIONS, missingTool } from '../../scripts/kafka/jars.ts'
import type { BrokerOptions } from '../../scripts/kafka/settings.ts'
import type { ConnectorHost } from '../../src/connectors/source.ts'
import type { Clock, Random, Timers } from '../../src/core/clock.ts'

/** Why tests against Kafka do not run here, for their names; undefined if they do. */
export function kafkaMissing(): string | undefined {
  if (process.env.MILLRACE_TEST_KAFKA !== undefined) return undefined
  return missingTool(KAFKA_VERSIONS['4']!)
}

/** The same for tests that need a broker of their own, to kill it or to set it up. */
export const ownKafkaMissing = (): string | undefined => missingTool(KAFKA_VERSIONS['4']!)

export interface TestBroker extends AsyncDisposable {
  readonly address: string
  readonly options: BrokerOptions
  kill(): Promise<void>
  start(): Promise<void>
  /** Kafka's topic tool. */
  topics(...args: string[]): string
  /** Records as lines through Kafka's own client; see scripts/kafka/Lines.java. */
  produce(topic: string, lines: readonly string[], ...settings: string[]): void
  consume(topic: string, ...settings: string[]): string[]
}

const PORTS_NEEDED = 5
const PORT_MIN = 20_000
const PORT_MAX = 32_000

export async function startTestBroker(given: Partial<BrokerOptions> = {}): Promise<TestBroker> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-kafka-'))
  const options = brokerOptions(dir, { port: await freePorts(), ...given })
  await startBroker(options)
  return broker(options, () => wipeBroker(dir))
}

/** The broker named by the environment, else one of its own. */
export async function anyTestBroker(): Promise<TestBroker> {
  const named = process.env.MILLRACE_TEST_KAFKA
  if (named === undefined) return startTestBroker()
  const options = brokerOptions('', { port: Number(named.split(':')[1]) })
  return { ...broker(options, async () => {}), address: named }
}

function broker(options: BrokerOptions, dispose: () => Promise<void>): TestBroker {
  const address = `127.0.0.1:${options.port}`
  const topicTool = 'org.apache.kafka.tools.TopicCommand'
  return {
    address,
    options,
    kill: async () => {
      await endBroker(options.dir, 'SIGKILL')
    },
    start: async () => {
      await startBroker(options)
    },
    topics: (...args) => runClass(options, topicTool, ['--bootstrap-server', address, ...args]),
    produce: (topic, lines, ...settings) => {
      runLines(options, 'produce', [topic, ...settings], `${lines.join('\n')}\n`)
    },
    consume: (topic, ...settings) =>
      runLines(options, 'consume', [topic, ...settings])
        .split('\n')
        .filter(Boolean),
    [Symbol.asyncDispose]: dispose,
  }
}

/** The first of some adjacent ports that are free; below where outgoing connections begin. */
async function freePorts(): Promise<number> {
  const isFree = (port: number) =>
    new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
  for (;;) {
    const first = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN - PORTS_NEEDED))
    const free = await Promise.all(Array.from({ length: PORTS_NEEDED }, (_, i) => isFree(first + i)))
    if (free.every(Boolean)) return first
  }
}

const clock: Clock = {
  now: () => BigInt(Date.now()) * 1000n,
  monotonicMs: () => performance.now(),
}

const timers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

const random: Random = Math.random

/** The process's own clock, timers and chance; what is logged is kept. */
export function testHost(): ConnectorHost & { readonly logged: string[] } {
  const logged: string[] = []
  return { clock, timers, random, logged, log: (level, message) => logged.push(`${level}: ${message}`) }
}
