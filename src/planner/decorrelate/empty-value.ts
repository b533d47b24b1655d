// What an aggregate gives for no rows, where the group was left out: COUNT 0, most others NULL (operators spec §7.5).

import type { SqlValue } from '../../core/value.ts'
import type { TextSettings } from '../../functions/text/settings.ts'
import { evaluateConstant } from '../evaluate.ts'
import type { Expr } from '../expr.ts'
import { coalesce, constant } from '../expr-build.ts'
import type { LogicalCall } from '../logical.ts'

/** `result` is the call's column, NULL for a group that is not there. */
export function emptyValue(call: LogicalCall, result: Expr, text: TextSettings): Expr {
  const value = valueOfNothing(call, text)
  return value === null
    ? result
    : coalesce([result, { ...constant(call.type, value), physical: result.physical }], call.type)
}

function valueOfNothing(call: LogicalCall, text: TextSettings): SqlValue {
  const { state } = call.function
  if (state.kind === 'count') return 0n
  if (state.kind !== 'multiset') return null
  const direct = call.direct.map((expr) => evaluateConstant(expr, { text }) ?? null)
  return state.final([], direct, { argTypes: [], resultType: call.type, order: call.order, text })
}
