// EMIT: when a view shows what it has computed (spec/windows-and-time.md §6).
//
//   CHANGES                  at once; retractions correct it
//   CHANGES EVERY d, AFTER d the whole view as of an earlier epoch: held back by the engine (engine/held-changes.ts)
//   ON WINDOW CLOSE          a row once it is final: CloseAt stands where a column has a frontier, and what lies above
//                            goes row by row
//   … AND CHANGES EVERY d    the whole view every d, and whenever rows become final
//
// A query whose rows never become final is refused, with the operator that is to blame.

import { SqlError } from '../core/error.ts'
import { type FrontierRule, frontierRules } from './frontiers.ts'
import type { PhysicalPlan } from './physical.ts'
import { closeAtNode } from './physical-build.ts'

/**
 * The plan whose output is the final rows of this one; with `panes` all rows, and it tells when some become final.
 * Throws 0A000 where none ever are.
 */
export function closeOnWindow(
  plan: PhysicalPlan,
  { panes, position }: { readonly panes: boolean; readonly position: number },
): PhysicalPlan {
  const rules = frontierRules(plan)
  for (const node of rules.keys())
    if (node.kind === 'scan' && node.timed.some((column) => !node.settled.includes(column)))
      throw lateApplied(node.name, position)
  const close = (node: PhysicalPlan): PhysicalPlan => {
    const timed = rules.get(node)!.flatMap((rule, column) => (rule === undefined ? [] : [column]))
    if (timed.length > 0) return closeAtNode(node, best(node, timed), panes)
    const insertOnly = !panes || node.insertOnly
    if (node.kind === 'map') return { ...node, input: close(node.input), insertOnly }
    if (node.kind === 'tableFunction') return { ...node, input: close(node.input), insertOnly }
    if (node.kind === 'unionAll') return { ...node, inputs: node.inputs.map(close), insertOnly }
    throw neverFinal(node, position)
  }
  /** A window's end tells more than its start: those of CUMULATE share theirs. */
  const best = (node: PhysicalPlan, timed: readonly number[]): number =>
    timed.find((column) => origin(node, rules.get(node)![column]!) !== 'start') ?? timed[0]!
  const origin = (node: PhysicalPlan, rule: FrontierRule): string => {
    if (rule.kind === 'bound') return rule.bound
    const inner = rule.kind === 'least' ? rule.of[0]! : rule
    if (inner.kind !== 'input') return 'other'
    const input = inputAt(node, inner.port)
    return origin(input, rules.get(input)![inner.column]!)
  }
  return close(plan)
}

function inputAt(node: PhysicalPlan, port: number): PhysicalPlan {
  if (node.kind === 'join' || node.kind === 'setOperation') return port === 0 ? node.left : node.right
  if (node.kind === 'unionAll') return node.inputs[port]!
  return (node as Extract<PhysicalPlan, { input: PhysicalPlan }>).input
}

/** A late change would alter what has closed: where it would go instead is not built. */
const lateApplied = (name: string, position: number): SqlError =>
  new SqlError({
    code: '0A000',
    message: `EMIT ON WINDOW CLOSE over "${name}", whose late rows are applied, is not supported`,
    hint: "Declare it WITH (late = 'divert'), or use EMIT CHANGES, which corrects itself.",
    position,
  })

/** What a query has to have for its rows to become final, said of the operator that stands in the way. */
function neverFinal(node: PhysicalPlan, position: number): SqlError {
  const [message, hint] = reason(node)
  return new SqlError({ code: '0A000', message: `EMIT ON WINDOW CLOSE: ${message}`, hint, position })
}

function reason(node: PhysicalPlan): readonly [message: string, hint: string] {
  switch (node.kind) {
    case 'scan':
      return [
        `"${node.name}" has no watermark, so none of its rows ever becomes final`,
        `Declare one: WATERMARK FOR column AS column - INTERVAL '5 seconds'; and select that column.`,
      ]
    case 'aggregate':
      return [
        'a GROUP BY without a window or time column never ends',
        'Group by window_start and window_end of a window over a column with a watermark.',
      ]
    case 'timeWindow':
      return [
        'the window is over a column without a watermark',
        'Declare WATERMARK FOR the time column in CREATE SOURCE or CREATE TABLE.',
      ]
    case 'join':
      return [
        'a join without equality of times on both sides can always find another partner',
        'Join on the bounds of windows, or bound the distance of two columns with watermarks.',
      ]
    case 'top':
      return [
        'ORDER BY … LIMIT over all time can always change',
        'Partition by window_start and window_end, or order by a column with a watermark.',
      ]
    case 'window':
      return [
        'window functions whose frames look ahead, or are not ordered by a column with a watermark, never settle',
        'Order by such a column, with a frame that ends at the current row, or partition by a window.',
      ]
    case 'temporalFilter':
      return ['a filter that compares with now() lets rows come and go at any time', 'Leave the condition out.']
    case 'distinct':
    case 'setOperation':
      return ['DISTINCT and set operations without a time column never end', 'Select a window bound or a time column.']
    default:
      return ['the query has no time column', 'Select from a relation with a watermark.']
  }
}
