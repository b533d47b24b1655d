// EXPLAIN [(AST | LOGICAL | OPTIMIZED | PHYSICAL | CODE, ANALYZE)] of a statement or a view: each stage of a query's
// life.

import { notSupported, SqlError } from '../../core/error.ts'
import { memoryAccount } from '../../core/memory.ts'
import { buildDataflow } from '../../executor/build.ts'
import type { Dataflow } from '../../executor/dataflow.ts'
import type { Query } from '../../parser/ast.ts'
import type { Explain, Statement } from '../../parser/ast-statement.ts'
import { planDelete, planInsert, planUpdate } from '../../planner/dml.ts'
import { logicalText } from '../../planner/explain/logical-text.ts'
import { physicalText } from '../../planner/explain/physical-text.ts'
import type { LogicalPlan } from '../../planner/logical.ts'
import type { PhysicalPlan } from '../../planner/physical.ts'
import { planQuery } from '../../planner/plan.ts'
import { parseQuery } from '../catalog-lookup.ts'
import { lookUpTexts } from '../look-up-text.ts'
import { findNamed, undefinedRelation } from '../names.ts'
import { planOptions } from '../planning.ts'
import { runBuilt } from '../query.ts'
import { ResultRows } from '../result.ts'
import type { Execution } from '../session.ts'
import { readsFor } from '../session-reads.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import { explainWatermark } from './explain-watermark.ts'
import { optionFlag, optionText } from './options.ts'
import { valuesExecution } from './rows.ts'
import { inSlices } from './select.ts'

type Stage = 'ast' | 'logical' | 'optimized' | 'physical' | 'code'

interface Explained {
  readonly tree: unknown
  readonly purpose: 'adhoc' | 'view'
  readonly logical: LogicalPlan
  readonly optimized: LogicalPlan | undefined
  readonly physical: PhysicalPlan
  readonly rules: readonly string[]
}

export async function explain(session: StatementSession, statement: Explain, call: Call): Promise<Execution> {
  if (statement.subject.kind === 'explainWatermark')
    return planLines(session, explainWatermark(session, statement.subject.name), false)
  const { stages, analyze, json } = explainOptions(statement)
  const explained = explainedPlan(session, statement, call)
  const texts: string[] = []
  for (const stage of stages) texts.push(stageText(session, explained, stage))
  if (analyze) texts.push(await analyzed(session, explained, call))
  const lines = json ? [JSON.stringify(texts)] : texts.flatMap((text) => text.split('\n'))
  return planLines(session, lines, json)
}

const planLines = (session: StatementSession, lines: readonly string[], json: boolean): Execution =>
  valuesExecution(
    session.account,
    [{ name: 'QUERY PLAN', type: { kind: json ? 'json' : 'text' } }],
    lines.map((line) => [line]),
    'EXPLAIN',
  )

const stageNames: readonly string[] = ['ast', 'logical', 'optimized', 'physical', 'code']

function explainOptions(statement: Explain) {
  const stages: Stage[] = []
  let analyze = false
  let json = false
  for (const option of statement.options) {
    if (stageNames.includes(option.name)) {
      if (optionFlag(option)) stages.push(option.name as Stage)
    } else if (option.name === 'analyze') analyze = optionFlag(option)
    else if (option.name === 'format') {
      const format = optionText(option).toLowerCase()
      if (format !== 'text' && format !== 'json')
        throw notSupported(`EXPLAIN (FORMAT ${format})`, { position: option.position })
      json = format === 'json'
    } else if (['verbose', 'costs', 'timing', 'summary', 'buffers', 'settings', 'wal'].includes(option.name)) {
      if (optionFlag(option))
        throw notSupported(`EXPLAIN (${option.name.toUpperCase()})`, { position: option.position })
    } else
      throw new SqlError({
        code: '42601',
        message: `unrecognized EXPLAIN option "${option.name}"`,
        hint: 'Options are AST, LOGICAL, OPTIMIZED, PHYSICAL, CODE, ANALYZE, FORMAT.',
        position: option.position,
      })
  }
  return { stages: stages.length === 0 && !analyze ? (['physical'] as const) : stages, analyze, json }
}

function explainedPlan(session: StatementSession, statement: Explain, call: Call): Explained {
  const { subject } = statement
  if (subject.kind === 'explainView') {
    const object = findNamed(session, subject.name)
    if (object === undefined) throw undefinedRelation(subject.name)
    if (object.kind !== 'view' && object.kind !== 'materialized view')
      throw new SqlError({ code: '42809', message: `"${object.name}" is not a view`, position: subject.name.position })
    return queryPlan(session, parseQuery(object.query), { purpose: 'view', call })
  }
  switch (subject.kind) {
    case 'query':
      return queryPlan(session, subject, { purpose: 'adhoc', call })
    case 'createMaterializedView':
    case 'createView':
      return queryPlan(session, subject.query, { purpose: 'view', call })
    case 'createTableAs':
      return queryPlan(session, subject.query, { purpose: 'adhoc', call })
    case 'insert':
    case 'update':
    case 'delete':
      return changePlan(session, subject, call)
    default:
      throw notSupported(`EXPLAIN ${(subject as Statement).kind}`, { position: statement.position })
  }
}

function queryPlan(
  session: StatementSession,
  query: Query,
  how: { readonly purpose: 'adhoc' | 'view'; readonly call: Call },
): Explained {
  const { call, purpose } = how
  const parameters = { types: call.parameterTypes, values: call.parameters }
  const plan = planQuery(query, planOptions(session, purpose, parameters))
  return { tree: query, purpose, ...plan }
}

function changePlan(
  session: StatementSession,
  subject: Extract<Statement, { kind: 'insert' | 'update' | 'delete' }>,
  call: Call,
): Explained {
  const options = planOptions(session, 'adhoc', { types: call.parameterTypes, values: call.parameters })
  const plan =
    subject.kind === 'insert'
      ? planInsert(subject, options)
      : subject.kind === 'update'
        ? planUpdate(subject, options)
        : planDelete(subject, options)
  return {
    tree: subject,
    purpose: 'adhoc',
    logical: plan.logical,
    optimized: undefined,
    physical: plan.source,
    rules: [],
  }
}

function stageText(session: StatementSession, explained: Explained, stage: Stage): string {
  switch (stage) {
    case 'ast':
      return JSON.stringify(explained.tree, (key, value: unknown) => (key === 'position' ? undefined : value), 2)
    case 'logical':
      return logicalText(explained.logical)
    case 'optimized': {
      const rules = explained.rules.length === 0 ? [] : [`rules: ${explained.rules.join(', ')}`]
      return [logicalText(explained.optimized ?? explained.logical), ...rules].join('\n')
    }
    case 'physical':
      return [
        physicalText(explained.physical),
        ...(explained.purpose === 'adhoc' ? lookUpTexts(session, explained.physical) : []),
      ].join('\n')
    case 'code': {
      using dataflow = built(session, explained, [])
      const code = dataflow.code
      return code.length === 0 ? '-- no generated code: plain column references only' : code.join('\n\n')
    }
  }
}

function built(session: StatementSession, explained: Explained, parameters: Call['parameters']): Dataflow {
  const account = memoryAccount('an EXPLAIN', { parent: session.account })
  const env = { context: session.context(), parameters }
  return buildDataflow(explained.physical, { env, account, oneShot: explained.purpose === 'adhoc' })
}

/** Runs the query and shows what each node of the plan took in and gave. Changes nothing. */
async function analyzed(session: StatementSession, explained: Explained, call: Call): Promise<string> {
  if (!('rules' in explained) || (explained.tree as { kind: string }).kind !== 'query')
    throw notSupported('EXPLAIN (ANALYZE) of a statement that changes rows')
  const plan = planQuery(
    explained.tree as Query,
    planOptions(session, 'adhoc', { types: call.parameterTypes, values: call.parameters }),
  )
  const { core } = session
  using rows = new ResultRows(plan.physical.schema, memoryAccount('an EXPLAIN', { parent: session.account }))
  const env = { context: session.context(), parameters: call.parameters }
  using dataflow = buildDataflow(plan.physical, { env, account: session.account, oneShot: true })
  const start = core.clock.monotonicMs()
  const reads = await readsFor(session, plan)
  const run = { env, account: session.account, reads, region: rows.region }
  await inSlices(session, runBuilt(dataflow, plan.physical, run))
  const elapsed = core.clock.monotonicMs() - start
  const lines = [physicalText(plan.physical)]
  const nullTimes = dataflow.nullTimeRows('after')
  for (const [node, { rowsIn, rowsOut, calls }] of dataflow.counters()) {
    const left = nullTimes.get(node)
    const leftOut = left === undefined ? '' : `, null_time_rows ${left}`
    lines.push(`${node.kind}: rows in ${rowsIn}, rows out ${rowsOut}, calls ${calls}${leftOut}`)
  }
  return [...lines, `state ${dataflow.bytes} bytes`, `time ${elapsed.toFixed(2)} ms`].join('\n')
}
