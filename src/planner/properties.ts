// What is known of a node's contents: unique keys and insert-only. They select cheaper operators and stores; a key that
// is not found costs speed, one that does not hold would cost answers.

import type { Expr } from './expr.ts'
import type { SortKey } from './physical.ts'
import type { TimeWindows, WindowBound } from './time-window.ts'

export interface Properties {
  /** Sets of columns; the empty set: at most one row. */
  readonly uniqueKeys: readonly (readonly number[])[]
  readonly insertOnly: boolean
}

/** As many keys as a node carries along: the shortest ones. */
const KEYS_MAX = 4

/** Without keys that contain another one; the shortest first. */
export function minimalKeys(keys: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const sorted = keys.map((key) => [...new Set(key)].sort((a, b) => a - b)).sort((a, b) => a.length - b.length)
  const kept: number[][] = []
  for (const key of sorted) if (!kept.some((one) => one.every((column) => key.includes(column)))) kept.push(key)
  return kept.slice(0, KEYS_MAX)
}

/** Keys of a projection: those whose columns are all passed on. */
export function projectKeys(keys: Properties['uniqueKeys'], columns: readonly Expr[]): Properties['uniqueKeys'] {
  const placeOf = (column: number): number =>
    columns.findIndex((expr) => expr.kind === 'column' && expr.index === column)
  const moved = keys.map((key) => key.map(placeOf))
  return minimalKeys(moved.filter((key) => !key.includes(-1)))
}

interface JoinFacts {
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'mark'
  readonly left: Properties
  readonly right: Properties
  readonly leftWidth: number
  /** Columns that are compared by `=` (or IS NOT DISTINCT FROM), pairwise. */
  readonly leftColumns: readonly number[]
  readonly rightColumns: readonly number[]
}

/**
 * Each row of a side keeps its keys if it has at most one partner: a unique key of the other side is compared.
 * Otherwise a key of both sides together is one of the result.
 */
export function joinProperties(facts: JoinFacts): Properties {
  const { type, left, right, leftWidth } = facts
  if (type === 'semi') return { uniqueKeys: left.uniqueKeys, insertOnly: left.insertOnly && right.insertOnly }
  if (type === 'anti' || type === 'mark') return { uniqueKeys: left.uniqueKeys, insertOnly: false }
  const rightKeys = right.uniqueKeys.map((key) => key.map((column) => column + leftWidth))
  const rightIsUnique = right.uniqueKeys.some((key) => key.every((column) => facts.rightColumns.includes(column)))
  const leftIsUnique = left.uniqueKeys.some((key) => key.every((column) => facts.leftColumns.includes(column)))
  const keys: (readonly number[])[] = []
  if (rightIsUnique && (type === 'inner' || type === 'left')) keys.push(...left.uniqueKeys)
  if (leftIsUnique && (type === 'inner' || type === 'right')) keys.push(...rightKeys)
  if (type !== 'full') for (const l of left.uniqueKeys) for (const r of rightKeys) keys.push([...l, ...r])
  return { uniqueKeys: minimalKeys(keys), insertOnly: type === 'inner' && left.insertOnly && right.insertOnly }
}

interface TopFacts {
  readonly partition: readonly number[]
  readonly order: readonly SortKey[]
  readonly limit: bigint | undefined
  readonly offset: bigint
  readonly by: 'rows' | 'ties' | 'dense'
  readonly numberColumn: number | undefined
}

export function topProperties(input: Properties, facts: TopFacts): Properties {
  const keys = [...input.uniqueKeys]
  if (facts.by === 'rows' && facts.limit === 1n && facts.offset === 0n) keys.push(facts.partition)
  if (facts.by === 'rows' && facts.numberColumn !== undefined) keys.push([...facts.partition, facts.numberColumn])
  return { uniqueKeys: minimalKeys(keys), insertOnly: false }
}

/** A row is once in each window: where it can be in several, a bound that tells them apart belongs to the key. */
export function timeWindowKeys(
  keys: Properties['uniqueKeys'],
  plan: { readonly windows: TimeWindows; readonly bounds: readonly WindowBound[] },
  width: number,
): Properties['uniqueKeys'] {
  const { windows, bounds } = plan
  if (windows.kind === 'tumble' || windows.kind === 'session') return keys
  const telling = bounds.findIndex((bound) => bound !== 'start' || windows.kind === 'hop')
  return telling < 0 ? [] : minimalKeys(keys.map((key) => [...key, width + telling]))
}
