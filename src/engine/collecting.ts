// What the collecting epoch holds of table changes, so that work that fails half-way leaves nothing of itself in it.
//
// A mark remembers how far each table had collected and how far the region was filled. Taking back drops what every
// table has pending and applies again what stood at the mark: rare, and with no second path through the stores.

import type { RelationId } from '../core/ids.ts'
import type { Region, RegionMark } from '../core/region.ts'
import type { LiveGraph } from './live-graph.ts'
import { tableStates } from './live-relation.ts'
import { applyAgain } from './table-writer.ts'

export interface CollectedMark {
  readonly region: RegionMark
  /** Batches of each table that had changes. */
  readonly batches: ReadonlyMap<RelationId, number>
}

export function markCollected(graph: LiveGraph, region: Region): CollectedMark {
  const batches = new Map<RelationId, number>()
  for (const relation of graph.relations)
    if (relation.kind === 'table' && relation.delta.length > 0) batches.set(relation.id, relation.delta.length)
  return { region: region.mark(), batches }
}

/** The collecting epoch holds what it held at the mark. */
export function takeBack(mark: CollectedMark, graph: LiveGraph, region: Region): void {
  region.rewind(mark.region)
  for (const table of graph.relations) {
    if (table.kind !== 'table') continue
    for (const state of tableStates(table)) state.abort()
    table.delta.length = mark.batches.get(table.id) ?? 0
    for (const batch of table.delta) applyAgain({ table, delta: batch }, region)
  }
}
