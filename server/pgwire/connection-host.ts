// What a connection uses of the server around it.

import type { Engine } from '../../src/engine/engine.ts'

export interface ConnectionHost {
  readonly engine: Engine
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, facts?: Record<string, unknown>) => void
  /** 31 random bits. */
  readonly secret: () => number
  /** Ends what the connection with this key runs. */
  readonly cancel: (process: number, secret: number) => void
}
