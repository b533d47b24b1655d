// Parsed texts and plans, kept for the next time the same is asked: a statement that comes again is neither parsed nor
// planned.
//
// State: the trees of recent texts, least recently used first; plans by tree, and by all that a plan depends on beside
// it: catalog version (the look-up object), search path and text settings, user, declared parameter types. A plan that
// read the clock ('now' as a literal) or a parameter's value (LIMIT $1) is not kept.

import type { SqlType } from '../core/type.ts'
import { typeName } from '../core/type-name.ts'
import type { SqlValue } from '../core/value.ts'
import type { Statement } from '../parser/ast-statement.ts'
import { type ParsedStatement, parseStatements } from '../parser/parse.ts'
import type { PlanOptions } from '../planner/plan.ts'

const TEXTS_MAX = 500
/** Longer texts (bulk INSERTs, say) hardly come again. */
const TEXT_LENGTH_MAX = 4096
/** Plans of one text for different settings or parameter types. */
const PLANS_MAX = 8

interface Kept {
  readonly catalog: PlanOptions['catalog']
  readonly plans: Map<string, unknown>
  /** What was asked for last: mostly the same is asked for again, with the same objects. */
  last: { readonly settings: string; readonly types: PlanOptions['parameterTypes']; readonly plan: unknown } | undefined
}

export class StatementCache {
  readonly #texts = new Map<string, readonly ParsedStatement[]>()
  readonly #plans = new WeakMap<Statement, Kept>()

  /** Is a text of this length parsed once only? */
  keeps(text: string): boolean {
    return text.length <= TEXT_LENGTH_MAX
  }

  parse(text: string): readonly ParsedStatement[] {
    const known = this.#texts.get(text)
    if (known !== undefined) {
      this.#texts.delete(text)
      this.#texts.set(text, known)
      return known
    }
    const statements = parseStatements(text)
    if (!this.keeps(text)) return statements
    if (this.#texts.size >= TEXTS_MAX) this.#texts.delete(this.#texts.keys().next().value!)
    this.#texts.set(text, statements)
    return statements
  }

  /** The plan of this statement, if it is kept; `settings`: what of the session it may depend on, as text. */
  planned(
    statement: Statement,
    settings: string,
    { catalog, types }: { catalog: PlanOptions['catalog']; types: PlanOptions['parameterTypes'] },
  ): unknown {
    const kept = this.#plans.get(statement)
    if (kept?.catalog !== catalog) return undefined
    const { last } = kept
    if (last !== undefined && last.settings === settings && last.types === types) return last.plan
    const plan = kept.plans.get(keyOf(settings, types))
    if (plan !== undefined) kept.last = { settings, types, plan }
    return plan
  }

  /** Plans it with `make`, and keeps the plan where it may be kept. */
  plan<Plan extends { readonly needsValues: boolean }>(
    statement: Statement,
    settings: string,
    options: PlanOptions,
    make: (options: PlanOptions) => Plan,
  ): Plan {
    const plans = this.#plansOf(statement, options.catalog)
    const noted = withoutValues(options)
    const plan = make(noted.options)
    if (plan.needsValues && options.parameterValues !== undefined) return make(options)
    if (noted.readClock() || plan.needsValues) return plan
    if (plans.size >= PLANS_MAX) plans.clear()
    plans.set(keyOf(settings, options.parameterTypes), plan)
    return plan
  }

  #plansOf(statement: Statement, catalog: PlanOptions['catalog']): Map<string, unknown> {
    const kept = this.#plans.get(statement)
    if (kept?.catalog === catalog) return kept.plans
    const plans = new Map<string, unknown>()
    this.#plans.set(statement, { catalog, plans, last: undefined })
    return plans
  }
}

const keyOf = (settings: string, types: PlanOptions['parameterTypes']): string => `${settings}\n${typesKey(types)}`

const typesKey = (types: readonly (SqlType | undefined)[] | undefined): string =>
  types === undefined || types.length === 0
    ? ''
    : types.map((type) => (type === undefined ? '' : typeName(type))).join(',')

/** The same without parameters' values, and whether the clock was read meanwhile. */
function withoutValues(options: PlanOptions): { readonly options: PlanOptions; readonly readClock: () => boolean } {
  const { now } = options.text
  let read = false
  const noting = (): bigint => {
    read = true
    return now()
  }
  const values: readonly SqlValue[] | undefined = undefined
  return {
    options: { ...options, parameterValues: values, text: { ...options.text, now: noting } },
    readClock: () => read,
  }
}
