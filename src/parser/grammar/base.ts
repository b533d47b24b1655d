// What all grammar files share: names, flags, depth, and how a rule says that something is wrong.
//
// The grammar is one class in a chain of files, each extending the one before (the only inheritance in the project,
// since Chevrotain's rules are members): see `statement.ts` for its end. Rules refer to later files through abstract
// members. Rule bodies are run once with placeholders to learn the grammar (Chevrotain calls it recording), so code
// that needs real tokens or nodes stands in ACTION or in rules' callbacks.

import { EmbeddedActionsParser, type IToken, type ParserMethod, type TokenType } from 'chevrotain'
import { nestedTooDeep, type SqlError, syntaxError } from '../../core/error.ts'
import type { Name, QualifiedName } from '../ast-leaf.ts'
import { type Expected, FirstTokenLookahead } from '../lookahead.ts'
import * as t from '../tokens.ts'

const { K } = t

/**
 * Deeper nesting fails with 54001, for the sake of those who walk the tree. A level takes 4 to 10 KB of the stack here,
 * so mostly that comes to its end first, as in PostgreSQL; parse.ts makes the same error of it.
 */
export const depthMax = 1_000

export type RuleOf<R, Args extends unknown[] = []> = ParserMethod<Args, R>

export abstract class BaseGrammar extends EmbeddedActionsParser {
  /** The text that is being parsed. */
  text = ''
  readonly expected: Expected
  protected depth = 0

  constructor(expected: Expected, validate: boolean) {
    super([...t.allTokens], {
      maxLookahead: 1,
      lookaheadStrategy: new FirstTokenLookahead(expected),
      skipValidations: !validate,
      errorMessageProvider: {
        buildMismatchTokenMessage: ({ expected: type, actual }) => {
          if (actual.startOffset === expected.at) expected.types.add(type)
          return ''
        },
        buildNotAllInputParsedMessage: () => '',
        buildNoViableAltMessage: () => '',
        buildEarlyExitMessage: () => '',
      },
    })
    this.expected = expected
  }

  override reset(): void {
    super.reset()
    this.depth = 0
  }

  /** Around whatever may contain itself. A rule that throws ends the parse, so there is nothing to undo then. */
  protected enter(): void {
    if (++this.depth > depthMax) throw nestedTooDeep({ position: this.place() })
  }

  protected leave(): void {
    this.depth--
  }

  /** The offset of the next token. */
  protected place(): number {
    return this.LA(1).startOffset
  }

  protected follows(ahead: number, type: TokenType): boolean {
    return this.LA(ahead).tokenTypeIdx === type.tokenTypeIdx
  }

  protected followsAny(ahead: number, ...types: readonly TokenType[]): boolean {
    const { tokenTypeIdx } = this.LA(ahead)
    return types.some((type) => type.tokenTypeIdx === tokenTypeIdx)
  }

  /** Is the token one of the category's? */
  protected followsMember(ahead: number, category: TokenType): boolean {
    return this.isMember(this.LA(ahead), category)
  }

  protected isMember(token: IToken, category: TokenType): boolean {
    return category.categoryMatchesMap?.[token.tokenTypeIdx] === true
  }

  /** The error for a token that no rule could take. */
  unexpected(token: IToken = this.LA(1), hint?: string): SqlError {
    const { startOffset, end } = token as t.Token
    if (!(startOffset >= 0)) return syntaxError('syntax error at end of input', { position: this.text.length, hint })
    const near = this.text.slice(startOffset, end)
    return syntaxError(`syntax error at or near "${near}"`, { position: startOffset, hint })
  }

  /** `[type]`: whether it was there. Numbers from 10 on are kept for these, in each rule. */
  protected has(number: number, type: TokenType): boolean {
    return this.option(number, () => this.consume(number, type)) !== undefined
  }

  /** A keyword's text in lower case, or a name. */
  protected nameOf(token: IToken): Name {
    return { name: token.image, position: token.startOffset }
  }

  // ---- Names ----

  /** A column, alias, relation's last part. */
  readonly name = this.RULE('name', (): Name => this.nameOf(this.CONSUME(t.ColumnId)))

  readonly names = this.RULE('names', (): Name[] => {
    const names: Name[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => names.push(this.SUBRULE(this.name)) })
    return names
  })

  readonly parenthesizedNames = this.RULE('parenthesizedNames', (): Name[] => {
    this.CONSUME(t.OpenParen)
    const names = this.SUBRULE(this.names)
    this.CONSUME(t.CloseParen)
    return names
  })

  /** `a`, `s.a`, `d.s.a` */
  readonly qualifiedName = this.RULE('qualifiedName', (): QualifiedName => {
    const first = this.CONSUME(t.ColumnId)
    const parts = [first.image]
    this.MANY(() => {
      this.CONSUME(t.Dot)
      parts.push(this.CONSUME(t.Label).image)
    })
    return this.ACTION(() => this.checkedName(parts, first.startOffset))
  })

  protected checkedName(parts: readonly string[], position: number): QualifiedName {
    if (parts.length > 3) throw improperName(parts, position)
    return { parts, position }
  }

  readonly qualifiedNames = this.RULE('qualifiedNames', (): QualifiedName[] => {
    const names: QualifiedName[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => names.push(this.SUBRULE(this.qualifiedName)) })
    return names
  })

  // ---- Common phrases ----

  /** IF NOT EXISTS */
  readonly ifNotExists = this.RULE('ifNotExists', (): boolean => {
    const found = this.OPTION(() => {
      this.CONSUME(K.if)
      this.CONSUME(K.not)
      this.CONSUME(K.exists)
      return true
    })
    return found === true
  })

  readonly ifExists = this.RULE('ifExists', (): boolean => {
    const found = this.OPTION(() => {
      this.CONSUME(K.if)
      this.CONSUME(K.exists)
      return true
    })
    return found === true
  })

  /** [CASCADE | RESTRICT] */
  readonly cascade = this.RULE('cascade', (): boolean => {
    const found = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(K.cascade) !== undefined },
        { ALT: () => this.CONSUME(K.restrict) === undefined },
      ]),
    )
    return found === true
  })
}

const improperName = (parts: readonly string[], position: number): SqlError =>
  syntaxError(`improper qualified name (too many dotted names): ${parts.join('.')}`, { position })
