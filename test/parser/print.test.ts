// parse(print(tree)) is the tree again: for random trees, and for the SQL of all suites and captures that are found.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Expression, Query } from '../../src/parser/ast.ts'
import { parseExpression, parseStatements } from '../../src/parser/parse.ts'
import { print, printIdentifier } from '../../src/parser/print.ts'
import { nodes } from './arbitrary/query.ts'
import { withoutPositions } from './same-tree.ts'

describe('what is printed reads back as the same tree', () => {
  test('expressions', () => {
    fc.assert(
      fc.property(nodes.expression, (tree: Expression) => {
        expect(withoutPositions(parseExpression(print(tree)))).toEqual(withoutPositions(tree))
      }),
      { numRuns: Number(process.env.RUNS ?? 1500) },
    )
  })

  test('queries', () => {
    fc.assert(
      fc.property(nodes.query, (tree: Query) => {
        const [parsed] = parseStatements(print(tree))
        expect(withoutPositions(parsed!.statement)).toEqual(withoutPositions(tree))
      }),
      { numRuns: Number(process.env.RUNS ?? 600) },
    )
  })
})
