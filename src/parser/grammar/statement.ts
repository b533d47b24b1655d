// The end of the chain: which statement it is, and the list of statements that a text is.

import type { IOrAlt } from 'chevrotain'
import { syntaxError } from '../../core/error.ts'
import type { Query } from '../ast.ts'
import type { Statement, Unsupported } from '../ast-statement.ts'
import { UnreadableToken } from '../lexer.ts'
import type { Expected } from '../lookahead.ts'
import * as t from '../tokens.ts'
import { unsupportedFeature } from '../unsupported.ts'
import { CopyGrammar } from './copy.ts'

const { K } = t

export type StatementRange = Readonly<{ statement: Statement; start: number; end: number }>

export class Grammar extends CopyGrammar {
  /** `validate` has Chevrotain look for mistakes in the grammar; the tests do. */
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

  readonly #statements: IOrAlt<Statement>[] = [
    { GATE: () => this.#unsupported() !== undefined, ALT: () => this.SUBRULE(this.unsupported) },
    { ALT: () => this.SUBRULE(this.adHocQuery) },
    { ALT: () => this.SUBRULE(this.withStatement) },
    { ALT: () => this.SUBRULE(this.rowChange, { ARGS: [undefined] }) },
    { ALT: () => this.SUBRULE(this.truncate) },
    { ALT: () => this.SUBRULE(this.create) },
    { GATE: () => this.follows(2, K.type), ALT: () => this.SUBRULE(this.dropType) },
    { ALT: () => this.SUBRULE(this.drop) },
    { GATE: () => this.follows(2, K.type), ALT: () => this.SUBRULE(this.alterType) },
    { ALT: () => this.SUBRULE(this.alter) },
    { ALT: () => this.SUBRULE(this.comment) },
    { ALT: () => this.SUBRULE(this.begin) },
    { ALT: () => this.SUBRULE(this.commit) },
    { ALT: () => this.SUBRULE(this.rollback) },
    { ALT: () => this.SUBRULE(this.savepoint) },
    { ALT: () => this.SUBRULE(this.set) },
    { ALT: () => this.SUBRULE(this.show) },
    { ALT: () => this.SUBRULE(this.resetVariable) },
    { ALT: () => this.SUBRULE(this.describe) },
    { ALT: () => this.SUBRULE(this.discard) },
    { ALT: () => this.SUBRULE(this.flush) },
    { ALT: () => this.SUBRULE(this.prepare) },
    { ALT: () => this.SUBRULE(this.execute) },
    { ALT: () => this.SUBRULE(this.deallocate) },
    { ALT: () => this.SUBRULE(this.declare) },
    { ALT: () => this.SUBRULE(this.fetch) },
    { ALT: () => this.SUBRULE(this.close) },
    { ALT: () => this.SUBRULE(this.subscribe) },
    { ALT: () => this.SUBRULE(this.copy) },
    { ALT: () => this.SUBRULE(this.explain) },
  ]

  override readonly statement = this.RULE('statement', (): Statement => this.OR(this.#statements))

  // ---- What begins like another statement ----

  /** A query; EMIT belongs to views, sinks and subscriptions. */
  readonly adHocQuery = this.RULE('adHocQuery', (): Statement => {
    const query = this.SUBRULE(this.queryAfterWith, { ARGS: [undefined] })
    this.ACTION(() => this.#refuseEmit())
    return query
  })

  #refuseEmit(): void {
    if (!this.follows(1, t.EmitClause)) return
    throw syntaxError('EMIT is not allowed in a query', {
      position: this.place(),
      hint: 'It belongs to CREATE MATERIALIZED VIEW and SUBSCRIBE.',
    })
  }

  readonly withStatement = this.RULE('withStatement', (): Statement => {
    const withClause = this.SUBRULE(this.withClause)
    return this.OR([
      {
        ALT: (): Query | Statement => {
          const query = this.SUBRULE(this.queryAfterWith, { ARGS: [withClause] })
          this.ACTION(() => this.#refuseEmit())
          return query
        },
      },
      { ALT: () => this.SUBRULE(this.rowChange, { ARGS: [withClause] }) },
    ])
  })

  readonly create = this.RULE('create', (): Statement => {
    const { startOffset: position } = this.CONSUME(K.create)
    const orReplace = this.OPTION(() => {
      this.CONSUME(K.or)
      return this.CONSUME(K.replace)
    })
    const replaces = orReplace !== undefined
    return this.OR([
      { GATE: () => !replaces, ALT: () => this.SUBRULE(this.createTable, { ARGS: [position] }) },
      { GATE: () => !replaces, ALT: () => this.SUBRULE(this.createSource, { ARGS: [position] }) },
      { GATE: () => !replaces, ALT: () => this.SUBRULE(this.createIndex, { ARGS: [position] }) },
      { GATE: () => !replaces, ALT: () => this.SUBRULE(this.createSchema, { ARGS: [position] }) },
      { GATE: () => !replaces, ALT: () => this.SUBRULE(this.createType, { ARGS: [position] }) },
      { ALT: () => this.SUBRULE(this.createView, { ARGS: [position, replaces] }) },
      { ALT: () => this.SUBRULE(this.createMaterializedView, { ARGS: [position, replaces] }) },
    ])
  })

  // ---- Unsupported ----

  #unsupported(): string | undefined {
    return unsupportedFeature((ahead) => (this.followsMember(ahead, t.Label) ? this.LA(ahead).image : undefined))
  }

  /** Everything up to the semicolon. */
  readonly unsupported = this.RULE('unsupported', (): Unsupported => {
    const feature = this.ACTION(() => this.#unsupported()!)
    const { startOffset: position } = this.CONSUME(t.Label)
    return this.ACTION(() => {
      while (this.LA(1).startOffset >= 0 && !this.follows(1, t.Semicolon)) {
        const token = this.LA(1)
        if (token instanceof UnreadableToken) throw token.error
        this.SKIP_TOKEN()
      }
      const { end } = this.LA(0) as t.Token
      return { kind: 'unsupported', position, feature, text: this.text.slice(position, end) }
    })
  })

  /** An expression that is the whole text. */
  readonly wholeExpression = this.RULE('wholeExpression', () => this.SUBRULE(this.expression))
}
