// Plays one history from a seed: steps chosen at random, checks after each, and a failure that names the command which
// plays it again.
//
// A new kind of step is one line of `steps`; what must hold is in checks.ts.

import { checkAnyMoment, checkAtRest, checkBrokenSources, checkReleased } from './checks.ts'
import { Simulation } from './simulation.ts'
import type { WrittenRow } from './topic.ts'
import { Killed } from './world.ts'
import { GROUPS } from './writer.ts'

export interface Played {
  readonly seed: number
  readonly steps: number
  readonly failure: string | undefined
  /** Of all that happened: the same for each run of a seed. */
  readonly digest: number
}

type Step = (simulation: Simulation) => void | Promise<void>

const NODES = [1, 2] as const

const steps: readonly (readonly [weight: number, step: Step])[] = [
  [14, write],
  [12, produce],
  [5, (simulation) => void (simulation.isDefining || simulation.createView())],
  [2, dropView],
  [3, (simulation) => void (simulation.watches.size < 4 && simulation.watch())],
  [1, closeWatch],
  [2, cancel],
  [8, ({ world }) => world.run(world.number(1, 400))],
  [1, ({ world }) => world.run(world.number(1000, 20_000))],
  [6, checkAtRest],
  [1, addPartition],
  [1, moveLeader],
  [2, trouble],
  [1, stopBroker],
  [1, ({ world }) => world.jump(world.number(-7_200_000, 7_200_000))],
  [1, deleteHead],
  [1, killNow],
  [2, planFault],
  [1, stopAndStart],
]

const weights = steps.reduce((sum, [weight]) => sum + weight, 0)

function anyStep({ world }: Simulation): Step {
  let at = world.number(0, weights)
  for (const [weight, step] of steps) {
    if (at < weight) return step
    at -= weight
  }
  throw new Error('weights add up')
}

/** Plays `count` steps. */
export async function play(seed: number, count: number): Promise<Played> {
  using simulation = new Simulation(seed)
  try {
    await simulation.first()
    for (let i = 0; i < count; i++) await playStep(simulation, anyStep(simulation))
    await playStep(simulation, checkAtRest)
    await playStep(simulation, checkReleased)
    return { seed, steps: count, failure: undefined, digest: simulation.digest }
  } catch (error) {
    const failure = explain(simulation, error, `npm run sim -- --seed ${seed} --steps ${count}`)
    return { seed, steps: count, failure, digest: simulation.digest }
  }
}

async function playStep(simulation: Simulation, step: Step): Promise<void> {
  try {
    await step(simulation)
    if (simulation.machine.disk.failed) await afterFailedWrite(simulation)
    else await checkAnyMoment(simulation)
  } catch (error) {
    if (!(error instanceof Killed)) throw error
    simulation.kill()
    await comeBack(simulation)
  }
}

async function comeBack(simulation: Simulation): Promise<void> {
  await simulation.restart()
  await checkBrokenSources(simulation)
  while (simulation.sources.size < 2) await simulation.createSource(`topic${simulation.world.number(0, 1_000_000)}`)
  await checkAtRest(simulation)
}

/** A write has failed: reads go on and changes are refused until the next start. */
async function afterFailedWrite(simulation: Simulation): Promise<void> {
  simulation.note('a write has failed')
  const code = await simulation.world.until(
    simulation.admin.code('INSERT INTO b VALUES (-1, 1, 1)'),
    60_000,
    'a refused change',
  )
  if (code !== '58030') throw new Error(`a change after a failed write ended with ${code}`)
  await simulation.sql('SELECT count(*) FROM t')
  simulation.machine.errors.length = 0
  simulation.kill()
  await comeBack(simulation)
}

// ---- steps ----

function write(simulation: Simulation): void {
  const free = simulation.writers.filter((writer) => !simulation.isBusy(writer) && writer.doubt === undefined)
  if (free.length > 0) simulation.write(simulation.world.pick(free))
}

function anyRecord({ world }: Simulation, k: number): readonly [payload: string | null, row: WrittenRow | undefined] {
  const g = world.chance(0.1) ? null : world.number(0, GROUPS)
  const v = world.chance(0.1) ? null : world.number(-5, 20)
  const bad = ['{"k":', '{"k": "x"}', `{"k": ${k}, "v": 1.5e30}`, 'not json', '', null]
  if (world.chance(0.08)) return [world.pick(bad), undefined]
  if (world.chance(0.05)) return [JSON.stringify({ v, other: [1, { k }], k }), { k, g: null, v }]
  return [JSON.stringify({ k, g, v }), { k, g, v }]
}

/** Mostly into one partition of a source; others stay idle for long. */
function produce(simulation: Simulation): void {
  const { world, broker } = simulation
  const { name, topic } = world.pick([...simulation.sources.values()])
  const number = world.chance(0.6) ? 0 : world.number(0, topic.partitions.length)
  const partition = topic.partitions[number]!
  const batches = world.number(1, 6)
  for (let i = 0; i < batches; i++) {
    if (world.chance(0.1)) partition.appendAborted('{"k": -1, "g": 1, "v": 1}', world.number(1, 1000))
    const values = Array.from({ length: world.number(1, 12) }, (_, n) => anyRecord(simulation, partition.end + n))
    partition.append(values)
  }
  simulation.note(`${name}/${number} up to ${partition.end}`)
  broker.wake()
}

function dropView(simulation: Simulation): void {
  const views = [...simulation.views.values()].filter(({ name }) => name.startsWith('v'))
  if (views.length > 0 && !simulation.isDefining) simulation.dropView(simulation.world.pick(views))
}

function closeWatch(simulation: Simulation): void {
  const [watch] = simulation.watches
  if (watch !== undefined) simulation.closeWatch(watch)
}

/** Ctrl-C of a definition that is under way. */
function cancel(simulation: Simulation): void {
  if (!simulation.isDefining) return
  simulation.note('cancel')
  simulation.definer.session.cancel()
}

function addPartition(simulation: Simulation): void {
  const { topic } = simulation.world.pick([...simulation.sources.values()])
  if (topic.partitions.length >= 5) return
  simulation.broker.addPartition(topic)
  simulation.note(`topic ${topic.name} has ${topic.partitions.length} partitions`)
}

function moveLeader(simulation: Simulation): void {
  const { topic } = simulation.world.pick([...simulation.sources.values()])
  const partition = simulation.world.number(0, topic.partitions.length)
  simulation.note(`another leader for ${topic.name}/${partition}`)
  simulation.broker.moveLeader(topic, partition)
}

/** The network is bad until the next check at rest. */
function trouble({ world, broker }: Simulation): void {
  broker.faults = world.pick([0.02, 0.1, 0.3])
  broker.troubled = true
  if (world.chance(0.5)) broker.cutConnections()
}

async function stopBroker(simulation: Simulation): Promise<void> {
  const { world, broker } = simulation
  const down = world.pick([[1], [2], NODES])
  simulation.note(`broker ${down.join(' and ')} away`)
  for (const node of down) broker.stop(node)
  await world.run(world.pick([100, 3000, 20_000]))
  // Tables need no broker.
  await simulation.settle((what) => what.startsWith('writer'))
}

/** Retention deletes records that were read: the running views do not need them any more. */
async function deleteHead(simulation: Simulation): Promise<void> {
  if (simulation.world.chance(0.7)) return
  await checkAtRest(simulation)
  const source = simulation.world.pick([...simulation.sources.values()])
  const [partition] = source.topic.partitions
  if (partition === undefined || partition.end < 20) return
  partition.deleteBefore(partition.end - 10)
  source.broken = true
  simulation.note(`the head of ${source.name}/0 is deleted below ${partition.first}`)
}

async function killNow(simulation: Simulation): Promise<void> {
  simulation.kill()
  await comeBack(simulation)
}

function planFault({ world, machine }: Simulation): void {
  machine.disk.plan(world.pick(['kill', 'kill', 'fail', 'fail once']), world.number(1, 12), world.number(0, 257))
}

async function stopAndStart(simulation: Simulation): Promise<void> {
  await checkAtRest(simulation)
  await simulation.stop()
  await comeBack(simulation)
}

function explain(simulation: Simulation, error: unknown, command: string): string {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [
    message,
    '',
    'The engine logged:',
    ...simulation.machine.log,
    '',
    'What happened before:',
    ...simulation.trace,
    '',
    `To play it again: ${command}`,
  ].join('\n')
}
