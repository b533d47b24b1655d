// SUBSCRIBE: made from a query by a lane, read by FETCH from a cursor or by COPY … TO STDOUT.

import type { Batch } from '../../core/batch.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import { memoryAccount } from '../../core/memory.ts'
import { copyOut } from '../../core/primitives/concat.ts'
import { Region } from '../../core/region.ts'
import { buildDataflow } from '../../executor/build.ts'
import type { Subscribe } from '../../parser/ast-statement.ts'
import { evaluateInteger } from '../evaluate.ts'
import { Lane } from '../lane.ts'
import { heldChanges } from '../live-build.ts'
import { consolidated } from '../live-graph.ts'
import { disposeReader, type LiveSubscription } from '../live-relation.ts'
import { planSubscription, relationQuery } from '../planning.ts'
import { checkQuery, checkReadable } from '../readable.ts'
import type { Execution } from '../session.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import { Subscription } from '../subscription.ts'
import { emissionOf } from './emission.ts'
import { optionFlag } from './options.ts'

/** A bare SUBSCRIBE in a protocol that has no end of rows: psql would show nothing until the end. */
export async function subscribe(session: StatementSession, statement: Subscribe, call: Call): Promise<Execution> {
  const subscription = await openSubscription(session, statement, call)
  return {
    kind: 'rows',
    columns: subscription.schema.map(({ name, type }) => ({ name, type, tableOid: 0, columnNumber: 0 })),
    schema: subscription.schema,
    next: () => subscription.next(),
    tag: () => 'SUBSCRIBE',
    close: () => closeSubscription(session, subscription),
  }
}

export async function openSubscription(
  session: StatementSession,
  statement: Subscribe,
  call: Call,
): Promise<Subscription> {
  const { core } = session
  const options = subscriptionOptions(session, statement)
  const { target } = statement
  const query = target.kind === 'query' ? target : relationQuery(target.name)
  const emission = emissionOf(session, statement.emit)
  const plan = planSubscription(session, query, { types: call.parameterTypes, values: call.parameters }, emission)
  const account = memoryAccount('a subscription', { parent: session.account })
  const env = { context: session.context(), parameters: call.parameters }
  const imports = core.graph.imports('a subscription')
  const { importer } = imports
  const reader: LiveSubscription = {
    kind: 'subscription',
    label: 'a subscription',
    plan,
    dataflow: buildDataflow(plan.physical, { env, account, oneShot: false, importer, ownStore: true }),
    imports,
    account,
    delta: [],
    held: heldChanges(core, plan.physical.schema, emission?.delay, account),
    started: false,
    failed: undefined,
  }
  const columns = plan.output.map((column, i) => ({ ...plan.physical.schema[i]!, name: column.name }))
  const subscription = new Subscription(reader, columns, options, session.account)
  const region = new Region(account)
  const contents: Batch[] = []
  try {
    const lane = new Lane(core, reader, session.signal).collecting((delta) => {
      for (const batch of delta) contents.push(copyOut([batch], region))
    })
    await lane.run(async () => {
      checkReadable(core.graph, reader)
      checkQuery(core.graph, reader)
      core.graph.subscribe(reader)
      core.cursors.attached()
      subscription.start(core.pump.last, consolidated(contents, region))
      core.subscriptions.add(subscription)
      await core.cursors.adjust()
    })
  } catch (error) {
    // Not while an epoch is unsealed: it may be written to.
    await core.pump.turn(() => {
      if (core.graph.isSubscribed(reader)) core.graph.unsubscribe(reader)
      else disposeReader(reader)
    })
    throw error
  } finally {
    region[Symbol.dispose]()
  }
  closeOnAbort(session, subscription)
  return subscription
}

function closeOnAbort(session: StatementSession, subscription: Subscription): void {
  const { signal } = session
  const cancel = (): void => {
    if (signal.reason instanceof SqlError) subscription.cancel(signal.reason)
    closeSubscription(session, subscription)
  }
  signal.addEventListener('abort', cancel, { once: true })
}

export function closeSubscription(session: StatementSession, subscription: Subscription): void {
  const { core } = session
  subscription.close()
  core.subscriptions.remove(subscription)
  void core.pump.turn(async () => {
    core.graph.unsubscribe(subscription.reader)
    await core.cursors.adjust()
  })
}

function subscriptionOptions(session: StatementSession, statement: Subscribe) {
  if (statement.envelope !== undefined) throw notSupported('ENVELOPE in SUBSCRIBE', { position: statement.position })
  if (statement.orderBy.length > 0)
    throw notSupported('WITHIN EPOCH ORDER BY', { position: statement.orderBy[0]!.position })
  let snapshot = true
  let progress = false
  for (const option of statement.options) {
    if (option.name === 'snapshot') snapshot = optionFlag(option)
    else if (option.name === 'progress') progress = optionFlag(option)
    else if (option.name === 'coalesce') throw notSupported('COALESCE in SUBSCRIBE', { position: option.position })
    else
      throw new SqlError({
        code: '42601',
        message: `unrecognized SUBSCRIBE option "${option.name}"`,
        hint: 'Options are SNAPSHOT and PROGRESS.',
        position: option.position,
      })
  }
  checkAsOf(session, statement)
  const upTo = statement.upTo === undefined ? undefined : evaluateInteger(session, statement.upTo)
  return { snapshot, progress, upTo }
}

/** Only the newest epoch is kept: AS OF AT LEAST an epoch that is not after it, or AS OF exactly it. */
function checkAsOf(session: StatementSession, statement: Subscribe): void {
  if (statement.asOf === undefined) return
  const wanted = evaluateInteger(session, statement.asOf.epoch)
  const newest = session.core.pump.last.epoch
  if (wanted === newest || (statement.asOf.atLeast && wanted < newest)) return
  throw new SqlError({
    code: '22023',
    message: `epoch ${wanted} is not retained`,
    detail: `The newest epoch is ${newest}; older ones are not kept.`,
    hint: 'Use AS OF AT LEAST, or leave AS OF out.',
    position: statement.position,
  })
}
