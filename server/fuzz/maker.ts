// What the parts of the generator share while one query is made: the draws, the tables, names that are still free, and
// what has occurred.
//
// `risky`: the query may fail in some rows (division by zero, overflow, a scalar subquery of two rows). Which rows are
// evaluated is then the planner's business, in PostgreSQL too, so that such a query is judged only where it succeeds.

import { printIdentifier } from '../../src/parser/print.ts'
import type { Draw } from './draw.ts'
import { type Column, literal, TYPES, type TypeName } from './types.ts'

export interface Table {
  readonly name: string
  readonly columns: readonly TableColumn[]
  readonly primaryKey: number | undefined
}

export interface TableColumn {
  readonly name: string
  readonly type: TypeName
  readonly tame: boolean
  readonly notNull: boolean
  /** What follows the type in CREATE TABLE. */
  readonly clauses: string
  readonly generated: boolean
}

/** What an expression sees: its own level, and the levels around it, nearest first. */
export interface Scope {
  readonly columns: readonly Column[]
  readonly outer: readonly Column[]
}

export interface Maker {
  readonly draw: Draw
  readonly tables: readonly Table[]
  readonly risky: boolean
  readonly constructs: Set<string>
  /** Names of common tables in reach. */
  readonly named: readonly Named[]
  readonly fresh: (prefix: string) => string
  /** No subqueries: for expressions that are written twice. */
  readonly plain: boolean
  readonly parts: Parts
}

/** The parts of the grammar that call one another. */
export interface Parts {
  readonly value: (maker: Maker, type: TypeName, scope: Scope, depth: number, tame?: boolean) => string
  readonly condition: (maker: Maker, scope: Scope, depth: number) => string
  readonly scalarSubquery: (maker: Maker, type: TypeName, scope: Scope, depth: number, tame: boolean) => string
  readonly existsSubquery: (maker: Maker, scope: Scope, depth: number) => string
  readonly inSubquery: (maker: Maker, scope: Scope, depth: number) => string
  readonly quantifiedSubquery: (maker: Maker, scope: Scope, depth: number) => string
  readonly rowSubquery: (maker: Maker, scope: Scope, depth: number) => string
  readonly query: (maker: Maker, wish: Wish) => Made
  readonly from: (maker: Maker, outer: readonly Column[], depth: number) => Source
}

export interface Wish {
  /** Of the output; anything if undefined. */
  readonly types: readonly TypeName[] | undefined
  readonly outer: readonly Column[]
  readonly depth: number
}

export interface Made {
  readonly sql: string
  readonly columns: readonly Output[]
  /** ORDER BY fixes the order of the rows. */
  readonly ordered: boolean
}

/** What FROM has, and the columns that can be named over it. */
export interface Source {
  readonly sql: string
  readonly columns: readonly Column[]
}

/** What a subquery sees of the level around it. */
export const seenFrom = ({ columns, outer }: Scope): readonly Column[] => [
  ...columns.filter((column) => column.local !== true),
  ...outer,
]

/** A query under a name. */
export interface Named {
  readonly name: string
  readonly columns: readonly Output[]
}

export interface Output {
  readonly name: string
  readonly type: TypeName
  readonly tame: boolean
}

export const HOSTILE = [
  'select',
  'a b',
  'x"y',
  'Ünï',
  '群',
  'T',
  "o'k",
  'from',
  'a.b',
  '𝒳',
  'user',
  'ab'.repeat(30),
  '1',
]

export const quoted = printIdentifier

export function note(maker: Maker, construct: string): void {
  maker.constructs.add(construct)
}

/** Counts names up; now and then with what has to be quoted. */
export function freshNames(draw: Draw): (prefix: string) => string {
  let count = 0
  return (prefix) => {
    const name = `${prefix}${++count}`
    return draw.chance(0.06) ? quoted(`${draw.pick(HOSTILE).slice(0, 40)} ${name}`) : name
  }
}

export function anyLiteral(maker: Maker, type: TypeName, tame: boolean): string {
  const { draw } = maker
  if (!tame && draw.chance(0.12)) return `NULL::${TYPES[type].sql}`
  const { tame: small, wild } = TYPES[type]
  return literal(type, !tame && wild.length > 0 && draw.chance(0.15) ? draw.pick(wild) : draw.pick(small))
}

/** A column of that type in reach, mostly of the own level; a literal where there is none. */
export function atom(maker: Maker, type: TypeName, scope: Scope, tame: boolean): string {
  const { draw } = maker
  const fits = (column: Column): boolean => column.type === type && (!tame || column.tame)
  const [own, outer] = [scope.columns.filter(fits), scope.outer.filter(fits)]
  if (outer.length > 0 && (own.length === 0 || draw.chance(0.3))) {
    note(maker, 'correlated')
    return draw.pick(outer).sql
  }
  return own.length > 0 && draw.chance(0.85) ? draw.pick(own).sql : anyLiteral(maker, type, tame)
}
