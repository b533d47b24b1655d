// The frontiers of all nodes of a plan, from those of its scans, by the planner's rules (planner/frontiers.ts).
//
// State: none beyond the rules; frontiers are a function of the scans' ones, evaluated once an epoch in which one of
// them has moved. A value is an int64 of the column's unit (µs, days, integers), exclusive; undefined: nothing is
// promised yet, or ever.

import { assert } from '../core/assert.ts'
import type { SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import { evaluateConstant } from '../planner/evaluate.ts'
import { constant } from '../planner/expr-build.ts'
import { rewriteExpr } from '../planner/expr-walk.ts'
import { type FrontierRule, type FrontierRules, frontierRules } from '../planner/frontiers.ts'
import type { PhysicalPlan, ScanNode, TimeWindowNode } from '../planner/physical.ts'
import type { AlignedWindows } from '../planner/time-window.ts'
import type { Environment } from './expr/closures.ts'
import type { Frontiers } from './operator.ts'
import { firstOpenWindow } from './time-window/windows.ts'

export class PlanFrontiers {
  readonly root: PhysicalPlan
  readonly #rules: ReadonlyMap<PhysicalPlan, FrontierRules>
  readonly #env: Environment
  /** The frontiers are cleaning ones as well: no scan's late rows are applied. */
  readonly #settled: boolean

  constructor(plan: PhysicalPlan, env: Environment) {
    this.root = plan
    this.#rules = frontierRules(plan)
    this.#env = env
    this.#settled = [...this.#rules.keys()].every(
      (node) => node.kind !== 'scan' || node.timed.every((column) => node.settled.includes(column)),
    )
  }

  /** Whether any column of any node can have one. */
  get any(): boolean {
    return [...this.#rules.values()].some((rules) => rules.some((rule) => rule !== undefined))
  }

  /** Every node's cleaning frontiers, from what `evaluate` found for the same scans. */
  cleaning(
    closing: ReadonlyMap<PhysicalPlan, Frontiers>,
    scans: (scan: ScanNode) => Frontiers,
  ): ReadonlyMap<PhysicalPlan, Frontiers> {
    if (this.#settled) return closing
    return this.evaluate((scan) =>
      scans(scan).map((value, column) => (scan.settled.includes(column) ? value : undefined)),
    )
  }

  /** Every node's frontiers; `scans` gives those of a scan's relation, by the relation's columns. */
  evaluate(scans: (scan: ScanNode) => Frontiers): ReadonlyMap<PhysicalPlan, Frontiers> {
    const found = new Map<PhysicalPlan, Frontiers>()
    const walk = (node: PhysicalPlan): Frontiers => {
      const known = found.get(node)
      if (known !== undefined) return known
      const inputs = planInputs(node).map(walk)
      const relation = node.kind === 'scan' ? scans(node) : []
      const result = this.#rules.get(node)!.map((rule) => this.#value(node, rule, inputs, relation))
      found.set(node, result)
      return result
    }
    walk(this.root)
    return found
  }

  #value(
    node: PhysicalPlan,
    rule: FrontierRule | undefined,
    inputs: readonly Frontiers[],
    relation: Frontiers,
  ): bigint | undefined {
    switch (rule?.kind) {
      case undefined:
        return undefined
      case 'scan':
        return relation[rule.column]
      case 'input':
        return inputs[rule.port]![rule.column]
      case 'least': {
        const values = rule.of.map((one) => this.#value(node, one, inputs, relation))
        return values.reduce(lesser)
      }
      case 'monotone': {
        const at = inputs[0]![rule.column]
        return at === undefined || at === ENDLESS ? at : this.#mapped(node, rule, at)
      }
      case 'bound': {
        const window = node as TimeWindowNode
        const at = inputs[0]![window.time]
        return at === undefined || at === ENDLESS ? at : boundFrontier(window, rule.bound, at)
      }
    }
  }

  /** f(F): a change at x ≥ F is one at f(x) ≥ f(F). Where f fails, nothing is promised. */
  #mapped(
    node: PhysicalPlan,
    { column, expr }: Extract<FrontierRule, { kind: 'monotone' }>,
    at: bigint,
  ): bigint | undefined {
    assert(node.kind === 'map', 'only maps compute')
    const { type } = node.input.schema[column]!
    const applied = rewriteExpr(expr, (one) =>
      one.kind === 'column' ? constant(one.type, timeValue(type, at)) : undefined,
    )
    try {
      const value = evaluateConstant(applied, this.#env.context)
      return value === undefined || value === null ? undefined : BigInt(value as number | bigint)
    } catch {
      return undefined
    }
  }
}

/** The inputs of a physical node, by port. */
export function planInputs(node: PhysicalPlan): readonly PhysicalPlan[] {
  switch (node.kind) {
    case 'scan':
    case 'values':
    case 'feed':
      return []
    case 'unionAll':
    case 'recursion':
      return node.inputs
    case 'join':
    case 'asof':
    case 'setOperation':
      return [node.left, node.right]
    default:
      return [node.input]
  }
}

/** Time has ended: the frontier of a log that is finished. */
const ENDLESS = 9_223_372_036_854_775_807n

const timeValue = ({ kind }: SqlType, at: bigint): SqlValue =>
  kind === 'date' || kind === 'int2' || kind === 'int4' ? Number(at) : at

/** The bounds of the first window that a row at or after the frontier can be in. */
function boundFrontier({ windows, input, time }: TimeWindowNode, bound: string, at: bigint): bigint | undefined {
  // A row at the frontier joins sessions that end after it: only those that have ended by then are final.
  if (windows.kind === 'session') return bound === 'end' ? at + 1n : at
  const window = firstOpenWindow(windows as AlignedWindows, input.schema[time]!.type, at)
  if (window === undefined) return undefined
  if (bound === 'start') return window.start
  return bound === 'end' ? window.end : window.end - 1n
}

export const lesser = (a: bigint | undefined, b: bigint | undefined): bigint | undefined => {
  if (a === undefined || b === undefined) return undefined
  return a < b ? a : b
}
