// Ad-hoc queries: the same plan and the same operators as a view, fed one snapshot as one delta (DESIGN §1).
//
// A generator that yields between operator calls, so that whoever drives it keeps to a time slice; its result is rows
// in a region of their own. Errors in rows are errors of the statement here.

import type { Batch } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import { epoch } from '../core/ids.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { Region } from '../core/region.ts'
import { buildDataflow } from '../executor/build.ts'
import type { Dataflow } from '../executor/dataflow.ts'
import type { Environment } from '../executor/expr/closures.ts'
import type { EpochContext } from '../executor/operator.ts'
import type { PhysicalPlan } from '../planner/physical.ts'
import type { Reads } from './reads.ts'

export interface QueryRun {
  readonly env: Environment
  readonly account: MemoryAccount
  readonly reads: Reads
  readonly region: Region
}

const once = (time: bigint): EpochContext => ({ epoch: epoch(1), time, frontiers: [], first: true, last: true })

/** Runs a plan to its end; yields between calls. Returns the root's batches, which live in the region. */
export function* runPlan(plan: PhysicalPlan, run: QueryRun): Generator<void, readonly Batch[]> {
  using dataflow = buildDataflow(plan, { env: run.env, account: run.account, oneShot: true })
  return yield* runBuilt(dataflow, run)
}

/** The same over a dataflow that the caller keeps (EXPLAIN ANALYZE reads its counters afterwards). */
export function* runBuilt(dataflow: Dataflow, run: QueryRun): Generator<void, readonly Batch[]> {
  for (const scan of dataflow.scans) {
    for (const batch of run.reads.scan(scan.relation, scan.columns, run.region)) dataflow.push(scan, batch)
    yield
  }
  const batches: Batch[] = []
  yield* dataflow.run(once(run.env.context.now), run.region, (batch) => batches.push(batch))
  const error = dataflow.errors.first
  if (error !== undefined) throw new SqlError({ code: error.code, message: error.message })
  return batches
}

/** Drives a generator to its end at once. */
export function runToEnd<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
