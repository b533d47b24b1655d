// The grammar itself: Chevrotain's checks (left recursion, unresolved rules, duplicate productions) and ours (no two
// alternatives without a gate begin with the same token), which are left out when the server starts.

import { expect, test } from 'vitest'
import { Grammar } from '../../src/parser/grammar/statement.ts'
import { keywords, needsQuotes } from '../../src/parser/keywords.ts'
import { parseExpression, parseStatements } from '../../src/parser/parse.ts'

test('the grammar has no mistakes that can be found without a text', () => {
  expect(() => new Grammar({ at: Number.NaN, types: new Set() }, true)).not.toThrow()
})

test('every keyword stands where its kind may, and nowhere else', () => {
  const isColumn = (word: string): boolean => accepts(() => parseExpression(`${word} + 1`)) && !isValue(word)
  const isValue = (word: string): boolean => {
    const tree = parseExpression(`${word} + 1`)
    return tree.kind !== 'binary' || tree.left.kind !== 'column'
  }
  for (const [word, kind] of keywords) {
    const column = accepts(() => parseExpression(`${word} + 1`)) && isColumn(word)
    expect([word, column]).toEqual([word, kind === 'unreserved' || kind === 'colName'])
    expect([word, accepts(() => parseStatements(`select 1 as ${word}`))]).toEqual([word, true])
  }
})

test('names are quoted exactly where they must be', () => {
  expect(['a', 'name', 'été', 'a1$'].filter(needsQuotes)).toEqual([])
  expect(['A', '1a', 'a b', '', 'select', 'left', 'over', 'unbounded'].filter((each) => !needsQuotes(each))).toEqual([])
})

const accepts = (work: () => unknown): boolean => {
  try {
    work()
    return true
  } catch {
    return false
  }
}
