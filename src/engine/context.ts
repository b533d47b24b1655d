// The evaluation context of statements and of views: what stable functions and text forms may read.

import { SqlError } from '../core/error.ts'
import { timeZone, utcZone } from '../functions/arithmetic/time-zone.ts'
import type { CatalogFacts, EvaluationContext } from '../functions/registry.ts'
import type { DateStyle, ObjectNames, TextSettings } from '../functions/text/settings.ts'
import type { MaterializedViewObject } from '../storage/catalog.ts'
import type { Settings } from './settings.ts'

export interface ContextParts {
  readonly settings: Settings
  readonly facts: CatalogFacts
  /** Text forms and search path, as the settings say. */
  readonly text: TextSettings
  readonly searchPath: readonly string[]
  /** Start of the transaction, µs. */
  readonly now: bigint
  readonly clock: () => bigint
  readonly random: () => number
  readonly user: string
  readonly database: string
  /** A setting's value; undefined where nobody knows the name. */
  readonly setting: (name: string) => string | undefined
  readonly backendPid: number
}

/** Schemas of the search path, `"$user"` replaced and those that do not exist kept out by the look-up itself. */
export function searchPathOf(setting: string, user: string): readonly string[] {
  return setting
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '""')
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()))
    .map((part) => (part === '$user' ? user : part))
}

export function textSettings(settings: Settings, now: () => bigint, names?: ObjectNames): TextSettings {
  const zone = settings.show('timezone')
  return {
    dateStyle: dateStyle(settings.show('datestyle')),
    intervalStyle: settings.show('intervalstyle') as TextSettings['intervalStyle'],
    timeZone: timeZone(zone) ?? utcZone,
    extraFloatDigits: Number(settings.show('extra_float_digits')),
    byteaOutput: settings.show('bytea_output') as TextSettings['byteaOutput'],
    now,
    names,
  }
}

const outputs: Readonly<Record<string, DateStyle['output']>> = {
  iso: 'ISO',
  sql: 'SQL',
  postgres: 'Postgres',
  german: 'German',
}
const orders: Readonly<Record<string, DateStyle['order']>> = {
  mdy: 'MDY',
  us: 'MDY',
  noneuro: 'MDY',
  dmy: 'DMY',
  euro: 'DMY',
  european: 'DMY',
  ymd: 'YMD',
}

/** 'ISO, DMY' in any order; a part that is missing keeps `before`. 22023 for unknown words. */
export function dateStyle(text: string, before: DateStyle = { output: 'ISO', order: 'MDY' }): DateStyle {
  let style = before
  for (const word of text
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())) {
    const output = outputs[word]
    const order = orders[word]
    if (output === undefined && order === undefined)
      throw new SqlError({ code: '22023', message: `invalid value for parameter "DateStyle": "${text}"` })
    style = { output: output ?? style.output, order: order ?? (word === 'german' ? 'DMY' : style.order) }
  }
  return style
}

export function statementContext(parts: ContextParts): EvaluationContext {
  const { settings, user, database, now } = parts
  return {
    now,
    clock: parts.clock,
    random: parts.random,
    setting: parts.setting,
    backendPid: parts.backendPid,
    setSetting: (name, value, local) => {
      settings.set(name, value, local)
    },
    timeZone: settings.show('timezone'),
    text: { ...parts.text, now: () => now },
    user,
    database,
    searchPath: parts.searchPath,
    catalog: parts.facts,
  }
}

/** Views know no session: fixed settings; the zone, path and iteration limit of their creation. */
export function viewContext(
  facts: CatalogFacts,
  names: ObjectNames,
  view: Pick<MaterializedViewObject, 'timeZone' | 'searchPath'> &
    Partial<Pick<MaterializedViewObject, 'maxRecursionIterations'>>,
): EvaluationContext {
  const noChance = (): never => {
    throw new SqlError({ code: '0A000', message: 'volatile functions are not supported in materialized views' })
  }
  const now = 0n
  return {
    now,
    clock: noChance,
    random: noChance,
    setting: (name) => (name === 'max_recursion_iterations' ? view.maxRecursionIterations : undefined),
    setSetting: noChance,
    timeZone: view.timeZone,
    text: {
      dateStyle: { output: 'ISO', order: 'MDY' },
      intervalStyle: 'postgres',
      timeZone: timeZone(view.timeZone) ?? utcZone,
      extraFloatDigits: 1,
      byteaOutput: 'hex',
      now: () => now,
      names,
    },
    user: 'millrace',
    database: 'millrace',
    searchPath: view.searchPath,
    catalog: facts,
  }
}
