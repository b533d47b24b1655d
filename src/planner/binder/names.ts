// Columns by name: the innermost level that knows the name wins; errors say what is nearest.

import { notSupported } from '../../core/error.ts'
import type { ColumnRef } from '../../parser/ast-leaf.ts'
import {
  ambiguousAlias,
  ambiguousColumn,
  crossDatabase,
  invalidReference,
  missingFrom,
  undefinedColumn,
} from '../errors.ts'
import type { Expr } from '../expr.ts'
import { caseOf, constant, isNull, row } from '../expr-build.ts'
import { nearest } from '../nearest.ts'
import { seenFrom } from '../plan-walk.ts'
import type { Environment, ScopeTable } from './environment.ts'

/** `c`, `t.c`, `s.t.c`, or a whole row `t`. */
export function bindColumnRef(environment: Environment, node: ColumnRef): Expr {
  const { parts, position } = node
  if (parts.length > 4) throw undefinedColumn(parts.join('.'), { position })
  if (parts.length === 4) throw crossDatabase(parts.join('.'), position)
  const found =
    parts.length === 1 ? bindBare(environment, parts[0]!, position) : bindQualified(environment, parts, position)
  return { ...found, position }
}

function bindBare(environment: Environment, name: string, position: number): Expr {
  for (const { level, depth } of levels(environment)) {
    const matches = level.scope.columns.filter((column) => column.name === name)
    if (matches.length > 1) throw ambiguousColumn(name, position)
    if (matches.length === 1) return seenFrom(matches[0]!.expr, depth)
  }
  const table = findTable(environment, undefined, name, position)
  if (table !== undefined) return seenFrom(wholeRow(table.table, position), table.depth)
  throw undefinedColumn(name, { position, hint: columnHint(environment, name) })
}

function bindQualified(environment: Environment, parts: readonly string[], position: number): Expr {
  const [schema, tableName, name] =
    parts.length === 2 ? [undefined, parts[0]!, parts[1]!] : (parts as [string, string, string])
  const found = findTable(environment, schema, tableName, position)
  if (found === undefined) throw noSuchTable(environment, tableName, position)
  const matches = found.table.columns.filter((column) => column.name === name)
  if (matches.length > 1) throw ambiguousColumn(name, position)
  if (matches.length === 1) return seenFrom(matches[0]!.expr, found.depth)
  const near = nearest(
    name,
    found.table.columns.map((column) => column.name),
  )
  throw undefinedColumn(`${tableName}.${name}`, { position, hint: near && meant(tableName, near) })
}

const meant = (table: string, column: string): string =>
  `Perhaps you meant to reference the column "${table}.${column}".`

/** The levels in sight from the inside out, with the depth that their columns have here. */
export const levels = (environment: Environment) =>
  allLevels(environment).filter(({ level }) => level.siblings !== 'unseen')

function allLevels(environment: Environment) {
  const found = []
  let at: Environment | undefined = environment
  for (let depth = 0; at !== undefined; depth++) {
    found.push({ level: at.level, depth })
    at = at.level.parent
  }
  return found
}

/** FROM items that stand where they cannot be named from here. */
const unseenTables = (environment: Environment): readonly ScopeTable[] =>
  allLevels(environment).flatMap(({ level }) => (level.siblings === 'unseen' ? level.scope.tables : []))

export function findTable(
  environment: Environment,
  schema: string | undefined,
  name: string,
  position: number,
): { readonly table: ScopeTable; readonly depth: number } | undefined {
  for (const { level, depth } of levels(environment)) {
    const matches = level.scope.tables.filter(
      (table) => table.name === name && (schema === undefined || table.schema === schema),
    )
    if (matches.length > 1) throw ambiguousAlias(name, position)
    if (matches.length === 1) return { table: matches[0]!, depth }
  }
  return undefined
}

export function noSuchTable(environment: Environment, name: string, position: number): Error {
  for (const { level } of levels(environment)) {
    const aliased = level.scope.tables.find((table) => table.schema === undefined && table.relation === name)
    if (aliased !== undefined) {
      const hint = `Perhaps you meant to reference the table alias "${aliased.name}".`
      return invalidReference(name, { position, hint })
    }
  }
  const unseen = unseenTables(environment).some((table) => table.name === name)
  return unseen
    ? invalidReference(name, { position, hint: `There is an entry for table "${name}", but ${OUT_OF_SIGHT}.` })
    : missingFrom(name, { position })
}

const OUT_OF_SIGHT = 'it cannot be referenced from this part of the query'

function columnHint(environment: Environment, name: string): string | undefined {
  const unseen = unseenTables(environment).find((table) => table.columns.some((column) => column.name === name))
  if (unseen !== undefined) return `There is a column named "${name}" in table "${unseen.name}", but ${OUT_OF_SIGHT}.`
  for (const { level } of levels(environment)) {
    for (const table of level.scope.tables) {
      const near = nearest(
        name,
        table.columns.map((column) => column.name),
      )
      if (near !== undefined) return meant(table.name, near)
    }
  }
  return undefined
}

/** `t` as a value: a row of its columns; NULL where an outer join left the table out. */
export function wholeRow(table: ScopeTable, position: number): Expr {
  const columns = table.columns.filter((column) => !column.hidden)
  if (table.scalar && columns.length === 1) return columns[0]!.expr
  const type = {
    kind: 'row' as const,
    fields: columns.map((column) => ({ name: column.name, type: column.expr.type })),
    ...(table.rowType === undefined ? {} : { name: table.rowType }),
  }
  const value = row(
    columns.map((column) => column.expr),
    type,
    position,
  )
  if (table.presence === 'always') return value
  if (table.presence === undefined)
    throw notSupported(`the whole row of "${table.name}", which an outer join may leave out`, { position })
  return caseOf([{ condition: isNull(table.presence), result: constant(type, null) }], value, type, position)
}
