// WITH RECURSIVE → the body of a recursion node: one more column, `iteration`, goes with every row that is derived from
// the recursive reference, so that ordinary operators keep what belongs to each iteration apart (operators spec §8:
// indexed by epoch and iteration).
//
//   Recursion r                    Recursion r
//     base: B                        feed 1: B      feed 2: E          computed outside of the loop
//     step: π (r ⋈ E)       =>       body:   Top 1 per row by iteration           UNION; nothing for UNION ALL
//                                              UnionAll
//                                                π (feed 1, −1)
//                                                π (feed 0 ⋈ feed 2, iteration)
//
// A row carries the iteration that it is derived *from*; the executor adds one when it feeds the row back. Where two
// sides of a join have an iteration, the later one counts. Parts of the step without a recursive reference become
// inputs. What decorrelation derives from the reference only to look values up (D, distinct outer rows) has no
// iteration of its own: it is joined back to rows that have one.

import { assert, unreachable } from '../core/assert.ts'
import { notSupported } from '../core/error.ts'
import { columnDef, type Schema } from '../core/schema.ts'
import type { Expr } from './expr.ts'
import { call, constant, int4 } from './expr-build.ts'
import { remap } from './expr-walk.ts'
import { later } from './internal-functions.ts'
import type { Feed, Join, LogicalPlan, Recursion } from './logical.ts'
import type { FeedNode, PhysicalPlan, RecursionNode } from './physical.ts'
import { choose, columnOf, extend, feed, filter, join, project, tableCall, top, unionAll } from './plan-build.ts'
import { inputsOf, mapInputs } from './plan-walk.ts'

type Walk = (node: LogicalPlan) => PhysicalPlan

/** `outside` lowers what is computed around the loop; `lowerNode` one node of the body. */
export function lowerRecursion(
  plan: Recursion,
  outside: Walk,
  lowerNode: (node: LogicalPlan, walk: Walk) => PhysicalPlan,
): RecursionNode {
  const weaver = new Weaver(plan)
  const body = weaver.body()
  const nodes = new Map<Feed, FeedNode>()
  const inputs = weaver.inputs.map(({ plan: input }) => outside(input))
  const feeds = [weaver.reference, ...weaver.inputs.map((input) => input.feed)].map((leaf, i): FeedNode => {
    const { schema, token } = leaf
    const uniqueKeys = i === 0 ? [] : inputs[i - 1]!.uniqueKeys
    const node: FeedNode = { kind: 'feed', name: token.name, schema, insertOnly: false, uniqueKeys }
    nodes.set(leaf, node)
    return node
  })
  const done = new Map<LogicalPlan, PhysicalPlan>()
  const walk: Walk = (node) => {
    const known = done.get(node)
    if (known !== undefined) return known
    const result = node.kind === 'feed' ? nodes.get(node)! : lowerNode(node, walk)
    done.set(node, result)
    return result
  }
  const { all, schema, token } = plan
  const uniqueKeys = all ? [] : [schema.map((_, i) => i)]
  return {
    kind: 'recursion',
    name: token.name,
    inputs,
    body: walk(body),
    feeds,
    all,
    schema,
    insertOnly: false,
    uniqueKeys,
  }
}

const ITERATION = columnDef('iteration', int4, false)
const number = (value: number): Expr => constant(int4, value)
const range = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from + i)

/** Joins whose only columns are those of the left side (and a mark). */
const isLeftOnly = (type: Join['type']): boolean => type === 'semi' || type === 'anti' || type === 'mark'

class Weaver {
  readonly #plan: Recursion
  /** The reference, with the iteration as its last column. */
  readonly reference: Feed
  readonly inputs: { readonly plan: LogicalPlan; readonly feed: Feed }[] = []
  readonly #hoisted = new Map<LogicalPlan, Feed>()
  readonly #reads = new Map<LogicalPlan, boolean>()
  readonly #woven = new Map<LogicalPlan, LogicalPlan>()
  readonly #plain = new Map<LogicalPlan, LogicalPlan>()

  constructor(plan: Recursion) {
    this.#plan = plan
    this.reference = feed(plan.token, [...plan.schema, ITERATION])
  }

  body(): LogicalPlan {
    const { base, step, all, schema } = this.#plan
    const union = unionAll([this.#fixed(base, -1), this.#carries(step) ? this.#weave(step) : this.#fixed(step, 0)])
    if (all) return union
    const order = [{ column: schema.length, descending: false, nullsFirst: false }]
    return top(union, { partition: range(0, schema.length), order, limit: 1n })
  }

  /** Rows that do not come from the reference: all of one iteration. */
  #fixed(plan: LogicalPlan, iteration: number): LogicalPlan {
    if (this.#readsReference(plan)) throw this.#refused()
    return extend(this.#hoist(plan), [number(iteration)], [ITERATION.name])
  }

  #refused(): Error {
    return notSupported(`the recursive term of "${this.#plan.token.name}" in this form`)
  }

  #readsReference(plan: LogicalPlan): boolean {
    const known = this.#reads.get(plan)
    if (known !== undefined) return known
    const reads =
      plan.kind === 'feed'
        ? plan.token === this.#plan.token
        : inputsOf(plan).some((input) => this.#readsReference(input))
    this.#reads.set(plan, reads)
    return reads
  }

  /** Whether the plan's rows are derived one by one from rows of the reference. */
  #carries(plan: LogicalPlan): boolean {
    if (!this.#readsReference(plan)) return false
    switch (plan.kind) {
      case 'feed':
        return true
      case 'project':
      case 'filter':
      case 'tableCall':
        return this.#carries(plan.input)
      case 'join':
        return this.#carries(plan.left) || (!isLeftOnly(plan.type) && this.#carries(plan.right))
      case 'unionAll':
        return plan.inputs.some((input) => this.#carries(input))
      default:
        return false
    }
  }

  #hoist(plan: LogicalPlan): Feed {
    const known = this.#hoisted.get(plan)
    if (known !== undefined) return known
    const leaf = feed({ name: `${this.inputs.length + 1}` }, plan.schema)
    this.#hoisted.set(plan, leaf)
    this.inputs.push({ plan, feed: leaf })
    return leaf
  }

  /** The plan over feeds, without iterations. */
  #without(plan: LogicalPlan): LogicalPlan {
    if (!this.#readsReference(plan)) return this.#hoist(plan)
    const known = this.#plain.get(plan)
    if (known !== undefined) return known
    if (plan.kind === 'recursion')
      throw notSupported(`recursion over the recursive reference to "${this.#plan.token.name}"`)
    const result =
      plan.kind === 'feed'
        ? choose(this.reference, range(0, plan.schema.length))
        : mapInputs(plan, (input) => this.#without(input))
    this.#plain.set(plan, result)
    return result
  }

  /** The plan over feeds, with the iteration as its last column. */
  #weave(plan: LogicalPlan): LogicalPlan {
    const known = this.#woven.get(plan)
    if (known !== undefined) return known
    const result = this.#weaveNode(plan)
    assert(result.schema.length === plan.schema.length + 1, `weaving ${plan.kind} lost columns`)
    this.#woven.set(plan, result)
    return result
  }

  #weaveNode(plan: LogicalPlan): LogicalPlan {
    switch (plan.kind) {
      case 'feed':
        return this.reference
      case 'project': {
        const input = this.#weave(plan.input)
        return project(input, [...plan.columns, lastOf(input.schema)], [...namesOf(plan), ITERATION.name])
      }
      case 'filter':
        return filter(this.#weave(plan.input), plan.predicate)
      case 'tableCall': {
        const called = tableCall(this.#weave(plan.input), plan.calls, plan)
        return ordered(called, plan.schema.length, plan.input.schema.length)
      }
      case 'unionAll':
        return unionAll(plan.inputs.map((input) => (this.#carries(input) ? this.#weave(input) : this.#fixed(input, 0))))
      case 'join':
        return this.#weaveJoin(plan)
      case 'get':
      case 'values':
      case 'timeWindow':
      case 'apply':
      case 'asof':
      case 'aggregate':
      case 'distinct':
      case 'setOperation':
      case 'top':
      case 'window':
      case 'recursion':
        throw this.#refused()
      default:
        return unreachable(plan)
    }
  }

  #weaveJoin(plan: Join): LogicalPlan {
    const both = this.#carries(plan.right) && !isLeftOnly(plan.type)
    const width = plan.left.schema.length
    if (!this.#carries(plan.left)) {
      if (plan.type !== 'inner' && plan.type !== 'right') throw this.#refused()
      return join(plan.type, this.#without(plan.left), this.#weave(plan.right), plan.condition, plan.nullAware)
    }
    if (plan.type === 'full' || plan.type === 'right' || (both && plan.type !== 'inner')) throw this.#refused()
    const right = both ? this.#weave(plan.right) : this.#without(plan.right)
    const condition = plan.condition && remap(plan.condition, (index) => (index < width ? index : index + 1))
    const joined = join(plan.type, this.#weave(plan.left), right, condition, plan.nullAware)
    if (!both) return ordered(joined, plan.schema.length, width)
    const columns = [...range(0, width), ...range(width + 1, plan.right.schema.length)]
    const iteration = call(later, [columnOf(joined.schema, width), lastOf(joined.schema)], int4)
    return project(
      joined,
      [...columns.map((column) => columnOf(joined.schema, column)), iteration],
      [...namesOf(plan), ITERATION.name],
    )
  }
}

const namesOf = (plan: LogicalPlan): readonly string[] => plan.schema.map((def) => def.name)
const lastOf = (schema: Schema): Expr => columnOf(schema, schema.length - 1)

/** The iteration, which stands at `at` among `width` other columns, put last. */
const ordered = (plan: LogicalPlan, width: number, at: number): LogicalPlan =>
  choose(plan, [...range(0, at), ...range(at + 1, width - at), at])
