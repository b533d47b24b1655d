// EXPLAIN WATERMARK FOR view, and SHOW WATERMARKS: why a window has not closed, and when it will.
//
//   view ── windows over it ── inputs ── their partitions: how far time is, which row moved it, what it waits for

import { SqlError } from '../../core/error.ts'
import type { RelationId } from '../../core/ids.ts'
import { planInputs } from '../../executor/frontiers.ts'
import { firstOpenWindow } from '../../executor/time-window/windows.ts'
import type { QualifiedName } from '../../parser/ast-leaf.ts'
import type { PhysicalPlan, TimeWindowNode } from '../../planner/physical.ts'
import type { AlignedWindows } from '../../planner/time-window.ts'
import type { EngineCore } from '../core.ts'
import type { LiveRelation, LiveSource, LiveView } from '../live-relation.ts'
import { findNamed, undefinedRelation } from '../names.ts'
import type { StatementSession } from '../statement-session.ts'
import { distanceText, timeText } from '../time-text.ts'
import { type PartitionFacts, partitionFacts, watermarkTexts } from '../watermark-facts.ts'

export function explainWatermark(session: StatementSession, name: QualifiedName): readonly string[] {
  const { core } = session
  const object = findNamed(session, name)
  if (object === undefined) throw undefinedRelation(name)
  const relation = core.graph.get(object.id)
  if (relation === undefined || (relation.kind !== 'view' && relation.watermark === undefined))
    throw new SqlError({
      code: '42809',
      message: `"${object.name}" is no materialized view, and has no watermark`,
      hint: 'Name a materialized view, or a source or table with WATERMARK FOR.',
      position: name.position,
    })
  return relation.kind === 'view' ? viewLines(core, relation) : inputLines(core, relation, '')
}

function viewLines(core: EngineCore, view: LiveView): readonly string[] {
  const inputs = new Map<RelationId, LiveRelation>()
  collectInputs(core, view, inputs)
  const windows = windowLines(core, view)
  const columns = view.schema.flatMap((def, i) => {
    const text = timeText(def, view.frontiers.sealed[i])
    return text === undefined ? [] : [`  rows with ${def.name} < ${text} are final`]
  })
  return [
    `view "${view.object.name}"${view.object.emission?.onWindowClose === true ? ', EMIT ON WINDOW CLOSE' : ''}`,
    ...(columns.length === 0 ? ['  nothing in it is final yet'] : columns),
    ...windows,
    ...[...inputs.values()].flatMap((input) => inputLines(core, input, '  ')),
  ]
}

/** Sources and tables below, at any depth. */
function collectInputs(core: EngineCore, view: LiveView, found: Map<RelationId, LiveRelation>): void {
  for (const id of view.plan.dependencies) {
    const input = core.graph.get(id)
    if (input?.kind === 'view') collectInputs(core, input, found)
    else if (input !== undefined) found.set(id, input)
  }
}

/** Of each window function in the plan: which window closes next, and at what. */
function windowLines(core: EngineCore, view: LiveView): readonly string[] {
  const lines: string[] = []
  const visit = (node: PhysicalPlan): void => {
    if (node.kind === 'timeWindow') lines.push(windowLine(core, view, node))
    for (const input of planInputs(node)) visit(input)
  }
  visit(view.plan.physical)
  return [...new Set(lines)]
}

function windowLine(core: EngineCore, view: LiveView, node: TimeWindowNode): string {
  const def = node.input.schema[node.time]!
  const kind = node.windows.kind.toUpperCase()
  const inputs = view.dataflow.inputFrontiers(node, ({ relation }) => core.graph.get(relation)?.frontiers.sealed ?? [])
  const at = inputs[node.time]
  const name = `  ${kind} over ${def.name}`
  const final = timeText(def, at)
  if (final === undefined) return `${name}: no window closes, because nothing is promised of ${def.name} yet`
  if (node.windows.kind === 'session') return `${name}: sessions that end by ${final} are closed`
  const next = firstOpenWindow(node.windows as AlignedWindows, def.type, at!)
  if (next === undefined) return `${name}: all windows are closed`
  const [start, end] = [timeText(def, next.start), timeText(def, next.end)]
  return `${name}: next is [${start}, ${end}); it closes when time, now at ${final}, has come to ${end}`
}

function inputLines(core: EngineCore, input: LiveRelation, indent: string): readonly string[] {
  const { kind, object } = input
  const texts = input.kind === 'view' ? undefined : watermarkTexts(input)
  if (texts === undefined) return [`${indent}${kind} "${object.name}": no watermark`]
  const { column, watermark, closing } = texts
  const where = watermark === undefined ? 'none yet' : `${column} ${watermark}`
  const final = closing === undefined || closing === watermark ? '' : `, rows are accepted from ${closing} on`
  const head = `${indent}${kind} "${object.name}": watermark ${where}${final}`
  if (input.kind !== 'source') return [head]
  const { watermark: definition } = input.object
  const partitions = partitionFacts(core, input)
  const stopped = core.cursors.get(input.id)?.error
  return [
    head,
    ...(stopped === undefined ? [] : [`${indent}  it has stopped: ${stopped.message}`]),
    ...(partitions.length > 0 && partitions.every(({ state }) => state === 'idle')
      ? [`${indent}  all partitions are idle: all_idle = '${definition!.allIdle}'`]
      : []),
    ...partitions.map((one) => `${indent}  ${partitionLine(input, one)}`),
  ]
}

function partitionLine(source: LiveSource, one: PartitionFacts): string {
  const def = source.schema[source.watermark!.column]!
  const judged = one.progress?.judged
  const moved =
    judged === undefined || judged.movedAt < 0
      ? 'no row has moved it'
      : `moved by offset ${judged.movedAt} (${def.name} ${timeText(def, judged.movedTime)})`
  const lag = one.end === undefined ? undefined : Math.max(0, one.end - one.offset)
  const facts = [
    timeText(def, one.watermark) ?? 'no watermark',
    moved,
    one.state === 'lagging' ? `lagging by ${lag} offsets` : one.state,
    ...(judged !== undefined && judged.late > 0
      ? [`${judged.late} late, by ${distanceText(def, judged.lateness)} at most`]
      : []),
    ...(one.holdsBack ? ['holds the watermark back'] : []),
  ]
  return `partition ${one.partition}: ${facts.join('; ')}`
}

/** SHOW WATERMARKS: every relation that has one. */
export function watermarkRows({ graph }: EngineCore): (string | null)[][] {
  return [...graph.relations].flatMap((relation) => {
    const texts = relation.kind === 'view' ? undefined : watermarkTexts(relation)
    if (texts === undefined) return []
    const { name, schema } = relation.object
    return [[name, schema, texts.column, texts.watermark ?? null, texts.closing ?? null]]
  })
}
