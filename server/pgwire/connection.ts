// One client connection: start-up, then messages in order, each handled to its end before the next (PostgreSQL docs,
// "Message Flow"). Hostile bytes end this connection with 08P01 and nothing else. What need not wait is answered as
// soon as its bytes are here, without a promise.
//
// State: the session, prepared statements and portals of the extended protocol, whether messages are skipped until Sync
// (after an error), and a running COPY. Messages that arrive meanwhile wait in the frame reader; reading from the
// socket pauses while more than a few are waiting, so a client cannot fill memory by sending on.

import type { Socket } from 'node:net'
import { SqlError } from '../../src/core/error.ts'
import type { Session, SessionEvents, Soon } from '../../src/engine/session.ts'
import { errorResponse, noticeResponse, parameterStatus, readyForQuery } from './backend.ts'
import type { ConnectionHost } from './connection-host.ts'
import { asSqlError } from './errors.ts'
import { ExtendedProtocol } from './extended.ts'
import { type Frame, FrameReader } from './framing.ts'
import { decodeMessage, type FrontendMessage } from './frontend.ts'
import { Outlet } from './outlet.ts'
import { SimpleProtocol } from './simple.ts'
import { type Started, startUp } from './startup.ts'

/** Bytes waiting at which reading from the socket pauses while a message is handled. */
const WAITING_BYTES_MAX = 1024 * 1024
const SYNC = 0x53

export class Connection {
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #frames = new FrameReader()
  readonly #outlet: Outlet
  #ahead: Frame | undefined
  #session: Session | undefined
  #simple: SimpleProtocol | undefined
  #extended: ExtendedProtocol | undefined
  #skipping = false
  #text = ''
  #wake: (() => void) | undefined
  #closed = false
  secret = 0

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
    this.#outlet = new Outlet(socket)
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#received(chunk))
    socket.on('close', () => this.#ended())
    socket.on('error', () => this.#ended())
  }

  get session(): Session | undefined {
    return this.#session
  }

  #received(chunk: Uint8Array): void {
    this.#frames.push(chunk)
    if (this.#frames.held > WAITING_BYTES_MAX) this.#socket.pause()
    this.#wake?.()
  }

  #ended(): void {
    if (this.#closed) return
    this.#closed = true
    this.#session?.cancel()
    this.#wake?.()
  }

  /** Serves the client until it leaves or breaks the protocol. */
  async run(): Promise<void> {
    try {
      const started = await startUp({
        next: () => this.#nextFrame(),
        socket: this.#socket,
        outlet: this.#outlet,
        frames: this.#frames,
        host: this.#host,
        events: this.#events(),
      })
      if (started !== undefined) await this.#serve(started)
    } catch (error) {
      this.#fatal(error)
    } finally {
      await this.#session?.[Symbol.asyncDispose]()
      await this.#outlet.flush()
      this.#socket.end()
    }
  }

  /** Tells the client that the server goes, and ends; one that does not read is not waited for. */
  shutDown(): void {
    this.#terminate(new SqlError({ code: '57P01', message: 'terminating connection due to administrator command' }))
  }

  #terminate(reason: SqlError): void {
    if (this.#closed) return
    this.#fatal(reason)
    this.#ended()
    if (this.#socket.writableNeedDrain) this.#socket.destroy()
    else this.#socket.destroySoon()
  }

  #events(): SessionEvents {
    return {
      notice: (notice) => noticeResponse(this.#outlet.writer, notice),
      parameter: (name, value) => parameterStatus(this.#outlet.writer, name, value),
      terminate: (reason) => this.#terminate(reason),
    }
  }

  async #nextFrame(): Promise<Frame | undefined> {
    while (!this.#closed) {
      const frame = this.#frameHere()
      if (frame !== undefined) return frame
      await this.#more()
    }
    return undefined
  }

  /** The next frame, if it is here whole. */
  #frameHere(): Frame | undefined {
    const ahead = this.#ahead
    if (ahead === undefined) return this.#frames.next()
    this.#ahead = undefined
    return ahead
  }

  /** More bytes, or the end. */
  async #more(): Promise<void> {
    this.#socket.resume()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }

  async #nextMessage(): Promise<FrontendMessage | undefined> {
    const frame = await this.#nextFrame()
    return frame === undefined ? undefined : decodeMessage(frame)
  }

  /** Waits for the message after the one that is handled; it stays the next one. */
  async #syncFollows(): Promise<boolean> {
    this.#ahead = await this.#nextFrame()
    return this.#ahead?.type === SYNC
  }

  async #serve({ session, secret }: Started): Promise<void> {
    this.#session = session
    this.secret = secret
    const parts = {
      session,
      outlet: this.#outlet,
      next: () => this.#nextMessage(),
      syncFollows: () => this.#syncFollows(),
    }
    this.#simple = new SimpleProtocol(parts)
    this.#extended = new ExtendedProtocol(parts)
    await this.#ready()
    while (!this.#closed) {
      const frame = this.#frameHere()
      if (frame === undefined) {
        await this.#more()
        continue
      }
      const message = decodeMessage(frame)
      if (message.kind === 'terminate') return
      const pending = this.#handle(message)
      if (pending !== undefined) await pending
    }
  }

  #handle(message: FrontendMessage): Soon<void> {
    if (message.kind === 'sync') return this.#synchronise()
    if (this.#skipping) return
    if (message.kind === 'query') return this.#query(message.text)
    if (message.kind === 'parse') this.#text = message.text
    const skip = (error: unknown): void => {
      this.#report(error)
      this.#skipping = true
    }
    const handled = (): Soon<void> => {
      if (message.kind === 'flush' || this.#outlet.full) return this.#outlet.flush()
    }
    return finished(() => this.#extended!.handle(message), skip, handled)
  }

  #query(text: string): Soon<void> {
    this.#text = text
    this.#extended!.closeUnnamed()
    const report = (error: unknown): void => this.#report(error)
    return finished(
      () => this.#simple!.run(text),
      report,
      () => {
        this.#extended!.closePortals()
        return this.#ready()
      },
    )
  }

  #synchronise(): Soon<void> {
    this.#skipping = false
    const sync = (): Soon<void> => {
      this.#extended!.closePortals()
      return this.#session!.sync()
    }
    return finished(
      sync,
      (error) => this.#report(error),
      () => this.#ready(),
    )
  }

  #ready(): Soon<void> {
    readyForQuery(this.#outlet.writer, this.#session!.transactionStatus)
    const drained = this.#outlet.flush()
    if (drained === undefined) return this.#session!.idle()
    return drained.then(() => this.#session!.idle())
  }

  #report(error: unknown): void {
    const shown = asSqlError(error, this.#host.log)
    if (shown.code === '08P01') throw shown
    this.#session!.fail(shown)
    errorResponse(this.#outlet.writer, shown, 'ERROR', this.#text)
  }

  #fatal(error: unknown): void {
    const shown = asSqlError(error, this.#host.log)
    if (!this.#socket.destroyed) {
      errorResponse(this.#outlet.writer, shown, 'FATAL', this.#text)
      void this.#outlet.flush()
    }
  }
}

/** `work`, then `failed` if it threw or rejected, then `done`: at once where `work` did not have to wait. */
function finished(work: () => Soon<void>, failed: (error: unknown) => void, done: () => Soon<void>): Soon<void> {
  let pending: Soon<void>
  try {
    pending = work()
  } catch (error) {
    failed(error)
    return done()
  }
  return pending === undefined ? done() : pending.catch(failed).then(done)
}
