// One trial as data: tables, batches of changes, queries, and how it is cut. Made from (seed, number) alone; what is
// left of it after shrinking is a story too, and prints as a script that `npm run slt` runs.

import { rules } from '../../src/planner/optimizer.ts'
import { batch, fill } from './changes.ts'
import { Draw } from './draw.ts'
import { freshNames, type Maker } from './maker.ts'
import { parts } from './parts.ts'
import { createTable, tables } from './tables.ts'
import type { TypeName } from './types.ts'

export interface Question {
  readonly sql: string
  readonly types: readonly TypeName[]
  readonly ordered: boolean
  readonly risky: boolean
  readonly constructs: ReadonlySet<string>
  /** Number of batches that came before its view is made. */
  readonly viewAfter: number
}

/** `rows`: INSERTs row by row; `epoch`: a batch is one transaction; `restart`: closed and opened in the middle. */
export type Cut = 'plain' | 'rows' | 'epoch' | 'restart'

export interface Story {
  readonly tables: readonly string[]
  readonly batches: readonly (readonly string[])[]
  readonly questions: readonly Question[]
  readonly cut: Cut
  /** Rules of the optimizer that one way of asking does without, as the setting `disabled_rules` takes them. */
  readonly rulesOff: string
}

const QUESTIONS = 8

export function story(seed: number, number: number): Story {
  const draw = new Draw(seed, number)
  const shared = { draw, tables: tables(draw), named: [], parts, plain: false }
  const maker = (risky: boolean): Maker => ({ ...shared, risky, constructs: new Set(), fresh: freshNames(draw) })
  const cut = draw.weighted({ plain: 6, rows: 3, epoch: 3, restart: 1 })
  const batches = [fill(maker(false)), ...draw.times(draw.between(2, 4), () => batch(maker(false)))]
  const questions = draw.times(QUESTIONS, (): Question => {
    const own = maker(draw.chance(0.1))
    const { sql, columns, ordered } = parts.query(own, { types: undefined, outer: [], depth: draw.between(1, 3) })
    const types = columns.map(({ type }) => type)
    return { sql, types, ordered, risky: own.risky, constructs: own.constructs, viewAfter: draw.pick([0, 0, 0, 1, 2]) }
  })
  const rulesOff = draw.chance(0.5) ? 'all' : draw.pick(rules).name
  return { tables: shared.tables.map(createTable), batches, questions, cut, rulesOff }
}

export const viewName = (index: number): string => `fuzz_view_${index}`

export const createView = (sql: string, index: number): string =>
  `CREATE MATERIALIZED VIEW ${viewName(index)} AS ${sql}`
