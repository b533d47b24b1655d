// The dataflow graph: operators as nodes, edges to ports, in topological order.
//
// A node per distinct plan object (a plan that occurs twice is computed once and feeds several ports). Queues hold the
// batches that wait at a port; they belong to the running epoch and are empty between epochs.

import type { Batch } from '../core/batch.ts'
import type { Frontiers, Operator } from './operator.ts'

export interface GraphNode {
  /** Place in the topological order: greater than that of every input. */
  readonly id: number
  readonly operator: Operator
  readonly consumers: Edge[]
  /** Waiting batches with their ports, in order of arrival. */
  readonly queue: Waiting[]
  readonly counters: Counters
  /** The frontiers of its inputs in the running epoch. */
  frontiers: readonly Frontiers[]
}

export interface Edge {
  readonly node: GraphNode
  readonly port: number
}

export interface Waiting {
  readonly port: number
  readonly batch: Batch
}

/** Since the dataflow was built: for EXPLAIN ANALYZE and metrics. */
export interface Counters {
  calls: number
  rowsIn: number
  rowsOut: number
  batchesOut: number
}

export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly root: GraphNode
}

/** Collects nodes in the order in which they are added; inputs are added before their consumers. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = []
  readonly #decorate: (operator: Operator) => Operator

  /** Tests put every operator inside one that checks its contract. */
  constructor(decorate: (operator: Operator) => Operator = (operator) => operator) {
    this.#decorate = decorate
  }

  add(operator: Operator, inputs: readonly GraphNode[]): GraphNode {
    const node: GraphNode = {
      id: this.nodes.length,
      operator: this.#decorate(operator),
      consumers: [],
      queue: [],
      frontiers: [],
      counters: { calls: 0, rowsIn: 0, rowsOut: 0, batchesOut: 0 },
    }
    inputs.forEach((input, port) => {
      input.consumers.push({ node, port })
    })
    this.nodes.push(node)
    return node
  }
}
