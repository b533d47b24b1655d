// SQL/JSON paths as PostgreSQL shows them: names quoted, brackets where its own printer puts them (jsonpath.c).

import { unreachable } from '../../../core/assert.ts'
import { numericText } from '../../arithmetic/numeric.ts'
import { quoteJson } from '../../text/json.ts'
import type { JsonPath, Level, PathExpr, Primary, Step } from './path.ts'

export const printPath = ({ strict, expr }: JsonPath): string => `${strict ? 'strict ' : ''}${printExpr(expr, true)}`

const priorities: Partial<Record<Primary['kind'], number>> = {
  or: 0,
  and: 1,
  comparison: 2,
  startsWith: 2,
  sign: 5,
}
const HIGHEST = 6

function priorityOf(primary: Primary): number {
  if (primary.kind === 'arithmetic') return primary.operator === '+' || primary.operator === '-' ? 3 : 4
  return priorities[primary.kind] ?? HIGHEST
}

const printExpr = ({ primary, steps }: PathExpr, brackets: boolean): string =>
  printPrimary(primary, brackets, steps.length > 0) + steps.map(printStep).join('')

/** An operand: in brackets where it binds no tighter. */
const operand = (expr: PathExpr, within: Primary): string =>
  printExpr(expr, priorityOf(expr.primary) <= priorityOf(within))

const words = { and: '&&', or: '||', startsWith: 'starts with' } as const

function printPrimary(primary: Primary, brackets: boolean, hasSteps: boolean): string {
  const bracketed = (text: string): string => (brackets ? `(${text})` : text)
  switch (primary.kind) {
    case 'root':
      return '$'
    case 'current':
      return '@'
    case 'last':
      return 'last'
    case 'literal':
      return printLiteral(primary.value, hasSteps)
    case 'variable':
      return `$${quoteJson(primary.name)}`
    case 'arithmetic':
    case 'comparison':
      return bracketed(`${operand(primary.left, primary)} ${primary.operator} ${operand(primary.right, primary)}`)
    case 'and':
    case 'or':
    case 'startsWith':
      return bracketed(`${operand(primary.left, primary)} ${words[primary.kind]} ${operand(primary.right, primary)}`)
    case 'likeRegex': {
      const flags = [...'ismxq'].filter((flag) => primary.flags.includes(flag)).join('')
      const text = `${operand(primary.operand, primary)} like_regex ${quoteJson(primary.pattern)}`
      return bracketed(flags === '' ? text : `${text} flag "${flags}"`)
    }
    case 'sign':
      return bracketed(primary.operator + operand(primary.operand, primary))
    case 'not':
      return `!(${printExpr(primary.operand, false)})`
    case 'isUnknown':
      return `(${printExpr(primary.operand, false)}) is unknown`
    case 'exists':
      return `exists (${printExpr(primary.operand, false)})`
    default:
      return unreachable(primary)
  }
}

function printLiteral(value: Extract<Primary, { kind: 'literal' }>['value'], hasSteps: boolean): string {
  if (typeof value === 'string') return quoteJson(value)
  if (value === null || typeof value === 'boolean') return String(value)
  return hasSteps ? `(${numericText(value)})` : numericText(value)
}

function printStep(step: Step): string {
  switch (step.kind) {
    case 'key':
      return `.${quoteJson(step.name)}`
    case 'anyKey':
      return '.*'
    case 'anyElement':
      return '[*]'
    case 'elements':
      return `[${step.subscripts
        .map(({ from, to }) => printExpr(from, false) + (to === undefined ? '' : ` to ${printExpr(to, false)}`))
        .join(',')}]`
    case 'anyLevel':
      return `.**${levels(step.first, step.last)}`
    case 'method':
      return `.${step.method}()`
    case 'datetime':
      return `.datetime(${step.template === undefined ? '' : quoteJson(step.template)})`
    case 'filter':
      return `?(${printExpr(step.predicate, false)})`
    default:
      return unreachable(step)
  }
}

const levelText = (level: Level): string => (level === Number.POSITIVE_INFINITY ? 'last' : String(level))

function levels(first: Level, last: Level): string {
  if (first === 0 && last === Number.POSITIVE_INFINITY) return ''
  return first === last ? `{${levelText(first)}}` : `{${levelText(first)} to ${levelText(last)}}`
}
