// Arrays joined to text and text cut into arrays.

import type { SqlType } from '../../core/type.ts'
import { type SqlArray, sqlArray } from '../../core/value.ts'
import { lenientByType } from '../polymorphic.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { lenient } from '../registry.ts'
import { printerOf } from '../string/printer.ts'

const joiner = (type: SqlType | undefined) => {
  const print = printerOf(type?.kind === 'array' ? type.element : { kind: 'text' })
  return (
    array: SqlArray | null,
    separator: string | null,
    forNull: string | null,
    context: EvaluationContext,
  ): string | null => {
    if (array === null || separator === null) return null
    const parts: string[] = []
    for (const element of array.elements)
      if (element !== null) parts.push(print(element, context))
      else if (forNull !== null) parts.push(forNull)
    return parts.join(separator)
  }
}

/** NULL cuts between all characters, the empty text nowhere; fields equal to `forNull` become NULL. */
export function splitText(text: string, separator: string | null, forNull: string | null): readonly (string | null)[] {
  if (text === '') return []
  const parts = separator === null ? [...text] : separator === '' ? [text] : text.split(separator)
  return forNull === null ? parts : parts.map((part) => (part === forNull ? null : part))
}

const split = (text: string | null, separator: string | null, forNull: string | null): SqlArray | null =>
  text === null ? null : sqlArray(splitText(text, separator, forNull))

export const arrayTextFunctions: readonly ScalarFunction[] = [
  lenientByType('array_to_string', ['anyarray', 'text'], 'text', {
    doc: 'The text forms of the elements that are not NULL, parted by the separator.',
    example: "array_to_string(array[1, 2, NULL, 3], ',') = '1,2,3'",
    volatility: 'stable',
    fails: false,
    forTypes: ([type]) => {
      const join = joiner(type)
      return (array: SqlArray | null, separator: string | null, context: EvaluationContext) =>
        join(array, separator, null, context)
    },
  }),
  lenientByType('array_to_string', ['anyarray', 'text', 'text'], 'text', {
    doc: 'The text forms of the elements, parted by the separator; a text stands for NULL.',
    example: "array_to_string(array[1, NULL, 3], ',', '*') = '1,*,3'",
    volatility: 'stable',
    fails: false,
    forTypes: ([type]) => joiner(type),
  }),
  lenient('string_to_array', ['text', 'text'], 'text[]', {
    doc: 'The fields of the text between separators; NULL cuts between all characters.',
    example: "string_to_array('xx~~yy~~zz', '~~') = '{xx,yy,zz}'",
    fails: false,
    evaluate: (text: string | null, separator: string | null) => split(text, separator, null),
  }),
  lenient('string_to_array', ['text', 'text', 'text'], 'text[]', {
    doc: 'The fields of the text between separators; fields equal to the third argument are NULL.',
    example: "string_to_array('xx~~yy~~zz', '~~', 'yy') = '{xx,NULL,zz}'",
    fails: false,
    evaluate: split,
  }),
]
