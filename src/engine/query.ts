// Ad-hoc queries: the same plan and the same operators as a view, fed one snapshot as one delta (DESIGN §1).
//
// A generator that yields between operator calls, so that whoever drives it keeps to a time slice; its result is rows
// in a region of their own. Errors in rows are errors of the statement here.

import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import { epoch } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { Region, RegionMark } from '../core/region.ts'
import { buildDataflow } from '../executor/build.ts'
import type { Dataflow } from '../executor/dataflow.ts'
import type { Environment } from '../executor/expr/closures.ts'
import type { EpochContext } from '../executor/operator.ts'
import type { JoinNode, PhysicalPlan, ScanNode } from '../planner/physical.ts'
import type { IndexJoins } from './index-joins.ts'
import { type Equality, keyValues, lookUpKey, pointScans } from './point-read.ts'
import type { Reads } from './reads.ts'

export interface QueryRun {
  readonly env: Environment
  readonly account: MemoryAccount
  readonly reads: Reads
  readonly region: Region
  /** Joins that look rows up: in one slice, or where the reads last. */
  readonly joins?: IndexJoins | undefined
  /** So many rows answer the query, whichever they are: its inputs are closed then. */
  readonly enough?: number | undefined
}

const once = (time: bigint): EpochContext => ({ epoch: epoch(1), time, frontiers: [], first: true, last: true })

/** Runs a plan to its end; yields between calls. Returns the root's batches, which live in the region. */
export function* runPlan(plan: PhysicalPlan, run: QueryRun): Generator<void, readonly Batch[]> {
  const direct = readDirectly(plan, run)
  if (direct !== undefined) return direct
  const probed = (join: JoinNode) => run.joins?.get(join)
  using dataflow = buildDataflow(plan, { env: run.env, account: run.account, oneShot: true, probed })
  return yield* runBuilt(dataflow, plan, run)
}

/**
 * The same over a dataflow that the caller keeps (EXPLAIN ANALYZE reads its counters afterwards). Inputs that do not
 * last are read whole before the first yield.
 */
export function* runBuilt(dataflow: Dataflow, plan: PhysicalPlan, run: QueryRun): Generator<void, readonly Batch[]> {
  const answer = new Answer(run.enough)
  for (const _ of driven(dataflow, plan, run, answer)) {
    if (answer.complete) return answer.batches
    yield
  }
  const error = answer.complete ? undefined : dataflow.errors.first
  if (error !== undefined) throw new SqlError({ code: error.code, message: error.message })
  return answer.batches
}

function* driven(dataflow: Dataflow, plan: PhysicalPlan, run: QueryRun, answer: Answer): Generator<void, void> {
  const { region, reads, enough } = run
  const sink = (batch: Batch): void => answer.take(batch)
  if (enough === 0) return
  for (const scan of dataflow.scans) {
    const forgets = dataflow.forgets(scan)
    for (const [batch, mark] of marked(read(plan, scan, run), region)) {
      dataflow.push(scan, batch)
      if (!reads.lasting) continue
      if (forgets || enough !== undefined) yield* dataflow.drain(region, sink)
      if (forgets) region.rewind(mark)
      yield
    }
  }
  yield* dataflow.run(once(run.env.context.now), region, sink)
}

/** Each batch with where the region stood before it was made. Closes the input when it is closed. */
function* marked(batches: Iterable<Batch>, region: Region): Generator<readonly [Batch, RegionMark], void> {
  let mark = region.mark()
  for (const batch of batches) {
    yield [batch, mark]
    mark = region.mark()
  }
}

/** What the root has emitted, and whether that is enough. A retraction means that it is not known before the end. */
class Answer {
  readonly batches: Batch[] = []
  #missing: number

  constructor(enough: number | undefined) {
    this.#missing = enough ?? Number.POSITIVE_INFINITY
  }

  get complete(): boolean {
    return this.#missing <= 0
  }

  take(batch: Batch): void {
    this.batches.push(batch)
    if (batch.weights === undefined) this.#missing -= batch.length
    else for (let i = 0; i < batch.length; i++) this.#count(batch.weights[i]!)
  }

  #count(weight: number): void {
    this.#missing = weight < 0 ? Number.POSITIVE_INFINITY : this.#missing - weight
  }
}

/** A point plan's rows; undefined where the plan is no such. */
function readDirectly(plan: PhysicalPlan, run: QueryRun): readonly Batch[] | undefined {
  const { scans, direct } = pointScans(plan)
  if (direct === undefined) return undefined
  const equalities = scans.get(direct.scan) ?? []
  // As many equalities, each of its own column: what is found by the key needs no further filter.
  const key = lookUpKey(run.reads, direct.scan, equalities, direct.columns)
  if (key?.length !== equalities.length) return undefined
  return lookUp(direct.scan, equalities, direct.columns, run)
}

function read(plan: PhysicalPlan, scan: ScanNode, run: QueryRun): Iterable<Batch> {
  const equalities = pointScans(plan).scans.get(scan)
  const found = equalities === undefined ? undefined : lookUp(scan, equalities, scan.columns, run)
  return found ?? run.reads.scan(scan.relation, scan.columns, run.region)
}

function lookUp(
  scan: ScanNode,
  equalities: readonly Equality[],
  columns: readonly number[],
  { reads, region, env }: QueryRun,
): readonly Batch[] | undefined {
  const key = lookUpKey(reads, scan, equalities, columns)
  if (key === undefined) return undefined
  const values = keyValues(equalities, key, env.parameters)
  if (values === undefined) return undefined
  return reads.find({ relation: scan.relation, key }, values === 'none' ? undefined : values, columns, region)
}

/** Drives a generator to its end at once. */
export function runToEnd<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
