// The simple query protocol: one text, its statements in order, each with its rows and its tag.

import type { Execution, Soon } from '../../src/engine/session.ts'
import { type ProtocolParts, sendAll } from './send.ts'

export class SimpleProtocol {
  readonly #parts: ProtocolParts

  constructor(parts: ProtocolParts) {
    this.#parts = parts
  }

  run(text: string): Soon<void> {
    const execution = this.#parts.session.queryAtOnce(text)
    return execution === undefined ? this.#inOrder(text) : this.#send(execution)
  }

  async #inOrder(text: string): Promise<void> {
    for await (const execution of this.#parts.session.simpleQuery(text)) await this.#send(execution)
  }

  #send(execution: Execution): Soon<void> {
    const close = (): void => {
      if (execution.kind === 'rows') execution.close()
    }
    let pending: Soon<void>
    try {
      pending = sendAll(this.#parts, execution, this.#parts.session.textSettings())
    } catch (error) {
      close()
      throw error
    }
    if (pending !== undefined) return pending.finally(close)
    close()
  }
}
