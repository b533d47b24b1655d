// The real file system behind storage/env.ts. Reads are synchronous (start-up); appends and syncs go through libuv's
// threads, so that the engine thread never waits for the disk.

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import type { AppendFile, FileSystem } from '../src/storage/env.ts'

export const realFiles: FileSystem = {
  makeDirectory: (path) => {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  },
  list: (path) => (existsSync(path) ? readdirSync(path) : []),
  read: (path) => readFileSync(path),
  exists: existsSync,
  remove: unlinkSync,
  rename: renameSync,
  truncate(path, length) {
    const file = openSync(path, 'r+')
    try {
      ftruncateSync(file, length)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  },
  syncDirectory(path) {
    const file = openSync(path, 'r')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  },
  openAppend,
}

function openAppend(path: string): AppendFile {
  const opening = open(path, 'a', 0o600)
  opening.catch(() => {}) // reported by the first append
  return {
    async append(bytes) {
      const file = await opening
      let at = 0
      while (at < bytes.length) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
    },
    sync: async () => (await opening).datasync(),
    close: async () => (await opening).close(),
  }
}
