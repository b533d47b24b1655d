// Builds the dataflow of a physical plan: one node per distinct plan object, inputs before consumers.
//
// What the executor has no operator for is refused here, by name, before anything runs.

import { unreachable } from '../core/assert.ts'
import { notSupported } from '../core/error.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { MapNode, PhysicalPlan, ScanNode } from '../planner/physical.ts'
import { Dataflow } from './dataflow.ts'
import type { Environment } from './expr/closures.ts'
import { rowProgram } from './expr/program.ts'
import { GraphBuilder, type GraphNode } from './graph.ts'
import type { Operator } from './operator.ts'
import { MapRows } from './operators/map.ts'
import { Pass } from './operators/pass.ts'
import { Values } from './operators/values.ts'

export interface BuildOptions {
  readonly env: Environment
  /** Pays for the state. */
  readonly account: MemoryAccount
  /** The inputs come once and end: state that only later epochs would read is left out. */
  readonly oneShot: boolean
}

export function buildDataflow(plan: PhysicalPlan, options: BuildOptions): Dataflow {
  const builder = new Builder(options)
  const root = builder.node(plan)
  return new Dataflow({ nodes: builder.graph.nodes, root }, builder.inputs)
}

class Builder {
  readonly graph = new GraphBuilder()
  readonly inputs = new Map<ScanNode, GraphNode>()
  readonly #built = new Map<PhysicalPlan, GraphNode>()
  readonly #options: BuildOptions

  constructor(options: BuildOptions) {
    this.#options = options
  }

  node(plan: PhysicalPlan): GraphNode {
    const known = this.#built.get(plan)
    if (known !== undefined) return known
    const node = this.#make(plan)
    this.#built.set(plan, node)
    return node
  }

  #make(plan: PhysicalPlan): GraphNode {
    const { env } = this.#options
    switch (plan.kind) {
      case 'scan': {
        const scan = this.graph.add(new Pass(`Scan ${plan.name}`, plan.schema), [], plan)
        this.inputs.set(plan, scan)
        return scan
      }
      case 'values':
        return this.#add(new Values(plan.schema, plan.rows, env), [], plan)
      case 'map':
        return this.#add(this.#map(plan), [plan.input], plan)
      case 'unionAll':
        return this.#add(new Pass('UnionAll', plan.schema), plan.inputs, plan)
      case 'tableFunction':
      case 'distinct':
      case 'setOperation':
      case 'join':
      case 'aggregate':
      case 'top':
      case 'window':
      case 'singleRow':
        throw notSupported(`the operator ${plan.kind}`)
      default:
        return unreachable(plan)
    }
  }

  #add(operator: Operator, inputs: readonly PhysicalPlan[], plan: PhysicalPlan): GraphNode {
    const nodes = inputs.map((input) => this.node(input))
    return this.graph.add(operator, nodes, plan)
  }

  #map(plan: MapNode): Operator {
    const { predicate, columns, schema } = plan
    return new MapRows(schema, rowProgram({ label: 'Map', predicate, columns, schema }, this.#options.env))
  }
}
