// What EXPLAIN says of an ad-hoc query's scans that are look-ups in an arrangement: the columns, and the index that
// keeps it. A look-up by the key of a relation's store needs no arrangement and goes without saying.

import type { RelationId } from '../core/ids.ts'
import type { PhysicalPlan } from '../planner/physical.ts'
import type { Catalog } from '../storage/catalog.ts'
import { indexJoins } from './index-joins.ts'
import { storeKey } from './key-read.ts'
import { lookUpKey, pointScans } from './point-read.ts'
import { sealedReads } from './reads.ts'
import { readBase } from './session-reads.ts'
import type { StatementSession } from './statement-session.ts'

export function lookUpTexts(session: StatementSession, plan: PhysicalPlan): readonly string[] {
  const { core } = session
  const reads = sealedReads(readBase(session))
  const scans = [...pointScans(plan).scans].flatMap(([scan, equalities]) => {
    const relation = core.graph.get(scan.relation)
    const key = lookUpKey(reads, scan, equalities, scan.columns)
    if (key === undefined || relation === undefined || storeKey(relation, key) !== undefined) return []
    const names = key.map((column) => relation.schema[column]!.name).join(', ')
    const index = indexBy(core.catalog, scan.relation, key)
    return [`look-up: ${scan.name} by (${names}) ${index === undefined ? 'as views join it' : `in index ${index}`}`]
  })
  const joins = [...indexJoins(plan, reads).values()].map(({ scan, keys }) => {
    const relation = core.graph.get(scan.relation)
    const names = keys.map((column) => relation?.schema[column]?.name).join(', ')
    if (storeKey(relation, keys)?.length === keys.length) return `join looks up: ${scan.name} by its key (${names})`
    const index = indexBy(core.catalog, scan.relation, keys)
    return `join looks up: ${scan.name} by (${names}) ${index === undefined ? 'as views join it' : `in index ${index}`}`
  })
  return [...scans, ...joins]
}

function indexBy(catalog: Catalog, relation: RelationId, key: readonly number[]): string | undefined {
  for (const object of catalog.objects.values())
    if (object.kind === 'index' && object.relation === relation && object.columns.length === key.length)
      if (key.every((column) => object.columns.includes(column))) return object.name
  return undefined
}
