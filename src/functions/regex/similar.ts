// SIMILAR TO patterns as regular expressions (similar_to_escape, PostgreSQL 15, section 9.7.2).
//
//   %  _        any text, any character            | * + ? {m,n} ( ) [ ]   as in regular expressions
//   #"          parts the pattern in three; what matches the middle one is the substring

import { SqlError } from '../../core/error.ts'

const invalidEscape = (): SqlError =>
  new SqlError({
    code: '22025',
    message: 'invalid escape string',
    hint: 'Escape string must be empty or one character.',
  })
const tooManySeparators = (): SqlError =>
  new SqlError({
    code: '2200C',
    message: 'SQL regular expression may not contain more than two escape-double-quote separators',
  })

interface Translation {
  result: string
  separators: number
  inBracket: boolean
  /** Just after `[` or `[^`, where `]` is a character. */
  bracketStart: boolean
}

export function similarToEscape(pattern: string, escapeText: string): string {
  const [mark, ...rest] = escapeText
  if (rest.length > 0) throw invalidEscape()
  const state: Translation = { result: '^(?:', separators: 0, inBracket: false, bracketStart: false }
  const characters = [...pattern]
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!
    if (character === mark && !state.inBracket) {
      i++
      if (characters[i] === '"') separate(state)
      else if (i < characters.length) state.result += `\\${characters[i]}`
    } else if (state.inBracket) inBracket(state, character)
    else state.result += outside(state, character)
  }
  return `${state.result})$`
}

/** The first part takes as little as it can, the others as much. */
function separate(state: Translation): void {
  state.separators++
  if (state.separators === 1) state.result = `${state.result}){1,1}?(`
  else if (state.separators === 2) state.result += '){1,1}(?:'
  else throw tooManySeparators()
}

function inBracket(state: Translation, character: string): void {
  if (character === '\\') state.result += '\\'
  state.result += character
  if (character === ']' && !state.bracketStart) state.inBracket = false
  state.bracketStart = state.bracketStart && character === '^'
}

function outside(state: Translation, character: string): string {
  switch (character) {
    case '[':
      state.inBracket = true
      state.bracketStart = true
      return '['
    case '%':
      return '.*'
    case '_':
      return '.'
    case '(':
      return '(?:'
    case '\\':
    case '.':
    case '^':
    case '$':
      return `\\${character}`
    default:
      return character
  }
}
