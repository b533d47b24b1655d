// An engine for the runner: everything that is built in, and what the process gives it.

import { connectors } from '../../src/connectors/registry.ts'
import type { Clock, Random, Timers } from '../../src/core/clock.ts'
import { memoryDirectory, openDataDirectory } from '../../src/engine/data-directory.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { systemRelations } from '../../src/engine/system/all.ts'
import { functionRegistry } from '../../src/functions/all.ts'
import { realFiles } from '../files.ts'
import type { StartEngine } from './engine-connection.ts'

export interface EngineHost {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly nextTurn: () => Promise<void>
}

const MEMORY_BYTES = 4 * 1024 ** 3

/** Each call opens an engine on `folder`, or on nothing without one. */
export function startEngine({ clock, timers, random, nextTurn }: EngineHost, folder: string | undefined): StartEngine {
  return () =>
    openEngine({
      directory: folder === undefined ? memoryDirectory() : openDataDirectory(realFiles, folder),
      registry: functionRegistry(),
      connectors,
      systemRelations,
      host: { clock, timers, random, log: () => {} },
      memoryBytes: MEMORY_BYTES,
      nextTurn,
    })
}
