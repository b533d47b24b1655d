// Casts: which there are and in which context (pg_cast), and what they give, against PostgreSQL.

import { describe, expect, test } from 'vitest'
import { testContext } from '../../server/fuzz/functions/context.ts'
import { literalOf, randomFrom } from '../../server/fuzz/functions/literals.ts'
import { SqlError } from '../../src/core/error.ts'
import type { SqlType } from '../../src/core/type.ts'
import { typeFromName } from '../../src/core/type-name.ts'
import type { SqlValue } from '../../src/core/value.ts'
import { functionRegistry } from '../../src/functions/all.ts'
import type { ParameterType } from '../../src/functions/registry.ts'
import { parse, print } from '../../src/functions/text/text.ts'
import { postgresMissing } from '../support/pg.ts'
import { postgres } from './support/postgres.ts'

const registry = functionRegistry()

const kinds = [
  'boolean',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'numeric',
  'text',
  'varchar',
  'bpchar',
  'bytea',
  'uuid',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'interval',
  'json',
  'jsonb',
  'oid',
] as const

/** Types with modifiers, whose cast to themselves applies them. */
const modified = [
  'numeric(5,2)',
  'numeric(3,-1)',
  'varchar(3)',
  'character(4)',
  'time(2)',
  'timestamp(1)',
  'timestamptz(0)',
  'interval(1)',
]

const typeNamed = (name: string): SqlType => {
  const match = /^(\w+)\(([-\d,]+)\)$/.exec(name)
  const type = match === null ? typeFromName(name) : typeFromName(match[1]!, match[2]!.split(',').map(Number))
  return type ?? expect.fail(`no type ${name}`)
}

/** The text of a value cast explicitly, base type first, then its modifiers, as the binder does. */
function castText(text: string, from: SqlType, to: SqlType): string {
  try {
    const base = { kind: to.kind } as SqlType
    const value = parse(from, text, testContext.text)
    const converted = from.kind === base.kind ? value : applied(value, from, base)
    const shown = applied(converted, base, to)
    if (shown === null) return 'NULL'
    if (typeof shown === 'boolean') return String(shown)
    const printed = print(to, shown, testContext.text)
    return to.kind === 'bpchar' ? printed.replace(/ +$/, '') : printed
  } catch (error) {
    if (error instanceof SqlError) return `ERROR ${error.code}`
    throw error
  }
}

function applied(value: SqlValue, from: SqlType, to: SqlType): SqlValue {
  const cast = registry.cast(from, to)
  if (value === null || cast === undefined) return value
  return cast.evaluate(value as never, { from, to, explicit: true }, testContext)
}

const source = (kind: (typeof kinds)[number]): ParameterType => (kind === 'varchar' ? 'text' : kind)

const missing = postgresMissing()

describe('pg_cast', () => {
  test('contexts of the usual casts', () => {
    const context = (from: string, to: string) => registry.cast(typeNamed(from), typeNamed(to))?.context
    expect(context('int4', 'int8')).toBe('implicit')
    expect(context('int8', 'int4')).toBe('assignment')
    expect(context('numeric', 'float8')).toBe('implicit')
    expect(context('float8', 'numeric')).toBe('assignment')
    expect(context('int4', 'boolean')).toBe('explicit')
    expect(context('text', 'int4')).toBe('explicit')
    expect(context('int4', 'text')).toBe('assignment')
    expect(context('varchar', 'text')).toBe('implicit')
    expect(context('date', 'timestamptz')).toBe('implicit')
    expect(context('timestamptz', 'date')).toBe('assignment')
    expect(context('boolean', 'int8')).toBeUndefined()
    expect(context('date', 'int4')).toBeUndefined()
  })

  test('a text too long is cut explicitly and refused in an assignment, unless blanks are lost', () => {
    const to: SqlType = { kind: 'varchar', length: 3 }
    const evaluate = registry.cast({ kind: 'text' }, to)!.evaluate as (...args: unknown[]) => SqlValue
    const from: SqlType = { kind: 'text' }
    expect(evaluate('abcd', { from, to, explicit: true }, testContext)).toBe('abc')
    expect(evaluate('abc  ', { from, to, explicit: false }, testContext)).toBe('abc')
    expect(() => evaluate('abcd', { from, to, explicit: false }, testContext)).toThrow(
      'value too long for type character varying(3)',
    )
  })

  test.skipIf(missing !== undefined)(
    `the same casts, in the same contexts, as PostgreSQL ${missing ?? ''}`,
    async () => {
      const judge = (await postgres())!
      const pairs = kinds.flatMap((from) => kinds.filter((to) => to !== from).map((to) => [from, to] as const))
      const answers = await judge.answers(
        pairs.map(
          ([from, to]) =>
            `select castcontext from pg_cast where castsource = '${from}'::regtype and casttarget = '${to}'::regtype`,
        ),
      )
      await judge.end()
      const isText = (kind: string) => ['text', 'varchar', 'bpchar'].includes(kind)
      const names = { i: 'implicit', a: 'assignment', e: 'explicit' } as const
      for (const [i, [from, to]] of pairs.entries()) {
        const known = names[answers[i]! as keyof typeof names]
        const wanted = known ?? (isText(to) ? 'assignment' : isText(from) ? 'explicit' : undefined)
        expect({ from, to, context: registry.cast(typeNamed(from), typeNamed(to))?.context }).toEqual({
          from,
          to,
          context: wanted,
        })
      }
    },
  )
})

describe.skipIf(missing !== undefined)(`values cast as PostgreSQL casts them ${missing ?? ''}`, () => {
  test('random and extreme values of every pair', async () => {
    const judge = (await postgres())!
    const random = randomFrom(1)
    const targets = [...kinds, ...modified]
    const calls = kinds.flatMap((from) =>
      targets
        .filter((to) => typeNamed(to).kind === from || registry.cast(typeNamed(from), typeNamed(to)) !== undefined)
        .flatMap((to) =>
          Array.from({ length: 12 }, () => {
            const text = literalOf(source(from), random)
            const sql = `('${text.replaceAll("'", "''")}'::${from})::${to}`
            return { sql, ours: castText(text, typeNamed(from), typeNamed(to)) }
          }),
        ),
    )
    const answers = await judge.answers(calls.map(({ sql }) => sql))
    await judge.end()
    expect(
      calls.flatMap(({ sql, ours }, i) => (ours === answers[i] ? [] : [`${sql}: ${ours}, PostgreSQL ${answers[i]}`])),
    ).toEqual([])
  })
})
