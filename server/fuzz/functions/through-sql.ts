// What only a database can call: functions of rows and enumerated values, table functions, and aggregates. One SQL text
// goes to both. An aggregate is also kept as a view over a table with a history: its rows come in any order, beside
// others that go again; the view must show what the rows that stay give at once.

import type {
  AggregateFunction,
  ParameterType,
  ScalarFunction,
  TableFunction,
} from '../../../src/functions/registry.ts'
import type { Connection } from '../../slt/connection.ts'
import { expression, isDeclared, literal, parametersOf, pick, sqlType, written } from './arguments.ts'
import type { Call } from './calls.ts'
import { shortened } from './judge.ts'

/** The one value of an expression as the judge would show it. */
async function answerOf(ours: Connection, query: string): Promise<string> {
  const answer = await ours.run(query)
  if (answer.kind === 'failed') return `ERROR ${answer.code}`
  if (answer.kind !== 'rows') return `CRASH ${answer.tag}`
  const text = answer.rows[0]?.[0]
  return text === undefined || text === null ? 'NULL' : shortened(text)
}

async function asked(ours: Connection, sqls: readonly string[]): Promise<readonly Call[]> {
  const made: Call[] = []
  for (const sql of sqls) made.push({ sql, ours: await answerOf(ours, `SELECT (${sql})::text`) })
  return made
}

/** Calls of a function with rows or enumerated values among its arguments; of others none. */
export function declaredCalls(ours: Connection, entry: ScalarFunction, count: number, random: () => number) {
  const sqls = Array.from({ length: count }).flatMap(() => {
    const parameters = parametersOf(entry, random)
    if (parameters === undefined || !parameters.some(isDeclared)) return []
    return [
      expression(
        entry.name,
        parameters.map((one) => written(one, random)),
      ),
    ]
  })
  return asked(ours, sqls)
}

/** Series end a few steps after their start; one that starts at infinity stays there for ever in PostgreSQL. */
function seriesArguments(parameters: readonly ParameterType[], random: () => number): readonly string[] {
  const [type, , step] = parameters
  const start = written(type!, random).replace(/-?infinity/, '2024-01-31')
  const isTime = type === 'timestamp' || type === 'timestamptz'
  const width = isTime
    ? `interval '${pick(['1 day', '1 mon', '-90 min', '0'], random)}'`
    : pick(['1', '2', '-3', '0'], random)
  const end = `${start} + ${width} * ${pick(['0', '1', '4', '-2'], random)}`
  return step === undefined ? [start, end] : [start, end, width]
}

/** The rows of calls of a table function, in order, as one text. */
export function tableCalls(ours: Connection, entry: TableFunction, count: number, random: () => number) {
  const sqls = Array.from({ length: count }).flatMap(() => {
    const parameters = parametersOf(entry, random)
    if (parameters === undefined) return []
    const args =
      entry.name === 'generate_series'
        ? seriesArguments(parameters, random)
        : parameters.map((one) => written(one, random))
    const columns = entry.columns(parameters.map((one) => ({ kind: one }) as never)).map((_, i) => `c${i}`)
    const rows = `FROM ${entry.name}(${args.join(', ')}) WITH ORDINALITY AS t(${[...columns, 'place'].join(', ')})`
    return [`(SELECT string_agg(ROW(${columns.join(', ')})::text, ' ' ORDER BY place) ${rows})`]
  })
  return asked(ours, sqls)
}

const ROWS_MAX = 9
/** Their answer depends on the order of rows. */
const ordered = /^(?:string_agg|array_agg|jsonb?_(?:object_)?agg|any_value)$/
/** Fractions that are between 0 and 1, mostly. */
const fractions: Partial<Record<ParameterType, readonly string[]>> = {
  float8: ['0', '0.25', '0.5', '0.3333', '1', '0.99', '1.5'],
  'float8[]': ['{0,0.5,1}', '{0.25,NULL,0.1}', '{}', '{{0.5,1},{0,0.75}}'],
}

function aggregateCall(entry: AggregateFunction, parameters: readonly ParameterType[], random: () => number): string {
  const columns = parameters.map((_, i) => `c${i}`)
  if (entry.directArgs === undefined)
    return `${entry.name}(${columns.join(', ') || '*'}${ordered.test(entry.name) ? ' ORDER BY k' : ''})`
  const direct = parameters.slice(0, entry.directArgs).map((one) => {
    const list = fractions[one]
    return list === undefined || entry.hypothetical ? written(one, random) : literal(one, pick(list, random))
  })
  const keys = columns.slice(entry.directArgs).map((column) => `${column}${pick(['', ' DESC'], random)}`)
  return `${entry.name}(${direct.join(', ')}) WITHIN GROUP (ORDER BY ${keys.join(', ')})`
}

const shuffled = <T>(list: readonly T[], random: () => number): readonly T[] =>
  list
    .map((value) => ({ value, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value)

interface Story {
  readonly parameters: readonly ParameterType[]
  readonly call: string
  /** Rows that stay and rows that go, as lists of literals. */
  readonly kept: readonly string[]
  readonly gone: readonly string[]
}

function story(entry: AggregateFunction, random: () => number): Story | undefined {
  const parameters = parametersOf(entry, random)
  if (parameters === undefined) return undefined
  const row = (k: number): string => `(${[k, ...parameters.map((one) => written(one, random))].join(', ')})`
  const rows = (length: number, from: number) => Array.from({ length }, (_, i) => row(from + i))
  const kept = rows(Math.floor(random() * ROWS_MAX), 0)
  return {
    parameters,
    call: aggregateCall(entry, parameters, random),
    kept,
    gone: rows(Math.floor(random() * 4), 1000),
  }
}

/** The view's answer after the history, and where it differs the table's. */
async function told(ours: Connection, { parameters, call, kept, gone }: Story, random: () => number): Promise<string> {
  const run = async (sql: string) => ours.run(sql)
  await run('DROP TABLE IF EXISTS fuzz_rows CASCADE')
  const columns = ['k int', ...parameters.map((one, i) => `c${i} ${sqlType(one)}`)].join(', ')
  const made = await run(`CREATE TABLE fuzz_rows (${columns})`)
  if (made.kind === 'failed') return `ERROR ${made.code}`
  const query = `SELECT (${call})::text AS a FROM fuzz_rows`
  const view = await run(`CREATE MATERIALIZED VIEW fuzz_view AS ${query}`)
  if (view.kind === 'failed') return `ERROR ${view.code}`
  for (const row of shuffled([...kept, ...gone], random)) await run(`INSERT INTO fuzz_rows VALUES ${row}`)
  await run('DELETE FROM fuzz_rows WHERE k >= 1000')
  const asView = await answerOf(ours, 'SELECT a FROM fuzz_view')
  const atOnce = await answerOf(ours, query)
  return asView === atOnce ? asView : `${asView} as a view, ${atOnce} at once`
}

/** Stories of an aggregate: the judge sees the rows that stay. */
export async function aggregateCalls(
  ours: Connection,
  entry: AggregateFunction,
  count: number,
  random: () => number,
): Promise<readonly Call[]> {
  const made: Call[] = []
  for (let i = 0; i < count; i++) {
    const one = story(entry, random)
    if (one === undefined) continue
    const { parameters, call, kept } = one
    const none = `(${[-1, ...parameters.map((type) => `NULL::${sqlType(type)}`)].join(', ')})`
    const names = ['k', ...parameters.map((_, at) => `c${at}`)].join(', ')
    const rows = `(VALUES ${[none, ...kept].join(', ')}) AS t(${names})`
    made.push({ sql: `(SELECT ${call} FROM ${rows} WHERE k >= 0)`, ours: await told(ours, one, random) })
  }
  return made
}
