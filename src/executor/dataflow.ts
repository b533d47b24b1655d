// A running plan: the graph, its named inputs, its state and its errors. The engine pushes an epoch's batches into the
// scans, drives `run`, and then prepares, seals or aborts the whole.
//
//   push(scan, batch)* → run(context, sink) to its end → prepare() → seal()        or, at any time before seal, abort()
//
// The region of the pushed batches is the caller's: it is recycled after seal or abort.

import { assert } from '../core/assert.ts'
import type { Batch } from '../core/batch.ts'
import type { Region } from '../core/region.ts'
import type { Schema } from '../core/schema.ts'
import type { FeedNode, PhysicalPlan, ScanNode } from '../planner/physical.ts'
import type { ViewContents } from '../storage/view-store.ts'
import { type Budget, CallOutput, type Collector, DEFAULT_BUDGET } from './call-output.ts'
import type { Cleaner } from './cleaner.ts'
import type { DivertedRows } from './diverted-rows.ts'
import { ErrorLog } from './error-log.ts'
import { type PlanFrontiers, planInputs } from './frontiers.ts'
import type { Counters, Graph, GraphNode } from './graph.ts'
import type { ImportedInput } from './imports.ts'
import type { EpochContext, Frontiers, Operator, RowError, Stateful } from './operator.ts'
import { RowCounter } from './row-counter.ts'
import { drain, runEpoch, type Sink } from './scheduler.ts'

export interface DataflowParts {
  readonly graph: Graph
  readonly inputs: ReadonlyMap<ScanNode | FeedNode, GraphNode>
  readonly imports: readonly ImportedInput[]
  /** The node of each plan node; joins and others have further nodes below theirs. */
  readonly plans: ReadonlyMap<PhysicalPlan, GraphNode>
  readonly contents: ViewContents | undefined
  readonly consolidated: boolean
  readonly cleaners: readonly Cleaner[]
  /** Undefined: no column of the plan can have a frontier. */
  readonly frontiers: PlanFrontiers | undefined
  readonly diverted: DivertedRows | undefined
}

export class Dataflow implements Disposable {
  readonly schema: Schema
  /** Inputs that are read from arrangements outside, each after those that come before it in the plan. */
  readonly imports: readonly ImportedInput[]
  /** The state that holds the sum of the output, where there is such a table. */
  readonly contents: ViewContents | undefined
  /** What an epoch emits holds each row once. */
  readonly consolidated: boolean
  readonly errors = new ErrorLog()
  /** Where rows go on which an expression fails; absent: they are errors too. */
  readonly diverted: DivertedRows | undefined
  readonly #graph: Graph
  readonly #inputs: ReadonlyMap<ScanNode | FeedNode, GraphNode>
  readonly #plans: ReadonlyMap<PhysicalPlan, GraphNode>
  readonly #states: readonly Stateful[]
  /** Those whose output changes with the time alone. */
  readonly #timed: readonly Operator[]
  readonly #frontiers: PlanFrontiers | undefined
  readonly #cleaners: readonly Cleaner[]

  constructor(parts: DataflowParts) {
    const { graph, inputs, imports, plans, contents, consolidated, diverted } = parts
    this.diverted = diverted
    this.#frontiers = parts.frontiers
    this.#cleaners = parts.cleaners
    this.schema = graph.root.operator.schema
    this.imports = imports
    this.contents = contents
    this.consolidated = consolidated
    this.#graph = graph
    this.#inputs = inputs
    this.#plans = plans
    const logs = diverted === undefined ? [this.errors] : [this.errors, diverted]
    this.#timed = graph.nodes.flatMap(({ operator }) => ('wakeAt' in operator ? [operator] : []))
    this.#states = [...new Set(graph.nodes.flatMap((node) => node.operator.owns)), ...logs]
  }

  /** What the engine feeds: scans of one relation may occur several times, each with its own columns. */
  get scans(): readonly ScanNode[] {
    return [...this.#inputs.keys()].filter((input) => input.kind === 'scan')
  }

  /** All state of the operators: the engine accounts, checkpoints and reads it. */
  get states(): readonly Stateful[] {
    return this.#states
  }

  /** Adds a batch with the input's columns to the collecting epoch. */
  push(input: ScanNode | FeedNode, batch: Batch): void {
    const node = this.#inputs.get(input)
    assert(node !== undefined, `no ${input.kind} of ${input.name} in this dataflow`)
    if (batch.length > 0) node.queue.push({ port: 0, batch })
  }

  /** Those of a node's input, by the frontiers of the scans' relations; nothing moves. */
  inputFrontiers(node: PhysicalPlan, scans: (scan: ScanNode) => Frontiers): Frontiers {
    return this.#frontiers?.evaluate(scans).get(planInputs(node)[0]!) ?? []
  }

  /**
   * The frontiers of the scans' relations in the epoch that is run next; those of the plan's own columns follow. Until
   * it is called operators know of none.
   */
  advance(scans: (scan: ScanNode) => Frontiers): Frontiers {
    if (this.#frontiers === undefined) return []
    const found = this.#frontiers.evaluate(scans)
    for (const [plan, node] of this.#plans) node.frontiers = planInputs(plan).map((input) => found.get(input)!)
    if (this.#cleaners.length > 0) {
      const cleaning = this.#frontiers.cleaning(found, scans)
      for (const cleaner of this.#cleaners) cleaner.advance(cleaning)
    }
    return found.get(this.#frontiers.root)!
  }

  /** Computes the epoch; yields after each operator call. What the plan's root emits goes to `sink`. */
  *run(context: EpochContext, region: Region, sink: Sink, budget: Budget = DEFAULT_BUDGET): Generator<void, void> {
    yield* this.runInto(context, this.#output(region, budget), sink)
  }

  /** The same under the budget of another's call, which takes the errors too: a round of a recursion. */
  *runInto(context: EpochContext, out: Collector, sink: Sink): Generator<void, void> {
    yield* runEpoch(this.#graph, context, out, sink)
  }

  /** Passes on what was pushed so far; the epoch goes on, and ends with `run`. */
  *drain(region: Region, sink: Sink, budget: Budget = DEFAULT_BUDGET): Generator<void, void> {
    yield* drain(this.#graph, this.#output(region, budget), sink)
  }

  #output(region: Region, budget: Budget): CallOutput {
    return new CallOutput(region, budget, (error) => this.#failed(error))
  }

  #failed(error: RowError): void {
    if (this.diverted?.add(error) !== true) this.errors.add(error)
  }

  /** Rows became final in the epoch that was run. */
  get closed(): boolean {
    return this.#graph.nodes.some(({ operator }) => operator.closed === true)
  }

  /** Nothing of this input's batches is left once they are drained: their memory can be used again. */
  forgets(input: ScanNode | FeedNode): boolean {
    const forgotten = (node: GraphNode): boolean => {
      const { forgets } = node.operator
      if (forgets !== 'passes') return forgets === 'absorbs'
      return node !== this.#graph.root && node.consumers.every((edge) => forgotten(edge.node))
    }
    return forgotten(this.#inputs.get(input)!)
  }

  /** T from which on the output changes though no input does; undefined: never. */
  get wakeAt(): bigint | undefined {
    let first: bigint | undefined
    for (const operator of this.#timed) {
      const at = operator.wakeAt
      if (at !== undefined && (first === undefined || at < first)) first = at
    }
    return first
  }

  prepare(): void {
    for (const state of this.#states) state.prepare()
  }

  seal(): void {
    for (const state of this.#states) state.seal()
    for (const node of this.#graph.nodes) node.operator.reset()
  }

  abort(): void {
    for (const node of this.#graph.nodes) {
      node.queue.length = 0
      node.operator.reset()
    }
    for (const state of this.#states) state.abort()
  }

  /** Bytes of all state. */
  get bytes(): number {
    return this.#states.reduce((sum, state) => sum + state.bytes, 0)
  }

  /** Rows that have no time window (`null_time_rows`), by plan node that looks for one. */
  nullTimeRows(at: 'before' | 'after'): ReadonlyMap<PhysicalPlan, bigint> {
    const counts = new Map<PhysicalPlan, bigint>()
    for (const [plan, { operator }] of this.#plans)
      for (const state of operator.owns)
        if (state instanceof RowCounter) counts.set(plan, at === 'before' ? state.count : state.countAfter)
    return counts
  }

  /** The generated loops that belong to single operators, each under the operator's name, for EXPLAIN (CODE). */
  get code(): readonly string[] {
    return this.#graph.nodes.flatMap(({ operator }) =>
      (operator.code ?? []).map((text) => `// ${operator.label}\n${text}`),
    )
  }

  /** What each plan node did since the start. */
  counters(): ReadonlyMap<PhysicalPlan, Readonly<Counters>> {
    return new Map([...this.#plans].map(([plan, node]) => [plan, node.counters]))
  }

  [Symbol.dispose](): void {
    for (const state of this.#states) state[Symbol.dispose]()
  }
}
