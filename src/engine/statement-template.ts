// Point reads whose constants stand in the text, as the simple protocol brings them: texts that differ only in
// constants share one plan.
//
//   WHERE id = 4711 AND part = 'a'   →   the plan of  WHERE id = $1 AND part = $2,  with 4711 and 'a' for $1 and $2
//
// Exact because of what is asked of that plan: it is one look-up, and each constant is the value that one column is
// compared with, and nothing else: not a position in ORDER BY, not LIMIT, not part of a type. There a string is what
// an untyped parameter is, and a whole number equals a column of whole numbers whatever the width of either. What
// does not come out so, and a value that its type does not read, goes the usual way, which also words and places the
// errors.
//
// State: a session's templates by what their texts have in common, oldest first. A text is looked at more closely when
// it comes a second time.

import type { SqlType } from '../core/type.ts'
import type { SqlValue } from '../core/value.ts'
import { parse } from '../functions/text/text.ts'
import type { Query } from '../parser/ast.ts'
import { parseStatements } from '../parser/parse.ts'
import { type Literal, type Skeleton, skeletonOf } from '../parser/skeleton.ts'
import type { PlannedQuery } from '../planner/plan.ts'
import { planSelect } from './planning.ts'
import { pointScans } from './point-read.ts'
import type { StatementSession } from './statement-session.ts'
import { describe } from './statements/describe.ts'

export interface PointStatement {
  readonly query: Query
  readonly parameterTypes: readonly SqlType[]
  readonly parameters: readonly SqlValue[]
}

interface Template {
  readonly catalog: unknown
  readonly planKey: string
  /** Undefined: not to be answered so. */
  readonly point: { readonly query: Query; readonly types: readonly SqlType[] } | undefined
}

const TEMPLATES_MAX = 100
/** Longer texts are no point reads. */
const TEXT_LENGTH_MAX = 1000

export class StatementTemplates {
  readonly #templates = new Map<string, Template | 'seen'>()

  /** The text as a point read with parameters; undefined where it is none. Never throws. */
  find(session: StatementSession, text: string): PointStatement | undefined {
    const skeleton = text.length > TEXT_LENGTH_MAX ? undefined : skeletonOf(text)
    if (skeleton === undefined) return undefined
    const point = this.#template(session, skeleton)?.point
    if (point === undefined) return undefined
    const parameters = valuesOf(skeleton.literals, point.types, session)
    return parameters && { query: point.query, parameterTypes: point.types, parameters }
  }

  #template(session: StatementSession, skeleton: Skeleton): Template | undefined {
    const { key } = skeleton
    const before = this.#templates.get(key)
    const catalog = session.core.lookup
    const { planKey } = session
    if (before !== undefined && before !== 'seen' && before.catalog === catalog && before.planKey === planKey)
      return before
    this.#templates.delete(key)
    if (this.#templates.size >= TEMPLATES_MAX) this.#templates.delete(this.#templates.keys().next().value!)
    const now = before === undefined ? 'seen' : { catalog, planKey, point: pointOf(session, skeleton) }
    this.#templates.set(key, now)
    return now === 'seen' ? undefined : now
  }
}

function pointOf(session: StatementSession, { text, literals }: Skeleton): Template['point'] {
  try {
    const [parsed, another] = parseStatements(text)
    if (parsed?.statement.kind !== 'query' || another !== undefined) return undefined
    const query = parsed.statement
    const types = describe(session, query, text, []).parameterTypes
    return isPointRead(planSelect(session, query, { types }), literals) ? { query, types } : undefined
  } catch {
    return undefined // it is an error without its constants, or with them: the usual way finds out
  }
}

/** Every literal is what one column is compared with. */
function isPointRead(plan: PlannedQuery, literals: readonly Literal[]): boolean {
  const { direct, scans } = pointScans(plan.physical)
  if (direct === undefined || plan.needsValues || plan.limit !== undefined || plan.order.length > 0) return false
  const compared = new Set<number>()
  for (const { type, value } of scans.get(direct.scan) ?? []) {
    if (value.kind !== 'parameter') continue
    const whole = type.kind === 'int2' || type.kind === 'int4' || type.kind === 'int8'
    if (literals[value.index]?.kind === 'integer' && !whole) return false
    compared.add(value.index)
  }
  return compared.size === literals.length
}

function valuesOf(
  literals: readonly Literal[],
  types: readonly SqlType[],
  session: StatementSession,
): readonly SqlValue[] | undefined {
  const settings = session.textSettings()
  try {
    return literals.map(({ text }, i) => parse(types[i]!, text, settings))
  } catch {
    return undefined // refused with its place in the text, on the usual way
  }
}
