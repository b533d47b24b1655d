// The machine a simulation runs on: a disk, and the engine's process, which is started, stopped in order, killed at any
// moment, and started again on what the disk has kept. SQLite is trusted: its file is a real one.
//
// State: the running engine and its sessions. `open` tells whether there is one.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jsonFormat } from '../../src/connectors/format/json.ts'
import { kafkaConnector } from '../../src/connectors/kafka/connector.ts'
import { type DataDirectory, openDataDirectory } from '../../src/engine/data-directory.ts'
import { type Engine, openEngine } from '../../src/engine/engine.ts'
import { systemRelations } from '../../src/engine/system/all.ts'
import { functionRegistry } from '../../src/functions/all.ts'
import { Client } from '../support/client.ts'
import type { SimulatedBroker } from './broker.ts'
import { SimulatedDisk } from './disk.ts'
import { Killed, type World } from './world.ts'

const registry = functionRegistry()
const START_LIMIT_MS = 300_000
const LOG_LINES = 40

export class Machine implements Disposable {
  readonly disk: SimulatedDisk
  readonly #world: World
  readonly #broker: SimulatedBroker
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-sim-'))
  readonly #log: string[] = []
  #directory: DataDirectory | undefined
  #engine: Engine | undefined
  /** What the engine logged as an error since somebody looked. */
  readonly errors: string[] = []

  constructor(world: World, broker: SimulatedBroker) {
    this.#world = world
    this.#broker = broker
    this.disk = new SimulatedDisk(world)
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('the engine does not run')
    return this.#engine
  }

  get log(): readonly string[] {
    return this.#log
  }

  /** False: the process was killed while it started. */
  async start(): Promise<boolean> {
    const world = this.#world
    world.revive()
    try {
      this.#directory = openDataDirectory(this.disk, this.#folder)
      this.#engine = await world.until(openEngine(this.#options(this.#directory)), START_LIMIT_MS, 'the start')
      return true
    } catch (error) {
      this.#directory?.database[Symbol.dispose]()
      this.#directory = undefined
      if (error instanceof Killed) return false
      throw error
    }
  }

  #options(directory: DataDirectory) {
    const world = this.#world
    return {
      directory,
      registry,
      connectors: [kafkaConnector({ 'plain/json': jsonFormat }, this.#broker.dial)],
      systemRelations,
      host: {
        clock: world.clock,
        timers: world.timers(),
        random: world.random,
        log: (level: string, message: string, facts?: Record<string, unknown>) => this.#note(level, message, facts),
      },
      memoryBytes: 2 ** 30,
      nextTurn: () => world.pause(0),
    }
  }

  #note(level: string, message: string, facts: Record<string, unknown> = {}): void {
    const line = `${Math.round(this.#world.now)} ms ${level}: ${message} ${JSON.stringify(facts)}`
    this.#log.push(line)
    if (this.#log.length > LOG_LINES) this.#log.shift()
    if (level === 'error') this.errors.push(line)
  }

  client(): Client {
    return new Client(this.engine)
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    await this.#world.until(this.engine[Symbol.asyncDispose](), START_LIMIT_MS, 'the stop')
    this.#gone()
  }

  /** kill -9, or the end of one that was under way. */
  kill(): void {
    if (this.#world.process.alive) this.#world.kill()
    this.#directory?.database[Symbol.dispose]()
    this.#gone()
  }

  #gone(): void {
    this.#engine = undefined
    this.#directory = undefined
  }

  [Symbol.dispose](): void {
    if (this.#engine !== undefined) this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
