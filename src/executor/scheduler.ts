// Drives a graph through one epoch: a synchronous generator that yields after each call of an operator, so that the
// engine's pump can keep to a time budget. Nothing else in the executor gives way.
//
// Order       waiting batches first, those of the node farthest down before others (a batch runs through the plan
//             while it is in the cache, and little waits); then `finish` in topological order. A call that returned
//             'more' is repeated with the same arguments before any other call to that operator.

import type { Batch } from '../core/batch.ts'
import type { Collector } from './call-output.ts'
import type { Graph, GraphNode } from './graph.ts'
import type { EpochContext } from './operator.ts'

/** Takes what the graph's root emits. */
export type Sink = (batch: Batch) => void

/** Pushes all that waits, then finishes every node. */
export function* runEpoch(graph: Graph, context: EpochContext, out: Collector, sink: Sink): Generator<void, void> {
  yield* drain(graph, out, sink)
  for (const node of graph.nodes) {
    const own = node.frontiers.length === 0 ? context : { ...context, frontiers: node.frontiers }
    let progress: 'done' | 'more'
    do {
      out.clear()
      progress = node.operator.finish(own, out)
      deliver(graph, node, out, sink)
      yield
      yield* drain(graph, out, sink)
    } while (progress === 'more')
  }
}

/** Pushes all that waits at any port. */
export function* drain(graph: Graph, out: Collector, sink: Sink): Generator<void, void> {
  for (let node = farthestWaiting(graph); node !== undefined; node = farthestWaiting(graph)) {
    const { port, batch } = node.queue[0]!
    out.clear()
    const progress = node.operator.push(port, batch, out)
    if (progress === 'done') {
      node.queue.shift()
      node.counters.rowsIn += batch.length
    }
    deliver(graph, node, out, sink)
    yield
  }
}

function farthestWaiting(graph: Graph): GraphNode | undefined {
  for (let i = graph.nodes.length - 1; i >= 0; i--) if (graph.nodes[i]!.queue.length > 0) return graph.nodes[i]
  return undefined
}

function deliver(graph: Graph, node: GraphNode, out: Collector, sink: Sink): void {
  const { counters } = node
  counters.calls++
  for (const batch of out.batches) {
    counters.rowsOut += batch.length
    counters.batchesOut++
    for (const edge of node.consumers) edge.node.queue.push({ port: edge.port, batch })
    if (node === graph.root) sink(batch)
  }
}
