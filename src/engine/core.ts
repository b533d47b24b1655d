// What the parts of the engine share: the running relations, the catalog's newest version, the pump, and how the
// catalog changes. Made once by engine.ts; statements receive it.

import type { Connector, ConnectorHost } from '../connectors/source.ts'
import { assert } from '../core/assert.ts'
import type { Clock } from '../core/clock.ts'
import type { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import { type MemoryAccount, memoryAccount } from '../core/memory.ts'
import { Region } from '../core/region.ts'
import type { CatalogFacts, FunctionRegistry } from '../functions/registry.ts'
import type { ObjectNames } from '../functions/text/settings.ts'
import { timedColumns } from '../planner/frontiers.ts'
import { type Catalog, duplicateRelation, nextVersion } from '../storage/catalog.ts'
import type { CatalogDatabase } from '../storage/database.ts'
import { rowCount } from '../storage/view-store.ts'
import { catalogFacts, objectNames } from './catalog-facts.ts'
import { CatalogLookup, type DerivedFacts } from './catalog-lookup.ts'
import type { JournalWriter } from './journal-writer.ts'
import { LiveGraph, type Yielder } from './live-graph.ts'
import type { LiveSubscription, LiveView } from './live-relation.ts'
import { Pump, type SealedEpoch } from './pump.ts'
import { unreadable } from './readable.ts'
import type { SourceCursors } from './source-cursors.ts'
import { StatementCache } from './statement-cache.ts'
import type { Subscriptions } from './subscription.ts'
import type { EngineStatus, SystemRelation } from './system/relation.ts'
import { WriteLog } from './write-log.ts'

/** What the core asks of a lane (lane.ts). */
export interface RunningLane {
  readonly target: LiveView | LiveSubscription
  /** Records read, and to be read in all. */
  readonly progress: { readonly done: number; readonly total: number }
  /** An epoch was sealed; its deltas still stand in the graph. */
  sealed(): void
  /** It ends with this error as soon as it can. */
  cancel(reason: SqlError): void
}

export interface CoreParts {
  readonly catalog: Catalog
  readonly database: CatalogDatabase
  readonly journal: JournalWriter
  readonly registry: FunctionRegistry
  readonly system: readonly SystemRelation[]
  readonly connectors: readonly Connector[]
  readonly host: ConnectorHost
  readonly giveWay: Yielder
  readonly last: SealedEpoch
  /** Limit of all memory that is accounted, in bytes. */
  readonly memoryBytes: number
}

export class EngineCore {
  readonly graph: LiveGraph
  readonly writeLog: WriteLog
  readonly account: MemoryAccount
  /** Of the collecting epoch; recycled when it is sealed or given up. Only used inside turns. */
  readonly region: Region
  /** Most that one epoch may hold in its region; also the largest transaction (53200 beyond). */
  readonly epochBytes: number
  readonly pump: Pump
  readonly database: CatalogDatabase
  readonly registry: FunctionRegistry
  readonly system: ReadonlyMap<RelationId, SystemRelation>
  readonly connectors: ReadonlyMap<string, Connector>
  readonly host: ConnectorHost
  readonly giveWay: Yielder
  readonly cursors: SourceCursors
  /** Parsed and planned before. */
  readonly statements = new StatementCache()
  readonly subscriptions: Subscriptions
  /** New views and subscriptions on their way. */
  readonly lanes = new Set<RunningLane>()
  #status: EngineStatus | undefined
  readonly #reserved = new Set<string>()
  #catalog: Catalog
  #lookup: CatalogLookup

  constructor(parts: CoreParts, sources: SourceCursors, subscriptions: Subscriptions) {
    this.#catalog = parts.catalog
    this.database = parts.database
    this.registry = parts.registry
    this.system = new Map(parts.system.map((relation) => [relation.id, relation]))
    this.connectors = new Map(parts.connectors.map((connector) => [connector.name, connector]))
    this.host = parts.host
    this.giveWay = parts.giveWay
    this.account = memoryAccount('the database', { limitBytes: parts.memoryBytes })
    this.epochBytes = Math.min(EPOCH_BYTES, Math.floor(parts.memoryBytes / 4))
    this.region = new Region(memoryAccount('an epoch', { parent: this.account, limitBytes: this.epochBytes }))
    this.graph = new LiveGraph(memoryAccount('shared arrangements', { parent: this.account }))
    this.writeLog = new WriteLog(this.graph)
    this.cursors = sources
    this.subscriptions = subscriptions
    this.#lookup = this.#makeLookup(parts.catalog)
    this.pump = new Pump(
      {
        graph: this.graph,
        journal: parts.journal,
        clock: parts.host.clock,
        timers: parts.host.timers,
        region: this.region,
        intake: sources,
        giveWay: parts.giveWay,
        catalogVersion: () => this.#catalog.version,
        wakeAt: () => this.graph.wakeAt,
        onSeal: (sealed) => this.#sealed(sealed),
        onFailure: (message, error) => parts.host.log('error', message, { error: String(error) }),
      },
      parts.last,
    )
  }

  #sealed(sealed: SealedEpoch): void {
    this.writeLog.sealed(sealed.epoch)
    this.subscriptions.sealed(sealed, (reader) => unreadable(this.graph, reader))
    for (const lane of this.lanes) lane.sealed()
  }

  /** The engine's facts, once it runs. */
  get status(): EngineStatus {
    assert(this.#status !== undefined, 'the engine runs')
    return this.#status
  }

  setStatus(status: EngineStatus): void {
    this.#status = status
  }

  /** Keeps a relation's name free for a view that is on its way (42P07 for others); call the result to let go. */
  reserve(name: string): () => void {
    if (this.#reserved.has(name)) throw duplicateRelation(name.slice(name.indexOf('.') + 1))
    this.#reserved.add(name)
    return () => {
      this.#reserved.delete(name)
    }
  }

  isReserved(name: string): boolean {
    return this.#reserved.has(name)
  }

  get clock(): Clock {
    return this.host.clock
  }

  /** The newest version; immutable. */
  get catalog(): Catalog {
    return this.#catalog
  }

  /** The newest version as the planner sees it. */
  get lookup(): CatalogLookup {
    return this.#lookup
  }

  /**
   * Inside a turn: makes `change` of the newest version the next one. Durable and visible when it resolves; `install`
   * changes the running relations accordingly, once it is durable. Where it rejects, the version never was.
   */
  async changeCatalog(change: (catalog: Catalog) => Catalog, install: () => void = () => {}): Promise<void> {
    await this.pump.barrier()
    this.pump.checkWritable()
    const previous = this.#catalog
    const next = nextVersion(change(previous))
    this.database.save(previous, next)
    try {
      await this.pump.commitVersion(next.version)
    } catch (error) {
      if (this.pump.writable) this.database.forgetAfter(previous.version)
      throw error
    }
    this.#catalog = next
    install()
    this.#lookup = this.#makeLookup(next)
    this.subscriptions.catalogChanged(this.pump.last, (reader) => unreadable(this.graph, reader))
  }

  /** After derived facts of views have changed without a new version (start-up). */
  refreshLookup(): void {
    this.#lookup = this.#makeLookup(this.#catalog)
  }

  #makeLookup(catalog: Catalog): CatalogLookup {
    const derived = (id: RelationId): DerivedFacts | undefined => {
      const view = this.graph.get(id)
      if (view?.kind !== 'view') return undefined
      const { physical } = view.plan
      const { uniqueKeys, insertOnly } = physical
      const [timed, settled] = [timedColumns(physical), timedColumns(physical, 'cleaning')]
      return { schema: view.schema, uniqueKeys, insertOnly, timed, settled }
    }
    const rows = (id: RelationId): number => Number(this.size(id)?.rows ?? 0)
    return new CatalogLookup(catalog, [...this.system.values()], derived, rows)
  }

  facts(searchPath: () => readonly string[]): CatalogFacts {
    return catalogFacts({
      catalog: () => this.#catalog,
      system: [...this.system.values()],
      searchPath,
      registry: this.registry,
      bytes: (oid) => {
        const relation = this.graph.get(oid as RelationId)
        return relation === undefined || relation.kind === 'source' ? undefined : BigInt(relation.store.bytes)
      },
    })
  }

  names(facts: CatalogFacts, user = 'millrace'): ObjectNames {
    return objectNames(facts, user)
  }

  /** Rows and bytes of a stored relation. */
  size(id: RelationId): { readonly rows: bigint; readonly bytes: number } | undefined {
    const relation = this.graph.get(id)
    if (relation === undefined || relation.kind === 'source') return undefined
    return { rows: rowCount(relation.store, 'before'), bytes: relation.store.bytes }
  }
}

/** Of an epoch's region, where a quarter of all memory is not less. */
const EPOCH_BYTES = 2 * 1024 * 1024 * 1024
