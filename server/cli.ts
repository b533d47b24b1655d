// The command `millrace`: options, log, the engine on its files, the listeners, and an orderly end. The only file that
// touches the process: clock, chance, timers, console, signals.

import { readFileSync } from 'node:fs'
import { connectors } from '../src/connectors/registry.ts'
import type { Clock, Timers } from '../src/core/clock.ts'
import { SqlError } from '../src/core/error.ts'
import { memoryDirectory, openDataDirectory } from '../src/engine/data-directory.ts'
import { type Engine, openEngine } from '../src/engine/engine.ts'
import { systemRelations } from '../src/engine/system/all.ts'
import { functionRegistry } from '../src/functions/all.ts'
import { realFiles } from './files.ts'
import { openLog } from './log.ts'
import { parseOptions, type ServerOptions, usage } from './options.ts'
import { listen } from './pgwire/listener.ts'

const clock: Clock = {
  now: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)),
  monotonicMs: () => performance.now(),
}

const timers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Resolves to the exit code when the server has ended. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseOptions(argv, (path) => readFileSync(path, 'utf8'))
  switch (parsed.kind) {
    case 'help':
      console.log(usage)
      return 0
    case 'version':
      console.log(`millrace ${version()}`)
      return 0
    case 'wrong':
      console.error(`millrace: ${parsed.message}`)
      return 1
    case 'run':
      return run(parsed.options)
  }
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

async function run(options: ServerOptions): Promise<number> {
  const stop = stopSignal()
  try {
    await using stack = new AsyncDisposableStack()
    await start(options, stack)
    await stop
    console.log('millrace stops')
    return 0
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    console.error(`millrace: ${error.message}`)
    return 1
  }
}

/** Everything that runs, in the order in which it starts; it ends in the other. */
async function start(options: ServerOptions, stack: AsyncDisposableStack): Promise<void> {
  const log = stack.use(openLog(options.logLevel, clock)).write
  const engine = stack.use(
    await openEngine({
      directory: options.dataDir === undefined ? memoryDirectory() : openDataDirectory(realFiles, options.dataDir),
      registry: functionRegistry(),
      connectors,
      systemRelations,
      host: { clock, timers, random: Math.random, log },
      memoryBytes: options.memoryBytes,
      nextTurn,
    }),
  )
  if (options.init !== undefined) await runFile(engine, options.init)
  const { host, port, maxConnections } = options
  const listener = stack.use(await listen({ host, port, engine, log, random: Math.random, maxConnections }))
  if (options.httpPort !== undefined) {
    const residentBytes = (): number => process.memoryUsage.rss()
    const connections = (): number => listener.connections
    // Node's HTTP costs a start 100 ms and 15 MB: only who asks for it pays.
    const { serveHttp } = await import('./http/routes.ts')
    stack.use(await serveHttp({ host, port: options.httpPort, engine, connections, residentBytes }))
  }
  const where = options.dataDir === undefined ? 'in memory, nothing is kept' : `data in ${options.dataDir}`
  console.log(`millrace ${version()} is ready: psql -h ${host} -p ${listener.port}   (${where})`)
}

/** Statements of --init, each shown with its error and position if it fails. */
async function runFile(engine: Engine, path: string): Promise<void> {
  const text = readFileSync(path, 'utf8')
  await using session = engine.openSession({
    user: 'millrace',
    database: 'millrace',
    settings: {},
    events: { notice: () => {}, parameter: () => {}, terminate: () => {} },
  })
  for await (const execution of session.simpleQuery(text)) {
    if (execution.kind !== 'rows') continue
    while ((await execution.next(0)) !== undefined);
  }
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
}
