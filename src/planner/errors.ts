// The planner's errors, each in PostgreSQL's words and with its SQLSTATE.

import { SqlError } from '../core/error.ts'
import type { SqlType } from '../core/type.ts'
import { baseTypeName } from '../core/type-name.ts'

interface Place {
  readonly position?: number | undefined
  readonly hint?: string | undefined
  readonly detail?: string | undefined
}

const error = (code: string, message: string, place: Place = {}): SqlError => new SqlError({ code, message, ...place })

export const undefinedColumn = (name: string, place: Place): SqlError =>
  error('42703', `column ${name.includes('.') ? name : `"${name}"`} does not exist`, place)

export const ambiguousColumn = (name: string, position: number): SqlError =>
  error('42702', `column reference "${name}" is ambiguous`, { position })

/** ORDER BY "a" where several output columns are named so. */
export const ambiguousOutput = (clause: string, name: string, position: number): SqlError =>
  error('42702', `${clause} "${name}" is ambiguous`, { position })

export const undefinedTable = (name: string, place: Place): SqlError =>
  error('42P01', `relation "${name}" does not exist`, place)

export const missingFrom = (name: string, place: Place): SqlError =>
  error('42P01', `missing FROM-clause entry for table "${name}"`, place)

export const invalidReference = (name: string, place: Place): SqlError =>
  error('42P01', `invalid reference to FROM-clause entry for table "${name}"`, place)

export const undefinedSchema = (name: string, position: number): SqlError =>
  error('3F000', `schema "${name}" does not exist`, { position })

export const crossDatabase = (name: string, position: number): SqlError =>
  error('0A000', `cross-database references are not implemented: ${name}`, { position })

export const duplicateAlias = (name: string, position: number): SqlError =>
  error('42712', `table name "${name}" specified more than once`, { position })

export const ambiguousAlias = (name: string, position: number): SqlError =>
  error('42P09', `table reference "${name}" is ambiguous`, { position })

export const duplicateCommonTable = (name: string, position: number): SqlError =>
  error('42712', `WITH query name "${name}" specified more than once`, { position })

/** ARRAY[] without a cast. */
export const emptyArray = (position: number | undefined): SqlError =>
  error('42P18', 'cannot determine type of empty array', {
    position,
    hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
  })

export const tooManyAliases = (
  table: string,
  have: number,
  given: number,
  position: number,
  what: 'table' | 'WITH query' = 'table',
): SqlError =>
  error('42P10', `${what} "${table}" has ${have} columns available but ${given} columns specified`, { position })

export const undefinedType = (name: string, position: number): SqlError =>
  error('42704', `type "${name}" does not exist`, { position })

export const undefinedCollation = (name: string, position: number): SqlError =>
  error('42704', `collation "${name}" for encoding "UTF8" does not exist`, { position })

export const notCollatable = (type: SqlType, position: number): SqlError =>
  error('42804', `collations are not supported by type ${baseTypeName(type)}`, { position })

/** FOR UPDATE OF name. */
export const notInFrom = (name: string, clause: string, position: number): SqlError =>
  error('42P01', `relation "${name}" in ${clause} clause not found in FROM clause`, { position })

/** What PostgreSQL does not do either, in its words. */
export const notImplemented = (message: string, position: number): SqlError => error('0A000', message, { position })

const typeList = (types: readonly SqlType[]): string => types.map(baseTypeName).join(', ')

export const undeterminedElement = (position: number): SqlError =>
  error('42804', 'could not determine polymorphic type because input has type unknown', { position })

export const undefinedFunction = (name: string, args: readonly SqlType[], position: number): SqlError =>
  error('42883', `function ${name}(${typeList(args)}) does not exist`, {
    position,
    hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
  })

export const ambiguousFunction = (name: string, args: readonly SqlType[], position: number): SqlError =>
  error('42725', `function ${name}(${typeList(args)}) is not unique`, {
    position,
    hint: 'Could not choose a best candidate function. You might need to add explicit type casts.',
  })

const operatorCall = (name: string, args: readonly SqlType[]): string =>
  args.length === 1
    ? `${name} ${baseTypeName(args[0]!)}`
    : `${baseTypeName(args[0]!)} ${name} ${baseTypeName(args[1]!)}`

export const undefinedOperator = (name: string, args: readonly SqlType[], position: number | undefined): SqlError =>
  error('42883', `operator does not exist: ${operatorCall(name, args)}`, {
    position,
    hint:
      args.length === 1
        ? 'No operator matches the given name and argument type. You might need to add an explicit type cast.'
        : 'No operator matches the given name and argument types. You might need to add explicit type casts.',
  })

export const ambiguousOperator = (name: string, args: readonly SqlType[], position: number | undefined): SqlError =>
  error('42725', `operator is not unique: ${operatorCall(name, args)}`, {
    position,
    hint: 'Could not choose a best candidate operator. You might need to add explicit type casts.',
  })

export const cannotCast = (from: SqlType, to: SqlType, position: number | undefined): SqlError =>
  error('42846', `cannot cast type ${baseTypeName(from)} to ${baseTypeName(to)}`, { position })

export const cannotMatch = (context: string, a: SqlType, b: SqlType, position: number | undefined): SqlError =>
  error('42804', `${context} types ${baseTypeName(a)} and ${baseTypeName(b)} cannot be matched`, { position })

export const cannotConvert = (context: string, from: SqlType, to: SqlType, position: number | undefined): SqlError =>
  error('42846', `${context} could not convert type ${baseTypeName(from)} to ${baseTypeName(to)}`, { position })

/** `context` is the clause: WHERE, AND, CASE/WHEN, … */
export const mustBe = (context: string, expected: SqlType, type: SqlType, position: number | undefined): SqlError =>
  error('42804', `argument of ${context} must be type ${baseTypeName(expected)}, not type ${baseTypeName(type)}`, {
    position,
  })

export const notOfColumnType = (column: string, to: SqlType, from: SqlType, position: number | undefined): SqlError =>
  error('42804', `column "${column}" is of type ${baseTypeName(to)} but expression is of type ${baseTypeName(from)}`, {
    position,
    hint: 'You will need to rewrite or cast the expression.',
  })

export const undeterminedPolymorphic = (position: number | undefined): SqlError =>
  error('42804', 'could not determine polymorphic type because input has type unknown', { position })

export const undeterminedParameter = (index: number, position: number | undefined): SqlError =>
  error('42P18', `could not determine data type of parameter $${index + 1}`, { position })

export const inconsistentParameter = (
  index: number,
  types: readonly [SqlType, SqlType],
  position: number | undefined,
): SqlError =>
  error('42P08', `inconsistent types deduced for parameter $${index + 1}`, {
    position,
    detail: `${baseTypeName(types[0])} versus ${baseTypeName(types[1])}`,
  })

export const undefinedParameter = (index: number, position: number): SqlError =>
  error('42P02', `there is no parameter $${index + 1}`, { position })

export const noEquality = (type: SqlType, position: number | undefined): SqlError =>
  error('42883', `could not identify an equality operator for type ${baseTypeName(type)}`, { position })

export const noOrdering = (type: SqlType, position: number | undefined): SqlError =>
  error('42883', `could not identify an ordering operator for type ${baseTypeName(type)}`, {
    position,
    hint: 'Use an explicit ordering operator or modify the query.',
  })

export const mustBeGrouped = (column: string, position: number | undefined): SqlError =>
  error('42803', `column "${column}" must appear in the GROUP BY clause or be used in an aggregate function`, {
    position,
  })

export const ungroupedOuter = (column: string, position: number | undefined): SqlError =>
  error('42803', `subquery uses ungrouped column "${column}" from outer query`, { position })

export const aggregateNotAllowed = (clause: string, position: number): SqlError =>
  error('42803', `aggregate functions are not allowed in ${clause}`, { position })

export const groupingError = (message: string, position: number | undefined): SqlError =>
  error('42803', message, { position })

export const windowingError = (message: string, position: number | undefined): SqlError =>
  error('42P20', message, { position })

export const windowNotAllowed = (clause: string, position: number): SqlError =>
  error('42P20', `window functions are not allowed in ${clause}`, { position })

export const setNotAllowed = (clause: string, position: number): SqlError =>
  error('0A000', `set-returning functions are not allowed in ${clause}`, { position })

export const wrongObjectType = (message: string, place: Place): SqlError => error('42809', message, place)

export const invalidColumnReference = (message: string, position: number | undefined): SqlError =>
  error('42P10', message, { position })

export const datatypeMismatch = (message: string, place: Place): SqlError => error('42804', message, place)

export const badSyntax = (message: string, place: Place): SqlError => error('42601', message, place)

export const duplicateColumn = (name: string, position: number | undefined): SqlError =>
  error('42701', `column "${name}" specified more than once`, { position })

export const moreThanOneRow = (): SqlError =>
  error('21000', 'more than one row returned by a subquery used as an expression')

export const generatedAlways = (message: string, place: Place): SqlError => error('428C9', message, place)

/** `name` of an unnamed row. */
export const undefinedField = (name: string, position: number): SqlError =>
  error('42703', `could not identify column "${name}" in record data type`, { position })

export const notAggregate = (what: string, name: string, position: number): SqlError =>
  error('42809', `${what} specified, but ${name} is not an aggregate function`, { position })

export const needsOver = (name: string, position: number): SqlError =>
  error('42809', `window function ${name} requires an OVER clause`, { position })

export const undefinedWindow = (name: string, position: number): SqlError =>
  error('42704', `window "${name}" does not exist`, { position })

/** JOIN … USING: `name` is not a column of this side. */
export const missingInSide = (name: string, side: 'left' | 'right', position: number): SqlError =>
  error('42703', `column "${name}" specified in USING clause does not exist in ${side} table`, { position })

export const ambiguousInSide = (name: string, side: 'left' | 'right', position: number): SqlError =>
  error('42702', `common column name "${name}" appears more than once in ${side} table`, { position })

const recursions = {
  form: 'does not have the form non-recursive-term UNION [ALL] recursive-term',
  base: 'must not appear within its non-recursive term',
  subquery: 'must not appear within a subquery',
  'outer join': 'must not appear within an outer join',
  INTERSECT: 'must not appear within INTERSECT',
  EXCEPT: 'must not appear within EXCEPT',
  twice: 'must not appear more than once',
  nested: 'must not appear within another recursive query',
  aggregate: "aggregate functions are not allowed in a recursive query's recursive term",
  window: "window functions are not allowed in a recursive query's recursive term",
  top: "LIMIT and DISTINCT ON are not allowed in a recursive query's recursive term",
  distinct: "DISTINCT is not allowed in a recursive query's recursive term, but with UNION",
  always: "a UNION ALL branch without a recursive reference never ends in a recursive query's recursive term",
} as const

/** 42P19: a WITH RECURSIVE query of this name whose fixpoint is not defined, or not computed. */
export function badRecursion(name: string, where: keyof typeof recursions, position: number): SqlError {
  const text = recursions[where]
  const message =
    where === 'form'
      ? `recursive query "${name}" ${text}`
      : text.startsWith('must')
        ? `recursive reference to query "${name}" ${text}`
        : text
  return error('42P19', message, { position })
}
