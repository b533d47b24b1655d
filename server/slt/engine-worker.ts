// The thread that holds an engine for the runner: one request at a time in, one reply each out (engine-backend.ts).

import type { MessagePort } from 'node:worker_threads'
import type { Answer, Connection } from './connection.ts'
import { openEngineConnection } from './engine-connection.ts'
import { type EngineHost, startEngine } from './engine-start.ts'

/** `open` comes first, once. */
export type Request =
  | { readonly kind: 'open' }
  | { readonly kind: 'run'; readonly sql: string }
  | { readonly kind: 'restart' }

export interface Reply {
  /** What `run` gave. */
  readonly answer: Answer | undefined
  readonly inTransaction: boolean
  /** There is no answer, and why. */
  readonly lost: string | undefined
}

export function serveEngine(port: MessagePort, host: EngineHost, folder: string | undefined): void {
  const opening = openEngineConnection(startEngine(host, folder))
  port.on('message', (request: Request) => {
    opening
      .then(async (connection) => {
        const answer = await handle(connection, request)
        return { answer, inTransaction: connection.inTransaction(), lost: undefined }
      })
      .catch((error: Error): Reply => ({ answer: undefined, inTransaction: false, lost: error.message }))
      .then((reply) => port.postMessage(reply))
  })
}

async function handle(connection: Connection, request: Request): Promise<Answer | undefined> {
  if (request.kind === 'run') return await connection.run(request.sql)
  if (request.kind === 'restart') await connection.restart()
  return undefined
}
