// What an optimizer rule is: a name, and a function from a node to a better one (undefined: it does not fire). A rule
// sees one node with its inputs; it must keep the node's columns and types, and the bag of its rows.

import type { TextContext } from '../functions/registry.ts'
import type { LogicalPlan } from './logical.ts'

export interface Rule {
  readonly name: string
  readonly apply: (node: LogicalPlan, context: RuleContext) => LogicalPlan | undefined
}

export interface RuleContext {
  /** How many nodes read this one: a shared plan is not copied into one of its readers. */
  readers(node: LogicalPlan): number
  /** How constants are written as text. */
  readonly constants: TextContext
}

export const rule = (name: string, apply: Rule['apply']): Rule => ({ name, apply })
