// Makes a failing story small: fewer batches, statements and rows, then a simpler query. A candidate is taken if it
// still fails in the same way. Queries and changes are reduced as syntax trees: a list loses a member, an optional
// part goes, an expression or query becomes one of those inside it. Orders stay, since without them there is no right
// answer.

import { parseStatements } from '../../src/parser/parse.ts'
import { print } from '../../src/parser/print.ts'
import type { Story } from './story.ts'

type Tree = Readonly<Record<string, unknown>>
export type Fails = (story: Story) => Promise<boolean>

/** Tries at most `budget` candidates. */
export async function shrink(story: Story, fails: Fails, budget: number): Promise<Story> {
  let best = story
  let left = budget
  for (let progress = true; progress && left > 0; ) {
    progress = false
    for (const candidate of candidates(best)) {
      if (left-- <= 0) break
      if (!(await fails(candidate))) continue
      best = candidate
      progress = true
      break
    }
  }
  return best
}

function* candidates(story: Story): Generator<Story> {
  if (story.cut !== 'plain') yield { ...story, cut: 'plain' }
  const { batches, tables, questions } = story
  for (let i = batches.length - 1; i >= 0; i--) if (batches.length > 1) yield { ...story, batches: without(batches, i) }
  for (const [i, batch] of batches.entries()) {
    for (let k = batch.length - 1; k >= 0; k--) yield { ...story, batches: batches.with(i, without(batch, k)) }
  }
  for (let i = 0; i < tables.length; i++) yield { ...story, tables: without(tables, i) }
  for (const [i, question] of questions.entries()) {
    for (const sql of smaller(question.sql)) {
      // What has lost its ORDER BY has no order any more.
      const ordered = question.ordered && /ORDER BY [^()]*$/.test(sql)
      yield { ...story, questions: questions.with(i, { ...question, sql, ordered }) }
    }
  }
  for (const [i, batch] of batches.entries()) {
    for (const [k, sql] of batch.entries()) {
      for (const less of smaller(sql)) yield { ...story, batches: batches.with(i, batch.with(k, less)) }
    }
  }
}

const without = <T>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index)

const KEPT = new Set(['orderBy', 'withinGroup', 'limit', 'kind', 'position', 'type', 'name', 'table', 'alias'])
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && 'kind' in value

/** Statements that are a step smaller, the boldest first. */
function smaller(sql: string): string[] {
  let statement: unknown
  try {
    statement = parseStatements(sql)[0]?.statement
  } catch {
    return []
  }
  if (!isTree(statement)) return []
  const found = new Set<string>()
  for (const tree of steps(statement)) {
    const text = printed(tree)
    if (text !== undefined && text.length < sql.length) found.add(text)
  }
  return [...found].toSorted((a, b) => a.length - b.length)
}

function printed(tree: unknown): string | undefined {
  try {
    return print(tree as Parameters<typeof print>[0])
  } catch {
    return undefined
  }
}

/** All trees that differ from this one in one place. */
function* steps(tree: Tree): Generator<unknown> {
  for (const inner of replacements(tree)) yield inner
  for (const [field, value] of Object.entries(tree)) {
    for (const next of changed(field, value)) yield { ...tree, [field]: next }
  }
}

function* changed(field: string, value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    if (!KEPT.has(field)) for (let i = 0; i < value.length; i++) yield without(value, i)
    for (let i = 0; i < value.length; i++) for (const next of changed('', value[i])) yield value.with(i, next)
  } else if (isTree(value)) {
    if (!KEPT.has(field)) yield undefined
    yield* steps(value)
  } else if (typeof value === 'object' && value !== null) {
    for (const [inner, part] of Object.entries(value)) {
      for (const next of changed(inner, part)) yield { ...value, [inner]: next }
    }
  }
}

const QUERIES = new Set(['query', 'select', 'values', 'setOperation'])
const TABLES = new Set(['relation', 'derived', 'functionTable', 'join'])

const familyOf = (kind: unknown): string => {
  const name = String(kind)
  return QUERIES.has(name) ? 'query' : TABLES.has(name) ? 'table' : 'expression'
}

const NO_EXPRESSIONS = new Set([
  'orderItem',
  'selectItem',
  'window',
  'windowName',
  'frame',
  'on',
  'using',
  'natural',
  'with',
])

/** What stands inside and could stand here; NULL for any expression. */
function* replacements(tree: Tree): Generator<Tree> {
  if (NO_EXPRESSIONS.has(String(tree.kind))) return
  const family = familyOf(tree.kind)
  for (const value of Object.values(tree)) {
    for (const inner of Array.isArray(value) ? value : [value]) {
      if (isTree(inner) && familyOf(inner.kind) === family && !NO_EXPRESSIONS.has(String(inner.kind))) yield inner
      else if (isTree(inner) && inner.kind === 'argument' && isTree(inner.value)) yield inner.value
      else if (isTree(inner) && inner.kind === 'setOperand' && isTree(inner.body)) yield inner.body
    }
  }
}
