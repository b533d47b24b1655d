// The listening socket: connections in, each served by its own loop, at most so many at once (53300).

import { createServer, type Server, type Socket } from 'node:net'
import { ByteWriter } from '../../src/core/byte-writer.ts'
import { SqlError } from '../../src/core/error.ts'
import { errorResponse } from './backend.ts'
import { Connection } from './connection.ts'
import type { ConnectionHost } from './connection-host.ts'

export interface ListenerOptions {
  readonly host: string
  readonly port: number
  readonly engine: ConnectionHost['engine']
  readonly log: ConnectionHost['log']
  readonly random: () => number
  readonly maxConnections: number
}

export interface Listener extends AsyncDisposable {
  readonly port: number
  readonly connections: number
}

export async function listen(options: ListenerOptions): Promise<Listener> {
  const connections = new Set<Connection>()
  const host: ConnectionHost = {
    engine: options.engine,
    log: options.log,
    secret: () => Math.floor(options.random() * 0x7fffffff),
    cancel(process, secret) {
      for (const connection of connections)
        if (connection.session?.id === process && connection.secret === secret) connection.session.cancel()
    },
  }
  const server = createServer((socket) => {
    if (connections.size >= options.maxConnections) {
      refuse(socket)
      return
    }
    const connection = new Connection(socket, host)
    connections.add(connection)
    void connection.run().finally(() => connections.delete(connection))
  })
  await started(server, options)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    get connections() {
      return connections.size
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const connection of connections) connection.shutDown()
      await closed
    },
  }
}

function started(server: Server, { host, port }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message
      reject(new SqlError({ code: '58000', message: `cannot listen on ${host}:${port}: ${reason}` }))
    })
    server.listen(port, host, () => resolve())
  })
}

function refuse(socket: Socket): void {
  const writer = new ByteWriter(256)
  errorResponse(writer, new SqlError({ code: '53300', message: 'sorry, too many clients already' }), 'FATAL')
  socket.on('error', () => {})
  socket.end(writer.bytes.subarray(0, writer.length))
}
