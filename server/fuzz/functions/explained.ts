// Where answers of functions are meant to differ from PostgreSQL's, and why. `when` narrows a reason to the calls that
// it explains; without it the whole function is explained.

import type { ScalarFunction } from '../../../src/functions/registry.ts'

interface Answers {
  readonly sql: string
  readonly ours: string
  readonly theirs: string
}

interface Explained {
  readonly names: readonly string[]
  readonly reason: string
  readonly when?: (answers: Answers, entry: ScalarFunction) => boolean
}

const LAST_DIGITS = 4e-15

/** Doubles that differ in their last digits only. */
function nearly({ ours, theirs }: Answers): boolean {
  const a = Number(ours)
  const b = Number(theirs)
  return Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= LAST_DIGITS * Math.max(Math.abs(a), Math.abs(b))
}

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
    names: ['now', 'transaction_timestamp', 'statement_timestamp'],
    reason: 'the clock of the comparison stands still',
  },
  { names: ['upper', 'lower', 'initcap'], reason: 'case beyond ASCII: PostgreSQL’s "C" locale has none' },
  { names: ['make_interval'], reason: 'PostgreSQL 15 wraps where the interval overflows; here 22008' },
  { names: ['timezone', 'date_trunc'], reason: 'PostgreSQL reads junk as POSIX zones, and none for infinite times' },
  { names: ['lpad', 'rpad', 'repeat', 'replace'], reason: 'text ends at half a gigabyte here' },
  { names: ['overlaps'], reason: 'timestamps after the year 294247 do not compare with infinity (core/value.ts)' },
  { names: ['age'], reason: 'PostgreSQL 15 shows an age for infinity, and counts from its own today' },
  { names: ['date_bin', 'width_bucket'], reason: 'differences beyond 64 bits are exact here' },
  { names: ['round', 'trunc'], reason: 'scales beyond 2,000 of NUMERIC are cut' },
  {
    names: ['-'],
    reason: 'PostgreSQL 15 lets differences of timestamps wrap around 64 bits',
    when: (_, { args }) => args[0] === args[1] && (args[0] === 'timestamp' || args[0] === 'timestamptz'),
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
  { names: ['convert_from', 'convert_to'], reason: 'encodings other than UTF8 and LATIN1 are refused by name' },
]

/** What is refused by name is not answered wrong. */
export const isRefused = (answer: string): boolean => answer === 'ERROR 0A000'

/** Why this difference is meant; undefined: nobody knows. */
export const reasonFor = (entry: ScalarFunction, answers: Answers): string | undefined =>
  explained.find(({ names, when }) => names.includes(entry.name) && (when === undefined || when(answers, entry)))
    ?.reason
