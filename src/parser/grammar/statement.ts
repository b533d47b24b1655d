// The end of the chain: which statement it is, and the list of statements that a text is.

import type { Query } from '../ast.ts'
import type { Statement } from '../ast-statement.ts'
import type { Expected } from '../lookahead.ts'
import * as t from '../tokens.ts'
import { RowGrammar } from './row.ts'

const { K } = t

export type StatementRange = Readonly<{ statement: Statement; start: number; end: number }>

export class Grammar extends RowGrammar {
  constructor(expected: Expected, validate = false) {
    super(expected, validate)
    this.performSelfAnalysis()
  }

  readonly statements = this.RULE('statements', (): StatementRange[] => {
    const list: StatementRange[] = []
    this.OPTION(() => list.push(this.SUBRULE(this.rangedStatement)))
    this.MANY(() => {
      this.CONSUME(t.Semicolon)
      this.OPTION2(() => list.push(this.SUBRULE2(this.rangedStatement)))
    })
    return list
  })

  readonly rangedStatement = this.RULE('rangedStatement', (): StatementRange => {
    const start = this.place()
    const statement = this.SUBRULE(this.statement)
    const { end } = this.LA(0) as t.Token
    return { statement, start, end }
  })

  readonly statement = this.RULE(
    'statement',
    (): Statement =>
      this.OR([
        { ALT: () => this.SUBRULE(this.withStatement) },
        { ALT: () => this.SUBRULE(this.queryAfterWith, { ARGS: [undefined] }) },
        { ALT: () => this.SUBRULE(this.rowChange, { ARGS: [undefined] }) },
        { ALT: () => this.SUBRULE(this.truncate) },
      ]),
  )

  readonly withStatement = this.RULE('withStatement', (): Statement => {
    const withClause = this.SUBRULE(this.withClause)
    return this.OR([
      { ALT: (): Query | Statement => this.SUBRULE(this.queryAfterWith, { ARGS: [withClause] }) },
      { ALT: () => this.SUBRULE(this.rowChange, { ARGS: [withClause] }) },
    ])
  })

  /** An expression that is the whole text. */
  readonly wholeExpression = this.RULE('wholeExpression', () => this.SUBRULE(this.expression))
}
