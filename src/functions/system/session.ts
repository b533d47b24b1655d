// Who and where: the session's user, database, schemas, settings (PostgreSQL 15, tables 9.66 and 9.85).

import { SqlError } from '../../core/error.ts'
import { sqlArray } from '../../core/value.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { lenient, strict } from '../registry.ts'

const existingSchemas = ({ searchPath, catalog }: EvaluationContext): readonly string[] =>
  searchPath.filter((name) => catalog.schemaOid(name) !== undefined)

const fact = (
  name: string,
  result: 'name' | 'text' | 'int4' | 'boolean',
  doc: string,
  example: string,
  evaluate: (context: EvaluationContext) => string | number | boolean | null,
): ScalarFunction => strict(name, [], result, { doc, example, volatility: 'stable', fails: false, evaluate })

const unknownSetting = (name: string): SqlError =>
  new SqlError({ code: '42704', message: `unrecognized configuration parameter "${name}"` })

function settingOf(name: string, context: EvaluationContext): string {
  const value = context.setting(name)
  if (value === undefined) throw unknownSetting(name)
  return value
}

const users = ['current_user', 'session_user', 'user', 'current_role'].map((name) =>
  fact(name, 'name', 'The user of the session.', 'length(current_user) > 0', ({ user }) => user),
)

/** pg_encoding_to_char's numbers; only UTF-8 is a database encoding here. */
const UTF8 = 6

export const sessionFunctions: readonly ScalarFunction[] = [
  ...users,
  ...['current_database', 'current_catalog'].map((name) =>
    fact(name, 'name', 'The name of the database.', 'length(current_database()) > 0', ({ database }) => database),
  ),
  fact(
    'current_schema',
    'name',
    'The first schema of the search path that exists.',
    "current_schema() = 'public'",
    (context) => existingSchemas(context)[0] ?? null,
  ),
  strict('current_schemas', ['boolean'], () => ({ kind: 'array', element: { kind: 'name' } }), {
    doc: 'The schemas of the search path that exist; with pg_catalog, which is searched first, if asked.',
    example: "'public' = any (current_schemas(false)) and 'pg_catalog' = any (current_schemas(true))",
    volatility: 'stable',
    fails: false,
    evaluate: (implicit: boolean, context: EvaluationContext) => {
      const named = existingSchemas(context)
      return sqlArray(implicit && !named.includes('pg_catalog') ? ['pg_catalog', ...named] : named)
    },
  }),
  fact(
    'version',
    'text',
    'The version of PostgreSQL whose behaviour is meant, and of what gives it.',
    "version() like 'PostgreSQL 15%'",
    (context) => `PostgreSQL ${settingOf('server_version', context)}`,
  ),
  strict('pg_backend_pid', [], 'int4', {
    doc: 'The number of the session, by which it can be cancelled.',
    example: 'pg_backend_pid() > 0',
    volatility: 'volatile',
    fails: false,
    evaluate: ({ backendPid }: EvaluationContext) => backendPid ?? null,
  }),
  fact(
    'pg_is_in_recovery',
    'boolean',
    'Whether recovery is going on: reads wait until it is over.',
    'not pg_is_in_recovery()',
    () => false,
  ),
  fact('pg_client_encoding', 'name', 'The encoding of the client.', "pg_client_encoding() = 'UTF8'", (context) =>
    settingOf('client_encoding', context),
  ),
  fact('getdatabaseencoding', 'name', 'The encoding of the database.', "getdatabaseencoding() = 'UTF8'", (context) =>
    settingOf('server_encoding', context),
  ),
  strict('pg_encoding_to_char', ['int4'], 'name', {
    doc: 'The name of an encoding by PostgreSQL’s number.',
    example: "pg_encoding_to_char(6) = 'UTF8'",
    volatility: 'stable',
    fails: false,
    evaluate: (number: number) => (number === UTF8 ? 'UTF8' : ''),
  }),
  strict('pg_char_to_encoding', ['name'], 'int4', {
    doc: 'PostgreSQL’s number of an encoding; −1 of an unknown one.',
    example: "pg_char_to_encoding('UTF8') = 6",
    volatility: 'stable',
    fails: false,
    evaluate: (name: string) => (/^utf-?8$/i.test(name) ? UTF8 : -1),
  }),
  strict('current_setting', ['text'], 'text', {
    doc: 'The value of a setting.',
    example: "current_setting('server_encoding') = 'UTF8'",
    volatility: 'stable',
    evaluate: settingOf,
  }),
  strict('current_setting', ['text', 'boolean'], 'text', {
    doc: 'The value of a setting; NULL of an unknown one if the second argument is true.',
    example: "current_setting('no.such', true) is null",
    volatility: 'stable',
    evaluate: (name: string, missingOk: boolean, context: EvaluationContext) =>
      missingOk ? (context.setting(name) ?? null) : settingOf(name, context),
  }),
  lenient('set_config', ['text', 'text', 'boolean'], 'text', {
    doc: 'Sets a setting, for the transaction only if the last argument is true, and gives the new value.',
    example: "set_config('application_name', 'x', true) = 'x'",
    volatility: 'volatile',
    evaluate: (name: string | null, value: string | null, local: boolean | null, context: EvaluationContext) => {
      if (name === null) throw settingNameNull()
      context.setSetting(name, value ?? '', local ?? false)
      return settingOf(name, context)
    },
  }),
]

const settingNameNull = (): SqlError => new SqlError({ code: '22004', message: 'SET requires parameter name' })
