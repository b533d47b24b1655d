// format(text, …): %s, %I and %L with positions, the minus flag and widths, after PostgreSQL's section 9.4.1.
//
//   %[position$][-][width]type        width: a number, * (next argument) or *n$

import { SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import { lenientByType } from '../polymorphic.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { characterCount } from './characters.ts'
import { lengthTooLarge, TEXT_BYTES_MAX } from './limits.ts'
import { type Printer, printerOf } from './printer.ts'
import { quoteIdentifier, quoteLiteral } from './quote.ts'

const invalid = (message: string, hint?: string): SqlError => new SqlError({ code: '22023', message, hint })
const unterminated = (): SqlError => invalid('unterminated format() type specifier', 'For a single "%" use "%%".')
const unrecognized = (type: string): SqlError =>
  invalid(`unrecognized format() type specifier "${type}"`, 'For a single "%" use "%%".')
const tooFewArguments = (): SqlError => invalid('too few arguments for format()')
const zeroPosition = (): SqlError => invalid('format specifies argument 0, but arguments are numbered from 1')
const nullIdentifier = (): SqlError =>
  new SqlError({ code: '22004', message: 'null values cannot be formatted as an SQL identifier' })
const widthUnterminated = (): SqlError => invalid('width argument position must be ended by "$"')

/** A fixed width, one from an argument (undefined: the next one), or none. */
type Width =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'argument'; readonly position: number | undefined }

interface Specifier {
  readonly type: 's' | 'I' | 'L'
  readonly position: number | undefined
  readonly left: boolean
  readonly width: Width | undefined
}

type Part = string | Specifier

/** The format cut into literal text and specifiers; made once where it is constant. */
function partsOf(format: string): readonly Part[] {
  const parts: Part[] = []
  const pattern = /%(?:(\d+)\$)?(-*)(?:(\d+)|(\*)(?:(\d+)(\$?))?)?/y
  let at = 0
  while (at < format.length) {
    const percent = format.indexOf('%', at)
    if (percent < 0) break
    if (percent > at) parts.push(format.slice(at, percent))
    if (format[percent + 1] === '%') {
      parts.push('%')
      at = percent + 2
      continue
    }
    pattern.lastIndex = percent
    const [whole, position, minus, width, star, starPosition, dollar] = pattern.exec(format)!
    const type = format[percent + whole!.length]
    if (type === undefined) throw unterminated()
    if (starPosition !== undefined && dollar === '') throw widthUnterminated()
    if (type !== 's' && type !== 'I' && type !== 'L')
      throw unrecognized(String.fromCodePoint(format.codePointAt(percent + whole!.length)!))
    parts.push({
      type,
      position: positionOf(position),
      left: minus !== '',
      width: widthOf(width, star, starPosition),
    })
    at = percent + whole!.length + 1
  }
  if (at < format.length) parts.push(format.slice(at))
  return parts
}

function positionOf(digits: string | undefined): number | undefined {
  if (digits === undefined) return undefined
  if (Number(digits) === 0) throw zeroPosition()
  return Number(digits) - 1
}

function widthOf(width: string | undefined, star: string | undefined, position: string | undefined): Width | undefined {
  if (width !== undefined) return { kind: 'fixed', value: Number(width) }
  return star === undefined ? undefined : { kind: 'argument', position: positionOf(position) }
}

function formatText(
  parts: readonly Part[],
  values: readonly SqlValue[],
  printers: readonly Printer[],
  context: EvaluationContext,
): string {
  let next = 0
  let result = ''
  const take = (position: number | undefined): number => {
    const index = position ?? next
    if (index >= values.length) throw tooFewArguments()
    next = index + 1
    return index
  }
  for (const part of parts) {
    if (typeof part === 'string') {
      result += part
      continue
    }
    let width = part.width?.kind === 'fixed' ? part.width.value : 0
    if (part.width?.kind === 'argument') {
      const index = take(part.width.position)
      const value = values[index] ?? null
      width = value === null ? 0 : Number(printers[index]!(value, context))
    }
    const index = take(part.position)
    const value = values[index] ?? null
    const text = conversion(part.type, value === null ? null : printers[index]!(value, context))
    result += padded(text, Math.abs(width), part.left || width < 0)
  }
  return result
}

function conversion(type: Specifier['type'], text: string | null): string {
  switch (type) {
    case 's':
      return text ?? ''
    case 'I':
      if (text === null) throw nullIdentifier()
      return quoteIdentifier(text)
    case 'L':
      return text === null ? 'NULL' : quoteLiteral(text)
  }
}

function padded(text: string, width: number, left: boolean): string {
  const missing = width - characterCount(text)
  if (missing <= 0) return text
  if (missing > TEXT_BYTES_MAX) throw lengthTooLarge()
  return left ? text + ' '.repeat(missing) : ' '.repeat(missing) + text
}

const evaluator = (types: readonly SqlType[]) => {
  const printers = types.map(printerOf)
  let known: string | undefined
  let parts: readonly Part[] = []
  return (format: string | null, ...args: SqlValue[]): SqlValue => {
    if (format === null) return null
    if (format !== known) {
      parts = partsOf(format)
      known = format
    }
    return formatText(parts, args.slice(0, types.length), printers, args.at(-1) as unknown as EvaluationContext)
  }
}

export const formatFunctions: readonly ScalarFunction[] = [
  lenientByType('format', ['text', 'any'], 'text', {
    doc: 'Fills the arguments into the format: %s as text, %I as an identifier, %L as a literal.',
    example: "format('%s %I %L', 'Hello', 'my table', 'it''s') = 'Hello \"my table\" ''it''''s'''",
    variadic: true,
    volatility: 'stable',
    forTypes: ([, ...types]) => evaluator(types),
  }),
  lenientByType('format', ['text'], 'text', {
    doc: 'The text with %% as %.',
    example: "format('100%%') = '100%'",
    volatility: 'stable',
    forTypes: () => evaluator([]),
  }),
]
