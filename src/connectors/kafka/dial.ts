// Sockets, as a connection sees them: bytes in, bytes out, and one end. Connections take the dialler as an argument, so
// that tests can cut the bytes wherever they like.
//
// A plain socket reads into one fixed buffer (`onread`): `data` events would allocate a Buffer per read, 90–150 ns a
// record at full speed. TLS sockets have no such thing and use `data`; their module is loaded with the first of them.

import { connect, type OnReadOpts, type Socket } from 'node:net'
import type { ConnectionOptions as TlsOptions } from 'node:tls'

const READ_BUFFER_BYTES = 256 * 1024

export interface Address {
  readonly host: string
  readonly port: number
}

/** What TLS shall use; all in PEM. Undefined stands for a plain socket. */
export interface TlsSettings {
  /** Authorities to trust instead of the system's. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface WireEvents {
  connected(): void
  /** The bytes may change after the call returns. */
  received(bytes: Uint8Array): void
  /** Written bytes have left; called after `write` returned false. */
  drained(): void
  /** Called once; `error` is undefined where the other side ended it in good order. */
  ended(error: Error | undefined): void
}

export interface Wire {
  /** False: more than a buffer's worth waits; go on after `drained`. */
  write(bytes: Uint8Array): boolean
  destroy(): void
}

export type Dial = (address: Address, tls: TlsSettings | undefined, events: WireEvents) => Wire

export const dial: Dial = ({ host, port }, tls, events) => {
  let error: Error | undefined
  const socket = tls === undefined ? dialPlain(host, port, events) : dialTls(host, port, tls, events)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 30_000)
  socket.on('drain', () => events.drained())
  socket.on('error', (cause) => {
    error = cause
  })
  socket.once('close', () => events.ended(error))
  return { write: (bytes) => socket.write(bytes), destroy: () => socket.destroy() }
}

function dialPlain(host: string, port: number, events: WireEvents): Socket {
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)
  const onread: OnReadOpts = {
    buffer,
    callback: (length) => {
      events.received(buffer.subarray(0, length))
      return true
    },
  }
  return connect({ host, port, onread }, () => events.connected())
}

function dialTls(host: string, port: number, tls: TlsSettings, events: WireEvents): Socket {
  const options: TlsOptions = { host, port, ca: tls.ca, cert: tls.cert, key: tls.key }
  // Names, not addresses, may be sent as the server's name.
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
  const { connect: connectTls } = process.getBuiltinModule('node:tls')
  const socket = connectTls({ ...options, ...servername }, () => events.connected())
  socket.on('data', (bytes: Buffer) => events.received(bytes))
  return socket
}
