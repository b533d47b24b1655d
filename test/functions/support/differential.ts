// One scalar function against PostgreSQL: random and extreme arguments, equal text or equal SQLSTATE.

import { SqlError } from '../../../src/core/error.ts'
import type { SqlType } from '../../../src/core/type.ts'
import type { SqlValue } from '../../../src/core/value.ts'
import type { ParameterType, ScalarFunction } from '../../../src/functions/registry.ts'
import { parse, print } from '../../../src/functions/text/text.ts'
import { testContext } from './context.ts'
import { isTestable, literalOf } from './values.ts'

export interface Call {
  readonly sql: string
  readonly ours: string
}

const typeOf = (parameter: ParameterType): SqlType =>
  parameter.endsWith('[]')
    ? { kind: 'array', element: { kind: parameter.slice(0, -2) } as SqlType }
    : ({ kind: parameter } as SqlType)

const sqlType = (parameter: ParameterType): string => (parameter === 'char' ? '"char"' : parameter)

const literal = (parameter: ParameterType, text: string): string =>
  `'${text.replaceAll("'", "''")}'::${sqlType(parameter)}`

const expression = (name: string, args: readonly string[]): string => {
  if (/^\w+$/.test(name)) return `pg_catalog."${name}"(${args.join(', ')})`
  return args.length === 1 ? `${name} (${args[0]})` : `(${args[0]}) ${name} (${args[1]})`
}

/** Both sides of `count` calls; undefined where the arguments cannot be written down. */
export function calls(entry: ScalarFunction, count: number, random: () => number): readonly Call[] | undefined {
  if (!entry.args.every(isTestable) || entry.volatility === 'volatile' || entry.variadic) return undefined
  if (entry.result === 'void' || (typeof entry.result === 'string' && entry.result.startsWith('any'))) return undefined
  return Array.from({ length: count }, () => {
    const texts = entry.args.map((parameter) => literalOf(parameter, random))
    return {
      sql: expression(
        entry.name,
        texts.map((text, i) => literal(entry.args[i]!, text)),
      ),
      ours: answer(entry, texts),
    }
  })
}

function answer(entry: ScalarFunction, texts: readonly string[]): string {
  try {
    const types = entry.args.map(typeOf)
    const args = texts.map((text, i) => parse(types[i]!, text, testContext.text))
    const result = typeof entry.result === 'function' ? entry.result(types) : typeOf(entry.result)
    const evaluate = (entry.forTypes?.(types, result) ?? entry.evaluate) as (...args: unknown[]) => SqlValue
    const value = evaluate(...args, testContext)
    return value === null ? 'NULL' : shown(result, value)
  } catch (error) {
    if (error instanceof SqlError) return `ERROR ${error.code}`
    throw error
  }
}

/** As ::text shows it: booleans in words, CHARACTER without its blanks. */
function shown(type: SqlType, value: Exclude<SqlValue, null>): string {
  if (type.kind === 'boolean') return String(value)
  const text = print(type, value, testContext.text)
  return type.kind === 'bpchar' ? text.replace(/ +$/, '') : text
}
