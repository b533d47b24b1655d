// Where answers of functions are meant to differ from PostgreSQL's, and why. `when` narrows a reason to the calls that
// it explains: their arguments, or both answers. Only functions that ask another catalog or server have none.

import type { ParameterType } from '../../../src/functions/registry.ts'
import { roundedOnTheWay } from './explained-sums.ts'

interface Answers {
  readonly sql: string
  readonly ours: string
  readonly theirs: string
}

interface Named {
  readonly name: string
  readonly args: readonly ParameterType[]
}

interface Explained {
  /** Absent: any function. */
  readonly names?: readonly string[]
  readonly reason: string
  readonly when?: (answers: Answers, entry: Named) => boolean
}

const LAST_DIGITS = 4e-15

/** Doubles that differ in their last digits only. */
function nearly({ ours, theirs }: Answers): boolean {
  const a = Number(ours)
  const b = Number(theirs)
  return Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= LAST_DIGITS * Math.max(Math.abs(a), Math.abs(b))
}

/** The integers that a call is written with, NULLs not. */
const integersOf = (sql: string): readonly bigint[] =>
  Array.from(sql.matchAll(/'(-?\d+)'::int4/g), ([, digits]) => BigInt(digits!))

const isWide = (value: bigint): boolean => BigInt.asIntN(32, value) !== value

const SECONDS_MAX = 2 ** 63 / 1e6

/** Months, or weeks and days, of make_interval that are no int4 together, or seconds that are no int8 of µs. */
function wideInterval({ sql, ours, theirs }: Answers): boolean {
  const [years = 0n, months = 0n, weeks = 0n, days = 0n] = integersOf(sql)
  const isWideHere =
    isWide(years * 12n + months) || isWide(years * 12n) || isWide(weeks * 7n + days) || isWide(weeks * 7n)
  const seconds = Math.abs(Number(/'([^']*)'::float8/.exec(sql)?.[1] ?? 0))
  return (
    ours === 'ERROR 22008' && (isWideHere || seconds > SECONDS_MAX) && (theirs === ours || !theirs.startsWith('ERROR'))
  )
}

/** The last thirty years before PostgreSQL's timestamps end. */
const THIRTY_YEARS = /\b2942(?:4[6-9]|[5-7]\d)-/

/** The same but for the case of letters, of which some are not ASCII. */
const sameFolded = ({ sql, ours, theirs }: Answers): boolean =>
  /[^\p{ASCII}]/u.test(sql) && ours.toLowerCase() === theirs.toLowerCase()

const sameNumber = ({ ours, theirs }: Answers): boolean => ours !== theirs && Number(ours) === Number(theirs)

/** As intervals compare: a month is thirty days, a day 24 hours. */
function sameInterval({ sql, ours, theirs }: Answers): boolean {
  if (!sql.includes('::interval')) return false
  const days = (text: string): string =>
    text.replaceAll(/-?\b(?:1 mon|30 days|1 day|24:00:00|720:00:00)"?/g, 'x').replaceAll(/["]/g, '')
  return days(ours) === days(theirs)
}

/** A POSIX zone with summer time: a name, an offset, and another name. */
const summerTime = /\('[^\d,+<-]*[+-]?\d{1,3}(?::\d+)*[^\d,+:-][^']*'::text/

const explained: readonly Explained[] = [
  {
    names: [
      'exp',
      'ln',
      'log',
      'log10',
      'power',
      'pow',
      '^',
      'sin',
      'cos',
      'tan',
      'cot',
      'asin',
      'acos',
      'atan',
      'atan2',
    ],
    reason: 'last digits of doubles come from the runtime’s library',
    when: nearly,
  },
  {
    names: ['sind', 'cosd', 'tand', 'cotd', 'asind', 'acosd', 'atand', 'atan2d', 'sinh', 'cosh', 'tanh'],
    reason: 'last digits of doubles come from the runtime’s library',
    when: nearly,
  },
  {
    names: ['asinh', 'acosh', 'atanh', 'degrees', 'radians'],
    reason: 'last digits of doubles come from the runtime’s library',
    when: nearly,
  },
  {
    reason: 'timestamps end before infinity, in the year 294247',
    when: ({ sql, ours, theirs }) => ours === 'ERROR 22008' && THIRTY_YEARS.test(`${sql} ${theirs}`),
  },
  {
    names: ['upper', 'lower', 'initcap'],
    reason: 'case beyond ASCII: PostgreSQL’s "C" locale has none',
    when: sameFolded,
  },
  {
    names: ['make_interval'],
    reason: 'PostgreSQL 15 wraps where the interval overflows; here 22008',
    when: wideInterval,
  },
  {
    names: ['timezone', 'date_trunc'],
    reason: 'POSIX zones with rules for summer time are not recognized',
    when: ({ sql, ours, theirs }) => ours === 'ERROR 22023' && !theirs.startsWith('ERROR') && summerTime.test(sql),
  },
  {
    names: ['lpad', 'rpad', 'repeat', 'replace'],
    reason: 'text ends at half a gigabyte here',
    when: ({ ours, theirs }) => ours === 'ERROR 54000' && theirs.startsWith('LONG'),
  },
  {
    names: ['age'],
    reason: 'PostgreSQL 15 shows an age for infinity; here 22008, as in its later versions',
    when: ({ sql, ours }) => ours === 'ERROR 22008' && sql.includes("infinity'"),
  },
  {
    names: ['width_bucket'],
    reason: 'quotients that only rounding makes 1 are below it here',
    when: ({ sql, ours, theirs }) =>
      integersOf(sql).at(-1) === BigInt(ours) && (Number(theirs) === Number(ours) + 1 || theirs === '-2147483648'),
  },
  {
    reason: 'sums of doubles are exact here; PostgreSQL rounds, and overflows, at each step',
    when: (answers, { name, args }) =>
      args.every((arg) => arg === 'float4' || arg === 'float8') && roundedOnTheWay(name, answers),
  },
  {
    names: ['min', 'max', 'mode', 'percentile_disc', 'percentile_cont'],
    reason: 'of equal values that look different any may be the answer',
    when: (answers) => sameInterval(answers) || sameNumber(answers),
  },
  { names: ['any_value'], reason: 'it is of PostgreSQL 16', when: ({ theirs }) => theirs === 'ERROR 42883' },
  {
    names: ['now', 'transaction_timestamp', 'statement_timestamp'],
    reason: 'the clock of the comparison stands still',
  },
  {
    names: ['-'],
    reason: 'PostgreSQL 15 lets differences of timestamps wrap around 64 bits',
    when: ({ sql, ours, theirs }, { args }) =>
      args[0] === args[1] &&
      (args[0] === 'timestamp' || args[0] === 'timestamptz') &&
      sql.includes('294246') &&
      ours.startsWith('-') !== theirs.startsWith('-'),
  },
  {
    names: ['proctime'],
    reason: 'PostgreSQL has no processing time',
  },
  {
    names: ['pg_get_userbyid', 'pg_table_is_visible', 'pg_relation_size', 'pg_table_size', 'pg_total_relation_size'],
    reason: 'it asks the catalog, which is another one',
  },
  {
    names: ['to_regclass', 'to_regnamespace', 'to_regrole', 'to_regproc', 'to_regtype', 'obj_description'],
    reason: 'it asks the catalog, which is another one',
  },
  {
    names: ['shobj_description', 'col_description', 'format_type', 'pg_get_expr', 'pg_get_viewdef', 'pg_get_indexdef'],
    reason: 'it asks the catalog, which is another one',
  },
  {
    names: ['has_table_privilege', 'has_any_column_privilege', 'has_schema_privilege', 'has_database_privilege'],
    reason: 'it asks the catalog, which is another one',
  },
  {
    names: ['pg_type_is_visible', 'pg_function_is_visible', 'pg_operator_is_visible', 'pg_opclass_is_visible'],
    reason: 'it asks the catalog, which is another one',
  },
  {
    names: ['pg_collation_is_visible', 'pg_get_constraintdef', 'pg_get_ruledef', 'pg_get_triggerdef'],
    reason: 'it asks the catalog, which is another one',
  },
  {
    names: ['pg_get_partkeydef', 'pg_get_statisticsobjdef_columns', 'pg_get_function_arguments'],
    reason: 'it asks the catalog, which is another one',
  },
  {
    names: ['pg_get_function_identity_arguments', 'pg_get_function_result'],
    reason: 'it asks the catalog, which is another one',
  },
  {
    names: ['current_user', 'session_user', 'user', 'current_role', 'current_database', 'version', 'current_catalog'],
    reason: 'it names the server, which is another one',
  },
  {
    names: ['current_schema', 'current_schemas', 'current_setting', 'set_config', 'pg_client_encoding'],
    reason: 'it names the server, which is another one',
  },
  {
    names: ['getdatabaseencoding', 'pg_char_to_encoding', 'pg_encoding_to_char'],
    reason: 'it names the server, which is another one',
  },
]

/** What is refused by name is not answered wrong. */
export const isRefused = (answer: string): boolean => answer === 'ERROR 0A000'

/** Why this difference is meant; undefined: nobody knows. */
export const reasonFor = (entry: Named, answers: Answers): string | undefined =>
  explained.find(
    ({ names, when }) =>
      (names === undefined || names.includes(entry.name)) && (when === undefined || when(answers, entry)),
  )?.reason
