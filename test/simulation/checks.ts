// What must hold of a simulated history, at any moment and at rest.
//
//   any moment   two views of one source agree in every statement; epochs grow; no view has failed; nothing was logged
//                as an error that no fault explains
//   at rest      every view equals its query run from scratch; rows of a source and its dead letters are what was
//                written to its topic; tables are what was acknowledged; subscriptions add up to their query

import { SqlError } from '../../src/core/error.ts'
import type { EngineSession } from '../../src/engine/engine-session.ts'
import { codeOf, type Simulation, type Source } from './simulation.ts'
import { linesOf } from './writer.ts'

/** Partitions that were added are found within 30 s. */
const CAUGHT_UP_MS = 120_000
const LOOK_MS = 40
/** What nothing holds any more may still be kept for the next epoch: blocks of regions. */
const MEMORY_SLACK = 64 * 1024

/** Lines or an error: what a query gives. */
async function outcome(simulation: Simulation, text: string): Promise<readonly string[]> {
  try {
    return [...(await simulation.sql(text))].sort()
  } catch (error) {
    if (error instanceof SqlError && error.code !== 'XX000') return [`error ${error.code}`]
    throw error
  }
}

function expectEqual(what: string, found: readonly string[], expected: readonly string[]): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return
  const missing = expected.filter((line) => !found.includes(line))
  const extra = found.filter((line) => !expected.includes(line))
  const parts = [`missing ${missing.slice(0, 5).join(' ; ')}`, `extra ${extra.slice(0, 5).join(' ; ')}`]
  throw new Error(`${what}: ${found.length} rows, not ${expected.length}; ${parts.join('; ')}`)
}

export async function checkAnyMoment(simulation: Simulation): Promise<void> {
  simulation.sawEpoch()
  const { errors } = simulation.machine
  if (!simulation.machine.disk.failed && errors.length > 0) throw new Error(`logged: ${errors.join('\n')}`)
  for (const watch of simulation.watches) if (watch.failure !== undefined) throw watch.failure
  for (const { name } of simulation.sources.values()) {
    const [line] = await simulation.sql(
      `SELECT (SELECT count(*) FROM all_${name}), (SELECT coalesce(sum(v), 0) FROM per_${name})`,
    )
    const [all, per] = line!.split('|')
    if (all !== per) throw new Error(`one statement sees ${all} and ${per} rows of ${name}`)
  }
  const stopped = await simulation.sql("SELECT name, error FROM millrace.sources WHERE state = 'stopped'")
  if (stopped.length > 0) throw new Error(`stopped: ${stopped.join('\n')}`)
  const failed = await simulation.sql("SELECT name, error FROM millrace.views WHERE state = 'failed'")
  if (failed.length > 0) throw new Error(`failed: ${failed.join('\n')}`)
}

/** Lets everything arrive; false where a failed write keeps it from that. */
async function comeToRest(simulation: Simulation): Promise<boolean> {
  const { broker, world } = simulation
  broker.startAll()
  broker.faults = 0
  await simulation.settle()
  broker.troubled = false
  const end = world.now + CAUGHT_UP_MS
  for (let behind = await positionsBehind(simulation); behind.length > 0; behind = await positionsBehind(simulation)) {
    if (simulation.machine.disk.failed) return false
    if (world.now > end) throw new Error(`not read after ${CAUGHT_UP_MS} ms: ${behind.join(', ')}`)
    await world.run(LOOK_MS)
  }
  await world.run(LOOK_MS)
  return !simulation.machine.disk.failed
}

async function positionsBehind(simulation: Simulation): Promise<readonly string[]> {
  const lines = await simulation.sql('SELECT source, "partition", "offset" FROM millrace.source_partitions')
  const positions = new Map(lines.map((line) => [line.split('|').slice(0, 2).join('/'), Number(line.split('|')[2])]))
  return [...simulation.sources.values()].flatMap(({ name, topic }) =>
    topic.partitions.flatMap((partition, i) => {
      const position = positions.get(`${name}/${i}`)
      return position === partition.end || (position === undefined && partition.end === 0)
        ? []
        : [`${name}/${i} at ${position} of ${partition.end}`]
    }),
  )
}

export async function checkAtRest(simulation: Simulation): Promise<void> {
  if (!(await comeToRest(simulation))) return
  await checkAnyMoment(simulation)
  for (const writer of simulation.writers) {
    const [t, b] = await simulation.rowsOf(writer)
    const [wantedT, wantedB] = linesOf(writer.rows)
    expectEqual(`t of writer ${writer.id}`, t, wantedT)
    expectEqual(`b of writer ${writer.id}`, b, wantedB)
  }
  for (const source of simulation.sources.values()) await checkSource(simulation, source)
  for (const view of simulation.views.values()) {
    if (simulation.isBroken(view)) continue
    const columns = view.name.startsWith('all_') ? 'k, g, v' : 'g, v'
    const found = await outcome(simulation, `SELECT ${columns} FROM ${view.name}`)
    const whole = await outcome(simulation, view.sql)
    // Of windows only those that have closed are there, and they are whole.
    const expected = view.name.startsWith('closed_') ? whole.filter((line) => found.includes(line)) : whole
    expectEqual(`${view.name} AS ${view.sql}`, found, expected)
  }
  for (const watch of simulation.watches) {
    if (watch.ended !== undefined || simulation.isBroken(watch)) continue
    const expected = await outcome(simulation, watch.sql)
    if (watch.failure !== undefined) throw watch.failure
    expectEqual(`SUBSCRIBE (${watch.sql})`, watch.contents, expected)
  }
}

/** Each record once: in the views, among the late rows, or in the dead letters. */
async function checkSource(simulation: Simulation, { name, topic, timed }: Source): Promise<void> {
  const records = topic.partitions.flatMap((partition, i) => partition.records.map((record) => ({ ...record, i })))
  const shown = (value: number | null): string => (value === null ? '∅' : String(value))
  const rows = records.flatMap(({ row }) => (row === undefined ? [] : [`${row.k}|${shown(row.g)}|${shown(row.v)}`]))
  const bad = records.flatMap(({ row, offset, i }) => (row === undefined ? [`${i}|${offset}`] : []))
  const accepted = await simulation.sql(`SELECT k, g, v FROM all_${name}`)
  const late = timed ? await simulation.sql(`SELECT k, g, v FROM "${name}$late"`) : []
  expectEqual(`all_${name} and late rows`, [...accepted, ...late].sort(), rows.sort())
  const letters = await simulation.sql(`SELECT "partition", "offset" FROM "${name}$bad"`)
  expectEqual(`${name}$bad`, [...letters].sort(), bad.sort())
}

/** After a start: views over a log that lost its head have failed by name, and no others. */
export async function checkBrokenSources(simulation: Simulation): Promise<void> {
  for (const view of simulation.views.values()) {
    if (!simulation.isBroken(view)) continue
    const code = await codeOf(() => simulation.sql(`SELECT * FROM ${view.name}`))
    if (code === undefined) throw new Error(`${view.name} is read, though its log lost its head before the start`)
  }
  for (const source of [...simulation.sources.values()]) if (source.broken) await simulation.dropSource(source)
  simulation.machine.errors.length = 0
}

/** Accounted bytes but for what regions keep for the next epoch. */
export function heldBytes(simulation: Simulation): number {
  const { core } = simulation.admin.session as EngineSession
  return core.account.bytes - core.region.bytes
}

/** Drops everything: what was held must be given back. */
export async function checkReleased(simulation: Simulation): Promise<void> {
  simulation.machine.disk.plan('none', 0, 0)
  for (const watch of simulation.watches) simulation.closeWatch(watch)
  for (const source of [...simulation.sources.values()]) await simulation.dropSource(source)
  for (const view of [...simulation.views.values()]) {
    await simulation.sql(`DROP MATERIALIZED VIEW IF EXISTS ${view.name} CASCADE`)
    simulation.views.delete(view.name)
  }
  await simulation.sql('DROP TABLE t')
  await simulation.sql('DROP TABLE b')
  await simulation.world.run(LOOK_MS)
  const held = heldBytes(simulation)
  if (held > MEMORY_SLACK) throw new Error(`${held} bytes are held when everything is dropped`)
}
