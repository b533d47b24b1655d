// Writes epoch records to the journal's segments: append, fdatasync, then the epoch may be sealed.
//
// State: the open segment. At most one record is under way, since there is never more than one unsealed epoch. A failed
// write or sync leaves the file unknown: the writer is broken from then on and every later append fails alike (engine
// §4: no further epoch starts; reads go on).

import { assert } from '../core/assert.ts'
import { SqlError } from '../core/error.ts'
import type { AppendFile, FileSystem } from '../storage/env.ts'
import { encodeRecord, type JournalRecord, segmentHeader } from '../storage/journal.ts'

export interface JournalWriter extends AsyncDisposable {
  /** Resolves once the record is durable; rejects with 58030 where it is not known to be. */
  append(record: JournalRecord): Promise<void>
  /** Bytes appended since the engine opened. */
  readonly bytes: number
}

/** Segments larger than this are followed by a new one. */
const SEGMENT_BYTES = 256 * 1024 * 1024

export const segmentName = (number: number): string => `journal-${String(number).padStart(8, '0')}`

/** 58030. */
const journalFailed = (cause: unknown): SqlError =>
  new SqlError({
    code: '58030',
    message: `could not write the journal: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'Nothing more is written until the server is started again; what was acknowledged is safe.',
  })

/** Goes on in segment `last` of `directory`, which holds `lastBytes` valid bytes (0: it is begun). */
export function openJournalWriter(
  files: FileSystem,
  directory: string,
  last: { readonly number: number; readonly bytes: number },
): JournalWriter {
  return new SegmentWriter(files, directory, last)
}

/** `--memory`: the same engine, nothing kept. */
export const memoryJournal = (): JournalWriter => ({
  append: async () => {},
  bytes: 0,
  [Symbol.asyncDispose]: async () => {},
})

class SegmentWriter implements JournalWriter {
  readonly #files: FileSystem
  readonly #directory: string
  #number: number
  #segmentBytes: number
  #file: AppendFile
  #broken: SqlError | undefined
  #busy = false
  bytes = 0

  constructor(files: FileSystem, directory: string, last: { readonly number: number; readonly bytes: number }) {
    this.#files = files
    this.#directory = directory
    this.#number = last.number
    this.#segmentBytes = last.bytes
    this.#file = files.openAppend(`${directory}/${segmentName(last.number)}`)
  }

  async append(record: JournalRecord): Promise<void> {
    assert(!this.#busy, 'a second epoch record is written before the first is durable')
    if (this.#broken !== undefined) throw this.#broken
    this.#busy = true
    try {
      if (this.#segmentBytes >= SEGMENT_BYTES) await this.#startSegment()
      if (this.#segmentBytes === 0) await this.#write(segmentHeader())
      await this.#write(encodeRecord(record))
      await this.#file.sync()
    } catch (error) {
      this.#broken = journalFailed(error)
      throw this.#broken
    } finally {
      this.#busy = false
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#file.append(bytes)
    this.#segmentBytes += bytes.length
    this.bytes += bytes.length
  }

  async #startSegment(): Promise<void> {
    await this.#file.close()
    this.#number++
    this.#segmentBytes = 0
    this.#file = this.#files.openAppend(`${this.#directory}/${segmentName(this.#number)}`)
    this.#files.syncDirectory(this.#directory)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}
