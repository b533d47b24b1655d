import { AssertionError } from '../../core/assert.ts'
import type { SqlType } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { TextSettings } from './settings.ts'

/** The value that PostgreSQL's input function of the type reads from `text`, its modifiers applied. */
export function parse(_type: SqlType, _text: string, _settings: TextSettings): Exclude<SqlValue, null> {
  throw new AssertionError('parse')
}

/** The text that PostgreSQL's output function of the type gives for a value (not NULL). */
export function print(_type: SqlType, _value: Exclude<SqlValue, null>, _settings: TextSettings): string {
  throw new AssertionError('print')
}
