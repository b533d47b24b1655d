// Our own mistakes. A failed assertion stops the epoch before it commits and reaches a client as XX000.

export class AssertionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AssertionError'
  }
}

export function assert(fact: unknown, message: string): asserts fact {
  if (!fact) throw new AssertionError(message)
}

/** Ends every `switch` over a tagged union: a new kind then fails to compile where it is not handled. */
export function unreachable(value: never): never {
  throw new AssertionError(`unexpected ${JSON.stringify((value as { kind?: unknown })?.kind ?? value)}`)
}
