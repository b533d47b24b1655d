// COPY of a relation, a query or a subscription; its options in both spellings become one list.

import { notSupported } from '../../core/error.ts'
import type { Query } from '../ast.ts'
import type { Copy, CopyTable, Option, Subscribe } from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { PortalGrammar } from './portal.ts'

const { K } = t

export abstract class CopyGrammar extends PortalGrammar {
  readonly copy = this.RULE('copy', (): Copy => {
    const { startOffset: position } = this.CONSUME(K.copy)
    const { subject, direction } = this.OR([
      { ALT: () => this.SUBRULE(this.copyTable) },
      { ALT: () => this.SUBRULE(this.copyQuery) },
    ])
    const file = this.LA(1)
    const place = this.OR2([
      { ALT: () => this.CONSUME(K.stdin).image },
      { ALT: () => this.CONSUME(K.stdout).image },
      { ALT: () => this.CONSUME(t.Text) && 'a file' },
      { ALT: () => this.CONSUME(K.program) && 'a program' },
    ])
    this.ACTION(() => {
      if (place.startsWith('a ')) throw notSupported(`COPY of ${place}`, { position: file.startOffset })
    })
    const options = this.SUBRULE(this.copyOptions)
    const where = this.OPTION(() => this.SUBRULE(this.where))
    return { kind: 'copy', position, subject, direction, options, where }
  })

  readonly copyTable = this.RULE('copyTable', () => {
    const { parts, position } = this.SUBRULE(this.qualifiedName)
    const columns = this.OPTION(() => this.SUBRULE(this.parenthesizedNames)) ?? []
    const { image } = this.OR([{ ALT: () => this.CONSUME(K.from) }, { ALT: () => this.CONSUME(K.to) }])
    const subject: CopyTable = { kind: 'copyTable', position, name: { parts, position }, columns }
    return { subject: subject as Copy['subject'], direction: image as 'to' | 'from' }
  })

  /** (query) or (SUBSCRIBE …), which can only be copied out. */
  readonly copyQuery = this.RULE('copyQuery', () => {
    const subject = this.OR([
      { ALT: (): Query | Subscribe => this.SUBRULE(this.parenthesizedQuery) },
      {
        ALT: (): Query | Subscribe => {
          this.CONSUME(t.OpenParen)
          const { image, startOffset } = this.LA(1)
          this.ACTION(() => {
            if (this.followsAny(1, K.insert, K.update, K.delete)) {
              throw notSupported(`COPY of ${image.toUpperCase()}`, { position: startOffset })
            }
          })
          const subscribe = this.SUBRULE(this.subscribe)
          this.CONSUME(t.CloseParen)
          return subscribe
        },
      },
    ])
    this.CONSUME(K.to)
    return { subject: subject as Copy['subject'], direction: 'to' as const }
  })

  /** [WITH] (options), or the spelling of old: [WITH] CSV HEADER DELIMITER ','. */
  readonly copyOptions = this.RULE('copyOptions', (): Option[] => {
    this.OPTION(() => this.CONSUME(K.with))
    return this.OR([
      { ALT: () => this.SUBRULE(this.optionList) },
      {
        ALT: () => {
          const options: Option[] = []
          this.MANY(() => options.push(this.SUBRULE(this.oldCopyOption)))
          return options
        },
      },
    ])
  })

  readonly oldCopyOption = this.RULE('oldCopyOption', (): Option => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        ALT: (): Option => {
          const { image } = this.OR2([{ ALT: () => this.CONSUME(K.csv) }, { ALT: () => this.CONSUME(K.binary) }])
          return { kind: 'option', position, name: 'format', value: { kind: 'word', position, value: image } }
        },
      },
      {
        ALT: (): Option => {
          const { image } = this.OR3([{ ALT: () => this.CONSUME(K.header) }, { ALT: () => this.CONSUME(K.freeze) }])
          return { kind: 'option', position, name: image, value: undefined }
        },
      },
      {
        ALT: (): Option => {
          const { image } = this.OR4([
            { ALT: () => this.CONSUME(K.delimiter) },
            { ALT: () => this.CONSUME(K.null) },
            { ALT: () => this.CONSUME(K.quote) },
            { ALT: () => this.CONSUME(K.escape) },
            { ALT: () => this.CONSUME(K.encoding) },
          ])
          this.OPTION(() => this.CONSUME(K.as))
          return { kind: 'option', position, name: image, value: this.SUBRULE(this.stringLiteral) }
        },
      },
      { ALT: () => this.SUBRULE(this.forceOption) },
    ])
  })

  /** FORCE QUOTE a, b | *, FORCE NOT NULL a, FORCE NULL a */
  readonly forceOption = this.RULE('forceOption', (): Option => {
    const { startOffset: position } = this.CONSUME(K.force)
    const name = this.OR([
      { ALT: () => this.CONSUME(K.quote) && 'force_quote' },
      { ALT: () => this.CONSUME(K.null) && 'force_null' },
      {
        ALT: () => {
          this.CONSUME(K.not)
          this.CONSUME2(K.null)
          return 'force_not_null'
        },
      },
    ])
    const columns = this.OR2([
      { ALT: () => this.consumed(this.CONSUME(t.Asterisk)) },
      { ALT: () => this.SUBRULE(this.names) },
    ])
    return this.ACTION((): Option => {
      if (columns === undefined) return { kind: 'option', position, name, value: { kind: 'optionStar', position } }
      const items = columns.map((column) => ({ kind: 'word' as const, position: column.position, value: column.name }))
      return { kind: 'option', position, name, value: { kind: 'optionList', position, items } }
    })
  })
}
