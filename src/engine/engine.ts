// The engine: opens what is on disk, rebuilds the graph, and hands out sessions.
//
//   const engine = await openEngine({ directory: memoryDirectory(), … })
//   const session = engine.openSession({ user, database, settings, events })
//
// State: the core and the open sessions. Closing stops in order: sessions, sources, the last epoch, the journal,
// SQLite.

import type { Connector, ConnectorHost } from '../connectors/source.ts'
import type { Clock, Timers } from '../core/clock.ts'
import { memoryAccount } from '../core/memory.ts'
import { Region } from '../core/region.ts'
import type { FunctionRegistry } from '../functions/registry.ts'
import { viewsInOrder } from '../storage/catalog.ts'
import { EngineCore } from './core.ts'
import type { DataDirectory } from './data-directory.ts'
import { EngineSession } from './engine-session.ts'
import { indexWish, liveSource, liveTable, liveView } from './live-build.ts'
import type { Yielder } from './live-graph.ts'
import { planStoredView } from './planning.ts'
import { rebuild, tableContents } from './recovery.ts'
import { Retention } from './retention.ts'
import type { Session, SessionOptions } from './session.ts'
import { SourceCursors } from './source-cursors.ts'
import { engineStatus } from './status.ts'
import { Subscriptions } from './subscription.ts'
import type { EngineStatus, SystemRelation } from './system/relation.ts'

export interface EngineOptions {
  readonly directory: DataDirectory
  readonly registry: FunctionRegistry
  readonly connectors: readonly Connector[]
  readonly systemRelations: readonly SystemRelation[]
  readonly host: ConnectorHost
  /** Limit of accounted memory in bytes. */
  readonly memoryBytes: number
  /** Resolves in a later turn of the event loop. */
  readonly nextTurn: () => Promise<void>
}

export interface Engine extends AsyncDisposable {
  openSession(options: SessionOptions): Session
  /** The session a CancelRequest names. */
  session(id: number): Session | undefined
  readonly status: EngineStatus
  /** False where a failed write has stopped the journal. */
  readonly writable: boolean
}

const TICK_MS = 500
/** Compute gives way to sockets after this long. */
const SLICE_MS = 8

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { directory, host, connectors } = options
  const { recovered } = directory
  const region = new Region(memoryAccount('recovery'))
  const contents = tableContents(recovered, region)
  const journal = await directory.compact(contents)
  const subscriptions = new Subscriptions()
  const cursors = new SourceCursors(host, connectors)
  const core = new EngineCore(
    {
      catalog: recovered.catalog,
      database: directory.database,
      journal,
      registry: options.registry,
      system: options.systemRelations,
      connectors,
      host,
      giveWay: timeSlice(host.clock, options.nextTurn),
      last: { epoch: recovered.epoch, time: recovered.time },
      memoryBytes: options.memoryBytes,
    },
    cursors,
    subscriptions,
  )
  cursors.connect(core.graph, () => core.pump.kick())
  install(core, options)
  await rebuild(core, recovered, contents)
  region[Symbol.dispose]()
  await cursors.adjust()
  return new RunningEngine(core, options, journal)
}

/** The catalog's objects as running relations. A view that cannot be planned any more is shown as failed, by name. */
function install(core: EngineCore, options: EngineOptions): void {
  const { recovered } = options.directory
  for (const object of core.catalog.objects.values()) {
    if (object.kind === 'table' && object.errorsOf === undefined) core.graph.add(liveTable(core, object))
    if (object.kind !== 'source') continue
    const source = liveSource(core, object)
    core.graph.add(source)
    core.cursors.add(
      source,
      recovered.sources.filter((progress) => progress.source === object.id),
    )
  }
  for (const object of viewsInOrder(core.catalog)) {
    const errors = object.errors === undefined ? undefined : core.catalog.objects.get(object.errors)
    const view = liveView(core, object, planStoredView(core, object), errors?.kind === 'table' ? errors : undefined)
    view.imports.resolve()
    view.imports.settle()
    core.graph.add(view)
    core.refreshLookup()
  }
  for (const object of core.catalog.objects.values()) {
    if (object.kind !== 'index') continue
    const imports = core.graph.imports(`index "${object.name}"`)
    imports.importer(indexWish(core, object))
    imports.resolve()
    imports.settle()
    core.graph.addIndex(object.id, imports)
  }
}

function timeSlice(clock: Clock, nextTurn: () => Promise<void>): Yielder {
  let since = clock.monotonicMs()
  return () => {
    const now = clock.monotonicMs()
    if (now - since < SLICE_MS) return undefined
    return nextTurn().then(() => {
      since = clock.monotonicMs()
    })
  }
}

class RunningEngine implements Engine {
  readonly status: EngineStatus
  readonly #core: EngineCore
  readonly #options: EngineOptions
  readonly #journal: AsyncDisposable
  readonly #sessions = new Map<number, EngineSession>()
  readonly #timers: Timers
  readonly #retention: Retention
  #nextSession = 1
  #tick: Disposable
  #closed = false

  constructor(core: EngineCore, options: EngineOptions, journal: AsyncDisposable) {
    this.#core = core
    this.#options = options
    this.#journal = journal
    this.#timers = options.host.timers
    this.#retention = new Retention(core)
    this.status = engineStatus(core, this.#sessions, options.host.clock.now())
    core.setStatus(this.status)
    this.#tick = this.#schedule()
  }

  #schedule(): Disposable {
    return this.#timers.after(TICK_MS, () => {
      if (this.#closed) return
      const { epoch } = this.#core.pump.last
      this.#retention.tick()
      this.#core.subscriptions.tick(epoch + 1, this.#core.clock.now())
      this.#tick = this.#schedule()
    })
  }

  get writable(): boolean {
    return this.#core.pump.writable
  }

  openSession(options: SessionOptions): Session {
    const id = this.#nextSession++
    const session = new EngineSession(this.#core, id, options, () => this.#sessions.delete(id))
    this.#sessions.set(id, session)
    return session
  }

  session(id: number): Session | undefined {
    return this.#sessions.get(id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#tick[Symbol.dispose]()
    for (const session of [...this.#sessions.values()]) await session[Symbol.asyncDispose]()
    await this.#core.cursors.stop()
    await this.#core.pump.stop()
    await this.#journal[Symbol.asyncDispose]()
    this.#options.directory.database[Symbol.dispose]()
  }
}
