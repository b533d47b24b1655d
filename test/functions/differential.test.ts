// Scalar functions against PostgreSQL with random and extreme arguments: equal text or equal SQLSTATE, a bounded slice
// of each overload. Differences that are meant stand below, each with its reason.

import { describe, expect, test } from 'vitest'
import { scalarFunctions } from '../../src/functions/all.ts'
import type { ScalarFunction } from '../../src/functions/registry.ts'
import { postgresMissing } from '../support/pg.ts'
import { calls } from './support/differential.ts'
import { type Judge, postgres } from './support/postgres.ts'
import { randomFrom } from './support/values.ts'

const CALLS = 12

const label = ({ name, args }: ScalarFunction): string => `${name}(${args.join(', ')})`

/** Functions that answer otherwise, and why. */
const explained: readonly { readonly names: readonly string[]; readonly reason: string }[] = [
  { names: ['now', 'transaction_timestamp', 'statement_timestamp'], reason: 'the clock of the test stands still' },
  { names: ['upper', 'lower', 'initcap'], reason: 'case beyond ASCII: PostgreSQL’s "C" locale has none' },
  { names: ['make_interval'], reason: 'PostgreSQL 15 wraps where the interval overflows; here 22008' },
  { names: ['timezone', 'date_trunc'], reason: 'PostgreSQL reads junk as POSIX zones, and none for infinite times' },
  { names: ['lpad', 'rpad', 'repeat', 'replace'], reason: 'text ends at half a gigabyte here' },
  { names: ['age'], reason: 'PostgreSQL 15 shows an age for infinity, and counts from its own today' },
  {
    names: ['exp', 'ln', 'log', 'log10', 'power', 'pow', '^', 'cbrt', '||/', 'sqrt'],
    reason: 'last digits of doubles by the runtime’s library',
  },
  {
    names: ['sin', 'cos', 'tan', 'cot', 'asin', 'acos', 'atan', 'atan2', 'sind', 'cosd', 'tand', 'cotd', 'asind'],
    reason: 'last digits of doubles by the runtime’s library',
  },
  {
    names: ['acosd', 'atand', 'atan2d', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'degrees', 'radians'],
    reason: 'last digits of doubles by the runtime’s library',
  },
  { names: ['date_bin', 'width_bucket'], reason: 'differences beyond 64 bits are exact here' },
  { names: ['round', 'trunc'], reason: 'scales beyond 2,000 of NUMERIC are cut' },
  { names: ['pg_get_userbyid', 'pg_table_is_visible', 'pg_relation_size', 'pg_table_size'], reason: 'other catalogs' },
  { names: ['pg_total_relation_size', 'to_regclass', 'to_regnamespace', 'to_regrole'], reason: 'other catalogs' },
  { names: ['obj_description', 'shobj_description', 'col_description', 'format_type'], reason: 'other catalogs' },
  {
    names: ['pg_get_expr', 'pg_get_viewdef', 'pg_get_indexdef', 'to_regproc', 'pg_encoding_to_char', 'to_regtype'],
    reason: 'other catalogs',
  },
  {
    names: ['current_user', 'session_user', 'user', 'current_role', 'current_database', 'version'],
    reason: 'other server',
  },
  {
    names: ['current_catalog', 'current_schema', 'current_schemas', 'current_setting', 'set_config'],
    reason: 'other server',
  },
  { names: ['pg_client_encoding', 'getdatabaseencoding', 'pg_char_to_encoding'], reason: 'other server' },
  { names: ['has_table_privilege', 'has_any_column_privilege', 'has_schema_privilege'], reason: 'other catalogs' },
  { names: ['has_database_privilege', 'pg_type_is_visible', 'pg_function_is_visible'], reason: 'other catalogs' },
  { names: ['pg_operator_is_visible', 'pg_opclass_is_visible', 'pg_collation_is_visible'], reason: 'other catalogs' },
  {
    names: ['pg_get_constraintdef', 'pg_get_ruledef', 'pg_get_triggerdef', 'pg_get_partkeydef'],
    reason: 'other catalogs',
  },
  { names: ['pg_get_statisticsobjdef_columns'], reason: 'other catalogs' },
  { names: ['convert_from', 'convert_to'], reason: 'encodings other than UTF8 and LATIN1 are refused by name' },
]

/** What is refused by name is not answered wrong. */
const REFUSED = 'ERROR 0A000'

const explainedNames = new Set(explained.flatMap(({ names }) => names))

/** Differences of timestamps that PostgreSQL 15 lets wrap around 64 bits. */
const wraps = ({ name, args }: ScalarFunction): boolean =>
  name === '-' && (args[0] === 'timestamp' || args[0] === 'timestamptz') && args[0] === args[1]

const judged = scalarFunctions.filter((entry) => !explainedNames.has(entry.name) && !wraps(entry))

async function differences(judge: Judge, entries: readonly ScalarFunction[], seed: number): Promise<readonly string[]> {
  const random = randomFrom(seed)
  const all = entries.flatMap((entry) => (calls(entry, CALLS, random) ?? []).map((call) => ({ ...call, entry })))
  const answers = await judge.answers(all.map(({ sql }) => sql))
  return all.flatMap(({ sql, ours, entry }, i) =>
    ours === answers[i] || ours === REFUSED ? [] : [`${label(entry)}: ${sql} is ${ours}, on PostgreSQL ${answers[i]}`],
  )
}

const missing = postgresMissing()

describe.skipIf(missing !== undefined)(`scalar functions against PostgreSQL ${missing ?? ''}`, () => {
  test.each([1, 2])('random and extreme arguments, seed %i', async (seed) => {
    const judge = (await postgres())!
    const found = await differences(judge, judged, seed)
    await judge.end()
    expect(found).toEqual([])
  })
})
