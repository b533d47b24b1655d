// Which scans of a plan can be answered by look-up instead: those under a filter with `column = value` for every column
// of the relation's key, the values being constants and parameters.
//
//   map (predicate id = $1 AND v > 3) → scan t      the one row with that key is read; the predicate stays in place
//   map (predicate id = $1), plain columns → scan   the row is the answer: no dataflow at all (a point plan)
//
// A scan that several nodes share is left alone. Analysed once a plan.

import type { SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import type { Expr } from '../planner/expr.ts'
import type { JoinNode, MapNode, PhysicalPlan, ScanNode } from '../planner/physical.ts'
import type { Reads } from './reads.ts'

/** `column` of the relation equals `value`. */
export interface Equality {
  readonly column: number
  readonly type: SqlType
  readonly value: Expr
}

export interface PointScans {
  readonly scans: ReadonlyMap<ScanNode, readonly Equality[]>
  /** Every scan of the plan; several nodes may read one relation. */
  readonly all: readonly ScanNode[]
  /** Its inner joins with key columns. */
  readonly joins: readonly JoinNode[]
  /** The whole plan is one look-up: which of the relation's columns are the result, if its equalities are its key. */
  readonly direct: { readonly scan: ScanNode; readonly columns: readonly number[] } | undefined
}

const known = new WeakMap<PhysicalPlan, PointScans>()

export function pointScans(plan: PhysicalPlan): PointScans {
  const before = known.get(plan)
  if (before !== undefined) return before
  const parents = new Map<PhysicalPlan, PhysicalPlan[]>()
  collectParents(plan, parents)
  const all = [...parents.keys(), plan].filter((node) => node.kind === 'scan')
  const scans = new Map<ScanNode, readonly Equality[]>()
  for (const scan of all) {
    const [parent, ...others] = parents.get(scan) ?? []
    if (parent?.kind !== 'map' || parent.predicate === undefined || others.length > 0) continue
    const equalities = conjuncts(parent.predicate).flatMap((expr) => equalityOf(expr, scan) ?? [])
    if (equalities.length > 0) scans.set(scan, equalities)
  }
  const joins = [...parents.keys(), plan].filter((node) => node.kind === 'join').filter(isKeyed)
  const found = { scans, all, joins, direct: plan.kind === 'map' ? directOf(plan, scans) : undefined }
  known.set(plan, found)
  return found
}

const isKeyed = ({ type, keys }: JoinNode): boolean => type === 'inner' && keys.length > 0

/** Columns with known values by which the relation's rows are found. */
export const lookUpKey = (
  reads: Reads,
  { relation }: ScanNode,
  equalities: readonly Equality[],
  columns: readonly number[],
) =>
  equalities.length === 0
    ? undefined
    : reads.key(
        relation,
        equalities.map(({ column }) => column),
        columns,
      )

/** The values of `key`, in its order, as they are stored; 'none': no row can have them; undefined: not all known. */
export function keyValues(
  equalities: readonly Equality[],
  key: readonly number[],
  parameters: readonly SqlValue[],
): readonly SqlValue[] | 'none' | undefined {
  const values: SqlValue[] = []
  let none = false
  for (const column of key) {
    const equality = equalities.find((one) => one.column === column)
    if (equality === undefined) return undefined
    const { value: expr } = equality
    const given = expr.kind === 'constant' ? expr.value : expr.kind === 'parameter' ? parameters[expr.index] : undefined
    if (given === undefined) return undefined
    const value = given === null ? undefined : stored(given, equality.type)
    if (value === undefined) none = true
    else values.push(value)
  }
  return none ? 'none' : values
}

function collectParents(plan: PhysicalPlan, parents: Map<PhysicalPlan, PhysicalPlan[]>): void {
  for (const input of inputsOf(plan)) {
    const seen = parents.get(input)
    if (seen === undefined) {
      parents.set(input, [plan])
      collectParents(input, parents)
    } else seen.push(plan)
  }
}

function inputsOf(plan: PhysicalPlan): readonly PhysicalPlan[] {
  if ('inputs' in plan) return plan.inputs
  if ('left' in plan) return [plan.left, plan.right]
  return 'input' in plan ? [plan.input] : []
}

const conjuncts = (expr: Expr): readonly Expr[] => (expr.kind === 'and' ? expr.args.flatMap(conjuncts) : [expr])

function equalityOf(expr: Expr, scan: ScanNode): Equality | undefined {
  if (expr.kind !== 'call' || expr.function.name !== '=' || expr.args.length !== 2) return undefined
  const [left, right] = expr.args.map(relabelled) as [Expr, Expr]
  const [column, value] = left.kind === 'column' ? [left, right] : [right, left]
  if (column.kind !== 'column' || (value.kind !== 'constant' && value.kind !== 'parameter')) return undefined
  const family = families[column.type.kind]
  if (family === undefined || family !== families[value.type.kind]) return undefined
  return { column: scan.columns[column.index]!, type: column.type, value }
}

/** text ↔ varchar: the same values under another name. */
const relabelled = (expr: Expr): Expr => (expr.kind === 'cast' && expr.cast === undefined ? expr.input : expr)

/** Types whose `=` is equality of keys; those of one family compare with each other as they stand. */
const families: Readonly<Record<string, string>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  text: 'text',
  varchar: 'text',
  boolean: 'boolean',
  uuid: 'uuid',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
}

const INT4_MAX = 2_147_483_647

/** An integer as a column of the type holds it; undefined where it cannot hold it. */
function stored(value: SqlValue, type: SqlType): SqlValue | undefined {
  if (families[type.kind] !== 'integer') return value
  if (type.kind === 'int8') return BigInt(value as number | bigint)
  const number = Number(value)
  const limit = type.kind === 'int2' ? 32_767 : INT4_MAX
  return number > limit || number < -limit - 1 ? undefined : number
}

function directOf(plan: MapNode, scans: ReadonlyMap<ScanNode, readonly Equality[]>): PointScans['direct'] {
  const { input, predicate } = plan
  if (input.kind !== 'scan' || predicate === undefined) return undefined
  const equalities = scans.get(input) ?? []
  const whole = conjuncts(predicate).length === equalities.length
  const different = new Set(equalities.map((one) => one.column)).size === equalities.length
  if (!whole || !different || equalities.length === 0) return undefined
  const columns: number[] = []
  for (const expr of plan.columns) {
    if (expr.kind !== 'column') return undefined
    columns.push(input.columns[expr.index]!)
  }
  return { scan: input, columns }
}
