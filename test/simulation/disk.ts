// The disk of a simulation: the crashing files of test/crash, with time between a request and its end, and with faults
// that are not crashes: a write or sync that fails once (a full disk, an error of the device) while later ones work.

import type { AppendFile, FileSystem } from '../../src/storage/env.ts'
import { SimulatedFiles } from '../crash/simulated-files.ts'
import { Killed, type World } from './world.ts'

type Fault = 'none' | 'kill' | 'fail' | 'fail once'

export class SimulatedDisk implements FileSystem {
  readonly #world: World
  readonly #files = new SimulatedFiles()
  #fault: Fault = 'none'

  constructor(world: World) {
    this.#world = world
  }

  /** The n-th step of writing from now on goes wrong, `torn` of 256 of its bytes are written. */
  plan(fault: Fault, atStep: number, torn: number): void {
    this.#fault = fault
    this.#files.plan({ atStep: fault === 'none' ? 0 : atStep, torn })
  }

  /** A write has failed, and the process was told. */
  get failed(): boolean {
    return this.#failed
  }

  #failed = false

  /** The machine comes back; of what no sync had made durable `kept` of 256 is there. */
  restart(kept: number): void {
    this.#files.restart(kept)
    this.#fault = 'none'
    this.#failed = false
  }

  #broke(error: unknown): unknown {
    if (this.#fault === 'kill') {
      this.#world.kill()
      return new Killed()
    }
    this.#failed = true
    if (this.#fault === 'fail once') this.plan('none', 0, 0)
    return error
  }

  #now<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw this.#broke(error)
    }
  }

  makeDirectory = (): void => {}
  exists = (path: string): boolean => this.#files.exists(path)
  read = (path: string): Uint8Array => this.#files.read(path)
  list = (path: string): readonly string[] => this.#files.list(path)
  remove = (path: string): void => this.#now(() => this.#files.remove(path))
  rename = (from: string, to: string): void => this.#now(() => this.#files.rename(from, to))
  truncate = (path: string, length: number): void => this.#now(() => this.#files.truncate(path, length))
  syncDirectory = (): void => this.#now(() => this.#files.syncDirectory())

  openAppend = (path: string): AppendFile => {
    const file = this.#files.openAppend(path)
    const { process } = this.#world
    const later = async (delayMs: number, work: () => Promise<void>): Promise<void> => {
      await this.#world.pause(this.#world.random() * delayMs)
      try {
        await work()
      } catch (error) {
        const reason = this.#broke(error)
        // Nobody hears of it in a process that is no more.
        if (!process.alive) await new Promise(() => {})
        throw reason
      }
    }
    return {
      append: (bytes) => later(0.2, () => file.append(bytes)),
      sync: () => later(3, () => file.sync()),
      close: () => file.close(),
    }
  }
}
