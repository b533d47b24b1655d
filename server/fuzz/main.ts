// The command `npm run fuzz -- sql`: random schemas, changes and queries, judged by PostgreSQL where one is named, and
// by each other: ad hoc, maintained, planned without rules. A failure is made small and printed as a script, with the
// command that makes it again. Exit code 1 if anything was found. `functions` is another fuzzer (functions/main.ts).

import { parseArgs } from 'node:util'
import type { Clock, Timers } from '../../src/core/clock.ts'
import type { Backend, Connection } from '../slt/connection.ts'
import { inProcess } from '../slt/engine-backend.ts'
import { postgresServer } from '../slt/postgres-backend.ts'
import { TimedConnection } from '../slt/runner.ts'
import { Coverage } from './coverage.ts'
import { fuzzFunctions } from './functions/main.ts'
import type { Finding } from './judge.ts'
import { script } from './script.ts'
import { shrink } from './shrink.ts'
import { type Story, story } from './story.ts'
import { Trial } from './trial.ts'

/** What the command gets of the process it runs in. */
export interface FuzzHost {
  readonly print: (line: string) => void
  readonly processId: number
  /** URL of a PostgreSQL (a superuser without a password). */
  readonly postgres: string | undefined
  readonly clock: Clock
  readonly timers: Timers
}

const USAGE = `npm run fuzz -- functions, or
npm run fuzz -- sql [options]
  --seed S        of the run   (1)
  --seconds N     how long it runs   (60)
  --trials N      how many trials at most
  --trial T       this one only
  --shrink N      tries to make a failure smaller   (400)
  --quiet         no table of what occurred
MILLRACE_TEST_PG names a PostgreSQL to compare with.`

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  seconds: { type: 'string', default: '60' },
  trials: { type: 'string', default: '1000000' },
  trial: { type: 'string' },
  shrink: { type: 'string', default: '400' },
  quiet: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const STATEMENT_MS = 20_000
const POSTGRES_MS = 3000

export async function main(argv: readonly string[], host: FuzzHost): Promise<number> {
  if (argv[0] === 'functions') return fuzzFunctions(argv.slice(1), host)
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
  const numbers = [values.seed, values.seconds, values.trials, values.trial ?? '0', values.shrink]
  if (values.help || positionals.join() !== 'sql' || !numbers.every((number) => /^\d{1,9}$/.test(number))) {
    host.print(USAGE)
    return values.help ? 0 : 1
  }
  const fuzzer = new Fuzzer(host, { seed: Number(values.seed), shrinks: Number(values.shrink) })
  const end = host.clock.monotonicMs() + Number(values.seconds) * 1000
  const only = values.trial === undefined ? undefined : Number(values.trial)
  const last = only ?? Number(values.trials) - 1
  let trial = only ?? 0
  try {
    for (; trial <= last && (only !== undefined || host.clock.monotonicMs() < end); trial++) await fuzzer.trial(trial)
  } finally {
    await fuzzer.close()
  }
  if (!values.quiet) fuzzer.coverage.lines().forEach(host.print)
  host.print(`seed ${values.seed}: ${trial - (only ?? 0)} trials, ${fuzzer.failures} found something`)
  return fuzzer.failures === 0 ? 0 : 1
}

/** Holds the databases between trials, opened when they are needed and again when they were lost. */
class Fuzzer {
  readonly coverage = new Coverage()
  failures = 0
  readonly #host: FuzzHost
  readonly #options: { readonly seed: number; readonly shrinks: number }
  #ours: Connection | undefined
  #theirs: Connection | undefined
  #schemas = 0

  constructor(host: FuzzHost, options: { readonly seed: number; readonly shrinks: number }) {
    this.#host = host
    this.#options = options
  }

  async trial(number: number): Promise<void> {
    const { seed, shrinks } = this.#options
    const told = story(seed, number)
    const findings = await this.#tell(told, this.coverage)
    if (findings.length === 0) return
    this.failures++
    const kinds = new Set<string>()
    for (const finding of findings) {
      if (kinds.has(finding.kind)) continue
      kinds.add(finding.kind)
      const small = await shrink(about(told, finding), async (one) => this.#shows(one, finding), shrinks)
      this.#print(number, small, finding)
    }
  }

  #print(number: number, small: Story, finding: Finding): void {
    const { print } = this.#host
    print(`--- ${finding.kind}: ${finding.message}`)
    script(small).forEach(print)
    print(`--- npm run fuzz -- sql --seed ${this.#options.seed} --trial ${number}`)
  }

  async #shows(told: Story, finding: Finding): Promise<boolean> {
    const found = await this.#tell(told)
    return found.some(({ kind }) => kind === finding.kind)
  }

  async #tell(told: Story, coverage?: Coverage): Promise<readonly Finding[]> {
    const restarts = told.cut === 'restart'
    if (!restarts) this.#ours ??= await this.#open(inProcess('memory'))
    const ours = restarts ? await this.#open(inProcess('files')) : this.#ours!
    this.#theirs ??= await this.#postgres()
    const schema = `fuzz_${this.#schemas++}`
    const findings = await new Trial(told, { ours, theirs: this.#theirs }, schema, coverage).run()
    const lost = findings.some(({ kind }) => kind === 'lost')
    if (restarts || lost) await ours.close()
    if (!restarts && lost) this.#ours = undefined
    return findings
  }

  async #open(backend: Backend): Promise<Connection> {
    return new TimedConnection(await backend.open(), STATEMENT_MS, this.#host.timers)
  }

  async #postgres(): Promise<Connection | undefined> {
    if (this.#host.postgres === undefined || this.#host.postgres === '') return undefined
    const { hostname, port, username, pathname } = new URL(this.#host.postgres)
    const address = { host: hostname, port: Number(port), user: username, database: pathname.slice(1) }
    const connection = await postgresServer(address, { prefix: `fuzz_${this.#host.processId}`, asViews: false }).open()
    await connection.run(`SET statement_timeout = ${POSTGRES_MS}`)
    return connection
  }

  async close(): Promise<void> {
    await this.#ours?.close()
    await this.#theirs?.close()
  }
}

/** The story with nothing but the question that went wrong. */
const about = (told: Story, { question }: Finding): Story =>
  question === undefined ? { ...told, questions: [] } : { ...told, questions: [told.questions[question]!] }
