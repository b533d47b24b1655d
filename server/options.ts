// The command line and the configuration file: what can be said, defaults, and one sentence for what is wrong.

import { parseArgs } from 'node:util'
import { LEVELS, type Level } from './log.ts'

export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly dataDir: string | undefined
  readonly httpPort: number | undefined
  readonly init: string | undefined
  readonly logLevel: Level
  readonly memoryBytes: number
  readonly maxConnections: number
}

export type Parsed =
  | { readonly kind: 'run'; readonly options: ServerOptions }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'wrong'; readonly message: string }

export const usage = `usage: millrace [options]

  --host ADDRESS       address to listen on (127.0.0.1); only loopback addresses until passwords exist
  --port PORT          port of the PostgreSQL protocol (7432)
  --data-dir FOLDER    where data are kept (./millrace-data)
  --memory             keep nothing: the same engine without files
  --http-port PORT     serve /healthz, /readyz and /metrics there (off)
  --init FILE.sql      statements to run before the first connection
  --config FILE        JSON file with these options by their names, without dashes
  --log-level LEVEL    debug, info, warn or error (info)
  --memory-limit MB    most memory that contents and state may take (4096)
  --max-connections N  clients at once (100)
  --version, --help
`

const known = {
  host: { type: 'string' },
  port: { type: 'string' },
  'data-dir': { type: 'string' },
  memory: { type: 'boolean' },
  'http-port': { type: 'string' },
  init: { type: 'string' },
  config: { type: 'string' },
  'log-level': { type: 'string' },
  'memory-limit': { type: 'string' },
  'max-connections': { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

type Values = Partial<Record<keyof typeof known, string | boolean>>

/** `readConfig` gives the text of a file. */
export function parseOptions(argv: readonly string[], readConfig: (path: string) => string): Parsed {
  let given: Values
  try {
    given = parseArgs({ args: [...argv], options: known, strict: true }).values
    if (typeof given.config === 'string') given = { ...configValues(readConfig(given.config)), ...given }
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) }
  }
  if (given.help === true) return { kind: 'help' }
  if (given.version === true) return { kind: 'version' }
  return checked(given)
}

function configValues(text: string): Values {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Error('the configuration file must hold a JSON object')
  const values: Record<string, string | boolean> = {}
  for (const [name, value] of Object.entries(parsed)) {
    if (!(name in known) || name === 'config') throw new Error(`unknown option "${name}" in the configuration file`)
    values[name] = typeof value === 'boolean' ? value : String(value)
  }
  return values
}

function checked(given: Values): Parsed {
  const wrong = (message: string): Parsed => ({ kind: 'wrong', message })
  const text = (name: keyof Values): string | undefined => (given[name] === undefined ? undefined : String(given[name]))
  const host = text('host') ?? '127.0.0.1'
  if (!isLoopback(host))
    return wrong(`--host ${host} is not a loopback address: without passwords only this machine may connect`)
  const port = portOf(text('port') ?? '7432')
  if (port === undefined) return wrong(`--port ${text('port')} is not a port number`)
  const httpPort = given['http-port'] === undefined ? undefined : portOf(text('http-port')!)
  if (given['http-port'] !== undefined && httpPort === undefined)
    return wrong(`--http-port ${text('http-port')} is not a port number`)
  if (given.memory === true && given['data-dir'] !== undefined)
    return wrong('--memory and --data-dir exclude each other')
  const logLevel = LEVELS.find((level) => level === (text('log-level') ?? 'info'))
  if (logLevel === undefined) return wrong(`--log-level ${text('log-level')} is none of ${LEVELS.join(', ')}`)
  const memory = positive(text('memory-limit') ?? '4096')
  if (memory === undefined) return wrong(`--memory-limit ${text('memory-limit')} is not a number of megabytes`)
  const maxConnections = positive(text('max-connections') ?? '100')
  if (maxConnections === undefined) return wrong(`--max-connections ${text('max-connections')} is not a number`)
  const dataDir = given.memory === true ? undefined : (text('data-dir') ?? 'millrace-data')
  const options = {
    host,
    port,
    dataDir,
    httpPort,
    init: text('init'),
    logLevel,
    maxConnections,
    memoryBytes: memory * 1024 * 1024,
  }
  return { kind: 'run', options }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

function portOf(text: string): number | undefined {
  const port = Number(text)
  return /^\d+$/.test(text) && port <= 65535 ? port : undefined
}

function positive(text: string): number | undefined {
  const number = Number(text)
  return /^\d+$/.test(text) && number > 0 ? number : undefined
}
