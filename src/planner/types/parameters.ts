// The types of $1, $2 …: declared by the client, or deduced from the first place that asks for one.

import { type SqlType, sameType } from '../../core/type.ts'
import { inconsistentParameter, undeterminedParameter } from '../errors.ts'
import type { ParameterExpr } from '../expr.ts'
import { parameter } from '../expr-build.ts'

export class ParameterTypes {
  readonly #types: (SqlType | undefined)[]

  /** `undefined` or `unknown`: to be deduced. More parameters may occur than are declared. */
  constructor(declared: readonly (SqlType | undefined)[] = []) {
    this.#types = declared.map((type) => (type?.kind === 'unknown' ? undefined : type))
  }

  /** The parameter as it stands in the text; its type is `unknown` until something has asked for one. */
  use(index: number, position: number): ParameterExpr {
    while (this.#types.length <= index) this.#types.push(undefined)
    return parameter(index, this.#types[index] ?? { kind: 'unknown' }, position)
  }

  /** An untyped parameter in a place that wants `type`. Throws 42P08 where another place wanted another type. */
  resolve(expr: ParameterExpr, type: SqlType): ParameterExpr {
    const known = this.#types[expr.index]
    if (known !== undefined && !sameType(known, type)) {
      throw inconsistentParameter(expr.index, [known, type], expr.position)
    }
    this.#types[expr.index] = type
    return parameter(expr.index, type, expr.position)
  }

  /** All types, once the statement is bound. Throws 42P18 for one that nothing asked about. */
  all(): readonly SqlType[] {
    return this.#types.map((type, index) => {
      if (type === undefined) throw undeterminedParameter(index, undefined)
      return type
    })
  }
}
