// The arguments of one call, written as SQL: a parameter list made concrete, and a literal for each.
//
// Polymorphic parameters stand for one element type a call. Rows and values of an enumerated type exist only in a
// database (`DECLARED` makes the type); entries that take them are judged through SQL (through-sql.ts).

import type { SqlType } from '../../../src/core/type.ts'
import type { ParameterType } from '../../../src/functions/registry.ts'
import { isPolymorphic } from '../../../src/planner/types/polymorphic.ts'
import { isTestable, literalOf } from './literals.ts'

export const DECLARED = "CREATE TYPE fuzz_mood AS ENUM ('sad', 'ok', 'happy')"
const moods = ['sad', 'ok', 'happy'] as const

const elements: readonly SqlType['kind'][] = ['int4', 'text', 'numeric']

export const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!

/** The parameter as a concrete one; undefined where no type can be written down for it. */
function concrete(parameter: ParameterType, element: SqlType['kind']): ParameterType | undefined {
  if (parameter === 'array' || parameter === 'row') return undefined
  if (parameter === 'any') return element
  if (parameter === 'anyenum' || parameter === 'record') return parameter
  if (isPolymorphic(parameter))
    return parameter.endsWith('array') && !parameter.includes('non') ? `${element}[]` : element
  return parameter
}

export const isDeclared = (parameter: ParameterType): boolean => parameter === 'anyenum' || parameter === 'record'

interface Signature {
  readonly args: readonly ParameterType[]
  readonly variadic: boolean
}

const MORE_MAX = 3

/** The parameters of one call, variadic ones repeated. */
export function parametersOf(
  { args, variadic }: Signature,
  random: () => number,
): readonly ParameterType[] | undefined {
  const element = pick(elements, random)
  const repeated = variadic ? Math.floor(random() * MORE_MAX) : 0
  const all = [...args, ...Array.from({ length: repeated }, () => args.at(-1)!)]
  const parameters = all.map((parameter) => concrete(parameter, element))
  const known = parameters.every((one) => one !== undefined && (isDeclared(one) || isTestable(one)))
  return known ? (parameters as ParameterType[]) : undefined
}

/** The type's name in SQL. BIT without quotes is BIT(1). */
export function sqlType(parameter: ParameterType): string {
  if (parameter === 'anyenum') return 'fuzz_mood'
  return parameter === 'char' || parameter === 'bit' ? `"${parameter}"` : parameter
}

export const literal = (parameter: ParameterType, text: string | null): string =>
  text === null ? `NULL::${sqlType(parameter)}` : `'${text.replaceAll("'", "''")}'::${sqlType(parameter)}`

const NULL_SHARE = 0.08

/** The text of an argument; null: NULL. */
export const textOf = (parameter: ParameterType, random: () => number): string | null =>
  random() < NULL_SHARE ? null : literalOf(parameter, random)

const FIELDS: readonly ParameterType[] = ['int4', 'text', 'numeric']

/** An argument as SQL, of types too that only databases have. */
export function written(parameter: ParameterType, random: () => number): string {
  if (parameter === 'anyenum') return literal(parameter, random() < NULL_SHARE ? null : pick(moods, random))
  if (parameter !== 'record') return literal(parameter, textOf(parameter, random))
  return `ROW(${FIELDS.map((field) => literal(field, textOf(field, random))).join(', ')})`
}

export function expression(name: string, args: readonly string[]): string {
  if (/^\w+$/.test(name)) return `pg_catalog."${name}"(${args.join(', ')})`
  return args.length === 1 ? `${name} (${args[0]})` : `(${args[0]}) ${name} (${args[1]})`
}
