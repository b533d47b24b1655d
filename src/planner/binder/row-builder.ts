// A projection under construction: expressions get places, each expression once.

import type { Expr } from '../expr.ts'
import { sameExpr } from '../expr-walk.ts'
import type { LogicalPlan } from '../logical.ts'
import { columnOf, extend, project } from '../plan-build.ts'

export class RowBuilder {
  readonly #columns: Expr[]
  readonly #kept: number

  /** With `keep` the row begins with all columns of this plan. */
  constructor(keep?: LogicalPlan) {
    this.#columns = keep === undefined ? [] : keep.schema.map((_, i) => columnOf(keep.schema, i))
    this.#kept = this.#columns.length
  }

  /** The place of the expression in the row. */
  place(expr: Expr): number {
    const found = this.#columns.findIndex((one) => sameExpr(one, expr))
    return found >= 0 ? found : this.#columns.push(expr) - 1
  }

  get width(): number {
    return this.#columns.length
  }

  /** The projection over `input`; the input itself where its columns were kept and nothing was added. */
  over(input: LogicalPlan): LogicalPlan {
    return this.#kept > 0 ? extend(input, this.#columns.slice(this.#kept)) : project(input, this.#columns)
  }
}
