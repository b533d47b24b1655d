// SUBSCRIBE: a query's contents, then its consolidated delta of every epoch (consistency §5).
//
//   _epoch, _time, [_progress,] _diff, then the query's columns; in an epoch all negative rows before all positive ones
//
// State: what was sealed and not yet read, copied out of the epoch's region, up to a limit in bytes. Beyond it the
// subscription ends with P0L01 and the last complete epoch: never a silent loss. Nothing is delivered before its epoch
// is durable: the pump calls `sealed` then.

import { type Batch, type Column, i32Column, i64Column } from '../core/batch.ts'
import { SqlError } from '../core/error.ts'
import { type MemoryAccount, memoryAccount } from '../core/memory.ts'
import { canonicalKeys, sortRows } from '../core/primitives/compare.ts'
import { copyOut, nullColumn } from '../core/primitives/concat.ts'
import { gatherColumns, slice } from '../core/primitives/gather.ts'
import { Region } from '../core/region.ts'
import { columnDef, type Schema } from '../core/schema.ts'
import type { LiveSubscription } from './live-relation.ts'
import type { SealedEpoch } from './pump.ts'

/** Bytes buffered for a client that does not read. */
const BUFFER_BYTES = 64 * 1024 * 1024
const ITEM_BLOCK_BYTES = 4096
const PROGRESS_MICROS = 1_000_000n

export interface SubscriptionOptions {
  readonly snapshot: boolean
  readonly progress: boolean
  /** Ends after all epochs below this one. */
  readonly upTo: number | undefined
}

interface Item {
  readonly batch: Batch
  readonly region: Region
}

/** The columns of a subscription over these columns. */
export const subscriptionSchema = (columns: Schema, progress: boolean): Schema => [
  columnDef('_epoch', { kind: 'int8' }, false),
  columnDef('_time', { kind: 'timestamptz' }, false),
  ...(progress ? [columnDef('_progress', { kind: 'boolean' }, false)] : []),
  columnDef('_diff', { kind: 'int8' }),
  ...columns.map((column) => (progress ? { ...column, nullable: true } : column)),
]

export class Subscription {
  readonly reader: LiveSubscription
  readonly schema: Schema
  readonly #columns: Schema
  readonly #options: SubscriptionOptions
  readonly #account: MemoryAccount
  readonly #items: Item[] = []
  #held: Region | undefined
  #wake: (() => void) | undefined
  #ended: SqlError | 'closed' | 'complete' | undefined
  #lastProgress = 0n
  #lastEpoch = 0

  constructor(reader: LiveSubscription, columns: Schema, options: SubscriptionOptions, parent: MemoryAccount) {
    this.reader = reader
    this.#columns = columns
    this.#options = options
    this.schema = subscriptionSchema(columns, options.progress)
    this.#account = memoryAccount('a subscription', { limitBytes: BUFFER_BYTES, parent })
  }

  /** The contents at the start epoch. */
  start(at: SealedEpoch, contents: Batch | undefined): void {
    this.#progress(at.epoch, at.time)
    if (this.#options.snapshot && contents !== undefined) this.#add(at, contents)
    this.#progress(at.epoch + 1, at.time)
    this.#endAfter(at)
  }

  /** An epoch was sealed; `delta` is what it changed, `error` stands in the query or in what it reads. */
  sealed(at: SealedEpoch, delta: Batch | undefined, error: SqlError | undefined): void {
    if (this.#ended !== undefined) return
    if (error !== undefined) {
      this.#end(error)
      return
    }
    if (delta !== undefined && delta.length > 0) this.#add(at, delta)
    if (at.time - this.#lastProgress >= PROGRESS_MICROS) this.#progress(at.epoch + 1, at.time)
    this.#endAfter(at)
  }

  /** UP TO: ends when all epochs below it are out. */
  #endAfter(at: SealedEpoch): void {
    if (this.#options.upTo !== undefined && at.epoch + 1 >= this.#options.upTo) this.#end('complete')
  }

  /** Once a second: nothing below `epoch` can come any more. */
  tick(epoch: number, time: bigint): void {
    if (this.#ended === undefined && time - this.#lastProgress >= PROGRESS_MICROS) this.#progress(epoch, time)
  }

  /** The next rows; waits for them. Undefined at the end (UP TO, close). Valid until the next call. */
  async next(): Promise<Batch | undefined> {
    this.#held?.[Symbol.dispose]()
    this.#held = undefined
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) {
        this.#held = item.region
        return item.batch
      }
      if (this.#ended instanceof SqlError) throw this.#ended
      if (this.#ended !== undefined) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** At most `count` rows that are there now, without waiting: FETCH from a cursor. Valid until the next call. */
  async take(count: number): Promise<readonly Batch[]> {
    const [item] = this.#items
    if (item !== undefined && item.batch.length > count) {
      const rest = slice(item.batch, count, item.batch.length)
      this.#items[0] = { batch: rest, region: item.region }
      return [slice(item.batch, 0, count)]
    }
    if (item === undefined && this.#ended === undefined) return []
    const batch = await this.next()
    return batch === undefined ? [] : [batch]
  }

  /** Whoever waits for rows gets this instead. */
  cancel(reason: SqlError): void {
    this.#end(reason)
  }

  close(): void {
    this.#end('closed')
    for (const item of this.#items.splice(0)) item.region[Symbol.dispose]()
    this.#held?.[Symbol.dispose]()
    this.#held = undefined
  }

  #end(how: SqlError | 'closed' | 'complete'): void {
    this.#ended ??= how
    this.#wake?.()
  }

  #add(at: SealedEpoch, delta: Batch): void {
    const region = new Region(this.#account, ITEM_BLOCK_BYTES)
    try {
      this.#push(region, this.#rows(at, delta, region))
      this.#lastEpoch = at.epoch
    } catch (error) {
      region[Symbol.dispose]()
      if (!(error instanceof SqlError)) throw error
      this.#end(lagging(this.#lastEpoch))
    }
  }

  #rows(at: SealedEpoch, delta: Batch, region: Region): Batch {
    const { length } = delta
    const rows = region.i32(length)
    for (let i = 0; i < length; i++) rows[i] = i
    const sign: Column = i32Column(Int32Array.from({ length }, (_, i) => ((delta.weights?.[i] ?? 1) < 0 ? 0 : 1)))
    const keys = canonicalKeys(delta.columns.length).map((key) => ({ ...key, column: key.column + 1 }))
    sortRows([sign, ...delta.columns], [{ column: 0, descending: false, nullsFirst: false }, ...keys], rows, length)
    const gathered = gatherColumns(delta.columns, rows, length, region)
    const copied = copyOut([{ length, weights: undefined, columns: gathered }], region)
    const diff = region.i64(length)
    for (let i = 0; i < length; i++) diff[i] = BigInt(delta.weights?.[rows[i]!] ?? 1)
    const head = [i64Column(region.i64(length).fill(BigInt(at.epoch))), i64Column(region.i64(length).fill(at.time))]
    const progress = this.#options.progress ? [i32Column(region.i32(length).fill(0))] : []
    return { length, weights: undefined, columns: [...head, ...progress, i64Column(diff), ...copied.columns] }
  }

  #progress(epoch: number, time: bigint): void {
    this.#lastProgress = time
    if (!this.#options.progress) return
    const region = new Region(this.#account, ITEM_BLOCK_BYTES)
    const columns: Column[] = [
      i64Column(region.i64(1).fill(BigInt(epoch))),
      i64Column(region.i64(1).fill(time)),
      i32Column(region.i32(1).fill(1)),
      nullColumn('i64', 1, region),
      ...this.#columns.map((column) => nullColumn(column.physical.kind, 1, region)),
    ]
    this.#push(region, { length: 1, weights: undefined, columns })
  }

  #push(region: Region, batch: Batch): void {
    this.#items.push({ batch, region })
    this.#wake?.()
  }
}

/** P0L01. */
const lagging = (epoch: number): SqlError =>
  new SqlError({
    code: 'P0L01',
    message: 'subscription_lagging: the client did not read fast enough',
    detail: `The last complete epoch that was sent is ${epoch}.`,
    hint: 'Subscribe again; with a smaller query, or read faster.',
  })

/** All running subscriptions: the pump tells them of sealed epochs, the engine's timer of time. */
export class Subscriptions {
  readonly #running = new Set<Subscription>()

  add(subscription: Subscription): void {
    this.#running.add(subscription)
  }

  remove(subscription: Subscription): void {
    this.#running.delete(subscription)
  }

  sealed(at: SealedEpoch, unreadable: (reader: LiveSubscription) => SqlError | undefined): void {
    for (const subscription of this.#running) {
      const { reader } = subscription
      subscription.sealed(at, reader.delta[0], unreadable(reader))
    }
  }

  /** Ends those that cannot be read any more, because the catalog has changed. */
  catalogChanged(at: SealedEpoch, unreadable: (reader: LiveSubscription) => SqlError | undefined): void {
    for (const subscription of this.#running) {
      const error = unreadable(subscription.reader)
      if (error !== undefined) subscription.sealed(at, undefined, error)
    }
  }

  tick(epoch: number, time: bigint): void {
    for (const subscription of this.#running) subscription.tick(epoch, time)
  }

  get count(): number {
    return this.#running.size
  }
}
