// Aggregates over frames: values enter and leave as the frame slides; what cannot be taken back starts anew.
//
// Counts and exact sums are taken back with weight −1, so tree shape and order cannot matter (operators spec §6.1).

import { assert, unreachable } from '../../core/assert.ts'
import { outOfRange } from '../../core/error.ts'
import { compareSql } from '../../core/order.ts'
import { numeric, type SqlValue } from '../../core/value.ts'
import type { AggregateFunction } from '../../functions/registry.ts'
import type { WindowCall } from '../../planner/physical.ts'
import { addToSum, averageResult, emptySum, type SumDomain, sumResult } from '../aggregate/wide-sum.ts'
import type { Environment } from '../expr/closures.ts'

/** The aggregate of the argument rows that are in. */
export interface Fold {
  add(values: readonly SqlValue[]): void
  /** Absent: a value cannot be taken back. */
  remove?(values: readonly SqlValue[]): void
  result(): SqlValue
}

/** An empty fold for the call; rows that the aggregate does not see are filtered before. */
export function foldOf(call: WindowCall, entry: AggregateFunction, env: Environment): Fold {
  const { state } = entry
  switch (state.kind) {
    case 'count':
      return counting(
        (count) => count,
        () => true,
      )
    case 'sum':
    case 'avg':
      return summing(call, state.kind)
    case 'extremum':
      return extremum(call, state.direction === 'min' ? 1 : -1)
    case 'bool':
      return booleans(state.of)
    case 'multiset': {
      const rows: (readonly SqlValue[])[] = []
      return {
        add: (values) => rows.push(values),
        result: () =>
          state.final(
            rows.map((values) => ({ values, weight: 1n })),
            [],
            { argTypes: call.argTypes, resultType: call.resultType, order: [], text: env.context.text },
          ),
      }
    }
    default:
      return unreachable(state)
  }
}

function counting(result: (count: bigint) => SqlValue, counts: (values: readonly SqlValue[]) => boolean): Fold {
  let count = 0n
  return {
    add: (values) => {
      if (counts(values)) count++
    },
    remove: (values) => {
      if (counts(values)) count--
    },
    result: () => result(count),
  }
}

function summing({ argTypes, resultType }: WindowCall, form: 'sum' | 'avg'): Fold {
  const [type] = argTypes
  assert(type !== undefined, 'a sum of something')
  const whole = type.kind === 'int2' || type.kind === 'int4' || type.kind === 'int8'
  const domain: SumDomain =
    type.kind === 'float4' || type.kind === 'float8' || type.kind === 'interval' ? type.kind : 'numeric'
  const sum = emptySum()
  const change = (value: SqlValue, weight: bigint) =>
    addToSum(sum, whole ? numeric(BigInt(value as number | bigint)) : value, weight)
  return {
    add: ([value]) => change(value!, 1n),
    remove: ([value]) => change(value!, -1n),
    result: () => {
      const result = form === 'sum' ? sumResult(sum, domain) : averageResult(sum, domain)
      return resultType.kind === 'int8' ? asBigint(result) : result
    },
  }
}

function asBigint(value: SqlValue): SqlValue {
  if (value === null) return null
  const { digits } = value as { readonly digits: bigint }
  if (BigInt.asIntN(64, digits) !== digits) throw outOfRange('bigint')
  return digits
}

function extremum({ argTypes }: WindowCall, sign: 1 | -1): Fold {
  const type = argTypes[0]!
  let best: SqlValue = null
  return {
    add: ([value]) => {
      if (best === null || sign * compareSql(type, value!, best) < 0) best = value!
    },
    result: () => best,
  }
}

function booleans(of: 'and' | 'or'): Fold {
  let [trues, falses] = [0, 0]
  const change = (value: SqlValue, by: 1 | -1) => {
    if (value === true) trues += by
    else falses += by
  }
  return {
    add: ([value]) => change(value!, 1),
    remove: ([value]) => change(value!, -1),
    result: () => (trues + falses === 0 ? null : of === 'and' ? falses === 0 : trues > 0),
  }
}
