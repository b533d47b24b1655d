// Rows that left a view's input because an expression failed on them (engine spec §7): each as a JSON object with what
// the expression said, and a weight.
//
//   {"id": 3, "d": 0}   22012   division by zero   +1
//
// The row is that of the operator in which the expression stands, with the columns that it reads; of a join the pair.
//
// State       what the running epoch changes, until `take`: strings, charged to the view's account.
// Invariant   the same row and error make the same text, so that a retraction cancels its insertion.

import { valueAt } from '../core/convert.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { Schema } from '../core/schema.ts'
import { type JsonEncoder, jsonEncoder } from '../functions/json/encode.ts'
import type { EvaluationContext } from '../functions/registry.ts'
import { quoteJson } from '../functions/text/json.ts'
import type { RowError, RowReference, Stateful } from './operator.ts'

export interface DivertedRow {
  /** Text of a JSON object. */
  readonly row: string
  readonly code: string
  readonly message: string
  readonly weight: bigint
}

interface Member {
  readonly key: string
  readonly encode: JsonEncoder
}

/** Of the objects of an entry, beside its characters. */
const ENTRY_BYTES = 160

export class DivertedRows implements Stateful {
  readonly #context: EvaluationContext
  readonly #account: MemoryAccount
  readonly #changes = new Map<string, DivertedRow>()
  readonly #members = new WeakMap<Schema, readonly Member[]>()
  #bytes = 0

  constructor(context: EvaluationContext, account: MemoryAccount) {
    this.#context = context
    this.#account = account
  }

  /** Takes the error if it is one of a row and not of the server or of the whole query. */
  add({ code, message, weight, row: reference }: RowError): boolean {
    if (reference === undefined || ALWAYS_FAILS.test(code)) return false
    const row = this.#text(reference)
    const key = `${code}${message}\0${row}`
    const known = this.#changes.get(key)
    if (known === undefined) this.#charge(2 * (key.length + row.length) + ENTRY_BYTES)
    this.#changes.set(key, { row, code, message, weight: (known?.weight ?? 0n) + BigInt(weight) })
    return true
  }

  /** What the epoch has changed since it was asked last, without what cancelled. */
  take(): readonly DivertedRow[] {
    const changes = [...this.#changes.values()].filter(({ weight }) => weight !== 0n)
    this.abort()
    return changes
  }

  #text({ schema, batch, index }: RowReference): string {
    let members = this.#members.get(schema)
    if (members === undefined) {
      members = membersOf(schema)
      this.#members.set(schema, members)
    }
    const values = members.map(({ key, encode }, c) => {
      const value = valueAt(schema[c]!, batch.columns[c]!, index)
      return `${key}:${encode(value, this.#context)}`
    })
    return `{${values.join(',')}}`
  }

  #charge(bytes: number): void {
    this.#account.charge(bytes)
    this.#bytes += bytes
  }

  get bytes(): number {
    return this.#bytes
  }

  prepare(): void {}

  seal(): void {
    this.abort()
  }

  abort(): void {
    this.#changes.clear()
    this.#charge(-this.#bytes)
  }

  [Symbol.dispose](): void {
    this.abort()
  }
}

/** More than one row of a scalar subquery; lack of resources, what an operator did, our own mistakes. */
const ALWAYS_FAILS = /^(21000|53...|57...|58...|XX...)$/

/** Columns of one name, as those of a join, get a number. */
function membersOf(schema: Schema): readonly Member[] {
  const seen = new Map<string, number>()
  return schema.map(({ name, type }) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return { key: quoteJson(count === 1 ? name : `${name}_${count}`), encode: jsonEncoder(type) }
  })
}
