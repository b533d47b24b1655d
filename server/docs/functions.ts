// docs/functions.md from the registry (`npm run docs`): one table a name, grouped by what the entries stand for.
//
// Nothing is written by hand there; a test compares the file with what this makes.

import type { SqlType } from '../../src/core/type.ts'
import { baseTypeName } from '../../src/core/type-name.ts'
import { aggregateFunctions, scalarFunctions, tableFunctions } from '../../src/functions/all.ts'
import type { ParameterType, ResultType, SqlFunction } from '../../src/functions/registry.ts'
import { windowFunctions } from '../../src/functions/window/window.ts'

const INTRODUCTION = `# Functions and operators

What SQL can compute here, made from the function registry by \`npm run docs\`. Each example is true; the tests run it
here and, where PostgreSQL 15 has the function, there.
`

const isOperator = (name: string): boolean => !/^\w/.test(name)

export function functionsPage(): string {
  const operators = scalarFunctions.filter(({ name }) => isOperator(name))
  const functions = scalarFunctions.filter(({ name }) => !isOperator(name))
  return [
    INTRODUCTION,
    section('Operators', operators),
    section('Functions', functions),
    section('Functions that return rows', tableFunctions),
    section('Aggregates', aggregateFunctions),
    section('Window functions', windowFunctions),
  ].join('\n')
}

function section(title: string, entries: readonly SqlFunction[]): string {
  const names = Map.groupBy(entries, ({ name }) => name)
  const sorted = [...names.keys()].sort((a, b) => (a < b ? -1 : 1))
  return `## ${title}\n\n${sorted.map((name) => block(name, names.get(name)!)).join('\n')}`
}

/** One name: its overloads with what they say; overloads that say the same share a line. */
function block(name: string, entries: readonly SqlFunction[]): string {
  const byDoc = Map.groupBy(entries, ({ doc }) => doc)
  const lines = [...byDoc].map(([doc, list]) => {
    const examples = list.flatMap(({ example }) => (example === undefined ? [] : [example]))
    const shown = examples[0] === undefined ? '' : `\n  \`${examples[0]}\``
    return `- ${list.map((entry) => `\`${signature(entry)}\``).join(', ')}: ${doc}${shown}`
  })
  return `### \`${name}\`\n\n${lines.join('\n')}\n`
}

function signature(entry: SqlFunction): string {
  const args = entry.args.map(typeText)
  const variadic = 'variadic' in entry && entry.variadic
  const list = args.map((arg, i) => (variadic && i === args.length - 1 ? `VARIADIC ${arg}` : arg))
  const result = entry.kind === 'table' ? 'rows' : resultText(entry.result)
  if (entry.kind === 'scalar' && isOperator(entry.name))
    return args.length === 1
      ? `${entry.name} ${args[0]} → ${result}`
      : `${args[0]} ${entry.name} ${args[1]} → ${result}`
  return `${entry.name}(${list.join(', ')}) → ${result}`
}

const resultText = (result: ResultType): string =>
  typeof result === 'function' ? 'by its arguments' : typeText(result)

const pseudo: ReadonlySet<string> = new Set(['array', 'row', 'reg', 'enum', 'record'])

function typeText(type: ParameterType): string {
  if (type.endsWith('[]')) return `${typeText(type.slice(0, -2) as ParameterType)}[]`
  if (type.startsWith('any') || pseudo.has(type)) return type
  return baseTypeName({ kind: type } as SqlType)
}
