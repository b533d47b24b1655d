// Aggregates by definition: every group's rows, each copy apart, folded with exact arithmetic of rationals and BigInts.

import { outOfRange } from '../../src/core/error.ts'
import { compareSql } from '../../src/core/order.ts'
import type { Schema } from '../../src/core/schema.ts'
import { type Numeric, numeric, type SqlValue } from '../../src/core/value.ts'
import { divide } from '../../src/functions/arithmetic/numeric.ts'
import { defaultTextSettings } from '../../src/functions/text/settings.ts'
import type { AggregateCall, AggregateNode } from '../../src/planner/physical.ts'
import { attempt, evaluated, type Fail, orderedCopies, partitions } from './oracle-common.ts'
import { type Row, rowText, ZSet } from './zset.ts'

export function aggregateRows(plan: AggregateNode, input: ZSet, fail: Fail): ZSet {
  const groups = partitions(input, plan.groupKeys)
  if (plan.global && groups.size === 0) groups.set('', [])
  const result = new ZSet()
  for (const rows of groups.values()) {
    const keys = plan.groupKeys.map((column) => rows[0]![0][column]!)
    // The first failing call decides the group's error, as in the operator.
    const values = attempt(1, fail, () => plan.calls.map((call, i) => callValue(plan, call, i, rows)))
    if (values !== undefined) result.add([...keys, ...values], 1)
  }
  return result
}

function callValue(
  plan: AggregateNode,
  call: AggregateCall,
  index: number,
  rows: readonly (readonly [Row, number])[],
): SqlValue {
  const { schema } = plan.input
  const { state, ignoresNulls, directArgs } = call.function
  const values = directArgs === undefined ? call.args : call.order.map((key) => key.column)
  let seen = rows.filter(([row]) => call.filter === undefined || row[call.filter] === true)
  if (ignoresNulls) seen = seen.filter(([row]) => values.every((column) => row[column] !== null))
  if (call.distinct) {
    const once = new Map(seen.map(([row]) => [rowText(values.map((column) => row[column]!)), row]))
    seen = [...once.values()].map((row) => [row, 1] as const)
  }
  const def = plan.schema[plan.groupKeys.length + index]!
  if (state.kind === 'multiset') {
    const columns = [...new Set([...values, ...call.order.map((key) => key.column)])]
    const subset = columns.map((column) => schema[column]!)
    const order = call.order.map((key) => ({ ...key, column: columns.indexOf(key.column) }))
    const merged = ZSet.of(seen.map(([row, weight]) => [columns.map((column) => row[column]!), weight] as const))
    const copies = orderedCopies(subset, merged.rows, order)
    const weighted = copies.map((row) => ({
      values: values.map((column) => row[columns.indexOf(column)]!),
      weight: 1n,
    }))
    const direct = call.direct.map((expr) => evaluated(expr, schema, rows[0]?.[0] ?? schema.map(() => null)))
    const text = defaultTextSettings(() => 0n)
    return state.final(weighted, direct, { argTypes: call.argTypes, resultType: def.type, order: call.order, text })
  }
  const copies = seen.flatMap(([row, weight]) => new Array<SqlValue>(weight).fill(row[values[0] ?? 0] ?? null))
  return fold(state.kind, call, copies, def, schema)
}

function fold(
  kind: 'count' | 'sum' | 'avg' | 'extremum' | 'bool',
  call: AggregateCall,
  values: readonly SqlValue[],
  def: Schema[number],
  schema: Schema,
): SqlValue {
  const { state } = call.function
  if (kind === 'count') return BigInt(values.length)
  if (values.length === 0) return null
  if (state.kind === 'bool')
    return state.of === 'and' ? values.every((value) => value === true) : values.some((value) => value === true)
  if (state.kind === 'extremum') {
    const { type } = schema[call.args[0]!]!
    const sign = state.direction === 'min' ? 1 : -1
    return values.reduce((best, value) => (sign * compareSql(type, value, best) < 0 ? value : best))
  }
  return kind === 'sum' ? sumOf(values, def) : averageOf(values, call.argTypes[0]!.kind === 'float8')
}

function sumOf(values: readonly SqlValue[], def: Schema[number]): SqlValue {
  if (def.type.kind === 'float8') return (values as number[]).reduce((a, b) => a + b, 0)
  if (def.type.kind === 'numeric') {
    const scale = def.physical.kind === 'i128' ? def.physical.scale : Math.max(...values.map(scaleOf))
    return numeric(
      values.reduce((sum: bigint, value) => sum + digitsAt(value, scale), 0n),
      scale,
    )
  }
  const total = (values as (number | bigint)[]).reduce((sum: bigint, value) => sum + BigInt(value), 0n)
  if (BigInt.asIntN(64, total) !== total) throw outOfRange('bigint')
  return total
}

const scaleOf = (value: SqlValue): number => (typeof value === 'object' ? (value as Numeric).scale : 0)

const digitsAt = (value: SqlValue, scale: number): bigint =>
  typeof value === 'object'
    ? (value as Numeric).digits * 10n ** BigInt(scale - (value as Numeric).scale)
    : BigInt(value as bigint) * 10n ** BigInt(scale)

/** Only for values whose mean has an exact short form: the tests of `quotient` say the rest. */
function averageOf(values: readonly SqlValue[], isFloat: boolean): SqlValue {
  if (isFloat) return (values as number[]).reduce((a, b) => a + b, 0) / values.length
  return divide(
    numeric(values.reduce((sum: bigint, value) => sum + digitsAt(value, 0), 0n)),
    numeric(BigInt(values.length)),
  )
}
