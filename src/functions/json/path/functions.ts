// The functions and operators of jsonb that take an SQL/JSON path. A constant path is parsed once a plan; of others the
// last one is remembered at each entry.

import { isJsonObject } from '../../../core/encoding/json-form.ts'
import { SqlError } from '../../../core/error.ts'
import type { Json, JsonNode, SqlValue } from '../../../core/value.ts'
import type { Evaluate, ParameterType, ResultType, ScalarFunction, TableFunction } from '../../registry.ts'
import { strict } from '../../registry.ts'
import { invalidParameter } from '../../string/limits.ts'
import { setOf } from '../../table.ts'
import { json } from '../node.ts'
import { isPathError, pathError } from './context.ts'
import { itemsOf } from './evaluate.ts'
import { parsePath } from './parse.ts'
import type { JsonPath } from './path.ts'

const noVariables: Json = json({ kind: 'object', entries: [] })

type Run = (path: JsonPath, target: JsonNode, variables: JsonNode, silent: boolean) => SqlValue

function checkVariables({ value }: Json): JsonNode {
  if (isJsonObject(value)) return value
  throw new SqlError({
    ...invalidParameter('"vars" argument is not an object'),
    message: '"vars" argument is not an object',
    detail: 'Jsonpath parameters should be encoded as key-value pairs of "vars" object.',
  })
}

/** Gives `otherwise` for errors that may be silenced. */
function quietly<T, U>(silent: boolean, otherwise: U, f: () => T): T | U {
  try {
    return f()
  } catch (error) {
    if (silent && isPathError(error)) return otherwise
    throw error
  }
}

function exists(path: JsonPath, target: JsonNode, variables: JsonNode, silent: boolean): SqlValue {
  return quietly(silent, null, () => {
    const items = itemsOf(path, target, variables)
    return path.strict ? [...items].length > 0 : items.next().done !== true
  })
}

function matches(path: JsonPath, target: JsonNode, variables: JsonNode, silent: boolean): SqlValue {
  return quietly(silent, null, () => {
    const [first, ...rest] = itemsOf(path, target, variables)
    if (rest.length === 0 && first === null) return null
    if (rest.length === 0 && typeof first === 'boolean') return first
    throw pathError('22038', 'single boolean result is expected')
  })
}

/** What was found before an error stays found where it is silent. */
function found(path: JsonPath, target: JsonNode, variables: JsonNode, silent: boolean): readonly JsonNode[] {
  const items: JsonNode[] = []
  quietly(silent, undefined, () => {
    for (const item of itemsOf(path, target, variables)) items.push(item)
  })
  return items
}

function first(path: JsonPath, target: JsonNode, variables: JsonNode, silent: boolean): SqlValue {
  const [item] = found(path, target, variables, silent)
  return item === undefined ? null : json(item)
}

function lastPath(): (text: string) => JsonPath {
  let last: { readonly text: string; readonly path: JsonPath } | undefined
  return (text) => {
    if (last?.text !== text) last = { text, path: parsePath(text) }
    return last.path
  }
}

const evaluateWith =
  (run: Run, pathOf: (text: string) => JsonPath, alwaysSilent: boolean): Evaluate =>
  (target: Json, text: string, variables: unknown, silent: unknown) =>
    run(
      pathOf(text),
      target.value,
      isJson(variables) ? checkVariables(variables) : noVariables.value,
      alwaysSilent || silent === true,
    )

/** With fewer arguments the evaluation context stands where the variables would. */
const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'json'

interface PathFunction {
  readonly name: string
  readonly args: readonly ParameterType[]
  readonly result: ResultType
  readonly doc: string
  readonly example: string
  readonly run: Run
  readonly silent?: true
}

const entry = ({ name, args, result, doc, example, run, silent = undefined }: PathFunction): ScalarFunction =>
  strict(name, args, result, {
    doc,
    example,
    evaluate: evaluateWith(run, lastPath(), silent === true),
    prepare: ([, text]) => {
      if (typeof text !== 'string') return undefined
      const path = parsePath(text)
      return evaluateWith(run, () => path, silent === true)
    },
  })

/** With and without variables and the flag that silences errors. */
const arities: readonly (readonly ParameterType[])[] = [
  ['jsonb', 'jsonpath'],
  ['jsonb', 'jsonpath', 'jsonb'],
  ['jsonb', 'jsonpath', 'jsonb', 'boolean'],
]

const families: readonly Omit<PathFunction, 'args'>[] = [
  {
    name: 'jsonb_path_exists',
    result: 'boolean',
    doc: 'Whether the path finds an item; optionally with variables, and with errors silenced.',
    example: `jsonb_path_exists('{"a": [1, 5]}', '$.a[*] ? (@ > 3)')`,
    run: exists,
  },
  {
    name: 'jsonb_path_match',
    result: 'boolean',
    doc: 'The result of a path predicate; optionally with variables, and with errors silenced.',
    example: `jsonb_path_match('{"a": 5}', '$.a == 5')`,
    run: matches,
  },
  {
    name: 'jsonb_path_query_array',
    result: 'jsonb',
    doc: 'All items that the path finds, as an array; optionally with variables, and with errors silenced.',
    example: `jsonb_path_query_array('{"a": [1, 2, 3]}', '$.a[*] ? (@ > 1)') = '[2, 3]'`,
    run: (path, target, variables, silent) => json(found(path, target, variables, silent)),
  },
  {
    name: 'jsonb_path_query_first',
    result: 'jsonb',
    doc: 'The first item that the path finds; optionally with variables, and with errors silenced.',
    example: `jsonb_path_query_first('[1, 2, 3]', '$[*] ? (@ > 1)') = '2'`,
    run: first,
  },
]

/** Only datetime() tells the names with `_tz` from those without. */
const inZones = (family: Omit<PathFunction, 'args'>): typeof family => ({
  ...family,
  name: `${family.name}_tz`,
  example: family.example.replace(family.name, `${family.name}_tz`),
})

export const jsonPathFunctions: readonly ScalarFunction[] = [
  ...[...families, ...families.map(inZones)].flatMap((family) => arities.map((args) => entry({ ...family, args }))),
  entry({
    name: '@?',
    args: ['jsonb', 'jsonpath'],
    result: 'boolean',
    doc: 'Whether the path finds an item; NULL where it cannot be followed.',
    example: `'{"a": [1, 5]}'::jsonb @? '$.a[*] ? (@ > 3)'`,
    run: exists,
    silent: true,
  }),
  entry({
    name: '@@',
    args: ['jsonb', 'jsonpath'],
    result: 'boolean',
    doc: 'The result of a path predicate; NULL where it is no boolean.',
    example: `'{"a": 5}'::jsonb @@ '$.a > 3'`,
    run: matches,
    silent: true,
  }),
]

export const jsonPathSets: readonly TableFunction[] = ['jsonb_path_query', 'jsonb_path_query_tz'].flatMap((name) =>
  arities.map((args) => querySet(name, args)),
)

function querySet(name: string, args: readonly ParameterType[]): TableFunction {
  const pathOf = lastPath()
  return setOf(name, args, 'jsonb', {
    doc: 'The items that the path finds, one a row; optionally with variables, and with errors silenced.',
    example: `(select count(*) from ${name}('[1, 2, 3]', '$[*] ? (@ > 1)')) = 2`,
    evaluate: function* (
      target: Json,
      text: string,
      variables: unknown,
      silent: unknown,
    ): Iterable<readonly SqlValue[]> {
      const given = isJson(variables) ? checkVariables(variables) : noVariables.value
      const isSilent = args.length > 3 && silent === true
      for (const item of found(pathOf(text), target.value, given, isSilent)) yield [json(item)]
    },
  })
}
