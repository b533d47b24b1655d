// Files as the engine needs them, injected, so that crashes, torn writes and full disks can be simulated.
//
// Opening and reading are synchronous (start-up only). Writing is asynchronous, off the engine thread: `append` and
// `sync` resolve when the operating system has taken or persisted the bytes. After a failed write or sync the file's
// contents are unknown; nobody may retry as if it had succeeded.

export interface FileSystem {
  readonly makeDirectory: (path: string) => void
  /** Names in a directory; empty where it does not exist. */
  readonly list: (path: string) => readonly string[]
  readonly read: (path: string) => Uint8Array
  readonly exists: (path: string) => boolean
  readonly remove: (path: string) => void
  readonly rename: (from: string, to: string) => void
  /** Cuts the file to `length` bytes and makes that durable. */
  readonly truncate: (path: string, length: number) => void
  /** Makes names in the directory durable. */
  readonly syncDirectory: (path: string) => void
  readonly openAppend: (path: string) => AppendFile
}

export interface AppendFile {
  readonly append: (bytes: Uint8Array) => Promise<void>
  /** fdatasync. */
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}
