// Questions about catalog objects that psql and drivers ask: definitions, comments, visibility, sizes, privileges.
//
// Everything is answered through CatalogFacts. Objects that Millrace does not have (rules, triggers, statistics
// objects) have no definition: NULL, as PostgreSQL answers for a number that names nothing.

import { SqlError } from '../../core/error.ts'
import type { Numeric } from '../../core/value.ts'
import { numeric } from '../../core/value.ts'
import { numericText, roundedQuotient } from '../arithmetic/numeric.ts'
import type { EvaluationContext, ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'

const undefinedRelation = (name: string): SqlError =>
  new SqlError({ code: '42P01', message: `relation "${name}" does not exist` })

const ask = (
  name: string,
  args: readonly ParameterType[],
  result: 'text' | 'name' | 'boolean' | 'int8',
  doc: string,
  example: string | undefined,
  evaluate: ScalarFunction['evaluate'],
): ScalarFunction => strict(name, args, result, { doc, example, volatility: 'stable', evaluate })

/** Definitions by number, whatever further arguments ask of the layout: there is one. */
const definitions: readonly ScalarFunction[] = (
  [
    ['pg_get_viewdef', 'viewDefinition', [[], ['boolean'], ['int4']], 'The query of a view.'],
    ['pg_get_indexdef', 'indexDefinition', [[]], 'The statement that creates an index.'],
    ['pg_get_function_arguments', 'functionArguments', [[]], 'The argument types of a function, as declared.'],
    ['pg_get_function_identity_arguments', 'functionArguments', [[]], 'The argument types that tell a function.'],
    ['pg_get_function_result', 'functionResult', [[]], 'What a function returns.'],
    ['pg_get_constraintdef', 'constraintDefinition', [[], ['boolean']], 'The definition of a constraint.'],
  ] as const
).flatMap(([name, source, rests, doc]) =>
  rests.map((rest) =>
    ask(
      name,
      ['oid', ...rest],
      'text',
      doc,
      `${name}(0::oid${rest.length === 0 ? '' : rest[0] === 'int4' ? ', 0' : ', true'}) is null`,
      (...args: unknown[]) => {
        const context = args.at(-1) as EvaluationContext
        return context.catalog[source](args[0] as number) ?? null
      },
    ),
  ),
)

const viewByName = ask(
  'pg_get_viewdef',
  ['text'],
  'text',
  'The query of a view.',
  undefined,
  (name: string, { text, catalog }: EvaluationContext) => {
    const oid = text.names?.oidOf('class', name)
    if (oid === undefined) throw undefinedRelation(name)
    return catalog.viewDefinition(oid) ?? null
  },
)

/** One column of an index: PostgreSQL's form with a column number; 0 asks for the whole. */
const indexColumn = ask(
  'pg_get_indexdef',
  ['oid', 'int4', 'boolean'],
  'text',
  'The statement that creates an index, or the definition of one of its columns.',
  'pg_get_indexdef(0::oid, 0, true) is null',
  (oid: number, column: number, _pretty: boolean, { catalog }: EvaluationContext) => {
    const whole = catalog.indexDefinition(oid)
    if (whole === undefined) return null
    return column === 0 ? whole : (indexColumns(whole)[column - 1] ?? '')
  },
)

/** The parts between the outermost parentheses of `CREATE INDEX … (a, lower(b))`. */
function indexColumns(definition: string): readonly string[] {
  const start = definition.indexOf('(')
  const columns: string[] = []
  let depth = 0
  let from = start + 1
  for (let i = start; i < definition.length; i++) {
    const character = definition[i]
    if (character === '(') depth++
    if (character === ')') depth--
    if ((character === ',' && depth === 1) || depth === 0) {
      columns.push(definition.slice(from, i).trim())
      from = i + 1
    }
    if (depth === 0) break
  }
  return columns
}

/** Stored expressions are kept as text. */
const expressions: readonly ScalarFunction[] = [[], ['boolean'] as const].map((rest) =>
  ask(
    'pg_get_expr',
    ['text', 'oid', ...rest],
    'text',
    'The text of a stored expression.',
    `pg_get_expr(null, 0${rest.length === 0 ? '' : ', true'}) is null`,
    (text: string) => text,
  ),
)

const nothing = (name: string, ...args: readonly ParameterType[]): ScalarFunction =>
  ask(
    name,
    args,
    'text',
    'NULL: there are no such objects.',
    `${name}(${args.map((type) => (type === 'oid' ? '0::oid' : 'true')).join(', ')}) is null`,
    () => null,
  )

const comments: readonly ScalarFunction[] = [
  ask(
    'obj_description',
    ['oid', 'name'],
    'text',
    'The comment on an object.',
    "obj_description(0, 'pg_class') is null",
    (oid: number, _catalog: string, { catalog }: EvaluationContext) => catalog.comment(oid, 0) ?? null,
  ),
  ask(
    'obj_description',
    ['oid'],
    'text',
    'The comment on an object.',
    'obj_description(0) is null',
    (oid: number, { catalog }: EvaluationContext) => catalog.comment(oid, 0) ?? null,
  ),
  ask(
    'shobj_description',
    ['oid', 'name'],
    'text',
    'The comment on a shared object.',
    "shobj_description(0, 'pg_database') is null",
    (oid: number, _catalog: string, { catalog }: EvaluationContext) => catalog.comment(oid, 0) ?? null,
  ),
  ask(
    'col_description',
    ['oid', 'int4'],
    'text',
    'The comment on a column.',
    'col_description(0, 1) is null',
    (oid: number, column: number, { catalog }: EvaluationContext) => catalog.comment(oid, column) ?? null,
  ),
]

const visibility: readonly ScalarFunction[] = [
  ask(
    'pg_table_is_visible',
    ['oid'],
    'boolean',
    'Whether the relation is found without naming its schema; NULL where there is none.',
    "pg_table_is_visible('pg_class'::regclass)",
    (oid: number, { catalog }: EvaluationContext) =>
      catalog.relationName(oid) === undefined ? null : catalog.isVisible(oid),
  ),
  ...['type', 'function', 'operator', 'opclass', 'collation'].map((what) =>
    ask(
      `pg_${what}_is_visible`,
      ['oid'],
      'boolean',
      `Whether the ${what} is found without naming its schema: all of them are built in.`,
      `pg_${what}_is_visible(null) is null`,
      () => true,
    ),
  ),
]

const publishable = ask(
  'pg_relation_is_publishable',
  ['oid'],
  'boolean',
  'Whether the relation can be in a publication: none can.',
  'pg_relation_is_publishable(null) is null',
  (oid: number, { catalog }: EvaluationContext) => (catalog.relationName(oid) === undefined ? null : false),
)

const owner = ask(
  'pg_get_userbyid',
  ['oid'],
  'name',
  'The name of a role by its number.',
  "pg_get_userbyid(4294967295) = 'unknown (OID=4294967295)'",
  (oid: number, { text }: EvaluationContext) => text.names?.nameOf('role', oid) ?? `unknown (OID=${oid})`,
)

const sizes: readonly ScalarFunction[] = [
  ...['pg_relation_size', 'pg_table_size', 'pg_total_relation_size'].map((name) =>
    ask(
      name,
      ['oid'],
      'int8',
      'The bytes that a relation takes; NULL where there is none.',
      `coalesce(${name}('pg_class'::regclass), 0) >= 0`,
      (oid: number, { catalog }: EvaluationContext) => catalog.relationBytes(oid) ?? null,
    ),
  ),
]

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** In the first unit in which it is below 10 × 1024 and rounds to less than 10,240; halves away from zero. */
function prettySize(bytes: Numeric): string {
  if (bytes.special !== undefined) return `${numericText(bytes)} PB`
  const size = bytes.digits < 0n ? -bytes.digits : bytes.digits
  const one = 10n ** BigInt(bytes.scale)
  if (size < 10_240n * one) return `${numericText(bytes)} bytes`
  let unit = 1
  while (unit < units.length - 1 && roundedQuotient(size, one * 1024n ** BigInt(unit)) >= 10_240n) unit++
  const whole = roundedQuotient(size, one * 1024n ** BigInt(unit))
  return `${bytes.digits < 0n ? '-' : ''}${whole} ${units[unit]}`
}

const invalidSize = (text: string): SqlError => invalidParameter(`invalid size: "${text}"`)
const invalidUnit = (text: string, unit: string): SqlError =>
  new SqlError({
    code: '22023',
    message: `invalid size: "${text}"`,
    detail: `Invalid size unit: "${unit}".`,
    hint: 'Valid units are "bytes", "B", "kB", "MB", "GB", "TB", and "PB".',
  })

function sizeInBytes(text: string): bigint {
  const match = /^\s*([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?\s*([a-zA-Z]*)\s*$/.exec(text)
  if (match === null) throw invalidSize(text)
  const [, sign, number = '', exponent = '0', unit = ''] = match
  const power =
    unit === '' || unit.toLowerCase() === 'b' ? 0 : units.findIndex((one) => one.toLowerCase() === unit.toLowerCase())
  if (power < 0) throw invalidUnit(text, unit)
  const [whole = '', fraction = ''] = number.split('.')
  const shift = fraction.length - Number(exponent)
  const digits = BigInt(`${whole}${fraction}`) * 1024n ** BigInt(power)
  const bytes = shift >= 0 ? roundedQuotient(digits, 10n ** BigInt(shift)) : digits * 10n ** BigInt(-shift)
  if (BigInt.asIntN(64, bytes) !== bytes) throw new SqlError({ code: '22003', message: 'bigint out of range' })
  return sign === '-' ? -bytes : bytes
}

const prettySizes: readonly ScalarFunction[] = [
  strict('pg_size_pretty', ['int8'], 'text', {
    doc: 'A number of bytes in the unit that shows it best.',
    example: "pg_size_pretty(12345678::int8) = '12 MB'",
    fails: false,
    evaluate: (bytes: bigint) => prettySize(numeric(bytes)),
  }),
  strict('pg_size_pretty', ['numeric'], 'text', {
    doc: 'A number of bytes in the unit that shows it best.',
    example: "pg_size_pretty(12345678.5) = '12 MB'",
    fails: false,
    evaluate: prettySize,
  }),
  strict('pg_size_bytes', ['text'], 'int8', {
    doc: 'The number of bytes that a size with a unit says.',
    example: "pg_size_bytes('1.5 kB') = 1536",
    evaluate: sizeInBytes,
  }),
]

export const catalogFunctions: readonly ScalarFunction[] = [
  ...definitions,
  viewByName,
  indexColumn,
  ...expressions,
  nothing('pg_get_ruledef', 'oid'),
  nothing('pg_get_ruledef', 'oid', 'boolean'),
  nothing('pg_get_triggerdef', 'oid'),
  nothing('pg_get_triggerdef', 'oid', 'boolean'),
  nothing('pg_get_statisticsobjdef_columns', 'oid'),
  nothing('pg_get_partkeydef', 'oid'),
  ...comments,
  ...visibility,
  owner,
  publishable,
  ...sizes,
  ...prettySizes,
]
