// `npm run fuzz -- functions`: every overload of every function and aggregate, and the formats of every type, with
// random and extreme arguments against PostgreSQL: equal text or equal SQLSTATE. What is meant to differ stands in
// explained.ts.
//
// The same seed gives the same calls. Exit code 1 if a difference has no reason.

import { parseArgs } from 'node:util'
import { unreachable } from '../../../src/core/assert.ts'
import { aggregateFunctions, functionRegistry, scalarFunctions, tableFunctions } from '../../../src/functions/all.ts'
import type { AggregateFunction, ScalarFunction, TableFunction } from '../../../src/functions/registry.ts'
import type { Connection } from '../../slt/connection.ts'
import { inProcess } from '../../slt/engine-backend.ts'
import { postgresServer } from '../../slt/postgres-backend.ts'
import { DECLARED, isDeclared } from './arguments.ts'
import { type Call, calls } from './calls.ts'
import { isRefused, reasonFor } from './explained.ts'
import { formatCalls } from './formats.ts'
import { Judge } from './judge.ts'
import { randomFrom } from './literals.ts'
import { aggregateCalls, declaredCalls, tableCalls } from './through-sql.ts'

interface FunctionsHost {
  readonly print: (line: string) => void
  readonly processId: number
  readonly postgres: string | undefined
}

const USAGE = `npm run fuzz -- functions [options]
  --seed S        of the run   (1)
  --only NAMES    these functions only, separated by commas; or "formats"
  --calls N       calls of each overload; of aggregates a fifth   (200)
  --all           also print the differences that are explained
MILLRACE_TEST_PG names the PostgreSQL to compare with.`

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  only: { type: 'string' },
  calls: { type: 'string', default: '200' },
  all: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

export async function fuzzFunctions(argv: readonly string[], host: FunctionsHost): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  const { postgres } = host
  if (values.help || postgres === undefined || !/^\d{1,9}$/.test(values.seed) || !/^\d{1,6}$/.test(values.calls)) {
    host.print(USAGE)
    return values.help ? 0 : 1
  }
  const { hostname, port, username, pathname } = new URL(postgres)
  const address = { host: hostname, port: Number(port), user: username, database: pathname.slice(1) }
  const backend = postgresServer(address, { prefix: `fuzz_functions_${host.processId}`, asViews: false })
  const connection = await backend.open()
  const ours = await inProcess('memory').open()
  try {
    const judge = new Judge(connection)
    await judge.begin()
    for (const each of [ours, connection]) await each.run(DECLARED)
    const run = { judge, ours, seed: Number(values.seed), calls: Number(values.calls), only: values.only?.split(',') }
    const { compared, explained, differences } = await compare(run)
    for (const each of values.all ? [...explained, ...differences] : differences) host.print(shownDifference(each))
    const counts = `${explained.length} explained differences, ${differences.length} without a reason`
    host.print(`seed ${values.seed}: ${compared} calls, ${counts}`)
    return differences.length === 0 ? 0 : 1
  } finally {
    await ours.close()
    await connection.close()
  }
}

export interface Difference extends Call {
  readonly of: string
  readonly theirs: string
  readonly reason: string | undefined
}

const SHOWN_MAX = 400

/** The two ends of a long text. */
const cut = (text: string): string =>
  text.length <= SHOWN_MAX
    ? text
    : `${text.slice(0, SHOWN_MAX / 2)} … ${text.slice(-SHOWN_MAX / 2)} (${text.length} characters)`

const because = (reason: string | undefined): string => (reason === undefined ? '' : `\n  because ${reason}`)

const shownDifference = ({ of, sql, ours, theirs, reason }: Difference): string =>
  `${of}: ${sql}\n  here        ${cut(ours)}\n  PostgreSQL  ${cut(theirs)}${because(reason)}`

interface Run {
  readonly judge: Judge
  /** Our own database, where DECLARED has run as in the judge's. */
  readonly ours: Connection
  readonly seed: number
  readonly calls: number
  readonly only?: readonly string[] | undefined
}

interface Compared {
  readonly compared: number
  readonly explained: readonly Difference[]
  readonly differences: readonly Difference[]
}

type Entry = ScalarFunction | TableFunction | AggregateFunction

const label = ({ name, args }: Entry): string => `${name}(${args.join(', ')})`

/** A story of an aggregate is some twenty statements. */
const CALLS_PER_STORY = 5

async function callsOf({ ours, calls: count }: Run, entry: Entry, random: () => number): Promise<readonly Call[]> {
  switch (entry.kind) {
    case 'scalar':
      if (!entry.args.some(isDeclared)) return calls(registry, entry, count, random)
      return declaredCalls(ours, entry, count, random)
    case 'table':
      return tableCalls(ours, entry, count, random)
    case 'aggregate':
      return aggregateCalls(ours, entry, Math.ceil(count / CALLS_PER_STORY), random)
    default:
      return unreachable(entry)
  }
}

const registry = functionRegistry()
const entries: readonly Entry[] = [...scalarFunctions, ...tableFunctions, ...aggregateFunctions]

/** All calls of one run, judged. −0 is 0 here (operators spec §1.1). */
export async function compare(run: Run): Promise<Compared> {
  const { judge, seed, only } = run
  let compared = 0
  const found: Difference[] = []
  const judged = async (of: string, made: readonly Call[], reasonOf: (call: Judged) => string | undefined) => {
    const answers = await judge.answers(made.map(({ sql }) => sql))
    compared += made.length
    for (const [i, call] of made.entries()) {
      const theirs = answers[i]!
      if (call.ours === theirs || isRefused(call.ours) || (call.ours === '0' && theirs === '-0')) continue
      found.push({ ...call, of, theirs, reason: reasonOf({ ...call, theirs }) })
    }
  }
  for (const [place, entry] of entries.entries()) {
    if (only !== undefined && !only.includes(entry.name)) continue
    const made = await callsOf(run, entry, randomFrom(seed * 65_537 + place))
    await judged(label(entry), made, (call) => reasonFor(entry, call))
  }
  if (only === undefined || only.includes('formats'))
    await judged('formats', formatCalls(run.calls, randomFrom(seed)), () => undefined)
  return {
    compared,
    explained: found.filter(({ reason }) => reason !== undefined),
    differences: found.filter(({ reason }) => reason === undefined),
  }
}

/** One call with both answers. */
export interface Judged extends Call {
  readonly theirs: string
}
