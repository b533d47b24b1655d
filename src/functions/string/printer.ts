// Text forms of values whose type is known at the call (concat, format, quote_literal, array_to_string …).

import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { TextContext } from '../registry.ts'
import { print } from '../text/text.ts'

/** The text form of a value (not NULL). */
export type Printer = (value: SqlValue, context: TextContext) => string

export function printerOf(type: SqlType): Printer {
  switch (type.kind) {
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'name':
    case 'unknown':
      return (value) => value as string
    case 'int2':
    case 'int4':
    case 'int8':
      return (value) => String(value)
    default:
      return (value, context) => print(type, value as Exclude<SqlValue, null>, context.text)
  }
}
