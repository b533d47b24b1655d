// A millrace server in a process of its own, in memory, for the benches from end to end; ended with `using`.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const checkout = fileURLToPath(new URL('../../bin/millrace.mjs', import.meta.url))

export class Server implements AsyncDisposable {
  readonly port: number
  /** From the start of the process to its line that says so, ms. */
  readonly readyMs: number
  /** From the start of the process to the first answer of a query, ms. */
  readonly answerMs: number
  readonly #process: ChildProcess

  private constructor(process: ChildProcess, port: number, times: { readyMs: number; answerMs: number }) {
    this.#process = process
    this.port = port
    this.readyMs = times.readyMs
    this.answerMs = times.answerMs
  }

  /** `program`: of this checkout, or of a package elsewhere. */
  static async start(port: number, program = checkout): Promise<Server> {
    const from = performance.now()
    const child = spawn(process.execPath, [program, '--memory', '--port', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.includes('is ready')) resolve()
      })
      child.on('exit', () => reject(new Error('the server ended before it was ready')))
    })
    const readyMs = performance.now() - from
    const client = await connect(port)
    await client.query('SELECT 1')
    const answerMs = performance.now() - from
    await client.end()
    return new Server(child, port, { readyMs, answerMs })
  }

  /** Resident bytes, and processor time in ms since the start (Linux; a tick is 10 ms). */
  usage(): { readonly residentBytes: number; readonly cpuMs: number } {
    const { pid } = this.#process
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { residentBytes: Number(resident) * 1024, cpuMs: (Number(fields[11]) + Number(fields[12])) * 10 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()))
    this.#process.kill('SIGTERM')
    await ended
  }
}

/** A connected client of either server. */
export async function connect(port: number, user = 'millrace'): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, database: user })
  await client.connect()
  return client
}
