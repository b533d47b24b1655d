// What a character may begin, and where the things it begins end: the scanner's questions about places in the text.
//
// All functions take the text and an offset in UTF-16 units and return an offset; −1 where something has no end.
// Anything above ASCII is a letter, as in PostgreSQL's scanner.

export const other = 0
export const space = 1
export const letter = 2
export const digit = 3
/** Characters that operators are made of. */
export const operator = 4
/** Brackets, comma, semicolon, dot, colon. */
export const sign = 5
export const quote = 6
export const doubleQuote = 7
export const dollar = 8

export const quoteCode = 0x27
export const doubleQuoteCode = 0x22

const classes = new Uint8Array(128)
for (const [kind, members] of [
  [space, ' \t\n\r\f'],
  [letter, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_'],
  [digit, '0123456789'],
  [operator, '~!@#^&|`?+-*/%<>='],
  [sign, ',()[].;:'],
  [quote, "'"],
  [doubleQuote, '"'],
  [dollar, '$'],
] as const) {
  for (const member of members) classes[member.charCodeAt(0)] = kind
}

/** The end of the text (NaN) is of the class `other`. */
export const classOf = (code: number): number => (code < 128 ? classes[code]! : code >= 128 ? letter : other)

export const endOfWord = (text: string, from: number): number => {
  let at = from
  for (; at < text.length; at++) {
    const kind = classOf(text.charCodeAt(at))
    if (kind !== letter && kind !== digit && kind !== dollar) break
  }
  return at
}

export const endOfDigits = (text: string, from: number): number => {
  let at = from
  while (classOf(text.charCodeAt(at)) === digit) at++
  return at
}

export const endOfLine = (text: string, from: number): number => {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x0a || code === 0x0d) return at
  }
  return text.length
}

/** The closing quote of what opens at `open`; a doubled quote does not close. */
export const endOfQuoted = (text: string, open: number, mark: string): number => {
  let close = text.indexOf(mark, open + 1)
  while (close >= 0 && text[close + 1] === mark) close = text.indexOf(mark, close + 2)
  return close
}

/** The same for E'…', where a backslash takes the next character with it. */
export const endOfEscaped = (text: string, open: number): number => {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === quoteCode) {
      if (text.charCodeAt(at + 1) !== quoteCode) return at
      at++
    }
  }
  return -1
}

/** Comments nest. */
export const endOfComment = (text: string, open: number): number => {
  let depth = 0
  const marks = /\/\*|\*\//g
  marks.lastIndex = open
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return -1
}

/** White space and comments of both kinds. */
export const skipBlank = (text: string, from: number): number => {
  let at = from
  for (;;) {
    if (classOf(text.charCodeAt(at)) === space) at++
    else if (text.startsWith('--', at)) at = endOfLine(text, at)
    else if (text.startsWith('/*', at)) {
      const end = endOfComment(text, at)
      if (end < 0) return at
      at = end
    } else return at
  }
}

/** The quote that continues a string after white space with at least one line break in it; −1 if none does. */
export const continuation = (text: string, from: number): number => {
  let lineBreak = false
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === 0x0a || code === 0x0d) lineBreak = true
    if (classOf(code) === space) at++
    else if (text.startsWith('--', at)) at = endOfLine(text, at)
    else return lineBreak && code === quoteCode ? at : -1
  }
}

/** The character after `$tag$`. */
export const endOfDollarTag = (text: string, from: number): number => {
  let at = from + 1
  if (classOf(text.charCodeAt(at)) === letter) {
    for (; at < text.length; at++) {
      const kind = classOf(text.charCodeAt(at))
      if (kind !== letter && kind !== digit) break
    }
  }
  return text[at] === '$' ? at + 1 : -1
}

const isExponent = (code: number): boolean => code === 0x45 || code === 0x65

/** `1`, `1.`, `.5`, `1e3`. `1..2` is the integer 1 and two dots; `1e` and `1e+` are broken. */
export const endOfNumber = (text: string, from: number): { end: number; kind: 'integer' | 'decimal' | 'broken' } => {
  let end = endOfDigits(text, from)
  let kind: 'integer' | 'decimal' | 'broken' = 'integer'
  if (text[end] === '.' && !(end > from && text[end + 1] === '.')) {
    end = endOfDigits(text, end + 1)
    kind = 'decimal'
  }
  if (!isExponent(text.charCodeAt(end))) return { end, kind }
  const signed = text[end + 1] === '+' || text[end + 1] === '-'
  const exponent = end + (signed ? 2 : 1)
  const last = endOfDigits(text, exponent)
  return last > exponent ? { end: last, kind: 'decimal' } : { end: exponent, kind: 'broken' }
}

/** A trailing + or − belongs to an operator only if it has one of these: so `a=-1` reads as `a = -1`. */
const keepsSign = /[~!@#^&|`?%]/

export const endOfOperator = (text: string, from: number): number => {
  let end = from
  for (; classOf(text.charCodeAt(end)) === operator; end++) {
    if (end > from && (text.startsWith('--', end) || text.startsWith('/*', end))) break
  }
  const signAt = (at: number): boolean => text[at] === '+' || text[at] === '-'
  if (end - from > 1 && signAt(end - 1) && !keepsSign.test(text.slice(from, end))) {
    while (end - from > 1 && signAt(end - 1)) end--
  }
  return end
}

const twoWords = /\s*(?:"(?:[^"]|"")+"|[A-Za-z_]\w*)\s+["A-Za-z_]/y

/** Are there two words in a row, as in the list of fields after STRUCT<? */
export const areTwoWords = (text: string, from: number): boolean => {
  twoWords.lastIndex = from
  return twoWords.test(text)
}
