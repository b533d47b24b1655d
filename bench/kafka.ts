// Reading a topic of a real Kafka: CPU time of the client process a record, ours against the two known Node clients, in
// one run on one broker. Bars: ours takes at most a third of @platformatic/kafka's `Consumer.fetch` and a sixth of
// kafkajs' `eachBatch`; a bar that is missed is printed and fails the run. Needs Java and Maven (scripts/kafka.ts).
//
// A topic of 3 M JSON bids of 250 bytes in 4 partitions, batches of up to 128 KB. `own` locates every record, as the
// others do; `chunks` is what the engine asks for besides (digests, good rows); both but for the format.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runClass } from '../scripts/kafka/broker.ts'
import { startTestBroker, type TestBroker } from '../test/support/kafka.ts'
import type { Measured } from './reference/measure.ts'
import type { BenchCase } from './run.ts'

const RECORDS = 3_000_000
const PASSES = 3
const BARS: Readonly<Record<string, number>> = { platformatic: 3, kafkajs: 6 }
const client = fileURLToPath(new URL('kafka/client.ts', import.meta.url))

interface Printed extends Measured {
  readonly rowsPerSecond: number
  readonly rssMb: number
}

/** The broker and its topics, made for the first case and ended with the process. */
class Fixture {
  #ready: Promise<TestBroker> | undefined
  readonly measured = new Map<string, number>()

  broker(): Promise<TestBroker> {
    this.#ready ??= this.#start()
    return this.#ready
  }

  async #start(): Promise<TestBroker> {
    const broker = await startTestBroker({ heap: '1g' })
    process.once('exit', () => {
      execFileSync(process.execPath, [
        fileURLToPath(new URL('../scripts/kafka.ts', import.meta.url)),
        'wipe',
        '--dir',
        broker.options.dir,
      ])
    })
    const payload = join(broker.options.dir, 'bids.json')
    writeFileSync(payload, Array.from({ length: 50_000 }, (_, i) => bid(i)).join('\n'))
    for (const codec of ['none', 'lz4']) {
      broker.topics('--create', '--topic', codec, '--partitions', '4')
      const settings = ['batch.size=131072', 'linger.ms=20', `compression.type=${codec}`]
      const run = ['--topic', codec, '--num-records', `${RECORDS}`, '--throughput', '-1', '--payload-file', payload]
      const properties = [`bootstrap.servers=${broker.address}`, ...settings]
      runClass(broker.options, 'org.apache.kafka.tools.ProducerPerformance', [
        ...run,
        '--producer-props',
        ...properties,
      ])
    }
    return broker
  }
}

const fixture = new Fixture()

const bid = (i: number): string =>
  JSON.stringify({
    auction: 1000 + ((i * 7919) % 100_000),
    bidder: 2000 + ((i * 104_729) % 100_000),
    price: 100 + ((i * 31) % 1_000_000),
    channel: ['Google', 'Facebook', 'Baidu', 'Apple'][i % 4],
    url: `https://www.nexmark.com/item.htm?query=1&channel_id=${i % 1000}`,
    date_time: `2026-01-01 00:00:${String(i % 60).padStart(2, '0')}.000`,
    extra: 'abcdefgh',
  })

function measureClient(name: string, topic: string): BenchCase {
  return {
    name: `${name} ${topic}`,
    async run() {
      const broker = await fixture.broker()
      const passes: Printed[] = []
      for (let i = 0; i < PASSES; i++) {
        const args = ['--no-maglev', '--no-warnings', client, name, broker.address, topic]
        passes.push(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })))
      }
      passes.sort((a, b) => a.nsPerRow - b.nsPerRow)
      const median = passes[PASSES >> 1]!
      fixture.measured.set(`${name} ${topic}`, median.nsPerRow)
      console.log(`# ${name} ${topic}: ${median.rowsPerSecond} records/s, ${median.rssMb} MB`)
      checkBar(name, median.nsPerRow)
      return { rows: median.rows, nsPerRow: median.nsPerRow, spread: passes.at(-1)!.nsPerRow / passes[0]!.nsPerRow }
    },
  }
}

function checkBar(name: string, nsPerRow: number): void {
  const [own, bar] = [fixture.measured.get('own none'), BARS[name]]
  if (own === undefined || bar === undefined) return
  const ratio = nsPerRow / own
  console.log(
    `# ${name} takes ${ratio.toFixed(1)} times our CPU a record; bar ${bar}: ${ratio >= bar ? 'kept' : 'MISSED'}`,
  )
  if (ratio < bar) process.exitCode = 1
}

export const cases: readonly BenchCase[] = [
  measureClient('own', 'none'),
  measureClient('chunks', 'none'),
  measureClient('own', 'lz4'),
  measureClient('platformatic', 'none'),
  measureClient('kafkajs', 'none'),
]
