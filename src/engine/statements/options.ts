// WITH (name = value) options as the text or the truth value they say. Which names are known is their reader's
// business; an option that nobody reads is an error there.

import { SqlError } from '../../core/error.ts'
import type { Option } from '../../parser/ast-statement.ts'

/** The value as text; an option without a value is `true`. */
export function optionText(option: Option): string {
  const { value } = option
  switch (value?.kind) {
    case undefined:
      return 'true'
    case 'string':
    case 'word':
      return value.value
    case 'number':
      return value.text
    default:
      throw new SqlError({
        code: '22023',
        message: `parameter "${option.name}" takes a single value`,
        position: option.position,
      })
  }
}

/** true, on, 1 … */
export function optionFlag(option: Option): boolean {
  const text = optionText(option).toLowerCase()
  if (['true', 'on', 'yes', '1', 't'].includes(text)) return true
  if (['false', 'off', 'no', '0', 'f'].includes(text)) return false
  throw new SqlError({ code: '22023', message: `${option.name} requires a Boolean value`, position: option.position })
}
