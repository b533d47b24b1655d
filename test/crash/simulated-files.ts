// A file system in memory that crashes: the n-th step of writing fails, and so does everything after it. What was
// written and not synced is lost, kept, or torn at any byte when the machine comes back.
//
// Steps that count: append, sync, rename, remove, truncate, syncDirectory. Catalogs are not here: SQLite is trusted.

import type { AppendFile, FileSystem } from '../../src/storage/env.ts'

interface File {
  bytes: Uint8Array
  /** Bytes that a sync has made durable. */
  synced: number
}

export interface Crash {
  /** The step that fails; 0: none. */
  readonly atStep: number
  /** Of the failing append: how many of its bytes reach the file, of 256. */
  readonly torn: number
}

export class SimulatedFiles implements FileSystem {
  #files = new Map<string, File>()
  #durable = new Map<string, File>()
  #crash: Crash = { atStep: 0, torn: 0 }
  steps = 0

  /** Plans the next crash; steps are counted from here. */
  plan(crash: Crash): void {
    this.#crash = crash
    this.steps = 0
  }

  get crashed(): boolean {
    return this.#crash.atStep > 0 && this.steps >= this.#crash.atStep
  }

  /** The machine comes back: names as of the last directory sync, of unsynced bytes `kept` of 256. */
  restart(kept: number): void {
    this.#files = new Map(
      [...this.#durable].map(([path, file]) => {
        const length = file.synced + Math.floor(((file.bytes.length - file.synced) * kept) / 256)
        return [path, { bytes: file.bytes.slice(0, length), synced: length }]
      }),
    )
    this.#durable = new Map(this.#files)
    this.plan({ atStep: 0, torn: 0 })
  }

  bytesOf(path: string): Uint8Array {
    return this.#file(path).bytes
  }

  #step(): void {
    this.steps++
    if (this.crashed) throw new Error('input/output error')
  }

  #file(path: string): File {
    const file = this.#files.get(path)
    if (file === undefined) throw new Error(`no such file: ${path}`)
    return file
  }

  makeDirectory = (): void => {}
  exists = (path: string): boolean => this.#files.has(path)
  read = (path: string): Uint8Array => this.#file(path).bytes.slice()
  list = (path: string): readonly string[] =>
    [...this.#files.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1))

  remove = (path: string): void => {
    this.#step()
    this.#file(path)
    this.#files.delete(path)
  }

  rename = (from: string, to: string): void => {
    this.#step()
    this.#files.set(to, this.#file(from))
    this.#files.delete(from)
  }

  truncate = (path: string, length: number): void => {
    this.#step()
    const file = this.#file(path)
    file.bytes = file.bytes.slice(0, length)
    file.synced = length
  }

  syncDirectory = (): void => {
    this.#step()
    this.#durable = new Map(this.#files)
  }

  openAppend = (path: string): AppendFile => {
    const file = this.#files.get(path) ?? { bytes: new Uint8Array(0), synced: 0 }
    this.#files.set(path, file)
    const write = (bytes: Uint8Array): void => {
      file.bytes = Uint8Array.from([...file.bytes, ...bytes])
    }
    return {
      append: async (bytes) => {
        try {
          this.#step()
        } catch (error) {
          write(bytes.subarray(0, Math.floor((bytes.length * this.#crash.torn) / 256)))
          throw error
        }
        write(bytes)
      },
      sync: async () => {
        this.#step()
        file.synced = file.bytes.length
      },
      close: async () => {},
    }
  }
}
