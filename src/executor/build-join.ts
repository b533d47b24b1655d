// Joins as small dataflows around the inner join.
//
//   inner        Join(L, R)
//   left         Join(L, R) ∪ (unmatched L, NULLs)                     right, full: alike
//   unmatched    condition is equality alone: KeyFilter(L, keys of R)   counters per key
//                with a residual condition:   WeightFunction(L, Join(L, R) on L's columns): the left row's weight
//                                             where its pairs' weights sum to 0
//   semi, anti   the matched or unmatched part alone; mark: both, with the outcome as a column
//
// L and R are arranged once per (relation, key), whoever reads them. What is a stored relation, as it is or with other
// columns, is not arranged here but imported (imports.ts). One-shot: only what is read `after` is arranged.

import { assert } from '../core/assert.ts'
import type { MemoryAccount } from '../core/memory.ts'
import type { ColumnDef, Schema } from '../core/schema.ts'
import type { SqlValue } from '../core/value.ts'
import type { Cleaning } from '../planner/cleaning.ts'
import type { ColumnExpr, ConstantExpr, Expr } from '../planner/expr.ts'
import type { JoinNode, PhysicalPlan, ScanNode } from '../planner/physical.ts'
import { type Arrangement, createArrangement } from '../storage/arrangement.ts'
import { type ArrangementReader, readerOf } from '../storage/arrangement-reader.ts'
import { Cleaner, type Expire, expireBy } from './cleaner.ts'
import type { Environment } from './expr/closures.ts'
import { rowProgram } from './expr/program.ts'
import type { GraphBuilder, GraphNode } from './graph.ts'
import { type ImportedInput, type Importer, plainScan } from './imports.ts'
import { MatchCounters } from './match-counters.ts'
import { Arrange } from './operators/arrange.ts'
import { Join } from './operators/join.ts'
import { KeyFilter, type KeyFilterForm } from './operators/key-filter.ts'
import { MapRows } from './operators/map.ts'
import { Pass } from './operators/pass.ts'
import { WeightFunction } from './operators/weight-function.ts'

export interface JoinOptions {
  readonly env: Environment
  readonly account: MemoryAccount
  readonly oneShot: boolean
  readonly importer?: Importer | undefined
  readonly probed?: ((join: JoinNode) => ProbedSide | undefined) | undefined
}

/** A side of a one-shot join whose rows are looked up where they lie: nothing comes from it. */
export interface ProbedSide {
  readonly side: 'left' | 'right'
  readonly scan: ScanNode
  readonly reader: ArrangementReader
  /** Columns of the relation, in the order of the join's keys. */
  readonly keys: readonly number[]
}

/** The dataflow that is being built. */
export interface Inputs {
  readonly graph: GraphBuilder
  readonly imports: ImportedInput[]
  readonly cleaning: ReadonlyMap<PhysicalPlan, Cleaning>
  readonly cleaners: Cleaner[]
  node(plan: PhysicalPlan): GraphNode
  /** A further input, of this scan. */
  input(scan: ScanNode): GraphNode
}

type Key = JoinNode['keys'][number]

/** One input of a join: its rows, and which of the key pairs' columns are its own. */
interface Side {
  readonly plan: PhysicalPlan
  readonly schema: Schema
  readonly keys: readonly number[]
}

interface Arranged {
  readonly node: GraphNode
  readonly reader: ArrangementReader
  readonly imported: ImportedInput | undefined
  /** Of an arrangement that is cleaned by a key. */
  readonly cleaned: { readonly cleaner: Cleaner; readonly key: number } | undefined
}

export class JoinBuilder {
  readonly #inputs: Inputs
  readonly #graph: GraphBuilder
  readonly #options: JoinOptions
  readonly #arranged = new Map<string, Arranged>()

  constructor(inputs: Inputs, options: JoinOptions) {
    this.#inputs = inputs
    this.#graph = inputs.graph
    this.#options = options
  }

  build(plan: JoinNode): GraphNode {
    const left = { plan: plan.left, schema: plan.left.schema, keys: plan.keys.map((key) => key.left) }
    const right = { plan: plan.right, schema: plan.right.schema, keys: plan.keys.map((key) => key.right) }
    const probed = plan.type === 'inner' ? this.#options.probed?.(plan) : undefined
    if (probed !== undefined) return this.#looking(plan, { left, right }, probed)
    if (plan.type === 'inner') return this.#inner(plan, left, right)
    if (plan.type === 'semi' || plan.type === 'anti') return this.#filtered(plan, plan.type, left, right)
    if (plan.type === 'mark') return this.#marked(plan, left, right)
    const pairs = this.#inner(plan, left, right)
    const parts = [pairs]
    if (plan.type !== 'right') parts.push(this.#extended(plan, this.#unmatched(plan, left, right, pairs, 0), 0))
    if (plan.type !== 'left') parts.push(this.#extended(plan, this.#unmatched(plan, right, left, pairs, 1), 1))
    return this.#graph.add(new Pass(`Join ${plan.type}`, plan.schema), parts)
  }

  /** The pairs; with an other key list or residual where NULL rules need that. */
  #inner(plan: JoinNode, left: Side, right: Side, keys = plan.keys, residual = plan.residual): GraphNode {
    const { oneShot } = this.#options
    const own = (side: Side, columns: readonly number[]): Side => ({ ...side, keys: columns })
    const leftKeys = keys.map((key) => key.left)
    const rightKeys = keys.map((key) => key.right)
    const nullSafe = keys.map((key) => key.nullSafe)
    const arrangedLeft = this.#arrange(plan, own(left, leftKeys), nullSafe.includes(true))
    const arrangedRight = oneShot ? undefined : this.#arrange(plan, own(right, rightKeys), nullSafe.includes(true))
    // Both are there whole from the start of a lane: the pairs come from one of them.
    if (arrangedRight?.imported !== undefined && arrangedLeft.imported !== undefined)
      arrangedLeft.imported.bulk = 'scan'
    const join = this.#join({ left, right, keys, residual }, arrangedLeft.reader, arrangedRight?.reader)
    return this.#graph.add(join, [arrangedLeft.node, arrangedRight?.node ?? this.#inputs.node(right.plan)])
  }

  /** One side's rows are found by those of the other. */
  #looking(plan: JoinNode, sides: { readonly left: Side; readonly right: Side }, probed: ProbedSide): GraphNode {
    const { scan, reader, side } = probed
    const nothing = this.#graph.add(new Pass(`Look-up ${scan.name}`, sides[side].schema), [])
    const { keys, residual } = plan
    if (side === 'left')
      return this.#graph.add(this.#join({ ...sides, keys, residual }, reader, undefined), [
        nothing,
        this.#inputs.node(plan.right),
      ])
    const join = this.#join({ ...sides, keys, residual }, readerOf(undefined), reader)
    return this.#graph.add(join, [this.#inputs.node(plan.left), nothing])
  }

  #join(
    {
      left,
      right,
      keys,
      residual,
    }: Pick<JoinNode, 'keys' | 'residual'> & { readonly left: Side; readonly right: Side },
    leftReader: ArrangementReader,
    rightReader: ArrangementReader | undefined,
  ): Join {
    const nullSafe = keys.map((key) => key.nullSafe)
    const schema = pairSchema(left.schema, right.schema)
    const label = 'Join'
    const filter =
      residual === undefined
        ? undefined
        : rowProgram({ label, predicate: residual, columns: columnsOf(schema), schema }, this.#options.env, schema)
    return new Join(
      schema,
      {
        left: leftReader,
        rightKeys: { columns: keys.map((key) => key.right), nullSafe },
        right: rightReader,
        leftKeys: { columns: keys.map((key) => key.left), nullSafe },
        leftColumns: left.schema.length,
        rightColumns: right.schema.length,
      },
      filter,
    )
  }

  /** Rows of `own` without a match; `side` is where they stand in the pairs. */
  #unmatched(plan: JoinNode, own: Side, other: Side, pairs: GraphNode, side: 0 | 1): GraphNode {
    if (plan.residual === undefined)
      return this.#keyFilter(plan, own, other, { form: 'anti', schema: own.schema, nullAware: false })
    const from = side === 0 ? 0 : plan.left.schema.length
    return this.#byWeight(plan, own, [this.#project(pairs, own.schema, from)], 'Unmatched', ([row, matched]) =>
      matched === 0n ? row! : 0n,
    )
  }

  #filtered(plan: JoinNode, form: 'semi' | 'anti', left: Side, right: Side): GraphNode {
    const { schema, nullAware } = plan
    if (plan.residual === undefined) return this.#keyFilter(plan, left, right, { form, schema, nullAware })
    const matched = this.#project(this.#inner(plan, left, right), left.schema, 0)
    if (form === 'semi') return this.#byWeight(plan, left, [matched], 'Join semi', ([row, m]) => (m! > 0n ? row! : 0n))
    const inputs = plan.nullAware ? [matched, this.#nullPairs(plan, left, right)] : [matched]
    return this.#byWeight(plan, left, inputs, 'Join anti', ([row, ...pairs]) =>
      pairs.every((m) => m === 0n) ? row! : 0n,
    )
  }

  #marked(plan: JoinNode, left: Side, right: Side): GraphNode {
    const { schema, nullAware } = plan
    if (plan.residual === undefined) return this.#keyFilter(plan, left, right, { form: 'mark', schema, nullAware })
    const inputs = [this.#project(this.#inner(plan, left, right), left.schema, 0)]
    if (plan.nullAware) inputs.push(this.#nullPairs(plan, left, right))
    const part = (mark: boolean | null, weight: (weights: readonly bigint[]) => bigint): GraphNode =>
      this.#withColumn(plan, this.#byWeight(plan, left, inputs, `Join mark ${mark}`, weight), mark)
    const parts = [
      part(true, ([row, matched]) => (matched! > 0n ? row! : 0n)),
      part(false, ([row, ...pairs]) => (pairs.every((m) => m === 0n) ? row! : 0n)),
    ]
    if (plan.nullAware) parts.push(part(null, ([row, matched, nulls]) => (matched === 0n && nulls! > 0n ? row! : 0n)))
    return this.#graph.add(new Pass('Join mark', plan.schema), parts)
  }

  /** Left rows of the pairs in which the first key is NULL on either side: they make IN unknown. */
  #nullPairs(plan: JoinNode, left: Side, right: Side): GraphNode {
    const [first, ...others] = plan.keys as [Key, ...Key[]]
    const schema = pairSchema(left.schema, right.schema)
    const isNull = (index: number): Expr => ({
      ...boolean,
      kind: 'isNull',
      input: columnAt(schema, index),
      negated: false,
    })
    const unknown: Expr = {
      ...boolean,
      kind: 'or',
      args: [isNull(first.left), isNull(left.schema.length + first.right)],
    }
    const residual: Expr = { ...boolean, kind: 'and', args: [unknown, plan.residual!] }
    return this.#project(this.#inner(plan, left, right, others, residual), left.schema, 0)
  }

  #keyFilter(
    plan: JoinNode,
    own: Side,
    other: Side,
    { form, schema, nullAware }: { readonly form: KeyFilterForm; readonly schema: Schema; readonly nullAware: boolean },
  ): GraphNode {
    const { account, oneShot } = this.#options
    const nullSafe = plan.keys.map((key) => key.nullSafe)
    const storeNullKeys = nullSafe.includes(true)
    // What the other side imports last comes before what is imported here.
    const otherNode = this.#inputs.node(other.plan)
    const left = oneShot ? undefined : this.#arrange(plan, own, storeNullKeys)
    const byGroup = left && nullAware ? this.#byGroup(plan, own, left, storeNullKeys) : undefined
    if (left?.imported !== undefined) left.imported.bulk = 'last'
    const counters = new MatchCounters(
      { left: { columns: own.keys, nullSafe }, right: other.keys, rightSchema: other.schema, nullAware },
      account,
      this.#expire(plan, (key) => key),
    )
    const filter = new KeyFilter(
      schema,
      form,
      { left: left?.reader, leftByGroup: byGroup, nullSafe, leftColumns: own.schema.length },
      counters,
    )
    return this.#graph.add(filter, [left?.node ?? this.#inputs.node(own.plan), otherNode])
  }

  /** For tables that have the time of key pair `key` at `place(key)`. */
  #expire(plan: JoinNode, place: (key: number) => number): Expire | undefined {
    const cleaning = this.#inputs.cleaning.get(plan)
    if (cleaning?.key === undefined) return undefined
    return expireBy(plan, cleaning, place(cleaning.key), this.#inputs.cleaners)
  }

  #byWeight(
    plan: JoinNode,
    own: Side,
    inputs: readonly GraphNode[],
    label: string,
    weight: (weights: readonly bigint[]) => bigint,
  ): GraphNode {
    const form = { label, inputs: 1 + inputs.length, weight }
    const node = this.#inputs.node(own.plan)
    const expire = this.#expire(plan, (key) => own.keys[key]!)
    return this.#graph.add(new WeightFunction(own.schema, form, this.#options.account, expire), [node, ...inputs])
  }

  /** The columns from `from` on that make up `schema`. */
  #project(node: GraphNode, schema: Schema, from: number): GraphNode {
    const columns = schema.map((def, i): Expr => ({ ...typed(def), kind: 'column', index: from + i }))
    return this.#map(node, columns, schema)
  }

  /** Rows of one side with NULLs for the other. */
  #extended(plan: JoinNode, node: GraphNode, side: 0 | 1): GraphNode {
    const split = plan.left.schema.length
    const columns = plan.schema.map((def, i): Expr => {
      const mine = side === 0 ? i < split : i >= split
      if (!mine) return nullOf(def)
      return { ...typed(def), kind: 'column', index: side === 0 ? i : i - split }
    })
    return this.#map(node, columns, plan.schema)
  }

  #withColumn(plan: JoinNode, node: GraphNode, value: SqlValue): GraphNode {
    const last = plan.schema.length - 1
    const mark: ConstantExpr = { ...typed(plan.schema[last]!), kind: 'constant', value }
    return this.#map(node, [...columnsOf(plan.schema.slice(0, last)), mark], plan.schema)
  }

  #map(node: GraphNode, columns: readonly Expr[], schema: Schema): GraphNode {
    const program = rowProgram(
      { label: 'Map', predicate: undefined, columns, schema },
      this.#options.env,
      node.operator.schema,
    )
    return this.#graph.add(new MapRows(schema, program), [node])
  }

  /** Left rows by all keys but the first, besides `left`: what is imported has one input for both. */
  #byGroup(plan: JoinNode, own: Side, left: Arranged, storeNullKeys: boolean): ArrangementReader {
    const side = { ...own, keys: own.keys.slice(1) }
    if (left.imported === undefined) return this.#arrange(plan, side, storeNullKeys).reader
    const second = this.#wish(side, storeNullKeys)
    assert(second !== undefined, 'what is imported by one key can be imported by another')
    left.imported.readers.push(second.reader)
    return second.reader
  }

  /** An arrangement that several nodes read is cleaned by what all of them need. */
  #arrange(plan: JoinNode, side: Side, storeNullKeys: boolean): Arranged {
    const imported = this.#import(side, storeNullKeys)
    if (imported !== undefined) return imported
    const node = this.#inputs.node(side.plan)
    const key = `${node.id} ${side.keys.join()} ${storeNullKeys}`
    const cleaning = this.#inputs.cleaning.get(plan)
    const known = this.#arranged.get(key)
    if (known !== undefined) {
      known.cleaned?.cleaner.read(plan, known.cleaned.key === cleaning?.key ? cleaning : undefined)
      return known
    }
    const arrangement = createArrangement({
      label: `by (${side.keys.map((column) => side.schema[column]!.name).join(', ')})`,
      schema: side.schema,
      keys: side.keys,
      layout: 'rows',
      account: this.#options.account,
      storeNullKeys,
      expires: cleaning?.key,
    })
    const arrange = this.#graph.add(new Arrange(arrangement), [node])
    const cleaned = this.#cleaned(plan, cleaning, arrangement)
    const made = { node: arrange, reader: readerOf(arrangement), imported: undefined, cleaned }
    this.#arranged.set(key, made)
    return made
  }

  #cleaned(plan: JoinNode, cleaning: Cleaning | undefined, { expiry }: Arrangement): Arranged['cleaned'] {
    if (expiry === undefined || cleaning?.key === undefined) return undefined
    const cleaner = new Cleaner(expiry)
    cleaner.read(plan, cleaning)
    this.#inputs.cleaners.push(cleaner)
    return { cleaner, key: cleaning.key }
  }

  /** Every use has an input of its own: a lane feeds one and not the other. */
  #import(side: Side, storeNullKeys: boolean): Arranged | undefined {
    const wish = this.#wish(side, storeNullKeys)
    if (wish === undefined) return undefined
    const { scan, columns, reader } = wish
    const own: ScanNode = { ...scan, columns, schema: side.schema, uniqueKeys: [] }
    const imported: ImportedInput = { scan: own, readers: [reader], bulk: 'nothing' }
    this.#inputs.imports.push(imported)
    return { node: this.#inputs.input(own), reader, imported, cleaned: undefined }
  }

  #wish({ plan, keys }: Side, storeNullKeys: boolean) {
    const plain = plainScan(plan)
    if (plain === undefined) return undefined
    const { scan, columns } = plain
    const keyColumns = keys.map((key) => columns[key]!)
    const reader = this.#options.importer?.({ relation: scan.relation, columns, keys: keyColumns, storeNullKeys })
    return reader === undefined ? undefined : { scan, columns, reader }
  }
}

const boolean = { type: { kind: 'boolean' }, physical: { kind: 'i32' }, nullable: true } as const

const typed = ({ type, physical, nullable }: ColumnDef) => ({ type, physical, nullable })

const nullOf = (def: ColumnDef): ConstantExpr => ({ ...typed(def), kind: 'constant', value: null, nullable: true })

const columnAt = (schema: Schema, index: number): ColumnExpr => ({
  ...typed(schema[index]!),
  kind: 'column',
  index,
})

const columnsOf = (schema: Schema): readonly Expr[] => schema.map((_, index) => columnAt(schema, index))

const pairSchema = (left: Schema, right: Schema): Schema => [...left, ...right]
