// || on text and bytea, concat and concat_ws.
//
// `anynonarray || text` prints its other operand as an implicit conversion would; concat skips NULLs, || does not.

import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import { lenientByType, strictByType } from '../polymorphic.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { lengthTooLarge, TEXT_BYTES_MAX } from './limits.ts'
import { type Printer, printerOf } from './printer.ts'

function join(left: string, right: string): string {
  if (left.length + right.length > TEXT_BYTES_MAX) throw lengthTooLarge()
  return left + right
}

/** || converts its other operand by the cast to text, which spells booleans out; the output function does not. */
const castPrinter = (type: SqlType): Printer => (type.kind === 'boolean' ? (value) => String(value) : printerOf(type))

const textOperators = [
  strict('||', ['text', 'text'], 'text', {
    doc: 'The second text after the first one.',
    example: "'Post' || 'greSQL' = 'PostgreSQL'",
    evaluate: join,
  }),
  strictByType('||', ['text', 'anynonarray'], 'text', {
    doc: 'The value’s text form after the text.',
    example: "'Value: ' || 42 = 'Value: 42'",
    volatility: 'stable',
    forTypes: ([, type]) => {
      const print = castPrinter(type!)
      return (text: string, value: SqlValue, context: EvaluationContext) => join(text, print(value, context))
    },
  }),
  strictByType('||', ['anynonarray', 'text'], 'text', {
    doc: 'The text after the value’s text form.',
    example: "42 || ' is it' = '42 is it'",
    volatility: 'stable',
    forTypes: ([type]) => {
      const print = castPrinter(type!)
      return (value: SqlValue, text: string, context: EvaluationContext) => join(print(value, context), text)
    },
  }),
  strict('||', ['bytea', 'bytea'], 'bytea', {
    doc: 'The second string of bytes after the first one.',
    example: "'\\x12'::bytea || '\\x34'::bytea = '\\x1234'::bytea",
    evaluate: (left: Uint8Array, right: Uint8Array) => new Uint8Array(Buffer.concat([left, right])),
  }),
]

/** The texts of the arguments that are not NULL. `types` are those of `values`. */
function texts(values: readonly SqlValue[], printers: readonly Printer[], context: EvaluationContext): string[] {
  const result: string[] = []
  for (const [i, value] of values.entries()) if (value !== null) result.push(printers[i]!(value, context))
  return result
}

/** concat writes booleans as their output function does: t and f. */
const printersOf = (types: readonly SqlType[]): readonly Printer[] => types.map(printerOf)

export const concatFunctions: readonly ScalarFunction[] = [
  ...textOperators,
  lenientByType('concat', ['any'], 'text', {
    doc: 'The text forms of the arguments that are not NULL, one after the other.',
    example: "concat('abcde', 2, NULL, 22) = 'abcde222'",
    variadic: true,
    volatility: 'stable',
    fails: false,
    forTypes: (types) => {
      const printers = printersOf(types)
      return (...args: SqlValue[]) =>
        texts(args.slice(0, printers.length), printers, args.at(-1) as unknown as EvaluationContext).join('')
    },
  }),
  lenientByType('concat_ws', ['text', 'any'], 'text', {
    doc: 'The text forms of the arguments that are not NULL, parted by the first argument; NULL where that is NULL.',
    example: "concat_ws(',', 'abcde', 2, NULL, 22) = 'abcde,2,22'",
    variadic: true,
    volatility: 'stable',
    fails: false,
    forTypes: ([, ...types]) => {
      const printers = printersOf(types)
      return (separator: string | null, ...args: SqlValue[]) =>
        separator === null
          ? null
          : texts(args.slice(0, printers.length), printers, args.at(-1) as unknown as EvaluationContext).join(separator)
    },
  }),
]
