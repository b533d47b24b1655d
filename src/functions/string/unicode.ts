// Unicode normal forms and escapes: normalize, IS NORMALIZED, unistr.

import { type SqlError, syntaxError } from '../../core/error.ts'
import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { invalidParameter } from './limits.ts'

const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const

const unknownForm = (name: string): SqlError => invalidParameter(`invalid normalization form: ${name}`)

function formNamed(name: string): (typeof forms)[number] {
  const form = forms.find((one) => one === name.toUpperCase())
  if (form === undefined) throw unknownForm(name)
  return form
}

const invalidEscape = (): SqlError =>
  syntaxError('invalid Unicode escape', {
    hint: 'Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.',
  })
const invalidPair = (): SqlError => syntaxError('invalid Unicode surrogate pair')
const invalidPoint = (): SqlError => invalidParameter(`invalid Unicode code point`)

const escapePattern = /\\(?:(\\)|\+([0-9a-fA-F]{6})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-9a-fA-F]{4}))?/g

function withoutEscapes(text: string): string {
  const result = text.replace(escapePattern, (...groups: string[]) => {
    const [, backslash, six, four, eight, plain] = groups
    if (backslash !== undefined) return '\\'
    const digits = six ?? four ?? eight ?? plain
    if (digits === undefined) throw invalidEscape()
    const point = Number.parseInt(digits, 16)
    if (point === 0 || point > 0x10ffff) throw invalidPoint()
    return point > 0xffff ? String.fromCodePoint(point) : String.fromCharCode(point)
  })
  if (!result.isWellFormed()) throw invalidPair()
  return result
}

export const unicodeFunctions: readonly ScalarFunction[] = [
  strict('normalize', ['text'], 'text', {
    doc: 'The text in Unicode normal form C.',
    example: "normalize(U&'\\0061\\0308') = U&'\\00E4'",
    fails: false,
    evaluate: (text: string) => text.normalize('NFC'),
  }),
  strict('normalize', ['text', 'text'], 'text', {
    doc: 'The text in a Unicode normal form: NFC, NFD, NFKC or NFKD.',
    example: "normalize(U&'\\00E4', NFD) = U&'\\0061\\0308'",
    evaluate: (text: string, form: string) => text.normalize(formNamed(form)),
  }),
  strict('is_normalized', ['text', 'text'], 'boolean', {
    doc: 'True where the text is in a Unicode normal form.',
    example: "U&'\\00E4' is nfc normalized",
    evaluate: (text: string, form: string) => text.normalize(formNamed(form)) === text,
  }),
  strict('is_normalized', ['text'], 'boolean', {
    doc: 'True where the text is in Unicode normal form C.',
    example: "U&'\\00E4' is normalized",
    fails: false,
    evaluate: (text: string) => text.normalize('NFC') === text,
  }),
  strict('unistr', ['text'], 'text', {
    doc: 'The text with its Unicode escapes replaced.',
    example: "unistr('d\\0061t\\+000061') = 'data'",
    evaluate: withoutEscapes,
  }),
]
