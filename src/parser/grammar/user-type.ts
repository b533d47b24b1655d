// CREATE TYPE … AS ENUM and AS (composite), ALTER TYPE … ADD VALUE, DROP TYPE. Types AS RANGE are refused by name; base
// types have no grammar.

import type { AlterType, CompositeField, CreateType, DropType } from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { DefinitionGrammar } from './definition.ts'

const { K } = t

type Definition = CreateType['definition']

export abstract class UserTypeGrammar extends DefinitionGrammar {
  /** After CREATE. */
  readonly createType = this.RULE('createType', (position: number): CreateType => {
    this.CONSUME(K.type)
    const name = this.SUBRULE(this.qualifiedName)
    this.CONSUME(K.as)
    const definition = this.OR([
      { ALT: () => this.SUBRULE(this.enumLabels) },
      { ALT: () => this.SUBRULE(this.compositeFields) },
      {
        ALT: (): Definition => {
          const { startOffset } = this.CONSUME(K.range)
          this.ACTION(() => this.refuse('CREATE TYPE AS RANGE', startOffset))
          return { kind: 'enum', labels: [] }
        },
      },
    ])
    return { kind: 'createType', position, name, definition }
  })

  readonly enumLabels = this.RULE('enumLabels', (): Definition => {
    const labels: string[] = []
    this.CONSUME(K.enum)
    this.CONSUME(t.OpenParen)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => labels.push(this.CONSUME(t.Text).image) })
    this.CONSUME(t.CloseParen)
    return { kind: 'enum', labels }
  })

  readonly compositeFields = this.RULE('compositeFields', (): Definition => {
    const fields: CompositeField[] = []
    this.CONSUME(t.OpenParen)
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        const name = this.SUBRULE(this.name)
        fields.push({ name, type: this.SUBRULE(this.typeName) })
      },
    })
    this.CONSUME(t.CloseParen)
    return { kind: 'composite', fields }
  })

  readonly alterType = this.RULE('alterType', (): AlterType => {
    const { startOffset: position } = this.CONSUME(K.alter)
    this.CONSUME(K.type)
    const name = this.SUBRULE(this.qualifiedName)
    this.CONSUME(K.add)
    this.CONSUME(K.value)
    const ifNotExists = this.SUBRULE(this.ifNotExists)
    const label = this.CONSUME(t.Text).image
    const place = this.OPTION((): AlterType['place'] => {
      const side = this.OR([
        { ALT: () => this.CONSUME(K.before).image as 'before' },
        { ALT: () => this.CONSUME(K.after).image as 'after' },
      ])
      return { side, label: this.CONSUME2(t.Text).image }
    })
    return { kind: 'alterType', position, name, label, ifNotExists, place }
  })

  readonly dropType = this.RULE('dropType', (): DropType => {
    const { startOffset: position } = this.CONSUME(K.drop)
    this.CONSUME(K.type)
    const ifExists = this.SUBRULE(this.ifExists)
    const names = this.SUBRULE(this.qualifiedNames)
    const cascade = this.SUBRULE(this.cascade)
    return { kind: 'dropType', position, names, ifExists, cascade }
  })
}
