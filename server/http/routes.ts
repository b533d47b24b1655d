// Health and metrics over HTTP: /healthz (the process answers), /readyz (it can take writes), /metrics (Prometheus
// text).

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { SqlError } from '../../src/core/error.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { metricsText } from './metrics.ts'

export interface HttpOptions {
  readonly host: string
  readonly port: number
  readonly engine: Engine
  readonly connections: () => number
  readonly residentBytes: () => number
}

export async function serveHttp(options: HttpOptions): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((request, response) => answer(request, response, options))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message
      reject(new SqlError({ code: '58000', message: `cannot listen on ${options.host}:${options.port}: ${reason}` }))
    })
    server.listen(options.port, options.host, () => resolve())
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(request: IncomingMessage, response: ServerResponse, options: HttpOptions): void {
  const { status, body } = page(request, options)
  response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  response.end(body)
}

function page(request: IncomingMessage, options: HttpOptions): { readonly status: number; readonly body: string } {
  const { engine } = options
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: 'method not allowed\n' }
  switch (new URL(request.url ?? '/', 'http://localhost').pathname) {
    case '/healthz':
      return { status: 200, body: 'ok\n' }
    case '/readyz':
      return engine.writable
        ? { status: 200, body: 'ready\n' }
        : { status: 503, body: 'the journal cannot be written\n' }
    case '/metrics':
      return { status: 200, body: metricsText(engine.status, options) }
    default:
      return { status: 404, body: 'not found: /healthz, /readyz and /metrics are here\n' }
  }
}
