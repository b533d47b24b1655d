// Plans the calls of an aggregate node: which states a group has, what changes them, and how results are read.
//
//   call ──► accumulator ops / feeds on a stream (shared where they are the same) ──► final ──► result state
//
// State 0 is the group's weight. Then accumulators, each once for equal (kind, argument, filter); then the results
// that are not themselves an accumulator, so that a view can be read from the group table.

import { assert, unreachable } from '../../core/assert.ts'
import { notSupported } from '../../core/error.ts'
import type { MemoryAccount } from '../../core/memory.ts'
import type { SortKey } from '../../core/primitives/compare.ts'
import type { ColumnDef, Schema } from '../../core/schema.ts'
import type { AggregateCall, AggregateNode } from '../../planner/physical.ts'
import type { KeyTable } from '../../storage/key-table.ts'
import { type OrderedIndex, orderedStates } from '../../storage/ordered-index.ts'
import { type FieldDef, fieldDef } from '../../storage/record-layout.ts'
import type { Expire } from '../cleaner.ts'
import { closure, type Environment } from '../expr/closures.ts'
import type { AccumulatorKind } from './accumulate.ts'
import { DistinctFeed } from './distinct-feed.ts'
import type { LinearResult } from './emit-code.ts'
import { OrderedFeed } from './ordered-feed.ts'
import { extremumResult, multisetResult } from './ordered-results.ts'
import { booleanResult, type Final, linearAverage, linearSum, stateResult, wideResult } from './results.ts'
import { newStream, type Seen, type Stream } from './stream.ts'
import { WideFeed, wideState } from './wide-feed.ts'
import type { SumDomain } from './wide-sum.ts'

const long: FieldDef = { kind: 'i64', nullable: false }
const wide: FieldDef = { kind: 'i128', nullable: false }

export interface PlannedCall {
  readonly final: Final
  /** State column that holds the result. */
  readonly state: number
  /** The state is an accumulator: nothing is to be written. */
  readonly isAccumulator: boolean
  /** A group's result may be an error. */
  readonly fails: boolean
  /** The same for the generated emit loop, where it can compute the result. */
  readonly linear: LinearResult | undefined
}

/** An ordered index that the group table must carry. */
export interface IndexPlan {
  readonly rootState: number
  readonly columns: readonly FieldDef[]
  readonly order: readonly SortKey[]
}

/** The group table and its indexes exist once all calls are planned. */
export interface Groups {
  readonly table: KeyTable
  readonly indexes: readonly OrderedIndex[]
}

/** Where a call's rows come from: columns of a stream with their definitions. */
interface Source {
  readonly stream: Stream
  readonly schema: Schema
  readonly insertOnly: boolean
  /** Names the source in keys. */
  readonly key: string
}

export interface CallContext {
  readonly env: Environment
  readonly account: MemoryAccount
  /** No row of the input is retracted. */
  readonly insertOnly: boolean
  readonly expire: Expire | undefined
  readonly groups: () => Groups
}

export class CallPlanner {
  readonly states: FieldDef[] = [long]
  readonly indexes: IndexPlan[] = []
  readonly input: Stream = newStream()
  readonly #plan: AggregateNode
  readonly #env: Environment
  readonly #account: MemoryAccount
  readonly #insertOnly: boolean
  readonly #expire: Expire | undefined
  readonly #groups: () => Groups
  readonly #accumulators = new Map<string, number>()
  readonly #distinct = new Map<string, DistinctFeed>()
  readonly #indexed = new Map<string, number>()

  constructor(plan: AggregateNode, { env, account, insertOnly, expire, groups }: CallContext) {
    this.#plan = plan
    this.#env = env
    this.#account = account
    this.#insertOnly = insertOnly
    this.#expire = expire
    this.#groups = groups
    this.input.ops.push({ kind: 'weight', column: undefined, others: [], filter: undefined, state: 0 })
  }

  call(call: AggregateCall, def: ColumnDef): PlannedCall {
    const { schema } = this.#plan.input
    const insertOnly = this.#insertOnly
    if (!call.distinct) return this.#result({ stream: this.input, schema, insertOnly, key: '' }, call, def)
    return this.#distinctCall(call, def)
  }

  /** A nullable state beside the accumulators: a result, or the group's error. */
  addState(field: FieldDef): number {
    this.states.push(field)
    return this.states.length - 1
  }

  #result(source: Source, call: AggregateCall, def: ColumnDef): PlannedCall {
    const { state } = call.function
    switch (state.kind) {
      case 'count':
        return this.#accumulator(this.#count(source, call))
      case 'sum':
      case 'avg':
        return this.#sum(source, call, state.kind, def)
      case 'bool': {
        const trues = this.#op(source, 'true', call.args[0], call.filter, long)
        const falses = this.#op(source, 'false', call.args[0], call.filter, long)
        return this.#written(def, booleanResult(state.of, trues, falses), false, (own) => ({
          ...{ kind: 'bool', state: own, of: state.of, trues, falses },
        }))
      }
      case 'extremum':
        return this.#extremum(source, call, state.direction, def)
      case 'multiset':
        return this.#written(def, this.#multiset(source, call, def), true)
      default:
        return unreachable(state)
    }
  }

  #written(def: ColumnDef, final: Final, fails: boolean, linear?: (state: number) => LinearResult): PlannedCall {
    const state = this.addState({ kind: def.physical.kind, nullable: true })
    return { final, state, isAccumulator: false, fails, linear: linear?.(state) }
  }

  #accumulator(state: number): PlannedCall {
    return { final: stateResult(state), state, isAccumulator: true, fails: false, linear: { kind: 'state', state } }
  }

  #op(
    source: Source,
    kind: AccumulatorKind,
    column: number | undefined,
    filter: number | undefined,
    field: FieldDef,
    others: readonly number[] = [],
  ): number {
    const key = `${source.key} ${kind} ${column} ${others.join()} ${filter}`
    const known = this.#accumulators.get(key)
    if (known !== undefined) return known
    const state = this.addState(field)
    this.#accumulators.set(key, state)
    source.stream.ops.push({ kind, column, others, filter, state })
    return state
  }

  /** Σ weights of the rows that are seen and whose arguments are not NULL. */
  #count(source: Source, call: AggregateCall): number {
    const [counted, ...others] = call.args.filter((column) => source.schema[column]!.nullable)
    if (source.key === '' && counted === undefined && call.filter === undefined) return 0
    return this.#op(source, counted === undefined ? 'weight' : 'count', counted, call.filter, long, others)
  }

  #sum(source: Source, call: AggregateCall, form: 'sum' | 'avg', def: ColumnDef): PlannedCall {
    const column = call.args[0]!
    const argument = source.schema[column]!
    const { physical, type } = argument
    const fixed = physical.kind === 'i32' || physical.kind === 'i64' || fitsTwoWords(argument)
    if (!fixed) return this.#written(def, this.#wideSum(source, call, form, def), type.kind === 'interval')
    const sum = this.#op(source, 'sum', column, call.filter, wide)
    const count = this.#count(source, call)
    const scale = type.kind === 'numeric' && 'scale' in physical ? (physical.scale ?? 0) : 0
    if (form === 'avg') return this.#written(def, linearAverage(sum, count, scale, def), false)
    const narrow = def.type.kind !== 'numeric'
    const sameForm = narrow || (def.physical.kind === 'i128' && def.physical.scale === scale)
    if (!narrow && sameForm && count === 0 && !this.#plan.global) return this.#accumulator(sum)
    const linear = (state: number): LinearResult => ({ kind: 'sum', state, sum, count, narrow })
    return this.#written(def, linearSum(sum, count, scale, def), narrow, sameForm ? linear : undefined)
  }

  #wideSum(source: Source, call: AggregateCall, form: 'sum' | 'avg', def: ColumnDef): Final {
    const column = call.args[0]!
    const argument = source.schema[column]!
    const key = `${source.key} wide ${column} ${call.filter}`
    let state = this.#accumulators.get(key)
    if (state === undefined) {
      state = this.addState(wideState)
      this.#accumulators.set(key, state)
      const options = { column, def: argument, seen: seenBy(call), state }
      source.stream.feeds.push(new WideFeed(() => this.#groups().table, options))
    }
    return wideResult(state, form, sumDomain(argument), def)
  }

  #extremum(source: Source, call: AggregateCall, direction: 'min' | 'max', def: ColumnDef): PlannedCall {
    const column = call.args[0]!
    const { physical } = source.schema[column]!
    if (source.insertOnly && physical.kind !== 'bytes') {
      const kind = direction === 'min' ? 'least' : 'greatest'
      return this.#accumulator(this.#op(source, kind, column, call.filter, { kind: physical.kind, nullable: true }))
    }
    const order = [{ column: 0, descending: false, nullsFirst: false }]
    const index = this.#index(source, [column], order, seenBy(call))
    return this.#written(def, extremumResult(index, direction === 'min' ? 'first' : 'last'), false)
  }

  #multiset(source: Source, call: AggregateCall, def: ColumnDef): Final {
    const { function: entry } = call
    assert(entry.state.kind === 'multiset', 'a multiset aggregate')
    const inGroup = entry.directArgs !== undefined
    const values = inGroup ? call.order.map((key) => key.column) : call.args
    const columns = [...new Set([...values, ...call.order.map((key) => key.column)])]
    const order = call.order.map((key) => ({ ...key, column: columns.indexOf(key.column) }))
    const seen = { filter: call.filter, notNull: entry.ignoresNulls ? values : [] }
    return multisetResult({
      index: this.#index(source, columns, order, seen),
      columns: values.map((column) => columns.indexOf(column)),
      defs: values.map((column) => source.schema[column]!),
      final: entry.state.final,
      context: { argTypes: call.argTypes, resultType: def.type, order: call.order, text: this.#env.context.text },
      direct: call.direct.map((argument) => closure(argument, this.#env)),
      groupKeys: this.#plan.groupKeys,
      def,
    })
  }

  /** The ordered values of some columns, shared by the calls that see the same rows. */
  #index(source: Source, columns: readonly number[], order: readonly SortKey[], seen: Seen): () => OrderedIndex {
    const key = JSON.stringify([source.key, columns, order, seen])
    let place = this.#indexed.get(key)
    if (place === undefined) {
      place = this.indexes.length
      this.#indexed.set(key, place)
      const rootState = this.states.length
      this.states.push(...orderedStates)
      this.indexes.push({ rootState, columns: columns.map((column) => fieldDef(source.schema[column]!)), order })
      const index = place
      const options = { columns, seen, insertOnly: source.insertOnly }
      source.stream.feeds.push(new OrderedFeed(() => this.#groups().indexes[index]!, options))
    }
    const index = place
    return () => this.#groups().indexes[index]!
  }

  /** A DISTINCT call is the plain call over the stream of distinct (group keys, arguments). */
  #distinctCall(call: AggregateCall, def: ColumnDef): PlannedCall {
    const { groupKeys, input } = this.#plan
    const argument = (column: number): number => {
      const place = call.args.indexOf(column)
      if (place < 0) throw notSupported('ORDER BY an expression that is no argument of a DISTINCT aggregate')
      return groupKeys.length + place
    }
    const seen = { filter: call.filter, notNull: call.function.ignoresNulls ? call.args : [] }
    const columns = [...groupKeys, ...call.args]
    const schema = columns.map((column) => input.schema[column]!)
    const key = JSON.stringify([call.args, seen])
    let feed = this.#distinct.get(key)
    if (feed === undefined) {
      feed = new DistinctFeed({
        groups: () => this.#groups().table,
        ...{
          columns,
          fields: schema.map(fieldDef),
          groupKeys: groupKeys.length,
          seen,
          account: this.#account,
          expire: this.#expire,
        },
      })
      this.#distinct.set(key, feed)
      this.input.feeds.unshift(feed)
    }
    const plain: AggregateCall = {
      ...call,
      args: call.args.map(argument),
      order: call.order.map((sort) => ({ ...sort, column: argument(sort.column) })),
      filter: undefined,
    }
    return this.#result(
      { stream: feed.stream, schema, insertOnly: this.#insertOnly, key: `distinct ${key}` },
      plain,
      def,
    )
  }
}

const seenBy = (call: AggregateCall): Seen => ({
  filter: call.filter,
  notNull: call.function.ignoresNulls ? call.args : [],
})

/** A NUMERIC of two words whose int64-weighted sums fit two words. */
const fitsTwoWords = ({ physical }: ColumnDef): boolean => physical.kind === 'i128' && physical.precision + 19 <= 38

function sumDomain({ type }: ColumnDef): SumDomain {
  if (type.kind === 'float4' || type.kind === 'float8' || type.kind === 'interval') return type.kind
  return 'numeric'
}
