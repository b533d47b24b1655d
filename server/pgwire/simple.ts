// The simple query protocol: one text, its statements in order, each with its rows and its tag.

import { type ProtocolParts, sendAll } from './send.ts'

export class SimpleProtocol {
  readonly #parts: ProtocolParts

  constructor(parts: ProtocolParts) {
    this.#parts = parts
  }

  async run(text: string): Promise<void> {
    const { session } = this.#parts
    for await (const execution of session.simpleQuery(text)) {
      try {
        await sendAll(this.#parts, execution, session.textSettings())
      } finally {
        if (execution.kind === 'rows') execution.close()
      }
    }
  }
}
