// A real Apache Kafka broker (one node, no ZooKeeper, no Docker) on 127.0.0.1 for tests and benchmarks.
// Needs Linux, a JDK of 17 or later, and Maven for the first download of its jars. `node scripts/kafka.ts help` lists
// the commands; kafka/settings.ts says which settings and ports.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  brokerOptions,
  defaultFolder,
  endBroker,
  logFile,
  runClass,
  runLines,
  runningPid,
  startBroker,
  wipeBroker,
} from './kafka/broker.ts'
import { classPath, missingTool } from './kafka/jars.ts'
import { type BrokerOptions, listeners } from './kafka/settings.ts'

const HELP = `start [options]     start the broker and wait until it answers; where it runs already, say so
stop | kill         end it in good order | as a crash would (kill -9); the data stay
status              one line; exit status 0 where it runs, 3 where not
wipe                kill it and remove its folder
log | fetch         print the path of its log | only download the jars
topic ARG...        Kafka's topic tool: --create --topic t --partitions 4, --list, --delete, --describe
produce TOPIC [client.property=value]... < lines     see kafka/Lines.java for the form of a line
consume TOPIC [client.property=value]...
run-class CLASS ARG...                               any class of Kafka's; {} becomes the broker's address

Options (start keeps them in the folder for the next start):
  --dir DIR           the broker's folder; one broker each
  --port N            default 19192; N+1 controller, N+2 SASL, N+3 TLS, N+4 SASL over TLS
  --version V         4 (4.3.1, default), 3 (3.9.2), or an exact version
  --heap SIZE         default 512m
  --sasl --tls        also listen so; users alice/alice-secret, bob/bob-secret; DIR/tls/ca.pem
  --set key=value     any broker setting; repeatable
`

const OPTIONS = {
  dir: { type: 'string' },
  port: { type: 'string' },
  version: { type: 'string' },
  heap: { type: 'string' },
  sasl: { type: 'boolean' },
  tls: { type: 'boolean' },
  set: { type: 'string', multiple: true },
} as const

/** Own options stand before the first word that a tool of Kafka's shall see. */
function splitArguments(args: readonly string[]) {
  const [command = 'help', ...rest] = args
  if (['topic', 'produce', 'consume', 'run-class'].includes(command)) {
    const own = rest[0] === '--dir' ? rest.splice(0, 2) : []
    return { command, own, rest }
  }
  return { command, own: rest, rest: [] }
}

function given(own: readonly string[]): Partial<BrokerOptions> & { readonly dir: string } {
  const { values } = parseArgs({ args: [...own], options: OPTIONS })
  return {
    dir: resolve(values.dir ?? defaultFolder()),
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    ...(values.version === undefined ? {} : { version: values.version }),
    ...(values.heap === undefined ? {} : { heap: values.heap }),
    ...(values.sasl === undefined ? {} : { sasl: values.sasl }),
    ...(values.tls === undefined ? {} : { tls: values.tls }),
    ...(values.set === undefined ? {} : { settings: values.set }),
  }
}

function describe(options: BrokerOptions, pid: number): string {
  const where = listeners(options).map(({ name, port }) => `${name} 127.0.0.1:${port}`)
  return `${where.join(', ')} (Kafka ${options.version}, pid ${pid}, ${options.dir})`
}

function runTool(options: BrokerOptions, command: string, rest: readonly string[]): string {
  const address = `127.0.0.1:${options.port}`
  const [first = '', ...others] = rest
  switch (command) {
    case 'topic':
      return runClass(options, 'org.apache.kafka.tools.TopicCommand', ['--bootstrap-server', address, ...rest])
    case 'produce':
    case 'consume':
      return runLines(options, command, rest, command === 'produce' ? readFileSync(0, 'utf8') : '')
    default:
      return runClass(
        options,
        first,
        others.map((argument) => argument.replaceAll('{}', address)),
      )
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { command, own, rest } = splitArguments(args)
  const { dir, ...chosen } = given(own)
  const options = brokerOptions(dir, chosen)
  const say = (text: string) => process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  switch (command) {
    case 'start': {
      const missing = missingTool(options.version)
      if (missing !== undefined) throw new Error(missing)
      say(describe(options, await startBroker(options)))
      return 0
    }
    case 'stop':
    case 'kill':
      say((await endBroker(dir, command === 'stop' ? 'SIGTERM' : 'SIGKILL')) ? 'ended' : 'not running')
      return 0
    case 'status': {
      const pid = runningPid(dir)
      say(pid === undefined ? 'not running' : describe(options, pid))
      return pid === undefined ? 3 : 0
    }
    case 'wipe':
      await wipeBroker(dir)
      return 0
    case 'log':
      say(logFile(dir))
      return 0
    case 'fetch':
      say(classPath(options.version))
      return 0
    case 'topic':
    case 'produce':
    case 'consume':
    case 'run-class':
      process.stdout.write(runTool(options, command, rest))
      return 0
    default:
      say(HELP)
      return command === 'help' ? 0 : 2
  }
}

if (import.meta.main) {
  main(process.argv.slice(2)).then(
    (status) => {
      process.exitCode = status
    },
    (error: unknown) => {
      process.stderr.write(`kafka: ${error instanceof Error ? error.message : String(error)}\n`)
      process.exitCode = 1
    },
  )
}
