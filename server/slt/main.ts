// The command `npm run slt -- [options] FILES`: runs sqllogictest files on Millrace, in process or over the wire, or on
// a PostgreSQL to compare with. Folders stand for the entry points below them. Exit code 1 if anything failed; a record
// that was refused with 0A000 has not failed.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Timers } from '../../src/core/clock.ts'
import type { Style } from './compare.ts'
import type { Backend } from './connection.ts'
import { inProcess } from './engine-backend.ts'
import { type Address, millraceServer, postgresServer } from './postgres-backend.ts'
import { Report } from './report.ts'
import type { FileOptions, Mode } from './run-file.ts'
import { Runner } from './runner.ts'

/** What the command gets of the process it runs in. */
export interface SltHost {
  readonly timers: Timers
  readonly print: (line: string) => void
  readonly processId: number
}

const USAGE = `npm run slt -- [options] FILES and folders
  --mode plain|mv|mv-first   as written; each SELECT also as a view; views first, then the changes   (plain)
  --server HOST:PORT         a running server instead of the engine in process
  --postgres                 the server is a PostgreSQL: each file gets a database of its own
  --as-views                 there: read MATERIALIZED VIEW as VIEW
  --insert-rows N            cut INSERTs into statements of N rows
  --restart queries|statements   restart the engine before each
  --style exact|lenient|aligned|sqlite   how rows are compared; by default told from the path
  --timeout MS               for one statement   (30000)
  --jobs N                   files at a time   (1)
  --failures N               failures printed in full   (10)
  --only-wrong               print only wrong answers
  --json FILE                write everything there
  --against FILE             list what passed in that earlier run and does not now`

const OPTIONS = {
  mode: { type: 'string', default: 'plain' },
  server: { type: 'string' },
  postgres: { type: 'boolean', default: false },
  'as-views': { type: 'boolean', default: false },
  'insert-rows': { type: 'string', default: '0' },
  restart: { type: 'string', default: 'never' },
  style: { type: 'string' },
  timeout: { type: 'string', default: '30000' },
  jobs: { type: 'string', default: '1' },
  failures: { type: 'string', default: '10' },
  'only-wrong': { type: 'boolean', default: false },
  json: { type: 'string' },
  against: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

class UsageError extends Error {}

export async function main(argv: readonly string[], host: SltHost): Promise<number> {
  try {
    return await run(argv, host)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const isUsage = error instanceof UsageError || ('code' in error && /^ERR_PARSE_ARGS/.test(String(error.code)))
    host.print(isUsage ? `${error.message}\n${USAGE}` : `${error.stack}`)
    return 1
  }
}

async function run(argv: readonly string[], host: SltHost): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
  if (values.help || positionals.length === 0) {
    host.print(USAGE)
    return values.help ? 0 : 1
  }
  const mode = oneOf('mode', values.mode, ['plain', 'mv', 'mv-first'] as const) satisfies Mode
  const restart = oneOf('restart', values.restart, ['never', 'queries', 'statements'] as const)
  const style = values.style && oneOf('style', values.style, ['exact', 'lenient', 'aligned', 'sqlite'] as const)
  const options = { mode, restart, insertRows: number('insert-rows', values), timeoutMs: number('timeout', values) }
  const files = positionals.flatMap((path) => entryPoints(path.replace(/\/$/, '')))
  const backend = chooseBackend(values, options, host)
  const report = new Report({ failures: number('failures', values), onlyWrong: values['only-wrong'] })
  const runner = new Runner(backend, { ...options, jobs: number('jobs', values) }, { ...host, read: readText })
  await runner.run(
    files.map((path) => ({ path, suite: suiteOf(path), style: style || styleOf(path) })),
    (results) => report.add(results).forEach(host.print),
  )
  host.print(`${backend.name}, ${mode}, ${files.length} files`)
  report.totals().forEach(host.print)
  if (values.against !== undefined) report.regressions(readText(values.against)).forEach(host.print)
  if (values.json !== undefined) writeFileSync(values.json, report.toJson())
  return report.failed === 0 ? 0 : 1
}

const readText = (path: string): string => readFileSync(path, 'utf8')

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === value)
  if (choice === undefined) throw new UsageError(`--${name} is one of ${choices.join(', ')}`)
  return choice
}

function number(
  name: 'insert-rows' | 'timeout' | 'jobs' | 'failures',
  values: Readonly<Record<string, unknown>>,
): number {
  const value = String(values[name])
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--${name} takes a number`)
  return Number(value)
}

function chooseBackend(
  values: { readonly server?: string | undefined; readonly postgres: boolean; readonly 'as-views': boolean },
  options: Pick<FileOptions, 'restart'>,
  host: SltHost,
): Backend {
  if (values.server === undefined) {
    if (values.postgres) throw new UsageError('--postgres needs --server')
    return inProcess(options.restart === 'never' ? 'memory' : 'files')
  }
  if (options.restart !== 'never') throw new UsageError('--restart works in process only')
  const [name = '', port = ''] = values.server.split(':')
  const address: Address = { host: name, port: Number(port), user: 'postgres', database: 'postgres' }
  return values.postgres
    ? postgresServer(address, { prefix: `slt_${host.processId}`, asViews: values['as-views'] })
    : millraceServer(address)
}

/** A file itself, or the entry points below a folder in the order of their names. */
function entryPoints(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new UsageError(`no file or folder ${path}`)
  if (!found.isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = `${path}/${entry.name}`
      if (entry.isDirectory()) return entryPoints(below)
      return /\.(slt|test)$/.test(entry.name) ? [below] : []
    })
}

const SUITE = /(?:^|\/)(?:suites|sql-tests)\/([^/]+)\//

const suiteOf = (path: string): string => SUITE.exec(path)?.[1] ?? 'files'

/** The rules of the suite that a path lies in (suites' README §3); `aligned` for our own and unknown ones. */
function styleOf(path: string): Style {
  const suite = /(?:^|\/)suites\/([^/]+)\//.exec(path)?.[1]
  if (suite === undefined) return 'aligned'
  if (suite === 'sqlite') return 'sqlite'
  return suite === 'pg' || suite === 'pg-mv' ? 'exact' : 'lenient'
}
