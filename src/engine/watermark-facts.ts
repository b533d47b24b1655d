// How far time has come, as people ask for it: SHOW WATERMARKS, EXPLAIN WATERMARK, millrace.sources and the partitions.
//
// Everything is of the last sealed epoch. Times are printed as their columns' type, in UTC.

import type { SourceOrigin } from '../connectors/source.ts'
import type { SourceProgress } from '../storage/journal.ts'
import type { EngineCore } from './core.ts'
import { ENDLESS, NO_TIME } from './judge-times.ts'
import type { LiveSource, LiveTable } from './live-relation.ts'
import type { SourceCursor } from './source-cursor.ts'
import { timeText } from './time-text.ts'

export interface PartitionFacts {
  readonly partition: number
  readonly offset: number
  readonly end: number | undefined
  readonly progress: SourceProgress | undefined
  /** 'active', 'lagging', 'idle', 'finished', 'silent': it has delivered nothing yet; 'waiting': nobody reads. */
  readonly state: 'active' | 'lagging' | 'idle' | 'finished' | 'silent' | 'waiting'
  readonly watermark: bigint | undefined
  /** It is the one, or one of those, whose time W waits for. */
  readonly holdsBack: boolean
}

export function partitionFacts(core: EngineCore, source: LiveSource): readonly PartitionFacts[] {
  const cursor = core.cursors.get(source.id)
  const { start } = source.object.origin as SourceOrigin
  const numbers = new Set([...start.map(({ partition }) => partition), ...(cursor?.partitions ?? [])])
  const facts = [...numbers]
    .sort((a, b) => a - b)
    .map((partition) => {
      const progress = cursor?.progress.find((one) => one.partition === partition)
      const offset = cursor?.position(partition, start) ?? 0
      const end = cursor?.end(partition)
      const state = stateOf(cursor, { partition, offset, end, records: progress?.records ?? 0 })
      return { partition, offset, end, progress, state, watermark: progress?.watermark }
    })
  const counting = facts.filter(({ state }) => state !== 'idle' && state !== 'finished')
  let least = ENDLESS
  for (const { watermark = NO_TIME } of counting) if (watermark < least) least = watermark
  const held = source.watermark !== undefined && counting.length > 0
  return facts.map((one) => ({
    ...one,
    holdsBack:
      held && counting.some((other) => other.partition === one.partition && (one.watermark ?? NO_TIME) === least),
  }))
}

function stateOf(
  cursor: SourceCursor | undefined,
  at: {
    readonly partition: number
    readonly offset: number
    readonly end: number | undefined
    readonly records: number
  },
): PartitionFacts['state'] {
  if (cursor?.reading !== true) return 'waiting'
  if (cursor.isFinished(at.partition)) return 'finished'
  if (cursor.isIdle(at.partition)) return 'idle'
  if (at.end !== undefined && at.offset < at.end) return 'lagging'
  return at.records === 0 ? 'silent' : 'active'
}

/** The watermarked column, W and C of a relation that has a watermark. */
export function watermarkTexts({ watermark, schema }: Pick<LiveSource | LiveTable, 'watermark' | 'schema'>) {
  if (watermark === undefined) return undefined
  const def = schema[watermark.column]!
  return { column: def.name, watermark: timeText(def, watermark.value), closing: timeText(def, watermark.closing) }
}
