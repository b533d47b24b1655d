// Millrace in process: each file gets an engine of its own, in a thread of its own, so that a statement which never
// ends costs one thread and not the run. In memory, or with files in a temporary folder where the file is to be
// restarted.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Answer, type Backend, type Connection, Lost } from './connection.ts'
import type { Reply, Request } from './engine-worker.ts'

const program = new URL('../../bin/slt-engine.mjs', import.meta.url)

export const inProcess = (keeps: 'memory' | 'files'): Backend => ({
  name: keeps === 'memory' ? 'Millrace in memory' : 'Millrace on files',
  async open() {
    const connection = new WorkerConnection(
      keeps === 'files' ? mkdtempSync(join(tmpdir(), 'millrace-slt-')) : undefined,
    )
    try {
      await connection.start()
      return connection
    } catch (error) {
      await connection.close()
      // Not a loss of one record: no file could be run.
      throw new Error(`the engine does not start: ${error instanceof Error ? error.message : error}`)
    }
  },
})

class WorkerConnection implements Connection {
  readonly #folder: string | undefined
  readonly #worker: Worker
  #waiting: { resolve: (reply: Reply) => void; reject: (lost: Lost) => void } | undefined
  #inTransaction = false

  constructor(folder: string | undefined) {
    this.#folder = folder
    this.#worker = new Worker(program, { workerData: folder })
    this.#worker.on('message', (reply: Reply) => this.#waiting?.resolve(reply))
    this.#worker.on('error', (error: Error) => this.#waiting?.reject(new Lost(`it failed: ${error.message}`)))
    this.#worker.on('exit', (code) => this.#waiting?.reject(new Lost(`it ended with code ${code}`)))
  }

  async start(): Promise<void> {
    await this.#request({ kind: 'open' })
  }

  async run(sql: string): Promise<Answer> {
    const { answer } = await this.#request({ kind: 'run', sql })
    if (answer === undefined) throw new Lost('no answer')
    return answer
  }

  inTransaction(): boolean {
    return this.#inTransaction
  }

  async restart(): Promise<void> {
    await this.#request({ kind: 'restart' })
  }

  /** Ends the thread as it is: its data is not needed any more. */
  async close(): Promise<void> {
    this.#waiting = undefined
    await this.#worker.terminate()
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }

  async #request(request: Request): Promise<Reply> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#worker.postMessage(request)
    })
    this.#inTransaction = reply.inTransaction
    if (reply.lost !== undefined) throw new Lost(reply.lost)
    return reply
  }
}
