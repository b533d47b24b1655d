// An engine in memory, to which tests of functions put SQL.

import { NOW } from '../../../server/fuzz/functions/context.ts'
import type { Connection } from '../../../server/slt/connection.ts'
import { openEngineConnection } from '../../../server/slt/engine-connection.ts'
import { startEngine } from '../../../server/slt/engine-start.ts'

const START_MS = 1000

/** Its clock stands still and its chance is always a half. */
export const memoryEngine = (): Promise<Connection> =>
  openEngineConnection(
    startEngine(
      {
        clock: { now: () => NOW, monotonicMs: () => START_MS },
        timers: { after: () => ({ [Symbol.dispose]: () => {} }) },
        random: () => 0.5,
        nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
      },
      undefined,
    ),
  )
