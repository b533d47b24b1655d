// The extended query protocol: Parse, Bind, Describe, Execute, Close.
//
// State: prepared statements by name, portals by name. A portal begins to run at its first Execute and keeps its place
// between Executes with row limits; all portals end with Sync outside of a transaction block.

import { notSupported, SqlError } from '../../src/core/error.ts'
import { typeFromOid, typeOid } from '../../src/core/type-name.ts'
import type { SqlValue } from '../../src/core/value.ts'
import type { Execution, PreparedStatement, Soon } from '../../src/engine/session.ts'
import {
  bindComplete,
  closeComplete,
  commandComplete,
  emptyQueryResponse,
  noData,
  parameterDescription,
  parseComplete,
  portalSuspended,
  rowDescription,
} from './backend.ts'
import { protocolViolation } from './framing.ts'
import type { FrontendMessage } from './frontend.ts'
import { decodeParameters } from './parameters.ts'
import { allText, type ProtocolParts, receiveCopy, sendCopy, sendRows } from './send.ts'

interface Portal {
  readonly statement: PreparedStatement
  readonly parameters: readonly SqlValue[]
  /** Result formats, as bound. */
  readonly formats: readonly number[]
  execution: Execution | undefined
}

type MessageOf<Kind extends FrontendMessage['kind']> = Extract<FrontendMessage, { kind: Kind }>
type Target = Extract<FrontendMessage, { what: unknown }>

/** Prepared statements and portals a connection may hold (53200 beyond). */
const NAMED_MAX = 10_000

export class ExtendedProtocol {
  readonly #parts: ProtocolParts
  readonly #statements = new Map<string, PreparedStatement>()
  readonly #portals = new Map<string, Portal>()

  constructor(parts: ProtocolParts) {
    this.#parts = parts
  }

  handle(message: FrontendMessage): Soon<void> {
    switch (message.kind) {
      case 'parse':
        return this.#parse(message)
      case 'bind':
        return this.#bind(message)
      case 'describe':
        return this.#describe(message)
      case 'execute':
        return this.#execute(message)
      case 'close':
        return this.#close(message)
      case 'flush':
        return
      case 'copyData':
      case 'copyDone':
      case 'copyFail':
        return // left over from a COPY that failed
      case 'functionCall':
        throw notSupported('the function call protocol')
      default:
        throw protocolViolation(`unexpected message ${message.kind}`)
    }
  }

  async #parse(message: MessageOf<'parse'>): Promise<void> {
    const { name, text, types } = message
    if (name !== '' && this.#statements.has(name))
      throw new SqlError({ code: '42P05', message: `prepared statement "${name}" already exists` })
    if (this.#statements.size >= NAMED_MAX)
      throw new SqlError({ code: '53200', message: `more than ${NAMED_MAX} prepared statements` })
    const declared = types.map((oid) => {
      const type = oid === 0 ? undefined : typeFromOid(oid)
      if (oid !== 0 && oid !== 705 && type === undefined)
        throw new SqlError({ code: '42704', message: `type with OID ${oid} does not exist` })
      return type?.kind === 'unknown' ? undefined : type
    })
    this.#statements.delete(name)
    this.#statements.set(name, await this.#parts.session.prepare(text, declared))
    parseComplete(this.#parts.outlet.writer)
  }

  #bind(message: MessageOf<'bind'>): void {
    const { session, outlet } = this.#parts
    const statement = this.#statement(message.statement)
    if (message.portal !== '' && this.#portals.has(message.portal))
      throw new SqlError({ code: '42P03', message: `portal "${message.portal}" already exists` })
    const formats = checkedFormats(message.resultFormats, statement.columns?.length ?? 0)
    const settings = session.textSettings()
    const parameters = decodeParameters(message.values, message.formats, statement.parameterTypes, settings)
    this.#closePortal(message.portal)
    this.#portals.set(message.portal, { statement, parameters, formats, execution: undefined })
    bindComplete(outlet.writer)
  }

  #describe(message: Target): void {
    const { writer } = this.#parts.outlet
    const statement =
      message.what === 'statement' ? this.#statement(message.name) : this.#portal(message.name).statement
    if (message.what === 'statement')
      parameterDescription(
        writer,
        statement.parameterTypes.map((type) => typeOid(type)),
      )
    if (statement.columns === undefined) noData(writer)
    else {
      const bound = message.what === 'portal' ? this.#portal(message.name).formats : allText
      rowDescription(writer, statement.columns, bound)
    }
  }

  #execute(message: MessageOf<'execute'>): Soon<void> {
    const portal = this.#portal(message.portal)
    const { session, syncFollows } = this.#parts
    const maxRows = Math.max(0, message.maxRows)
    const execution = portal.execution ?? session.execute(portal.statement, portal.parameters, syncFollows)
    if (execution instanceof Promise) return execution.then((begun) => this.#send(portal, begun, maxRows))
    return this.#send(portal, execution, maxRows)
  }

  #send(portal: Portal, execution: Execution, maxRows: number): Soon<void> {
    const { session, outlet } = this.#parts
    portal.execution = execution
    const { formats } = portal
    const settings = session.textSettings()
    switch (execution.kind) {
      case 'empty':
        return emptyQueryResponse(outlet.writer)
      case 'command':
        return commandComplete(outlet.writer, execution.tag)
      case 'copyOut':
        return sendCopy(outlet, execution, settings)
      case 'copyIn':
        return receiveCopy(this.#parts, execution)
      case 'rows': {
        // The tag counts the rows of this Execute, as PostgreSQL's does.
        const complete = ({ ended, rows }: { readonly ended: boolean; readonly rows: number }): void =>
          ended
            ? commandComplete(outlet.writer, execution.tag().replace(/\d+$/, String(rows)))
            : portalSuspended(outlet.writer)
        const sent = sendRows(outlet, execution, { settings, formats, maxRows })
        return sent instanceof Promise ? sent.then(complete) : complete(sent)
      }
    }
  }

  #close(message: Target): void {
    if (message.what === 'statement') this.#statements.delete(message.name)
    else this.#closePortal(message.name)
    closeComplete(this.#parts.outlet.writer)
  }

  #statement(name: string): PreparedStatement {
    const statement = this.#statements.get(name)
    if (statement !== undefined) return statement
    const shown = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`
    throw new SqlError({ code: '26000', message: `${shown} does not exist` })
  }

  #portal(name: string): Portal {
    const portal = this.#portals.get(name)
    if (portal === undefined) throw new SqlError({ code: '34000', message: `portal "${name}" does not exist` })
    return portal
  }

  #closePortal(name: string): void {
    const execution = this.#portals.get(name)?.execution
    if (execution?.kind === 'rows' || execution?.kind === 'copyOut') execution.close()
    this.#portals.delete(name)
  }

  /** A simple query ends the unnamed statement and portal. */
  closeUnnamed(): void {
    this.#statements.delete('')
    this.#closePortal('')
  }

  /** Outside of a block every portal ends with Sync and with a simple query. */
  closePortals(): void {
    if (this.#parts.session.transactionStatus !== 'I') return
    for (const name of [...this.#portals.keys()]) this.#closePortal(name)
  }
}

/** None, one for all, or one a column; 22023 for a code that is neither text nor binary. */
function checkedFormats(formats: readonly number[], columns: number): readonly number[] {
  for (const format of formats)
    if (format !== 0 && format !== 1)
      throw new SqlError({ code: '22023', message: `unsupported format code: ${format}` })
  if (formats.length > 1 && formats.length !== columns)
    throw protocolViolation(`bind message has ${formats.length} result formats but query has ${columns} columns`)
  return formats
}
