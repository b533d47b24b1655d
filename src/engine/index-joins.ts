// Which inner joins of an ad-hoc query look the rows of one side up instead of reading it: that side is a stored
// relation as it is, kept by just the join's columns (a key's store, an index, what views join it by), and much larger
// than what comes from the other side.
//
//   rows from the other side    sizes of what is read, 1 for what is found by its key; a join with a side that is
//                               unique by the join's columns gives no more rows than its other side; filters are not
//                               guessed
//   looked up                   where the relation has RATIO times as many rows or more, and is not small itself
//
// Found rows are those of the reads: sealed contents within one slice, or a snapshot.

import type { ProbedSide } from '../executor/build-join.ts'
import { plainScan } from '../executor/imports.ts'
import type { JoinNode, PhysicalPlan, ScanNode } from '../planner/physical.ts'
import { lookUpKey, pointScans } from './point-read.ts'
import type { Reads } from './reads.ts'

export type IndexJoins = ReadonlyMap<JoinNode, ProbedSide>

/** A look-up costs about as much as reading so many rows. */
const RATIO = 8
const LEAST_ROWS = 100

export function indexJoins(plan: PhysicalPlan, reads: Reads): IndexJoins {
  const found = new Map<JoinNode, ProbedSide>()
  for (const join of pointScans(plan).joins) {
    const probed = probedSide(join, plan, reads)
    if (probed !== undefined) found.set(join, probed)
  }
  return found
}

function probedSide(join: JoinNode, plan: PhysicalPlan, reads: Reads): ProbedSide | undefined {
  const sizes = { left: rowsOf(join.left, plan, reads), right: rowsOf(join.right, plan, reads) }
  const side = sizes.left > sizes.right ? 'left' : 'right'
  const plain = plainScan(join[side])
  const least = Math.max(LEAST_ROWS, RATIO * sizes[side === 'left' ? 'right' : 'left'])
  if (plain === undefined || sizes[side] < least) return undefined
  const { scan, columns } = plain
  const wish = {
    relation: scan.relation,
    columns,
    keys: join.keys.map((key) => columns[key[side]]!),
    storeNullKeys: join.keys.some((key) => key.nullSafe),
  }
  const reader = reads.by(wish)
  return reader === undefined ? undefined : { side, scan, reader, keys: wish.keys }
}

/** At most so many rows come out of it, as far as that is known without looking. */
function rowsOf(node: PhysicalPlan, plan: PhysicalPlan, reads: Reads): number {
  switch (node.kind) {
    case 'scan':
      return isFound(node, plan, reads) ? 1 : reads.size(node.relation)
    case 'values':
      return node.rows.length
    case 'unionAll':
      return node.inputs.reduce((sum, input) => sum + rowsOf(input, plan, reads), 0)
    case 'join':
      return joinedRows(node, plan, reads)
    case 'map':
    case 'distinct':
    case 'top':
      return rowsOf(node.input, plan, reads)
    case 'aggregate':
      return node.global ? 1 : rowsOf(node.input, plan, reads)
    default:
      return Number.POSITIVE_INFINITY
  }
}

function joinedRows({ type, left, right, keys }: JoinNode, plan: PhysicalPlan, reads: Reads): number {
  const rows = { left: rowsOf(left, plan, reads), right: rowsOf(right, plan, reads) }
  if (type === 'semi' || type === 'anti' || type === 'mark') return rows.left
  const isUnique = (node: PhysicalPlan, side: 'left' | 'right'): boolean =>
    node.uniqueKeys.some((unique) => unique.every((column) => keys.some((key) => key[side] === column)))
  const least = [...(isUnique(right, 'right') ? [rows.left] : []), ...(isUnique(left, 'left') ? [rows.right] : [])]
  return type === 'inner' && least.length > 0 ? Math.min(...least) : rows.left + rows.right
}

const isFound = (scan: ScanNode, plan: PhysicalPlan, reads: Reads): boolean =>
  lookUpKey(reads, scan, pointScans(plan).scans.get(scan) ?? [], scan.columns) !== undefined

/** Rows to be read, by a guess: none for what is found by its key or looked up by a join. */
export function inputRows(plan: PhysicalPlan, reads: Reads, joins: IndexJoins): number {
  const probed = new Set([...joins.values()].map((side) => side.scan))
  return pointScans(plan).all.reduce(
    (sum, scan) => (probed.has(scan) || isFound(scan, plan, reads) ? sum : sum + reads.size(scan.relation)),
    0,
  )
}
