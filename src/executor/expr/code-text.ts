// The text of a generated row function while it is being written: statements, names, and what must come from outside.
//
// Nothing that a user wrote becomes text: constants, functions and tables are handed over in arrays and unpacked
// before the loop. int64 constants come in a BigInt64Array, so that they are machine words inside the loop (DESIGN §5).

import { AssertionError } from '../../core/assert.ts'
import type { PhysicalKind } from '../../core/type.ts'

export class CodeText {
  readonly #lines: string[] = []
  readonly #prologue: string[] = []
  readonly #outside: unknown[] = []
  readonly #longs: bigint[] = []
  #names = 0

  /** A name that nothing else has. */
  name(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  line(text: string): void {
    this.#lines.push(text)
  }

  /** A constant local with this value. */
  local(value: string): string {
    const name = this.name('v')
    this.line(`const ${name} = ${value}`)
    return name
  }

  /** A variable with the zero of its kind, to be assigned in a block. */
  variable(kind: PhysicalKind): string {
    const name = this.name('v')
    this.line(`let ${name} = ${kind === 'i64' || kind === 'i128' ? '0n' : '0'}`)
    return name
  }

  flag(value: boolean): string {
    const name = this.name('n')
    this.line(`let ${name} = ${value}`)
    return name
  }

  before(line: string): void {
    this.#prologue.push(line)
  }

  /** Something from outside, by the name of a local before the loop. */
  outside(value: unknown): string {
    const name = this.name('x')
    this.before(`const ${name} = outside[${this.#outside.length}]`)
    this.#outside.push(value)
    return name
  }

  long(value: bigint): string {
    const name = this.name('k')
    this.before(`const ${name} = longs[${this.#longs.length}]`)
    this.#longs.push(value)
    return name
  }

  /** Writes what `write` writes; takes it back where that gives undefined. */
  attempt<T>(write: () => T | undefined): T | undefined {
    const length = this.#lines.length
    const result = write()
    if (result === undefined) this.#lines.length = length
    return result
  }

  get prologue(): string {
    return this.#prologue.join('\n')
  }

  get body(): string {
    return this.#lines.join('\n')
  }

  get outsideValues(): readonly unknown[] {
    return this.#outside
  }

  get longValues(): BigInt64Array {
    const wide = this.#longs.find((value) => BigInt.asIntN(64, value) !== value)
    if (wide !== undefined) throw new AssertionError('a constant of more than 64 bits')
    return BigInt64Array.from(this.#longs)
  }
}
