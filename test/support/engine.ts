// Engines for tests: the real parts, with this process's clock and timers; in memory, or on a folder that is opened
// again.

import { realFiles } from '../../server/files.ts'
import { connectors } from '../../src/connectors/registry.ts'
import type { ConnectorHost } from '../../src/connectors/source.ts'
import { memoryDirectory, openDataDirectory } from '../../src/engine/data-directory.ts'
import { type Engine, type EngineOptions, openEngine } from '../../src/engine/engine.ts'
import { systemRelations } from '../../src/engine/system/all.ts'
import { functionRegistry } from '../../src/functions/all.ts'

export const testHost: ConnectorHost = {
  clock: {
    now: () => BigInt(Date.now()) * 1000n,
    monotonicMs: () => performance.now(),
  },
  timers: {
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs)
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    },
  },
  random: Math.random,
  log: () => {},
}

/** An engine on `folder`, or on nothing without one. */
export const openTestEngine = (folder?: string, changed: Partial<EngineOptions> = {}): Promise<Engine> =>
  openEngine({
    directory: folder === undefined ? memoryDirectory() : openDataDirectory(realFiles, folder),
    registry: functionRegistry(),
    connectors,
    systemRelations,
    host: testHost,
    memoryBytes: 2 * 1024 ** 3,
    nextTurn: () => new Promise((resolve) => void setImmediate(resolve)),
    ...changed,
  })
