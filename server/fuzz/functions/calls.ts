// Calls of one function with random and extreme arguments: the SQL of each, and what we answer.
//
// Each call is evaluated by the entry itself, and again as
// the plan would have it with constant arguments (`prepare`); where those two differ, the call fails by itself.

import { SqlError } from '../../../src/core/error.ts'
import type { SqlType } from '../../../src/core/type.ts'
import { catalogTypeName } from '../../../src/core/type-name.ts'
import type { SqlValue } from '../../../src/core/value.ts'
import { instantiate } from '../../../src/functions/instantiate.ts'
import type { Evaluate, FunctionRegistry, ParameterType, ScalarFunction } from '../../../src/functions/registry.ts'
import { parse, print } from '../../../src/functions/text/text.ts'
import { bindPolymorphic, resultOf } from '../../../src/planner/types/polymorphic.ts'
import { expression, isDeclared, literal, parametersOf, textOf } from './arguments.ts'
import { testContext } from './context.ts'
import { shortened } from './judge.ts'

export interface Call {
  readonly sql: string
  readonly ours: string
}

const typeOf = (parameter: ParameterType): SqlType =>
  parameter.endsWith('[]')
    ? { kind: 'array', element: { kind: parameter.slice(0, -2) } as SqlType }
    : ({ kind: parameter } as SqlType)

/** Ages are counted from the day of the comparison's clock. */
const withClock = (name: string, args: readonly string[]): readonly string[] =>
  name === 'age' && args.length === 1 ? [`'2024-01-01'::${args[0]!.split('::').at(-1)}`, args[0]!] : args

/** Both sides of `count` calls; none where the arguments cannot be written down or the answer varies. */
export function calls(
  registry: FunctionRegistry,
  entry: ScalarFunction,
  count: number,
  random: () => number,
): readonly Call[] {
  if (entry.volatility === 'volatile' || entry.result === 'void') return []
  return Array.from({ length: count }).flatMap(() => {
    const parameters = parametersOf(entry, random)
    if (parameters === undefined || parameters.some(isDeclared)) return []
    const texts = parameters.map((one) => textOf(one, random))
    const args = texts.map((text, i) => literal(parameters[i]!, text))
    const sql = expression(entry.name, withClock(entry.name, args))
    return [{ sql, ours: answer(registry, entry, parameters, texts) }]
  })
}

function answer(
  registry: FunctionRegistry,
  entry: ScalarFunction,
  parameters: readonly ParameterType[],
  texts: readonly (string | null)[],
): string {
  const types = parameters.map(typeOf)
  let args: readonly SqlValue[]
  try {
    args = texts.map((text, i) => (text === null ? null : parse(types[i]!, text, testContext.text)))
  } catch (error) {
    return errorText(error)
  }
  const declared = [...entry.args, ...parameters.slice(entry.args.length).map(() => entry.args.at(-1)!)]
  const bindings = bindPolymorphic(registry, declared, types) ?? { element: undefined, compatible: undefined }
  const result = resultOf(entry.result, bindings, types)
  const instance = instantiate(entry, types, result)
  const plain = outcome(instance, instance.evaluate, args, result)
  const prepared = preparedOutcome(instance, args, result)
  return prepared === undefined || prepared === plain ? plain : `${plain} plain, ${prepared} with constants`
}

function preparedOutcome(entry: ScalarFunction, args: readonly SqlValue[], result: SqlType): string | undefined {
  if (entry.prepare === undefined) return undefined
  try {
    const evaluate = entry.prepare(args)
    return evaluate === undefined ? undefined : outcome(entry, evaluate, args, result)
  } catch (error) {
    // The plan then calls the plain form (executor/expr/closures.ts).
    if (error instanceof SqlError) return undefined
    throw error
  }
}

function outcome(entry: ScalarFunction, evaluate: Evaluate, args: readonly SqlValue[], result: SqlType): string {
  if (entry.strict && args.includes(null)) return 'NULL'
  try {
    const value = (evaluate as (...args: unknown[]) => SqlValue)(...args, testContext)
    return value === null ? 'NULL' : shown(result, value)
  } catch (error) {
    return errorText(error)
  }
}

/** Anything but an SqlError is a mistake of ours, shown as what it is. */
const errorText = (error: unknown): string =>
  error instanceof SqlError ? `ERROR ${error.code}` : `CRASH ${error instanceof Error ? error.message : String(error)}`

/** As ::text shows it: booleans in words, CHARACTER without its blanks. */
export function shown(type: SqlType, value: Exclude<SqlValue, null>): string {
  if (type.kind === 'boolean') return String(value)
  const text = print(type, value, testContext.text)
  return shortened(type.kind === 'bpchar' ? text.replace(/ +$/, '') : text)
}

export const typeWord = (type: SqlType): string =>
  type.kind === 'char' ? '"char"' : type.kind === 'bit' ? '"bit"' : catalogTypeName(type)
