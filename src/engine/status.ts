// The engine's running state as plain facts: what millrace.* relations, /metrics and SHOW read.

import type { RelationId } from '../core/ids.ts'
import { rowCount } from '../storage/view-store.ts'
import type { EngineCore } from './core.ts'
import type { LiveSource, LiveView } from './live-relation.ts'
import type { SourceCursor } from './source-cursor.ts'
import type { StatementSession } from './statement-session.ts'
import type {
  ArrangementFact,
  EngineStatus,
  ErrorFact,
  SessionFact,
  SourceFact,
  SystemFacts,
  ViewFact,
} from './system/relation.ts'
import { distanceText, timeText } from './time-text.ts'
import { type PartitionFacts, partitionFacts, watermarkTexts } from './watermark-facts.ts'

export function engineStatus(
  core: EngineCore,
  sessions: ReadonlyMap<number, StatementSession>,
  startedAt: bigint,
): EngineStatus {
  return {
    get epoch() {
      const { epoch, time } = core.pump.last
      return { number: epoch, time }
    },
    startedAt,
    sources: () => sourceFacts(core),
    views: () => [...core.graph.views.map((view) => viewFact(view)), ...laneFacts(core)],
    arrangements: () => [...core.graph.views.flatMap(arrangementFacts), ...sharedFacts(core)],
    sessions: () => [...sessions.values()].map(sessionFact),
    epochs: () => core.pump.recent,
    errors: () => core.graph.views.flatMap(errorFacts),
    size: (id) => core.size(id),
  }
}

/** `retrying`: something keeps it from reading just now, and it goes on by itself when that has passed. */
function sourceState(cursor: SourceCursor | undefined): SourceFact['state'] {
  if (cursor?.error !== undefined) return 'stopped'
  if (cursor?.reading !== true) return 'waiting'
  return cursor.trouble === undefined ? 'reading' : 'retrying'
}

function sourceFacts(core: EngineCore): readonly SourceFact[] {
  const facts: SourceFact[] = []
  for (const source of core.graph.relations) {
    if (source.kind !== 'source') continue
    const cursor = core.cursors.get(source.id)
    facts.push({
      id: source.id,
      connector: (source.object.definition as { connector: string }).connector,
      state: sourceState(cursor),
      error: cursor?.error?.message ?? cursor?.trouble,
      bytesInFlight: cursor?.bytesInFlight ?? 0,
      watermark: watermarkTexts(source)?.watermark,
      closing: watermarkTexts(source)?.closing,
      partitions: partitionFacts(core, source).map((one) => partitionFact(source, one)),
    })
  }
  return facts
}

function partitionFact(source: LiveSource, one: PartitionFacts): SourceFact['partitions'][number] {
  const { partition, offset, end, state, holdsBack, watermark, progress } = one
  const def = source.watermark && source.schema[source.watermark.column]
  const judged = progress?.judged
  return {
    partition,
    offset,
    end,
    state,
    holdsBack,
    records: progress?.records ?? 0,
    bad: judged?.bad ?? 0,
    late: judged?.late ?? 0,
    tardy: judged?.tardy ?? 0,
    timeless: judged?.timeless ?? 0,
    ahead: judged?.ahead ?? 0,
    lateness: def && distanceText(def, judged?.lateness),
    watermark: def && timeText(def, watermark),
    movedAt: judged === undefined || judged.movedAt < 0 ? undefined : judged.movedAt,
    movedTime: def && judged && judged.movedAt >= 0 ? timeText(def, judged.movedTime) : undefined,
  }
}

const viewFact = (view: LiveView, progress?: ViewFact['progress']): ViewFact => ({
  id: view.id,
  state: view.failed !== undefined ? 'failed' : progress === undefined ? 'live' : 'hydrating',
  error: view.failed?.message ?? view.dataflow.errors.errors[0]?.message ?? view.held?.unreadable?.message,
  rows: rowCount(view.store, 'before'),
  diverted: view.errors && rowCount(view.errors.store, 'before'),
  nullTimeRows: nullTimeRows(view),
  stateBytes: view.dataflow.bytes - (view.store.contents === undefined ? 0 : view.store.bytes),
  storeBytes: view.store.bytes,
  progress,
  held: view.held !== undefined,
  shown: view.held?.shown,
})

function nullTimeRows({ dataflow }: LiveView): bigint | undefined {
  const counts = [...dataflow.nullTimeRows('before').values()]
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count)
}

function laneFacts(core: EngineCore): readonly ViewFact[] {
  const facts: ViewFact[] = []
  for (const lane of core.lanes) if (lane.target.kind === 'view') facts.push(viewFact(lane.target, lane.progress))
  return facts
}

const arrangementFacts = (view: LiveView): readonly ArrangementFact[] => [
  ...(view.store.contents === undefined
    ? [{ relation: view.id, label: 'contents', bytes: view.store.bytes, readers: [] }]
    : []),
  ...view.dataflow.states.map((state, i) => {
    const label = `state ${i + 1}`
    return { relation: view.id, label, bytes: state.bytes, readers: [view.label] }
  }),
]

const sharedFacts = (core: EngineCore): readonly ArrangementFact[] =>
  [...core.graph.arrangements].map(({ shape, arrangement, uses }) => ({
    relation: shape.relation,
    label: arrangement.label,
    bytes: arrangement.bytes,
    readers: [...new Set([...uses].map((use) => use.owner.label))].sort(),
  }))

const errorFacts = (view: LiveView): readonly ErrorFact[] =>
  view.dataflow.errors.errors.map((error) => ({ relation: view.id as RelationId, ...error }))

const sessionFact = (session: StatementSession): SessionFact => ({
  pid: session.id,
  user: session.user,
  database: session.database,
  applicationName: session.settings.get('application_name') ?? '',
  state: session.transactionStatus === 'I' ? 'idle' : 'in transaction',
  query: session.query,
  since: session.transaction?.time ?? 0n,
})

/** What system relations are made from, for a session. */
export const systemFacts = (core: EngineCore, status: EngineStatus, session: StatementSession): SystemFacts => ({
  catalog: core.catalog,
  registry: core.registry,
  systemRelations: [...core.system.values()],
  status,
  user: session.user,
  database: session.database,
  settings: [...session.settings.all()].map(([definition, value]) => ({
    name: definition.name,
    value,
    default: definition.default,
    description: definition.description,
    kind: definition.kind,
  })),
})
