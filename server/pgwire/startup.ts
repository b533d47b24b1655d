// From the first byte to a session: SSL and GSS requests are declined, a cancel request is passed on, a start-up
// message is answered with the session's parameters. Who connects is trusted: only loopback addresses are served.

import type { Socket } from 'node:net'
import { SqlError } from '../../src/core/error.ts'
import type { Session, SessionEvents } from '../../src/engine/session.ts'
import { authenticationOk, backendKeyData, negotiateProtocol, parameterStatus } from './backend.ts'
import type { ConnectionHost } from './connection-host.ts'
import type { Frame, FrameReader } from './framing.ts'
import { decodeStartup, type StartupMessage } from './frontend.ts'
import type { Outlet } from './outlet.ts'

export interface StartParts {
  readonly next: () => Promise<Frame | undefined>
  readonly socket: Socket
  readonly outlet: Outlet
  readonly frames: FrameReader
  readonly host: ConnectionHost
  readonly events: SessionEvents
}

export interface Started {
  readonly session: Session
  readonly secret: number
}

/** Newest minor version of protocol 3 that we speak. */
const MINOR = 0

const reported = [
  'application_name',
  'client_encoding',
  'DateStyle',
  'default_transaction_read_only',
  'in_hot_standby',
  'integer_datetimes',
  'IntervalStyle',
  'is_superuser',
  'server_encoding',
  'server_version',
  'session_authorization',
  'standard_conforming_strings',
  'TimeZone',
]

export async function startUp(parts: StartParts): Promise<Started | undefined> {
  for (let frame = await parts.next(); frame !== undefined; frame = await parts.next()) {
    const message = decodeStartup(frame.body)
    if (message.kind === 'ssl' || message.kind === 'gss') parts.socket.write('N')
    else if (message.kind === 'cancel') {
      parts.host.cancel(message.process, message.secret)
      return undefined
    } else return accept(parts, message)
  }
  return undefined
}

function accept(parts: StartParts, message: Extract<StartupMessage, { kind: 'startup' }>): Started {
  const { outlet, host, frames } = parts
  const { user, database, options, replication, ...rest } = message.parameters
  if (message.major !== 3)
    throw new SqlError({
      code: '08P01',
      message: `unsupported frontend protocol ${message.major}.${message.minor}: server supports 3.0 to 3.${MINOR}`,
    })
  if (user === undefined || user === '')
    throw new SqlError({ code: '28000', message: 'no PostgreSQL user name specified in startup packet' })
  const unknown = Object.keys(rest).filter((name) => name.startsWith('_pq_.'))
  if (message.minor > MINOR || unknown.length > 0) negotiateProtocol(outlet.writer, MINOR, unknown)
  const settings = Object.fromEntries(Object.entries(rest).filter(([name]) => !unknown.includes(name)))
  if (replication !== undefined && replication !== 'false')
    throw new SqlError({ code: '0A000', message: 'replication connections are not supported' })
  const session = host.engine.openSession({
    user,
    database: database ?? user,
    settings: { ...optionSettings(options ?? ''), ...settings },
    events: parts.events,
  })
  frames.phase = 'session'
  authenticationOk(outlet.writer)
  for (const name of reported) parameterStatus(outlet.writer, name, session.setting(name) ?? '')
  const secret = host.secret()
  backendKeyData(outlet.writer, session.id, secret)
  return { session, secret }
}

/** `-c name=value --name=value` of the start-up parameter `options`. */
function optionSettings(options: string): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {}
  for (const [, name, value] of options.matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|\S)*)/g))
    settings[name!.replaceAll('-', '_')] = value!.replaceAll(/\\(.)/g, '$1')
  return settings
}
