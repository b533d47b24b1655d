// Aliases in FROM: a name, perhaps the columns' names, and for functions perhaps the columns' types.

import type { StructField, TableAlias } from '../ast.ts'
import * as t from '../tokens.ts'
import { QueryGrammar } from './query.ts'

const { K } = t

/** What stands after AS: an alias, and for functions perhaps the columns with their types. */
type Aliased = Readonly<{ alias: TableAlias | undefined; definitions: readonly StructField[] }>
type AliasColumn = Readonly<{ name: string; position: number; type: StructField['type'] | undefined }>

export abstract class AliasGrammar extends QueryGrammar {
  readonly tableAlias = this.RULE('tableAlias', (typed: boolean): Aliased => {
    const found = this.OPTION(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(K.as)
            return this.SUBRULE(this.explicitAlias, { ARGS: [typed] })
          },
        },
        {
          ALT: () => {
            const name = this.nameOf(this.CONSUME(t.AliasId))
            return { name, columns: this.SUBRULE(this.optionalColumns, { ARGS: [typed] }) }
          },
        },
      ]),
    )
    return found === undefined ? noAlias : this.ACTION(() => aliased(found))
  })

  /** After AS: any name, or the columns of a function alone. */
  readonly explicitAlias = this.RULE(
    'explicitAlias',
    (typed: boolean): Found =>
      this.OR([
        {
          ALT: () => {
            const name = this.SUBRULE(this.name)
            return { name, columns: this.SUBRULE(this.optionalColumns, { ARGS: [typed] }) }
          },
        },
        {
          GATE: () => typed,
          ALT: () => ({ name: undefined, columns: this.SUBRULE(this.aliasColumns, { ARGS: [typed] }) }),
        },
      ]),
  )

  readonly optionalColumns = this.RULE('optionalColumns', (typed: boolean): AliasColumn[] => {
    return this.OPTION(() => this.SUBRULE(this.aliasColumns, { ARGS: [typed] })) ?? []
  })

  /** Names, or for functions names with types: all of them or none. */
  readonly aliasColumns = this.RULE('aliasColumns', (typed: boolean): AliasColumn[] => {
    this.CONSUME(t.OpenParen)
    const columns: AliasColumn[] = []
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        const mayBeTyped = typed && (columns.length === 0 || columns[0]!.type !== undefined)
        columns.push(this.SUBRULE(this.aliasColumn, { ARGS: [mayBeTyped] }))
        this.ACTION(() => {
          if (columns[0]!.type !== undefined && columns.at(-1)!.type === undefined) throw this.unexpected()
        })
      },
    })
    this.CONSUME(t.CloseParen)
    return columns
  })

  readonly aliasColumn = this.RULE('aliasColumn', (typed: boolean): AliasColumn => {
    const { name, position } = this.SUBRULE(this.name)
    const type = this.OPTION({ GATE: () => typed, DEF: () => this.SUBRULE(this.typeName) })
    return { name, position, type }
  })
}

type Found = Readonly<{ name: { name: string; position: number } | undefined; columns: readonly AliasColumn[] }>

const noAlias: Aliased = { alias: undefined, definitions: [] }

const aliased = ({ name, columns }: Found): Aliased => {
  const definitions = columns.flatMap(({ type, ...column }) => (type === undefined ? [] : [{ ...column, type }]))
  if (name === undefined) return { alias: undefined, definitions }
  return { alias: { ...name, columns: definitions.length > 0 ? [] : columns.map(plainColumn) }, definitions }
}

const plainColumn = ({ name, position }: AliasColumn): { name: string; position: number } => ({ name, position })
