// Text in, text out, exactly as a real PostgreSQL does it: every input of inputs.ts in several session settings.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SqlError } from '../../../src/core/error.ts'
import type { SqlType } from '../../../src/core/type.ts'
import { typeFromName } from '../../../src/core/type-name.ts'
import { timeZone } from '../../../src/functions/arithmetic/time-zone.ts'
import { defaultTextSettings, type TextSettings } from '../../../src/functions/text/settings.ts'
import { parse, print } from '../../../src/functions/text/text.ts'
import { inputs } from './inputs.ts'
import { connectPostgres } from './postgres.ts'

const postgres = await connectPostgres()
afterAll(() => postgres?.close())

const defaults = defaultTextSettings(() => BigInt(Date.now()) * 1000n)
const zone = (name: string) => timeZone(name)!

interface Session {
  readonly name: string
  readonly settings: TextSettings
  readonly statements: string
  /** Types whose text depends on these settings; all where absent. */
  readonly types?: RegExp
}

const style = (output: TextSettings['dateStyle']['output'], order: TextSettings['dateStyle']['order']): Session => ({
  name: `DateStyle ${output}, ${order}`,
  settings: { ...defaults, dateStyle: { output, order } },
  statements: `SET timezone = 'UTC'; SET datestyle = '${output}, ${order}'`,
  types: /^(date|timestamp|timestamptz)$/,
})

const intervals = (intervalStyle: TextSettings['intervalStyle']): Session => ({
  name: `IntervalStyle ${intervalStyle}`,
  settings: { ...defaults, intervalStyle },
  statements: `RESET ALL; SET timezone = 'UTC'; SET intervalstyle = '${intervalStyle}'`,
  types: /^interval/,
})

const sessions: readonly Session[] = [
  {
    name: 'defaults, Europe/Berlin',
    settings: { ...defaults, timeZone: zone('Europe/Berlin') },
    statements: "SET timezone = 'Europe/Berlin'",
  },
  {
    name: 'America/New_York',
    settings: { ...defaults, timeZone: zone('America/New_York') },
    statements: "SET timezone = 'America/New_York'",
    types: /^timestamptz$/,
  },
  style('SQL', 'MDY'),
  style('SQL', 'DMY'),
  style('Postgres', 'MDY'),
  style('Postgres', 'DMY'),
  style('German', 'DMY'),
  style('ISO', 'YMD'),
  style('ISO', 'DMY'),
  intervals('postgres_verbose'),
  intervals('sql_standard'),
  intervals('iso_8601'),
  {
    name: 'extra_float_digits 0, bytea_output escape',
    settings: { ...defaults, extraFloatDigits: 0, byteaOutput: 'escape' },
    statements: "RESET ALL; SET timezone = 'UTC'; SET extra_float_digits = 0; SET bytea_output = 'escape'",
    types: /^(real|double precision|bytea)$/,
  },
]

/** `numeric(5,2)[]`, `interval day to hour`, `interval(2)`. */
function typeOf(name: string): SqlType {
  const [, base = '', fields, modifiers, array = ''] =
    /^(interval(?= )|[^(]*?)(?: (?<=interval )([a-z ]+?))?(?:\(([-\d,]+)\))?(\[\])?$/.exec(name)!
  return typeFromName(base + array, modifiers?.split(',').map(Number) ?? [], fields)!
}

/** A literal cast would cut off what is too long; the input function itself refuses it. */
const expressions: Readonly<Record<string, string>> = {
  'varchar(3)': 'varcharin($1, 0, 7)',
  'char(3)': 'bpcharin($1, 0, 7)',
}

function readAndShow(type: SqlType, text: string, settings: TextSettings): string {
  try {
    return print(type, parse(type, text, settings), settings)
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.message}`
    throw error
  }
}

describe.skipIf(postgres === undefined).each(sessions)('$name', ({ settings, statements, types = /./ }) => {
  beforeAll(() => postgres?.run(statements))

  test.each(Object.keys(inputs).filter((name) => types.test(name)))('%s', async (name) => {
    const texts = inputs[name]!
    const expected = await postgres!.ask(expressions[name] ?? `$1::${name}`, texts)
    const type = typeOf(name)
    const pair = (result: string, i: number) => [texts[i], result]
    expect(texts.map((text) => readAndShow(type, text, settings)).map(pair)).toEqual(expected.map(pair))
  })
})
