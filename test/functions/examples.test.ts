// Every entry's example is true: here, through parser, planner and executor, and on PostgreSQL.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../server/slt/connection.ts'
import { aggregateFunctions, scalarFunctions, tableFunctions } from '../../src/functions/all.ts'
import { windowFunctions } from '../../src/functions/window/window.ts'
import { postgresMissing } from '../support/pg.ts'
import { memoryEngine } from './support/engine.ts'
import { postgres } from './support/postgres.ts'

const entries = [...scalarFunctions, ...tableFunctions, ...aggregateFunctions, ...windowFunctions]

const examples: readonly string[] = [...new Set(entries.flatMap(({ example }) => example ?? []))]

/** Functions of enumerated types, which no expression can declare: sql-tests/pg/declared-types.slt has them. */
const ofEnums = (entry: (typeof entries)[number]): boolean => (entry.args as readonly string[]).includes('anyenum')

/** Whose result varies, is asked of relations that PostgreSQL has, or which PostgreSQL 15 does not know. */
const WITHOUT_EXAMPLE = new Set([
  'age',
  'any_value',
  'has_any_column_privilege',
  'has_database_privilege',
  'has_schema_privilege',
  'has_table_privilege',
  'overlaps',
  'pg_get_viewdef',
  'proctime',
])

describe('documentation', () => {
  test('every entry says what it does', () => {
    expect(entries.filter(({ doc }) => !/^[A-Z].*[.]$/.test(doc)).map(({ name }) => name)).toEqual([])
  })

  test('every entry has an example, but for those whose result varies', () => {
    const missing = entries.filter((entry) => entry.example === undefined && !ofEnums(entry)).map(({ name }) => name)
    expect(missing.filter((name) => !WITHOUT_EXAMPLE.has(name))).toEqual([])
  })
})

describe('examples', () => {
  let engine: Connection

  beforeAll(async () => {
    engine = await memoryEngine()
  })
  afterAll(() => engine.close())

  test('are true here', async () => {
    const wrong: string[] = []
    for (const example of examples) {
      const answer = await engine.run(`select (${example})`)
      const shown = answer.kind === 'rows' ? String(answer.rows[0]?.[0]) : JSON.stringify(answer)
      if (shown !== 't') wrong.push(`${example}: ${shown}`)
    }
    expect(wrong).toEqual([])
  })

  test.skipIf(postgresMissing() !== undefined)(`are true on PostgreSQL ${postgresMissing() ?? ''}`, async () => {
    const judge = (await postgres())!
    const answers = await judge.answers(examples)
    await judge.end()
    expect(examples.filter((_, i) => answers[i] !== 'true')).toEqual([])
  })
})
