// SQL/JSON paths read from text, by the grammar of jsonpath_gram.y: recursive descent with PostgreSQL's precedences.
//
// Where `(` could open a predicate or an expression, it is read as whatever stands in it, and the context then says
// whether that will do. Errors are 42601; nesting is limited.

import { nestedTooDeep, notSupported, SqlError } from '../../../core/error.ts'
import { negate } from '../../arithmetic/numeric.ts'
import { compileRegex, type Regex } from '../../regex/regex.ts'
import { plainFlags } from '../../regex/syntax.ts'
import { parseNumeric } from '../../text/numbers.ts'
import { pathSyntax, type Token, tokensOf } from './lex.ts'
import {
  type Arithmetic,
  alone,
  type Comparison,
  isPredicate,
  type JsonPath,
  type Level,
  type Method,
  type PathExpr,
  type Step,
  type Subscript,
} from './path.ts'

const DEPTH_MAX = 500

const methods: ReadonlySet<string> = new Set(['type', 'size', 'abs', 'floor', 'ceiling', 'double', 'keyvalue'])
const comparisons: Readonly<Record<string, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

export function parsePath(text: string): JsonPath {
  if (text.trim() === '')
    throw new SqlError({ code: '22P02', message: `invalid input syntax for type jsonpath: "${text}"` })
  return new Parser(tokensOf(text)).path()
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  /** Within a filter `@` has a meaning, within subscripts `last` has. */
  #filters = 0
  #subscripts = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  path(): JsonPath {
    const strict = this.#takeWord('strict')
    if (!strict) this.#takeWord('lax')
    const expr = this.#or()
    if (this.#next.kind !== 'end') throw this.#wrong()
    return { strict, expr }
  }

  get #next(): Token {
    return this.#tokens[this.#at]!
  }

  #wrong(): SqlError {
    return pathSyntax(this.#next.text)
  }

  #isMark(text: string): boolean {
    return this.#next.kind === 'mark' && this.#next.text === text
  }

  #takeMark(text: string): boolean {
    const found = this.#isMark(text)
    if (found) this.#at++
    return found
  }

  #expectMark(text: string): void {
    if (!this.#takeMark(text)) throw this.#wrong()
  }

  /** Keywords are read in any case, but for true, false and null. */
  #isWord(word: string, ahead = 0): boolean {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!
    return token.kind === 'name' && token.text.toLowerCase() === word
  }

  #takeWord(word: string): boolean {
    const found = this.#isWord(word)
    if (found) this.#at++
    return found
  }

  #or(): PathExpr {
    if (++this.#depth > DEPTH_MAX) throw nestedTooDeep()
    let left = this.#and()
    while (this.#isMark('||')) {
      this.#requirePredicate(left)
      this.#at++
      left = alone({ kind: 'or', left, right: this.#requirePredicate(this.#and()) })
    }
    this.#depth--
    return left
  }

  #and(): PathExpr {
    let left = this.#predicate()
    while (this.#isMark('&&')) {
      this.#requirePredicate(left)
      this.#at++
      left = alone({ kind: 'and', left, right: this.#requirePredicate(this.#predicate()) })
    }
    return left
  }

  #requirePredicate(expr: PathExpr): PathExpr {
    if (!isPredicate(expr)) throw this.#wrong()
    return expr
  }

  #requireExpr(expr: PathExpr): PathExpr {
    if (isPredicate(expr)) throw this.#wrong()
    return expr
  }

  /** A comparison or another predicate, or just an expression. */
  #predicate(): PathExpr {
    if (this.#takeMark('!')) return alone({ kind: 'not', operand: this.#delimited() })
    const left = this.#sum()
    const operator = this.#next.kind === 'mark' ? comparisons[this.#next.text] : undefined
    if (operator !== undefined) {
      this.#requireExpr(left)
      this.#at++
      return alone({ kind: 'comparison', operator, left, right: this.#requireExpr(this.#sum()) })
    }
    if (this.#isWord('starts') && this.#isWord('with', 1)) {
      this.#requireExpr(left)
      this.#at += 2
      return alone({ kind: 'startsWith', left, right: this.#initial() })
    }
    if (this.#isWord('like_regex')) {
      this.#requireExpr(left)
      this.#at++
      return this.#likeRegex(left)
    }
    return left
  }

  /** What `!` takes: exists(…) or a predicate in parentheses. */
  #delimited(): PathExpr {
    if (this.#isWord('exists')) return this.#exists()
    this.#expectMark('(')
    const inner = this.#requirePredicate(this.#or())
    this.#expectMark(')')
    return inner
  }

  #exists(): PathExpr {
    this.#at++
    this.#expectMark('(')
    const operand = this.#requireExpr(this.#or())
    this.#expectMark(')')
    return alone({ kind: 'exists', operand })
  }

  #initial(): PathExpr {
    const { kind, text } = this.#next
    this.#at++
    if (kind === 'string') return alone({ kind: 'literal', value: text })
    if (kind === 'variable') return alone({ kind: 'variable', name: text })
    this.#at--
    throw this.#wrong()
  }

  #likeRegex(operand: PathExpr): PathExpr {
    const pattern = this.#string()
    const flags = this.#takeWord('flag') ? this.#string() : ''
    compilePathRegex(pattern, flags)
    return alone({ kind: 'likeRegex', operand, pattern, flags })
  }

  #string(): string {
    if (this.#next.kind !== 'string') throw this.#wrong()
    return this.#tokens[this.#at++]!.text
  }

  #sum(): PathExpr {
    return this.#binary(['+', '-'], () => this.#binary(['*', '/', '%'], () => this.#signed()))
  }

  #binary(operators: readonly Arithmetic[], operand: () => PathExpr): PathExpr {
    let left = operand()
    for (;;) {
      const operator = operators.find((mark) => this.#isMark(mark))
      if (operator === undefined) return left
      this.#requireExpr(left)
      this.#at++
      left = alone({ kind: 'arithmetic', operator, left, right: this.#requireExpr(operand()) })
    }
  }

  #signed(): PathExpr {
    const operator = this.#isMark('+') ? '+' : this.#isMark('-') ? '-' : undefined
    if (operator === undefined) return this.#accessors()
    this.#at++
    if (++this.#depth > DEPTH_MAX) throw nestedTooDeep()
    const operand = this.#requireExpr(this.#signed())
    this.#depth--
    const number = numberOf(operand)
    if (number === undefined) return alone({ kind: 'sign', operator, operand })
    return operator === '+' ? operand : alone({ kind: 'literal', value: negate(number) })
  }

  #accessors(): PathExpr {
    const { primary, steps: inner } = this.#primary()
    const steps: Step[] = [...inner]
    for (let step = this.#step(); step !== undefined; step = this.#step()) steps.push(step)
    return { primary, steps }
  }

  #primary(): PathExpr {
    const token = this.#next
    switch (token.kind) {
      case 'string':
        this.#at++
        return alone({ kind: 'literal', value: token.text })
      case 'variable':
        this.#at++
        return alone({ kind: 'variable', name: token.text })
      case 'integer':
      case 'number':
        this.#at++
        return alone({ kind: 'literal', value: parseNumeric(token.text) })
      case 'name':
        return this.#named(token.text)
      default:
        return this.#marked()
    }
  }

  #named(text: string): PathExpr {
    if (this.#isWord('exists')) return this.#exists()
    if (this.#isWord('last')) {
      if (this.#subscripts === 0)
        throw new SqlError({ code: '42601', message: 'LAST is allowed only in array subscripts' })
      this.#at++
      return alone({ kind: 'last' })
    }
    if (text !== 'null' && text !== 'true' && text !== 'false') throw this.#wrong()
    this.#at++
    return alone({ kind: 'literal', value: text === 'null' ? null : text === 'true' })
  }

  #marked(): PathExpr {
    if (this.#takeMark('$')) return alone({ kind: 'root' })
    if (this.#takeMark('@')) {
      if (this.#filters === 0) throw new SqlError({ code: '42601', message: '@ is not allowed in root expressions' })
      return alone({ kind: 'current' })
    }
    this.#expectMark('(')
    const inner = this.#or()
    this.#expectMark(')')
    if (!this.#isWord('is')) return inner
    this.#requirePredicate(inner)
    this.#at++
    if (!this.#takeWord('unknown')) throw this.#wrong()
    return alone({ kind: 'isUnknown', operand: inner })
  }

  #step(): Step | undefined {
    if (this.#takeMark('.')) return this.#member()
    if (this.#takeMark('[')) return this.#brackets()
    if (!this.#takeMark('?')) return undefined
    this.#expectMark('(')
    this.#filters++
    const predicate = this.#requirePredicate(this.#or())
    this.#filters--
    this.#expectMark(')')
    return { kind: 'filter', predicate }
  }

  #member(): Step {
    if (this.#takeMark('*')) return { kind: 'anyKey' }
    if (this.#takeMark('**')) return this.#levels()
    const { kind, text } = this.#next
    if (kind !== 'name' && kind !== 'string') throw this.#wrong()
    this.#at++
    const method = text.toLowerCase()
    if (kind === 'string' || !this.#isMark('(')) return { kind: 'key', name: text }
    if (method !== 'datetime' && !methods.has(method)) throw this.#wrong()
    this.#at++
    const template = method === 'datetime' && this.#next.kind === 'string' ? this.#string() : undefined
    this.#expectMark(')')
    return method === 'datetime' ? { kind: 'datetime', template } : { kind: 'method', method: method as Method }
  }

  #levels(): Step {
    if (!this.#takeMark('{')) return { kind: 'anyLevel', first: 0, last: Number.POSITIVE_INFINITY }
    const first = this.#level()
    const last = this.#takeWord('to') ? this.#level() : first
    this.#expectMark('}')
    return { kind: 'anyLevel', first, last }
  }

  #level(): Level {
    if (this.#takeWord('last')) return Number.POSITIVE_INFINITY
    if (this.#next.kind !== 'integer') throw this.#wrong()
    return Number(this.#tokens[this.#at++]!.text)
  }

  #brackets(): Step {
    if (this.#isMark('*') && this.#tokens[this.#at + 1]?.text === ']') {
      this.#at += 2
      return { kind: 'anyElement' }
    }
    this.#subscripts++
    const subscripts: Subscript[] = []
    do {
      const from = this.#requireExpr(this.#sum())
      subscripts.push({ from, to: this.#takeWord('to') ? this.#requireExpr(this.#sum()) : undefined })
    } while (this.#takeMark(','))
    this.#subscripts--
    this.#expectMark(']')
    return { kind: 'elements', subscripts }
  }
}

const numberOf = ({ primary, steps }: PathExpr) => {
  const value = steps.length === 0 && primary.kind === 'literal' ? primary.value : null
  return typeof value === 'object' && value !== null ? value : undefined
}

const FLAGS = 'ismxq'

/** The pattern of like_regex; 42601 for other flags, 0A000 for x, 2201B for a pattern that is none. */
export function compilePathRegex(pattern: string, flags: string): Regex {
  for (const flag of flags)
    if (!FLAGS.includes(flag))
      throw new SqlError({
        code: '42601',
        message: 'invalid input syntax for type jsonpath',
        detail: `Unrecognized flag character "${flag}" in LIKE_REGEX predicate.`,
      })
  const quoted = flags.includes('q')
  if (flags.includes('x') && !quoted) throw notSupported('XQuery "x" flag (expanded regular expressions)')
  return compileRegex(pattern, {
    ...plainFlags,
    caseless: flags.includes('i'),
    ...(quoted ? { literal: true } : { newlineStops: !flags.includes('s'), lineAnchors: flags.includes('m') }),
  })
}
