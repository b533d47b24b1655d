// One simulated history: the engine with everything around it, what is known of it, and what is under way.
//
// State: views, sources and subscriptions that were acknowledged, those whose fate a crash left open, operations that
// have begun and not ended, and the newest epoch that anybody saw. A failure carries the history's last lines.

import { SqlError } from '../../src/core/error.ts'
import type { Client } from '../support/client.ts'
import { BROKERS, SimulatedBroker } from './broker.ts'
import { Machine } from './machine.ts'
import { anyQuery } from './queries.ts'
import type { Topic } from './topic.ts'
import { Watch } from './watch.ts'
import { Killed, World } from './world.ts'
import { linesOf, Writer } from './writer.ts'

export interface View {
  readonly name: string
  readonly sql: string
  readonly reads: readonly string[]
  /** The sources below it, at any depth. */
  readonly sources: ReadonlySet<string>
}

export interface Source {
  readonly name: string
  readonly topic: Topic
  /** It has a watermark over k, which grows with the offset: partitions are skewed, and some fall idle. */
  readonly timed: boolean
  /** Its log lost what was read of it: running views stay right, nothing new can be built on it. */
  broken: boolean
}

/** An operation must end within this time, whatever is broken around it. */
const OPERATION_MS = 60_000
const WRITERS = 3
const TRACE_LINES = 60

export class Simulation implements Disposable {
  readonly world: World
  readonly broker: SimulatedBroker
  readonly machine: Machine
  readonly views = new Map<string, View>()
  readonly sources = new Map<string, Source>()
  readonly watches = new Set<Watch>()
  writers: Writer[] = []
  /** Checks and looks. */
  admin!: Client
  /** Definitions, one at a time. */
  definer!: Client
  readonly #running = new Map<string, Promise<void>>()
  readonly #creating = new Map<string, View>()
  readonly #dropping = new Set<string>()
  readonly trace: string[] = []
  /** Grows with every line of the trace: two runs of one seed must agree. */
  digest = 0
  #newest = 0
  #names = 0

  constructor(seed: number) {
    this.world = new World(seed)
    this.broker = new SimulatedBroker(this.world)
    this.machine = new Machine(this.world, this.broker)
  }

  note(line: string): void {
    const whole = `${Math.round(this.world.now)} ms  ${line}`
    this.trace.push(whole)
    if (this.trace.length > TRACE_LINES) this.trace.shift()
    for (let i = 0; i < whole.length; i++) this.digest = (Math.imul(this.digest, 31) + whole.charCodeAt(i)) | 0
  }

  /** Runs a statement that nothing may keep from succeeding. */
  async sql(text: string): Promise<readonly string[]> {
    return await this.world.until(this.admin.run(text), OPERATION_MS, text)
  }

  // ---- operations ----

  get isDefining(): boolean {
    return this.#running.has('definition')
  }

  isBusy(writer: Writer): boolean {
    return this.#running.has(`writer ${writer.id}`)
  }

  /** Begins something; its failure shows when it is waited for. */
  begin(what: string, work: () => Promise<void>): void {
    const running = work().then(() => void this.#running.delete(what))
    running.catch(() => {}) // thrown by `settle`
    this.#running.set(what, running)
  }

  async settle(which: (what: string) => boolean = () => true): Promise<void> {
    for (const [what, running] of [...this.#running]) {
      if (!which(what)) continue
      await this.world.until(running, OPERATION_MS, what)
      this.#running.delete(what)
    }
  }

  /** Begins a transaction. */
  write(writer: Writer): void {
    const work = writer.work(this.world)
    this.note(`writer ${writer.id}: ${work.sql.join('; ')}`)
    writer.doubt = work.after
    this.begin(`writer ${writer.id}`, async () => {
      const code = await codeOf(() => writer.client.all(...work.sql))
      if (code !== undefined && work.sql.length > 1) await writer.client.run('ROLLBACK')
      if (code === '58030' && this.machine.disk.failed) return
      if (code !== work.fails)
        throw new Error(`${work.sql.join('; ')}: ${code ?? 'no error'}, not ${work.fails ?? 'none'}`)
      if (work.after !== undefined) writer.rows = work.after
      writer.doubt = undefined
    })
  }

  /** Begins CREATE MATERIALIZED VIEW of any query over what is there. */
  createView(): void {
    const name = `v${++this.#names}`
    const usable = [...this.sources.values()].filter(({ broken }) => !broken).map((source) => source.name)
    const above = [...this.views.values()].filter(({ sources }) => !this.#anyBroken(sources)).map((view) => view.name)
    const { sql, reads } = anyQuery(this.world, ['t', 'b', ...usable, ...above])
    const sources = new Set(reads.flatMap((read) => this.sourcesOf(read)))
    this.define(`CREATE MATERIALIZED VIEW ${name} ${this.world.pick(['', 'WITH (background = true) '])}AS ${sql}`, {
      name,
      sql,
      reads,
      sources,
    })
  }

  define(statement: string, view: View): void {
    this.note(statement)
    this.#creating.set(view.name, view)
    this.begin('definition', async () => {
      const code = await codeOf(() => this.definer.run(statement))
      if (code === undefined) await this.#appeared(view.name)
      if (this.machine.disk.failed) return
      if (code === undefined) this.views.set(view.name, view)
      else if (code !== '57014' && !this.#excuses(code)) throw new Error(`${statement}: ${code}`)
      this.#creating.delete(view.name)
    })
  }

  /** A view made in the background is there after a while. */
  async #appeared(name: string): Promise<void> {
    const isThere = async (): Promise<boolean> => {
      const live = await this.machine.client().run(`SELECT state FROM millrace.views WHERE name = '${name}'`)
      return live[0] === 'live'
    }
    while (!(await isThere()) && !this.machine.disk.failed) await this.world.pause(20)
  }

  /** A broker away may end a definition or subscription before it has begun to stand. */
  #excuses(code: string): boolean {
    return this.broker.troubled && code.startsWith('08')
  }

  /** Begins DROP … CASCADE of a view. */
  dropView(view: View): void {
    const gone = this.dependants(view.name)
    this.note(`DROP MATERIALIZED VIEW ${view.name} CASCADE`)
    for (const name of gone) this.#dropping.add(name)
    this.begin('definition', async () => {
      const code = await codeOf(() => this.definer.run(`DROP MATERIALIZED VIEW ${view.name} CASCADE`))
      if (code === '58030' && this.machine.disk.failed) return
      if (code !== undefined && code !== '57014') throw new Error(`DROP ${view.name}: ${code}`)
      if (code === undefined) for (const name of gone) this.views.delete(name)
      for (const name of gone) this.#dropping.delete(name)
    })
  }

  /** The view and all that stand on it. */
  dependants(name: string): readonly string[] {
    const above = [...this.views.values()].filter(({ reads }) => reads.includes(name))
    return [...new Set([name, ...above.flatMap((view) => this.dependants(view.name))])]
  }

  sourcesOf(relation: string): readonly string[] {
    return this.sources.has(relation) ? [relation] : [...(this.views.get(relation)?.sources ?? [])]
  }

  #anyBroken(sources: ReadonlySet<string>): boolean {
    return [...sources].some((name) => this.sources.get(name)?.broken === true)
  }

  isBroken(view: Pick<View, 'sources'>): boolean {
    return this.#anyBroken(view.sources)
  }

  /** Begins a subscription to any query. */
  watch(): void {
    const usable = [...this.sources.values()].filter(({ broken }) => !broken).map((source) => source.name)
    const views = [...this.views.values()].filter((view) => !this.isBroken(view)).map((view) => view.name)
    const { sql, reads } = anyQuery(this.world, ['t', 'b', ...usable, ...views])
    this.note(`SUBSCRIBE (${sql})`)
    const watch = new Watch(this.machine.client(), sql, new Set(reads.flatMap((read) => this.sourcesOf(read))))
    this.watches.add(watch)
    this.begin(`subscription to ${sql}`, async () => {
      await watch.begin()
      if (watch.failure instanceof SqlError && this.#excuses(watch.failure.code)) this.watches.delete(watch)
    })
  }

  async createSource(topicName: string): Promise<void> {
    const name = `s${++this.#names}`
    const topic = this.broker.create(topicName, this.world.number(1, 4))
    const timed = this.sources.size % 2 === 0
    const [clause, option] = timed ? [', WATERMARK FOR k AS k - 3', ", idle_timeout = '3 seconds'"] : ['', '']
    await this.sql(
      `CREATE SOURCE ${name} (k int, g int, v bigint${clause}) WITH (connector = 'kafka', topic = '${topic.name}',
         brokers = '${BROKERS}'${option}) FORMAT PLAIN ENCODE JSON`,
    )
    this.sources.set(name, { name, topic, timed, broken: false })
    const sources = new Set([name])
    const always: readonly (readonly [prefix: string, sql: string])[] = [
      ['all', `SELECT k, g, v FROM ${name}`],
      ['per', `SELECT g, count(*) AS v FROM ${name} GROUP BY g`],
    ]
    for (const [prefix, sql] of always) {
      await this.sql(`CREATE MATERIALIZED VIEW ${prefix}_${name} AS ${sql}`)
      this.views.set(`${prefix}_${name}`, { name: `${prefix}_${name}`, sql, reads: [name], sources })
    }
    if (timed) {
      const sql = `SELECT window_start AS g, count(*) AS v FROM TUMBLE(${name}, k, 10)
        GROUP BY window_start, window_end`
      await this.sql(`CREATE MATERIALIZED VIEW closed_${name} AS ${sql} EMIT ON WINDOW CLOSE`)
      this.views.set(`closed_${name}`, { name: `closed_${name}`, sql, reads: [name], sources })
    }
    this.note(`source ${name} over topic ${topic.name}`)
  }

  async dropSource(source: Source): Promise<void> {
    for (const watch of this.watches) if (watch.sources.has(source.name)) this.closeWatch(watch)
    await this.sql(`DROP SOURCE ${source.name} CASCADE`)
    for (const view of [...this.views.values()]) if (view.sources.has(source.name)) this.views.delete(view.name)
    this.sources.delete(source.name)
    this.note(`dropped source ${source.name}`)
  }

  closeWatch(watch: Watch): void {
    watch.close()
    this.watches.delete(watch)
  }

  // ---- life and death ----

  async first(): Promise<void> {
    await this.machine.start()
    this.#connect()
    await this.sql('CREATE TABLE t (k int PRIMARY KEY, c int, g int, v bigint)')
    await this.sql('CREATE TABLE b (c int, g int, v bigint)')
    for (const topic of ['one', 'two']) await this.createSource(topic)
  }

  #connect(): void {
    this.admin = this.machine.client()
    this.definer = this.machine.client()
    for (let id = 0; id < WRITERS; id++) {
      const writer = this.writers[id]
      if (writer === undefined) this.writers.push(new Writer(id, this.machine.client()))
      else writer.client = this.machine.client()
    }
  }

  /** SIGTERM, with everything at rest. */
  async stop(): Promise<void> {
    this.note('stop')
    for (const watch of this.watches) this.closeWatch(watch)
    await this.machine.stop()
  }

  /** The process is gone; the machine comes back with part of what was not synced, and may die while it starts. */
  async restart(): Promise<void> {
    const { world, machine, broker } = this
    for (const watch of this.watches) watch.abandon()
    this.watches.clear()
    this.#running.clear()
    broker.startAll()
    for (let tries = 1; ; tries++) {
      const kept = world.pick([0, 256, world.number(0, 257)])
      machine.disk.restart(kept)
      if (tries < 4 && world.chance(0.2)) machine.disk.plan('kill', world.number(1, 8), world.number(0, 257))
      this.note(`start, ${kept}/256 of what was not synced is there`)
      if (await machine.start()) break
      this.note('killed while it started')
    }
    machine.disk.plan('none', 0, 0)
    this.#connect()
    this.sawEpoch()
    await this.#learn()
  }

  kill(): void {
    this.note('kill')
    this.machine.kill()
  }

  /** No epoch that anybody saw may be missing afterwards. */
  sawEpoch(): void {
    const { number } = this.machine.engine.status.epoch
    if (number < this.#newest) throw new Error(`epoch ${number} after epoch ${this.#newest} was visible`)
    this.#newest = number
  }

  /** What the crash has left open. */
  async #learn(): Promise<void> {
    const found = new Set(await this.sql('SELECT name FROM millrace.views'))
    for (const view of [...this.views.values()])
      if (!found.has(view.name)) {
        if (!this.#dropping.has(view.name)) throw new Error(`view ${view.name} is lost`)
        this.views.delete(view.name)
      }
    for (const name of found) {
      if (this.views.has(name)) continue
      const view = this.#creating.get(name)
      if (view === undefined) throw new Error(`view ${name} was dropped, and is back`)
      this.views.set(name, view)
    }
    this.#creating.clear()
    this.#dropping.clear()
    for (const writer of this.writers) await this.#resolveDoubt(writer)
  }

  async #resolveDoubt(writer: Writer): Promise<void> {
    const found = JSON.stringify(await this.rowsOf(writer))
    const { doubt } = writer
    if (doubt !== undefined && JSON.stringify(linesOf(doubt)) === found) writer.rows = doubt
    else if (JSON.stringify(linesOf(writer.rows)) !== found)
      throw new Error(`writer ${writer.id} finds ${found}, not ${JSON.stringify(linesOf(writer.rows))}`)
    writer.doubt = undefined
  }

  async rowsOf({ id }: Writer): Promise<readonly [t: readonly string[], b: readonly string[]]> {
    const t = await this.sql(`SELECT k, g, v FROM t WHERE c = ${id}`)
    const b = await this.sql(`SELECT g, v FROM b WHERE c = ${id}`)
    return [[...t].sort(), [...b].sort()]
  }

  [Symbol.dispose](): void {
    this.machine[Symbol.dispose]()
  }
}

/** The SQLSTATE it ends with; undefined where it succeeds. */
export async function codeOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof Killed) throw error
    if (error instanceof SqlError && error.code !== 'XX000') return error.code
    throw error
  }
}
