// Options and what sources add to a table: WITH (…), FORMAT … ENCODE …, INCLUDE, WATERMARK FOR, EMIT.

import type {
  Emit,
  Encode,
  Format,
  IncludeColumn,
  IncludeField,
  Option,
  OptionValue,
  Watermark,
} from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { RowGrammar } from './row.ts'

const { K } = t

export abstract class OptionGrammar extends RowGrammar {
  /** WITH (a = 1, 'b.c' = 'x', d.e = on) */
  readonly withOptions = this.RULE('withOptions', (): Option[] => {
    const options = this.OPTION(() => {
      this.CONSUME(K.with)
      return this.SUBRULE(this.optionList)
    })
    return options ?? []
  })

  readonly optionList = this.RULE('optionList', (): Option[] => {
    this.CONSUME(t.OpenParen)
    const options: Option[] = []
    this.MANY_SEP({ SEP: t.Comma, DEF: () => options.push(this.SUBRULE(this.optionItem)) })
    this.CONSUME(t.CloseParen)
    return options
  })

  /** `name`, `name value`, `name = value`; the name may be dotted or a string. */
  readonly optionItem = this.RULE('optionItem', (): Option => {
    const { startOffset: position } = this.LA(1)
    const name = this.OR([{ ALT: () => this.CONSUME(t.Text).image }, { ALT: () => this.SUBRULE(this.optionName) }])
    const value = this.OPTION(() => {
      this.OPTION2(() => this.CONSUME(t.Equals))
      return this.SUBRULE(this.optionValue)
    })
    return { kind: 'option', position, name, value }
  })

  readonly optionName = this.RULE('optionName', (): string => {
    const parts = [this.CONSUME(t.Label).image]
    this.MANY(() => {
      this.CONSUME(t.Dot)
      parts.push(this.CONSUME2(t.Label).image)
    })
    return parts.join('.')
  })

  readonly optionValue = this.RULE('optionValue', (): OptionValue => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      { ALT: (): OptionValue => this.SUBRULE(this.stringLiteral) },
      { ALT: (): OptionValue => this.SUBRULE(this.signedNumber) },
      { ALT: (): OptionValue => ({ kind: 'word', position, value: this.CONSUME(t.Label).image }) },
      {
        ALT: (): OptionValue => {
          this.CONSUME(t.Asterisk)
          return { kind: 'optionStar', position }
        },
      },
      {
        ALT: (): OptionValue => {
          this.CONSUME(t.OpenParen)
          const items: OptionValue[] = []
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.optionScalar)) })
          this.CONSUME(t.CloseParen)
          return { kind: 'optionList', position, items }
        },
      },
    ])
  })

  readonly optionScalar = this.RULE('optionScalar', (): OptionValue => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      { ALT: (): OptionValue => this.SUBRULE(this.stringLiteral) },
      { ALT: (): OptionValue => this.SUBRULE(this.signedNumber) },
      { ALT: (): OptionValue => ({ kind: 'word', position, value: this.CONSUME(t.Label).image }) },
    ])
  })

  readonly signedNumber = this.RULE('signedNumber', () => {
    const { startOffset: position } = this.LA(1)
    const sign = this.OPTION(() => this.CONSUME(t.Sign).image)
    const { text } = this.SUBRULE(this.numberLiteral)
    return { kind: 'number' as const, position, text: sign === '-' ? `-${text}` : text }
  })

  // ---- Sources ----

  /** INCLUDE KEY AS k, as often as wanted. */
  readonly includes = this.RULE('includes', (): IncludeColumn[] => {
    const columns: IncludeColumn[] = []
    this.MANY(() => {
      const { startOffset: position } = this.CONSUME(K.include)
      const { image } = this.OR([
        { ALT: () => this.CONSUME(K.key) },
        { ALT: () => this.CONSUME(K.partition) },
        { ALT: () => this.CONSUME(K.offset) },
        { ALT: () => this.CONSUME(K.timestamp) },
        { ALT: () => this.CONSUME(K.headers) },
      ])
      const alias = this.OPTION(() => {
        this.CONSUME(K.as)
        return this.SUBRULE(this.name)
      })
      columns.push({ kind: 'include', position, what: image as IncludeField, alias })
    })
    return columns
  })

  /** FORMAT PLAIN [(options)] [ENCODE JSON [(options)]] */
  readonly format = this.RULE('format', (): Format => {
    const { startOffset: position } = this.CONSUME(K.format)
    const name = this.CONSUME(t.Label).image.toUpperCase()
    const options = this.OPTION(() => this.SUBRULE(this.optionList)) ?? []
    const encode = this.OPTION2(() => this.SUBRULE(this.encode))
    return { kind: 'format', position, name, options, encode }
  })

  readonly encode = this.RULE('encode', (): Encode => {
    const { startOffset: position } = this.CONSUME(K.encode)
    const name = this.CONSUME(t.Label).image.toUpperCase()
    const options = this.OPTION(() => this.SUBRULE(this.optionList)) ?? []
    return { kind: 'encode', position, name, options }
  })

  readonly watermark = this.RULE('watermark', (): Watermark => {
    const { startOffset: position } = this.CONSUME(K.watermark)
    this.CONSUME(K.for)
    const column = this.SUBRULE(this.name)
    this.CONSUME(K.as)
    return { kind: 'watermark', position, column, value: this.SUBRULE(this.expression) }
  })

  // ---- EMIT ----

  readonly emit = this.RULE('emit', (): Emit => {
    const { startOffset: position } = this.CONSUME(t.EmitClause)
    return this.OR([
      {
        ALT: (): Emit => {
          this.CONSUME(K.changes)
          const unit = this.OPTION(() => {
            const word = this.OR2([{ ALT: () => this.CONSUME(K.every) }, { ALT: () => this.CONSUME(K.after) }])
            return { unit: word.image as 'every' | 'after', duration: this.SUBRULE(this.expression) }
          })
          return { kind: 'emit', position, onWindowClose: false, delay: unit }
        },
      },
      {
        ALT: (): Emit => {
          this.CONSUME(K.on)
          this.CONSUME(K.window)
          this.CONSUME(K.close)
          const delay = this.OPTION2(() => {
            this.CONSUME(K.and)
            this.CONSUME2(K.changes)
            this.CONSUME2(K.every)
            return { unit: 'every' as const, duration: this.SUBRULE2(this.expression) }
          })
          return { kind: 'emit', position, onWindowClose: true, delay }
        },
      },
    ])
  })
}
