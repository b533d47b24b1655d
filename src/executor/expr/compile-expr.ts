// One expression as straight-line code over typed locals, for one row. Undefined where some part has no code: the
// caller then calls the expression's closure for the value (compile.ts).
//
// Agreement   value, NULL and failure are those of closures.ts. A failing row stops the loop with its index; closures
//             then do it again and raise the error. Lazy parts are in blocks that are entered only where the closure
//             would.
// Sharing     a node that occurs twice (the same object) is computed once, where its first use dominates the second.

import { type ColumnShape, columnCode } from '../../core/codegen.ts'
import { columnFromValues } from '../../core/convert.ts'
import { memoryAccount } from '../../core/memory.ts'
import { Region } from '../../core/region.ts'
import type { Physical } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { ScalarFunction } from '../../functions/registry.ts'
import type {
  CallExpr,
  CaseExpr,
  CastExpr,
  CoalesceExpr,
  ColumnExpr,
  DistinctFromExpr,
  Expr,
  GreatestExpr,
  InListExpr,
} from '../../planner/expr.ts'
import { type Environment, knownConstant } from './closures.ts'
import type { CodeText } from './code-text.ts'
import { assign, declare, isFalse, isTrue, type Operand, snippet, strictSnippet, type Typed } from './operand.ts'

export interface RowLayout {
  /** Shape of each input column in this variant; only used ones are read. */
  readonly shapes: readonly ColumnShape[]
}

/** Gives the code of an expression by other means (dictionary tables); undefined: none. */
export type Special = (expr: Expr) => Operand | undefined

export class ExprCompiler {
  readonly #code: CodeText
  readonly #layout: RowLayout
  readonly #env: Environment
  readonly #special: Special
  readonly #loaded = new Set<number>()
  /** Innermost scope last: what is computed there, by expression. */
  readonly #scopes: Map<Expr, Operand>[] = [new Map()]

  constructor(code: CodeText, layout: RowLayout, env: Environment, special: Special) {
    this.#code = code
    this.#layout = layout
    this.#env = env
    this.#special = special
  }

  /** Code for the expression; what was written for one that has no code is taken back. */
  operand(expr: Expr): Operand | undefined {
    for (const scope of this.#scopes) {
      const known = scope.get(expr)
      if (known !== undefined) return known
    }
    const depth = this.#scopes.length
    this.#scopes.push(new Map())
    const made = this.#code.attempt(() => this.#special(expr) ?? this.#write(expr))
    const inner = this.#scopes[depth]!
    this.#scopes.length = depth
    if (made === undefined) return undefined
    const scope = this.#scopes[depth - 1]!
    for (const [shared, operand] of inner) scope.set(shared, operand)
    scope.set(expr, made)
    return made
  }

  /** A block whose computations are not visible after it. */
  #block<T>(write: () => T | undefined): T | undefined {
    const depth = this.#scopes.length
    this.#scopes.push(new Map())
    const result = write()
    this.#scopes.length = depth
    return result
  }

  #write(expr: Expr): Operand | undefined {
    switch (expr.kind) {
      case 'column':
        return this.#column(expr)
      case 'constant':
      case 'parameter':
        return this.#constant(expr, knownConstant(expr, this.#env)!)
      case 'call':
        return this.#call(expr)
      case 'cast':
        return this.#cast(expr)
      case 'and':
        return this.#conjunction(expr, expr.args, false)
      case 'or':
        return this.#conjunction(expr, expr.args, true)
      case 'not': {
        const input = this.operand(expr.input)
        return input && { ...input, name: this.#code.local(`${input.name} === 0 ? 1 : 0`) }
      }
      case 'isNull': {
        if (expr.input.type.kind === 'row') return undefined
        const input = this.operand(expr.input)
        return input && this.#boolean(expr, `(${input.isNull ?? 'false'}) !== ${expr.negated}`)
      }
      case 'isTruth': {
        const input = this.operand(expr.input)
        if (input === undefined) return undefined
        const holds = expr.of === null ? (input.isNull ?? 'false') : expr.of ? isTrue(input) : isFalse(input)
        return this.#boolean(expr, `(${holds}) !== ${expr.negated}`)
      }
      case 'distinctFrom':
        return this.#distinctFrom(expr)
      case 'case':
        return this.#case(expr)
      case 'coalesce':
        return this.#coalesce(expr)
      case 'nullIf': {
        const comparison = this.operand(expr.comparison)
        const left = comparison && this.operand(expr.left)
        if (comparison === undefined || left === undefined) return undefined
        const isNull = left.isNull === undefined ? isTrue(comparison) : `${left.isNull} || (${isTrue(comparison)})`
        return { ...left, isNull: this.#code.local(isNull) }
      }
      case 'greatest':
        return this.#greatest(expr)
      case 'inList':
        return this.#inList(expr)
      default:
        return undefined
    }
  }

  #boolean({ physical, type }: Typed, condition: string): Operand {
    return { physical, type, name: this.#code.local(`${condition} ? 1 : 0`), isNull: undefined }
  }

  /** The column's arrays are unpacked once, before the loop; the value is loaded where it is first used. */
  #column({ index, physical, type }: ColumnExpr): Operand {
    const shape = this.#layout.shapes[index]!
    const column = columnCode(`c${index}`, `columns[${index}]`, shape)
    if (!this.#loaded.has(index)) {
      this.#loaded.add(index)
      this.#code.before(column.prologue)
    }
    const isNull = shape.nulls ? this.#code.local(column.isNull('i')) : undefined
    const typed = { physical, type, isNull }
    if (shape.kind === 'bytes' || shape.kind === 'dict') {
      const offset = this.#code.local(column.offset('i'))
      return { ...typed, name: column.arena, offset, length: this.#code.local(column.byteLength('i')) }
    }
    const name = this.#code.local(column.value('i'))
    if (shape.kind !== 'i128') return { ...typed, name }
    return { ...typed, name, high: this.#code.local(`c${index}v[2 * i + 1]`) }
  }

  /** In the physical form that the plan gave it, taken from a column of this one value. */
  #constant({ physical, type }: Typed, value: SqlValue): Operand {
    const code = this.#code
    const typed = { physical, type, isNull: value === null ? 'true' : undefined }
    const def = { name: '', type, physical, nullable: true }
    const column = columnFromValues(def, [value], new Region(memoryAccount('constants')))
    switch (column.kind) {
      case 'i32':
      case 'f64':
        return { ...typed, name: code.outside(value === null ? 0 : column.values[0]!) }
      case 'i64':
        return { ...typed, name: code.long(value === null ? 0n : column.values[0]!) }
      case 'i128': {
        const [low, high] = value === null ? [0n, 0n] : [column.values[0]!, column.values[1]!]
        return { ...typed, name: code.long(low), high: code.long(high) }
      }
      default: {
        const bytes = column as typeof column & { readonly kind: 'bytes' }
        const [offset, length] = value === null ? [0, 0] : [bytes.offsets[0]!, bytes.lengths[0]!]
        const arena = bytes.arena.slice(offset, offset + length)
        return { ...typed, name: code.outside(arena), offset: '0', length: code.outside(length) }
      }
    }
  }

  #call(expr: CallExpr): Operand | undefined {
    const { function: entry, args } = expr
    const { inline } = entry
    if (inline === undefined || !entry.strict) return undefined
    const operands = this.#all(args)
    return operands && strictSnippet(this.#code, expr, operands, (code) => inline(operands, code))
  }

  #all(exprs: readonly Expr[]): Operand[] | undefined {
    const operands: Operand[] = []
    for (const expr of exprs) {
      const operand = this.operand(expr)
      if (operand === undefined) return undefined
      operands.push(operand)
    }
    return operands
  }

  #cast(expr: CastExpr): Operand | undefined {
    const input = this.operand(expr.input)
    if (input === undefined) return undefined
    const { cast, physical, type } = expr
    if (cast === undefined) return sameForm(physical, input.physical) ? { ...input, physical, type } : undefined
    const { inline } = cast
    if (inline === undefined) return undefined
    const target = { from: expr.input.type, to: type, explicit: expr.explicit }
    return strictSnippet(this.#code, expr, [input], (code) => inline(input, code, target))
  }

  /** AND with `decisive` false, OR with true: leaves the block at the first decisive argument. */
  #conjunction(typed: Typed, args: readonly Expr[], decisive: boolean): Operand | undefined {
    const code = this.#code
    const target = declare(code, typed, true)
    const label = code.name('L')
    code.line(`${target.name} = ${decisive ? 0 : 1}\n${label}: {`)
    for (const arg of args) {
      const value = this.#block(() => this.operand(arg))
      if (value === undefined) return undefined
      const decides = decisive ? isTrue(value) : isFalse(value)
      const settle = `${target.name} = ${decisive ? 1 : 0}; ${target.isNull} = false; break ${label}`
      code.line(`if (${decides}) { ${settle} }`)
      if (value.isNull !== undefined) code.line(`if (${value.isNull}) ${target.isNull} = true`)
    }
    code.line('}')
    return target
  }

  #distinctFrom(expr: DistinctFromExpr): Operand | undefined {
    const operands = this.#all([expr.left, expr.right])
    const equal = operands && this.#relation(expr.equals, operands)
    if (operands === undefined || equal === undefined) return undefined
    const [left, right] = operands as [Operand, Operand]
    const [a, b] = [left.isNull ?? 'false', right.isNull ?? 'false']
    const same = `((${a}) || (${b}) ? (${a}) === (${b}) : ${equal.name} !== 0)`
    return this.#boolean(expr, `${same} === ${expr.negated}`)
  }

  /** A comparison of two operands, NULL where one is. */
  #relation(entry: ScalarFunction, operands: readonly Operand[]): Operand | undefined {
    const { inline } = entry
    if (inline === undefined || !entry.strict) return undefined
    const typed: Typed = { type: { kind: 'boolean' }, physical: { kind: 'i32' } }
    return strictSnippet(this.#code, typed, operands, (code) => inline(operands, code))
  }

  #case(expr: CaseExpr): Operand | undefined {
    if (expr.physical.kind === 'bytes') return undefined
    const code = this.#code
    const target = declare(code, expr, true)
    const label = code.name('L')
    code.line(`${label}: {`)
    return this.#block(() => {
      for (const when of expr.whens) {
        const condition = this.operand(when.condition)
        if (condition === undefined) return undefined
        code.line(`if (${isTrue(condition)}) {`)
        if (!this.#assigned(target, when.result)) return undefined
        code.line(`break ${label}\n}`)
      }
      if (!this.#assigned(target, expr.otherwise)) return undefined
      code.line('}')
      return target
    })
  }

  #assigned(target: Operand, expr: Expr): boolean {
    const value = this.#block(() => this.operand(expr))
    if (value === undefined || !sameForm(value.physical, target.physical)) return false
    assign(this.#code, target, value)
    return true
  }

  #coalesce(expr: CoalesceExpr): Operand | undefined {
    if (expr.physical.kind === 'bytes') return undefined
    const code = this.#code
    const target = declare(code, expr, true)
    const label = code.name('L')
    code.line(`${label}: {`)
    for (const arg of expr.args) {
      if (!this.#assigned(target, arg)) return undefined
      code.line(`if (!${target.isNull}) break ${label}`)
    }
    code.line('}')
    return target
  }

  #greatest(expr: GreatestExpr): Operand | undefined {
    if (expr.physical.kind === 'bytes') return undefined
    const operands = this.#all(expr.args)
    if (operands === undefined) return undefined
    const code = this.#code
    const best = declare(code, expr, true)
    code.line(`${best.isNull} = true`)
    for (const operand of operands) {
      if (!sameForm(operand.physical, best.physical)) return undefined
      code.line(`if (${operand.isNull === undefined ? 'true' : `!(${operand.isNull})`}) {`)
      code.line(`if (${best.isNull}) {`)
      assign(code, best, { ...operand, isNull: undefined })
      code.line('} else {')
      const pair = expr.least ? [operand, best] : [best, operand]
      const values = pair.map((one) => ({ ...one, isNull: undefined }))
      const { inline } = expr.lessThan
      const typed: Typed = { type: { kind: 'boolean' }, physical: { kind: 'i32' } }
      const less = inline && snippet(code, typed, (text) => inline(values, text))
      if (less === undefined) return undefined
      code.line(`if (${less.name} !== 0) {`)
      assign(code, best, { ...operand, isNull: undefined })
      code.line('}\n}\n}')
    }
    return best
  }

  #inList(expr: InListExpr): Operand | undefined {
    const input = this.operand(expr.input)
    if (input === undefined) return undefined
    const code = this.#code
    const target = declare(code, expr, true)
    const label = code.name('L')
    code.line(`${target.name} = ${expr.negated ? 1 : 0}\n${label}: {`)
    for (const element of expr.list) {
      const equal = this.#block(() => {
        const value = this.operand(element)
        return value && this.#relation(expr.equals, [input, value])
      })
      if (equal === undefined) return undefined
      const found = `${target.name} = ${expr.negated ? 0 : 1}; ${target.isNull} = false; break ${label}`
      code.line(`if (${isTrue(equal)}) { ${found} }`)
      if (equal.isNull !== undefined) code.line(`if (${equal.isNull}) ${target.isNull} = true`)
    }
    code.line('}')
    return target
  }
}

/** The same value has the same words in both. */
const sameForm = (a: Physical, b: Physical): boolean =>
  a.kind === b.kind && ('scale' in a ? a.scale : undefined) === ('scale' in b ? b.scale : undefined)
