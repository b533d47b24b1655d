// Which state of a plan's operators goes as time passes (spec/windows-and-time.md §7): the keys whose time lies below
// the cleaning frontier of every input can change no more, and what is kept for them is kept for nothing.
//
//   aggregate          groups by a timed key           join      keys with equality on times, of both sides
//   distinct, set op   rows with a timed column        top, OVER partitions by a timed column
//   sessions           those that have ended
//
// The cleaning frontier is the frontier (frontiers.ts), except that of a relation whose late rows are applied nothing
// is ever final. What is dropped never changes a result; it is a property of the plan, told by EXPLAIN.

import { type FrontierRules, frontierRules } from './frontiers.ts'
import type { PhysicalPlan } from './physical.ts'

/** A column of an input: the least of several bounds counts. */
export interface InputColumn {
  readonly port: number
  readonly column: number
}

export interface Cleaning {
  /**
   * Place of the time among what the state is kept by: group keys, columns of DISTINCT and set operations, key pairs of
   * a join, PARTITION BY. Undefined: single rows go, by the time they are ordered by.
   */
  readonly key: number | undefined
  readonly bounds: readonly InputColumn[]
}

/** What is dropped, by node; nodes that keep nothing, or all of it, are absent. */
export function cleaningOf(plan: PhysicalPlan): ReadonlyMap<PhysicalPlan, Cleaning> {
  const rules = frontierRules(plan, 'cleaning')
  const found = new Map<PhysicalPlan, Cleaning>()
  for (const node of rules.keys()) {
    const cleaning = nodeCleaning(node, (input) => rules.get(input)!)
    if (cleaning !== undefined) found.set(node, cleaning)
  }
  return found
}

/** What a node's state grows with. */
export type StateBound =
  | { readonly kind: 'bounded'; readonly by: string }
  | { readonly kind: 'unbounded'; readonly because: string }

/** By node that keeps state; empty for plans of which no input has a frontier. */
export function stateBounds(plan: PhysicalPlan): ReadonlyMap<PhysicalPlan, StateBound> {
  const [closing, cleaning] = [frontierRules(plan), frontierRules(plan, 'cleaning')]
  const found = new Map<PhysicalPlan, StateBound>()
  const nodes = [...closing.keys()]
  if (!nodes.some((node) => node.kind === 'scan' && node.timed.length > 0)) return found
  for (const node of nodes) {
    const because = growth(node)
    if (because === undefined) continue
    const cleaned = nodeCleaning(node, (input) => cleaning.get(input)!)
    if (cleaned !== undefined) found.set(node, { kind: 'bounded', by: timeName(node, cleaned) })
    else if (nodeCleaning(node, (input) => closing.get(input)!) !== undefined)
      found.set(node, { kind: 'unbounded', because: 'late rows are applied, so nothing is ever final' })
    else found.set(node, { kind: 'unbounded', because })
  }
  return found
}

/** Why state grows for ever, each reason once; nothing for plans of which no input has a frontier. */
export const unboundedState = (plan: PhysicalPlan): readonly string[] => [
  ...new Set([...stateBounds(plan).values()].flatMap((one) => (one.kind === 'unbounded' ? [one.because] : []))),
]

const timeName = (node: PhysicalPlan, { bounds: [first] }: Cleaning): string => {
  const input = 'left' in node ? node.left : (node as Extract<PhysicalPlan, { input: PhysicalPlan }>).input
  return input.schema[first!.column]!.name
}

/** Why the node's state grows for ever where it is not cleaned; undefined: it keeps none, or no more than its input. */
function growth(node: PhysicalPlan): string | undefined {
  switch (node.kind) {
    case 'aggregate':
      return node.global ? undefined : 'no column of GROUP BY has a watermark behind it'
    case 'distinct':
      return 'no column has a watermark behind it'
    case 'setOperation':
      return 'no column has a watermark behind it on both sides'
    case 'join':
      return 'it is not on equality of times that have watermarks on both sides'
    case 'asof':
      return 'a row of the right side may be the nearest for ever'
    case 'top':
    case 'window':
      return 'no column of PARTITION BY has a watermark behind it'
    case 'timeWindow':
      return node.windows.kind === 'session' ? 'the time column has no watermark' : undefined
    case 'recursion':
      return 'rows that recursion derives have no time'
    default:
      return undefined
  }
}

function nodeCleaning(node: PhysicalPlan, rules: (input: PhysicalPlan) => FrontierRules): Cleaning | undefined {
  const first = (input: PhysicalPlan, columns: readonly number[]): Cleaning | undefined => {
    const timed = rules(input)
    const key = columns.findIndex((column) => timed[column] !== undefined)
    return key < 0 ? undefined : { key, bounds: [{ port: 0, column: columns[key]! }] }
  }
  switch (node.kind) {
    case 'aggregate':
      return first(node.input, node.groupKeys)
    case 'distinct':
      return first(node.input, [...node.schema.keys()])
    case 'top':
    case 'window':
      return first(node.input, node.partition)
    case 'setOperation':
      return pairs(
        [...node.schema.keys()].map((column) => ({ left: column, right: column })),
        rules(node.left),
        rules(node.right),
      )
    case 'join':
      // NOT IN with NULLs looks at other keys' rows too.
      return node.nullAware ? undefined : pairs(node.keys, rules(node.left), rules(node.right))
    case 'timeWindow':
      if (node.windows.kind !== 'session' || rules(node.input)[node.time] === undefined) return undefined
      return { key: undefined, bounds: [{ port: 0, column: node.time }] }
    default:
      return undefined
  }
}

function pairs(
  keys: readonly { readonly left: number; readonly right: number }[],
  left: FrontierRules,
  right: FrontierRules,
): Cleaning | undefined {
  const key = keys.findIndex((pair) => left[pair.left] !== undefined && right[pair.right] !== undefined)
  const pair = keys[key]
  if (pair === undefined) return undefined
  const bounds = [
    { port: 0, column: pair.left },
    { port: 1, column: pair.right },
  ]
  return { key, bounds }
}
