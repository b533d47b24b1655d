// Session settings (PostgreSQL chapter 20): one table of those that mean something here or that clients set and read.
//
// State: values of a session, with those that a transaction changed, so that ROLLBACK restores them and SET LOCAL ends
// with it. Unknown names are error 42704 with the nearest known one; names with a dot are custom settings and kept;
// names on `acceptedElsewhere` belong to other databases' clients: kept, with a notice (dialect §4).

import { notSupported, SqlError } from '../core/error.ts'
import { rules } from '../planner/optimizer.ts'
import type { Notice } from './session.ts'

export interface SettingDefinition {
  readonly name: string
  readonly default: string
  readonly description: string
  readonly kind: 'string' | 'bool' | 'integer' | 'duration' | 'enum' | 'list'
  /** Of an enum: the values; of a list: its possible members. */
  readonly values?: readonly string[]
  /** Least and greatest integer. */
  readonly range?: readonly [number, number]
  /** Cannot be set (55P02). */
  readonly fixed?: boolean
  /** The one value of the form's that is supported; others are refused by name. */
  readonly only?: string
  /** Reported to the client at start and at each change (ParameterStatus), under this spelling. */
  readonly reportedAs?: string
}

const setting = (name: string, fallback: string, kind: SettingDefinition['kind'], description: string) =>
  ({ name, default: fallback, kind, description }) as const
const choice = (name: string, values: readonly string[], description: string) =>
  ({ name, default: values[0]!, kind: 'enum', values, description }) as const

export const settingDefinitions: readonly SettingDefinition[] = [
  { ...setting('application_name', '', 'string', 'Name of the application.'), reportedAs: 'application_name' },
  choice('bytea_output', ['hex', 'escape'], 'Output format for bytea.'),
  setting('check_function_bodies', 'on', 'bool', 'Check function bodies when they are created.'),
  { ...setting('client_encoding', 'UTF8', 'string', 'Encoding of the client.'), reportedAs: 'client_encoding' },
  {
    ...setting('client_min_messages', 'notice', 'enum', 'Least severity that is sent to the client.'),
    values: ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'],
  },
  { ...setting('datestyle', 'ISO, MDY', 'string', 'Display format of dates.'), reportedAs: 'DateStyle' },
  {
    ...setting('default_transaction_read_only', 'off', 'bool', 'Default read-only status of new transactions.'),
    reportedAs: 'default_transaction_read_only',
  },
  choice(
    'default_transaction_isolation',
    ['repeatable read', 'serializable', 'read committed', 'read uncommitted'],
    'Default isolation level of new transactions.',
  ),
  {
    ...setting(
      'disabled_rules',
      '',
      'list',
      'Rules of the optimizer that plans do without, or all: answers stay the same.',
    ),
    values: ['all', ...rules.map(({ name }) => name)],
  },
  setting('extra_float_digits', '1', 'integer', 'Digits shown of floating-point values.'),
  setting('idle_in_transaction_session_timeout', '5min', 'duration', 'Ends sessions idle in a transaction.'),
  setting('idle_session_timeout', '0', 'duration', 'Ends idle sessions; 0: never.'),
  {
    ...setting('in_hot_standby', 'off', 'bool', 'Whether this is a standby.'),
    fixed: true,
    reportedAs: 'in_hot_standby',
  },
  {
    ...setting('integer_datetimes', 'on', 'bool', 'Dates are 64-bit integers.'),
    fixed: true,
    reportedAs: 'integer_datetimes',
  },
  {
    ...choice(
      'intervalstyle',
      ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'],
      'Display format of intervals.',
    ),
    reportedAs: 'IntervalStyle',
  },
  {
    ...setting('is_superuser', 'on', 'bool', 'Whether the user is a superuser.'),
    fixed: true,
    reportedAs: 'is_superuser',
  },
  { ...setting('lc_collate', 'C', 'string', 'Collation order.'), fixed: true },
  { ...setting('lc_ctype', 'C', 'string', 'Character classes.'), fixed: true },
  choice('lc_messages', ['C', 'POSIX'], 'Language of messages.'),
  choice('lc_monetary', ['C', 'POSIX'], 'Locale of amounts.'),
  choice('lc_numeric', ['C', 'POSIX'], 'Locale of numbers.'),
  choice('lc_time', ['C', 'POSIX'], 'Locale of dates.'),
  setting('lock_timeout', '0', 'duration', 'Limit of waiting for other statements to end; 0: none.'),
  { ...setting('max_identifier_length', '63', 'integer', 'Longest identifier in bytes.'), fixed: true },
  { ...setting('max_index_keys', '32', 'integer', 'Most keys of an index.'), fixed: true },
  setting('max_parallel_workers_per_gather', '0', 'integer', 'Parallel workers of a plan.'),
  {
    ...setting('max_recursion_iterations', '10000', 'integer', 'Iterations of a recursive query; more are an error.'),
    range: [1, 1_000_000],
  },
  setting('row_security', 'on', 'bool', 'Row security.'),
  { ...setting('search_path', '"$user", public', 'string', 'Schemas searched for unqualified names.') },
  {
    ...setting('server_encoding', 'UTF8', 'string', 'Encoding of the database.'),
    fixed: true,
    reportedAs: 'server_encoding',
  },
  {
    ...setting('server_version', '15.0 (Millrace)', 'string', 'PostgreSQL version whose behaviour is meant.'),
    fixed: true,
    reportedAs: 'server_version',
  },
  { ...setting('server_version_num', '150000', 'integer', 'The same as a number.'), fixed: true },
  {
    ...setting('session_authorization', 'millrace', 'string', 'User of the session.'),
    fixed: true,
    reportedAs: 'session_authorization',
  },
  {
    ...setting('standard_conforming_strings', 'on', 'bool', 'Backslashes in ordinary strings are ordinary.'),
    only: 'on',
    reportedAs: 'standard_conforming_strings',
  },
  setting('statement_timeout', '0', 'duration', 'Limit of a statement; 0: none.'),
  choice(
    'synchronous_commit',
    ['on', 'off', 'local', 'remote_write', 'remote_apply'],
    'How long COMMIT may wait; it always waits until it is durable.',
  ),
  { ...setting('timezone', 'UTC', 'string', 'Time zone of the session.'), reportedAs: 'TimeZone' },
  choice(
    'transaction_isolation',
    ['repeatable read', 'serializable', 'read committed', 'read uncommitted'],
    'Isolation level of this transaction.',
  ),
  setting('transaction_read_only', 'off', 'bool', 'Read-only status of this transaction.'),
  choice('xmloption', ['content', 'document'], 'Kind of XML values.'),
]

/** Settings of other databases' clients, accepted with a notice and without effect (dialect §4). */
const acceptedElsewhere = new Set([
  'streaming_parallelism',
  'streaming_parallelism_for_backfill',
  'background_ddl',
  'rw_implicit_flush',
  'query_mode',
  'visibility_mode',
  'cluster',
  'transaction_isolation_level',
  'enable_seqscan',
  'enable_indexscan',
  'enable_hashjoin',
  'enable_mergejoin',
  'enable_nestloop',
  'enable_bitmapscan',
  'enable_hashagg',
  'enable_sort',
  'enable_material',
  'work_mem',
  'maintenance_work_mem',
  'random_page_cost',
  'jit',
  'force_parallel_mode',
  'parallel_setup_cost',
  'parallel_tuple_cost',
  'min_parallel_table_scan_size',
  'geqo',
  'constraint_exclusion',
  'default_tablespace',
  'default_table_access_method',
  'default_with_oids',
  'vacuum_freeze_min_age',
  'backslash_quote',
  'escape_string_warning',
])

const byName = new Map(settingDefinitions.map((definition) => [definition.name, definition]))

/** 42704. */
const unknownSetting = (name: string): SqlError =>
  new SqlError({ code: '42704', message: `unrecognized configuration parameter "${name}"` })

/** 22023. */
const invalidSetting = (name: string, value: string, hint?: string): SqlError =>
  new SqlError({ code: '22023', message: `invalid value for parameter "${name}": "${value}"`, hint })

export class Settings {
  /** Counts the changes: what was derived from settings is good for one version. */
  version = 0
  readonly #values = new Map<string, string>()
  /** What COMMIT of the running transaction forgets and ROLLBACK restores; undefined outside of one. */
  #before: Map<string, string | undefined> | undefined
  #localBefore: Map<string, string | undefined> | undefined
  readonly #changed: (name: string, value: string) => void

  /** `changed` is told of every new value of a reported setting. */
  constructor(initial: Readonly<Record<string, string>>, changed: (reportedAs: string, value: string) => void) {
    this.#changed = changed
    for (const [name, value] of Object.entries(initial)) {
      const definition = byName.get(name.toLowerCase())
      if (definition?.fixed !== true) this.#values.set(name.toLowerCase(), normalise(definition, name, value))
    }
  }

  /** Undefined: nobody knows the name. */
  get(name: string): string | undefined {
    const key = name.toLowerCase()
    return this.#values.get(key) ?? byName.get(key)?.default ?? (acceptedElsewhere.has(key) ? '' : undefined)
  }

  /** The value, or error 42704. */
  show(name: string): string {
    const value = this.get(name)
    if (value === undefined) throw unknownSetting(name)
    return value
  }

  /** A duration. 0: no limit. */
  milliseconds(name: string): number {
    const value = this.show(name)
    return value === '0' ? 0 : durationMs(name, value)
  }

  /** Whether notices of this severity reach the client (client_min_messages); INFO always does. */
  shows(severity: Notice['severity']): boolean {
    const levels = byName.get('client_min_messages')!.values!
    return (
      severity === 'INFO' || levels.indexOf(this.show('client_min_messages')) <= levels.indexOf(severity.toLowerCase())
    )
  }

  /** `value` undefined: the default. Returns a notice's text where the setting has no effect. */
  set(name: string, value: string | undefined, local: boolean): string | undefined {
    const key = name.toLowerCase()
    const definition = byName.get(key)
    if (definition?.fixed === true)
      throw new SqlError({ code: '55P02', message: `parameter "${name}" cannot be changed` })
    const foreign = definition === undefined && acceptedElsewhere.has(key)
    if (definition === undefined && !foreign && !key.includes('.')) throw unknownSetting(name)
    const undo = local ? this.#localBefore : this.#before
    if (undo !== undefined && !undo.has(key)) undo.set(key, this.#values.get(key))
    this.#put(key, value === undefined ? undefined : normalise(definition, name, value))
    return foreign ? `parameter "${name}" has no effect here` : undefined
  }

  resetAll(): void {
    for (const name of [...this.#values.keys()]) if (byName.get(name)?.fixed !== true) this.set(name, undefined, false)
  }

  begin(): void {
    this.#before = new Map()
    this.#localBefore = new Map()
  }

  end(committed: boolean): void {
    for (const [name, value] of this.#localBefore ?? []) this.#put(name, value)
    if (!committed) for (const [name, value] of this.#before ?? []) this.#put(name, value)
    this.#before = undefined
    this.#localBefore = undefined
  }

  *all(): Generator<readonly [definition: SettingDefinition, value: string]> {
    for (const definition of settingDefinitions) yield [definition, this.show(definition.name)]
  }

  #put(name: string, value: string | undefined): void {
    this.version++
    if (value === undefined) this.#values.delete(name)
    else this.#values.set(name, value)
    const reportedAs = byName.get(name)?.reportedAs
    if (reportedAs !== undefined) this.#changed(reportedAs, this.show(name))
  }
}

function normalise(definition: SettingDefinition | undefined, name: string, value: string): string {
  switch (definition?.kind) {
    case 'bool': {
      const on = /^(on|true|t|yes|y|1)$/i.test(value)
      if (!on && !/^(off|false|f|no|n|0)$/i.test(value))
        throw new SqlError({ code: '22023', message: `parameter "${name}" requires a Boolean value` })
      const shown = on ? 'on' : 'off'
      if (definition.only !== undefined && shown !== definition.only) throw notSupported(`${name} = ${shown}`)
      return shown
    }
    case 'integer':
      if (!/^[+-]?\d+$/.test(value.trim())) throw invalidSetting(name, value)
      return checkRange(definition, Number(value))
    case 'duration':
      return shownDuration(durationMs(name, value))
    case 'enum': {
      const known = definition.values?.find((one) => one === value.toLowerCase())
      if (known === undefined) throw invalidSetting(name, value, `Available values: ${definition.values?.join(', ')}.`)
      return known
    }
    case 'list': {
      const members = value.split(',').map((one) => one.trim().toLowerCase())
      const unknown = members.find((one) => one !== '' && definition.values?.includes(one) !== true)
      if (unknown !== undefined)
        throw invalidSetting(name, value, `Members of the list: ${definition.values?.join(', ')}.`)
      return members.filter((one) => one !== '').join(', ')
    }
    default:
      return value
  }
}

function checkRange({ name, range }: SettingDefinition, value: number): string {
  if (range !== undefined && (value < range[0] || value > range[1]))
    throw new SqlError({
      code: '22023',
      message: `${value} is outside the valid range for parameter "${name}" (${range[0]} .. ${range[1]})`,
    })
  return String(value)
}

const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** PostgreSQL's form: in the greatest unit that shows it whole. */
function shownDuration(ms: number): string {
  const unit = ['d', 'h', 'min', 's', 'ms'].find((one) => ms % UNIT_MS[one]! === 0)!
  return ms === 0 ? '0' : `${ms / UNIT_MS[unit]!}${unit}`
}

/** In milliseconds, at most what PostgreSQL takes (about 24 days). Throws 22023. */
export function durationMs(name: string, value: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(value)
  if (match === null)
    throw invalidSetting(name, value, 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".')
  const ms = Math.round(Number(match[1]) * UNIT_MS[match[2] ?? 'ms']!)
  if (ms > 2_147_483_647)
    throw new SqlError({
      code: '22023',
      message: `${ms} ms is outside the valid range for parameter "${name}" (0 .. 2147483647)`,
    })
  return ms
}
