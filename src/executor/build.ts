// Builds the dataflow of a physical plan: one node per distinct plan object, inputs before consumers.
//
// What the executor has no operator for is refused here, by name, before anything runs.

import { unreachable } from '../core/assert.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { type Cleaning, cleaningOf } from '../planner/cleaning.ts'
import type {
  AggregateNode,
  FeedNode,
  JoinNode,
  MapNode,
  PhysicalPlan,
  RecursionNode,
  ScanNode,
  TimeWindowNode,
} from '../planner/physical.ts'
import { type Inputs, JoinBuilder, type ProbedSide } from './build-join.ts'
import { type Cleaner, type Expire, expireBy } from './cleaner.ts'
import { contentsOf, emitsConsolidated } from './contents.ts'
import { Dataflow } from './dataflow.ts'
import { DivertedRows } from './diverted-rows.ts'
import type { Environment } from './expr/closures.ts'
import { rowProgram } from './expr/program.ts'
import { PlanFrontiers } from './frontiers.ts'
import { GraphBuilder, type GraphNode } from './graph.ts'
import type { ImportedInput, Importer } from './imports.ts'
import type { Operator } from './operator.ts'
import { Aggregate } from './operators/aggregate.ts'
import { AsofJoin } from './operators/asof-join.ts'
import { CloseAt } from './operators/close-at.ts'
import { Distinct } from './operators/distinct.ts'
import { MapRows } from './operators/map.ts'
import { Pass } from './operators/pass.ts'
import { Recursion } from './operators/recursion.ts'
import { SessionWindow } from './operators/session-window.ts'
import { TableFunctionRows } from './operators/table-function.ts'
import { TemporalFilter } from './operators/temporal-filter.ts'
import { TimeWindow } from './operators/time-window.ts'
import { Top } from './operators/top.ts'
import { Values } from './operators/values.ts'
import { setOperation, WeightFunction } from './operators/weight-function.ts'
import { Window } from './operators/window.ts'
import { iterationLimit, loanAccount } from './recursion-limits.ts'

export interface BuildOptions {
  readonly env: Environment
  /** Pays for the state. */
  readonly account: MemoryAccount
  /** The inputs come once and end: state that only later epochs would read is left out. */
  readonly oneShot: boolean
  /** Arrangements of stored relations that are there already. None in one-shot dataflows. */
  readonly importer?: Importer | undefined
  /** Rows on which an expression fails are kept aside instead of failing the whole (engine spec §7). */
  readonly diverts?: boolean | undefined
  /** One-shot: the inner joins of which one side is looked up where it lies. */
  readonly probed?: ((join: JoinNode) => ProbedSide | undefined) | undefined
  /** Nobody reads the output from an operator's table: it is sent on, or kept in a store of its own. */
  readonly ownStore?: boolean | undefined
  /** Tests put every operator inside one that checks its contract. */
  readonly decorate?: (operator: Operator) => Operator
}

export function buildDataflow(plan: PhysicalPlan, options: BuildOptions): Dataflow {
  const builder = new Builder(options, options.oneShot ? new Map() : cleaningOf(plan))
  const root = builder.node(plan)
  const frontiers = new PlanFrontiers(plan, options.env)
  const operatorOf = (node: PhysicalPlan): Operator => builder.node(node).operator
  const contents = options.ownStore === true ? undefined : contentsOf(plan, operatorOf, options.env)
  for (const { expiry } of builder.cleaners) expiry.keepsSlots = expiry.table === contents?.table
  return new Dataflow({
    graph: { nodes: builder.graph.nodes, root },
    inputs: builder.inputs,
    imports: builder.imports,
    plans: builder.built,
    cleaners: builder.cleaners,
    contents,
    consolidated: emitsConsolidated(plan),
    frontiers: frontiers.any ? frontiers : undefined,
    diverted: options.diverts === true ? new DivertedRows(options.env.context, options.account) : undefined,
  })
}

class Builder implements Inputs {
  readonly graph: GraphBuilder
  readonly inputs = new Map<ScanNode | FeedNode, GraphNode>()
  readonly imports: ImportedInput[] = []
  readonly built = new Map<PhysicalPlan, GraphNode>()
  readonly cleaners: Cleaner[] = []
  readonly #options: BuildOptions
  readonly cleaning: ReadonlyMap<PhysicalPlan, Cleaning>
  readonly #joins: JoinBuilder

  constructor(options: BuildOptions, cleaning: ReadonlyMap<PhysicalPlan, Cleaning>) {
    this.#options = options
    this.cleaning = cleaning
    this.graph = new GraphBuilder(options.decorate)
    this.#joins = new JoinBuilder(this, options)
  }

  node(plan: PhysicalPlan): GraphNode {
    const known = this.built.get(plan)
    if (known !== undefined) return known
    const node = this.#make(plan)
    this.built.set(plan, node)
    return node
  }

  #make(plan: PhysicalPlan): GraphNode {
    const { env, account } = this.#options
    switch (plan.kind) {
      case 'scan':
      case 'feed':
        return this.input(plan)
      case 'recursion':
        return this.#add(this.#recursion(plan), plan.inputs)
      case 'values':
        return this.#add(new Values(plan.schema, plan.rows, env), [])
      case 'map':
        return this.#add(this.#map(plan), [plan.input])
      case 'unionAll':
        return this.#add(new Pass('UnionAll', plan.schema), plan.inputs)
      case 'tableFunction':
        return this.#add(new TableFunctionRows(plan, env, this.#options.diverts === true), [plan.input])
      case 'distinct':
        return this.#add(new Distinct(plan.schema, account, this.#expire(plan)), [plan.input])
      case 'setOperation': {
        const form = setOperation(plan.operation, plan.all, [plan.left.schema, plan.right.schema])
        return this.#add(new WeightFunction(plan.schema, form, account, this.#expire(plan)), [plan.left, plan.right])
      }
      case 'join':
        return this.#joins.build(plan)
      case 'asof':
        return this.#add(new AsofJoin(plan, account), [plan.left, plan.right])
      case 'aggregate':
        return this.#add(this.#aggregate(plan), [plan.input])
      case 'top':
        return this.#add(new Top(plan, account, this.#expire(plan)), [plan.input])
      case 'window':
        return this.#add(new Window(plan, env, account, this.#expire(plan)), [plan.input])
      case 'closeAt':
        return this.#add(new CloseAt(plan, account), [plan.input])
      case 'temporalFilter':
        return this.#add(new TemporalFilter(plan, env, account), [plan.input])
      case 'timeWindow':
        return this.#add(this.#timeWindow(plan), [plan.input])
      default:
        return unreachable(plan)
    }
  }

  /** By what the planner has found; undefined: all is kept. */
  #expire(plan: PhysicalPlan): Expire | undefined {
    const cleaning = this.cleaning.get(plan)
    return cleaning && expireBy(plan, cleaning, cleaning.key, this.cleaners)
  }

  /** What the engine feeds. */
  input(plan: ScanNode | FeedNode): GraphNode {
    const label = plan.kind === 'scan' ? 'Scan' : 'Feed'
    const node = this.graph.add(new Pass(`${label} ${plan.name}`, plan.schema), [])
    this.inputs.set(plan, node)
    return node
  }

  /** What comes once is not retracted: neither are an input's rows nor what is made of them, one by one or at last. */
  #insertOnly(plan: PhysicalPlan): boolean {
    if (plan.insertOnly || !this.#options.oneShot) return plan.insertOnly
    switch (plan.kind) {
      case 'scan':
      case 'aggregate':
        return true
      case 'map':
      case 'tableFunction':
      case 'distinct':
        return this.#insertOnly(plan.input)
      case 'unionAll':
        return plan.inputs.every((input) => this.#insertOnly(input))
      case 'join':
        return plan.type === 'inner' && this.#insertOnly(plan.left) && this.#insertOnly(plan.right)
      default:
        return false
    }
  }

  #add(operator: Operator, inputs: readonly PhysicalPlan[]): GraphNode {
    const nodes = inputs.map((input) => this.node(input))
    return this.graph.add(operator, nodes)
  }

  #timeWindow(plan: TimeWindowNode): Operator {
    const { windows } = plan
    return windows.kind === 'session'
      ? new SessionWindow(plan, windows, this.#options.account, this.#expire(plan))
      : new TimeWindow(plan, windows)
  }

  /** The body is a dataflow of its own; its operators keep their state from round to round, also in one-shot plans. */
  #recursion(plan: RecursionNode): Operator {
    const { env, account, oneShot } = this.#options
    const loan = loanAccount(account)
    const inner = new Builder({ ...this.#options, account: loan, oneShot: false, importer: undefined }, new Map())
    for (const feed of plan.feeds) inner.node(feed)
    const root = inner.node(plan.body)
    const body = new Dataflow({
      graph: { nodes: inner.graph.nodes, root },
      inputs: inner.inputs,
      imports: [],
      plans: inner.built,
      cleaners: [],
      contents: undefined,
      consolidated: false,
      frontiers: undefined,
      diverted: undefined,
    })
    for (const [node, built] of inner.built) this.built.set(node, built)
    return new Recursion(plan, { body, account: loan, oneShot, limit: iterationLimit(env.context) })
  }

  #aggregate(plan: AggregateNode): Operator {
    const { env, account } = this.#options
    return new Aggregate(plan, env, account, { insertOnly: this.#insertOnly(plan.input), expire: this.#expire(plan) })
  }

  #map(plan: MapNode): Operator {
    const { predicate, columns, schema } = plan
    return new MapRows(
      schema,
      rowProgram({ label: 'Map', predicate, columns, schema }, this.#options.env, plan.input.schema),
    )
  }
}
