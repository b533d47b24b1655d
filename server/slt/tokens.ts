// A statement's tokens as the runner sees them: words folded to lower case, strings and quoted names as they are.
// The scanner is the parser's; a text that it cannot read to its end gives the tokens up to there, so that a statement
// which is meant to fail can be looked at like any other.

import { tokenize as scan } from '../../src/parser/lexer.ts'
import { Identifier } from '../../src/parser/tokens.ts'

export interface Token {
  readonly text: string
  /** Lower case, unless quoted. */
  readonly word: string
  /** Not a keyword: names a relation, column, function or type. */
  readonly isName: boolean
  /** The name it stands for, folded or unquoted. */
  readonly name: string
  readonly start: number
  readonly end: number
}

export function tokenize(sql: string): Token[] {
  return scan(sql).map(({ startOffset, end, image, tokenType }) => {
    const text = sql.slice(startOffset, end)
    const isQuoted = text.startsWith('"') || text.startsWith("'")
    return {
      text,
      word: isQuoted ? text : text.toLowerCase(),
      isName: tokenType === Identifier,
      name: image,
      start: startOffset,
      end,
    }
  })
}
