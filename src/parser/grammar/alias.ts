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
            return this.OR2([
              { ALT: () => this.SUBRULE(this.aliasName, { ARGS: [typed] }) },
              {
                GATE: () => typed,
                ALT: () => ({ name: undefined, columns: this.SUBRULE(this.aliasColumns, { ARGS: [typed] }) }),
              },
            ])
          },
        },
        {
          GATE: () => this.followsMember(1, t.AliasId),
          ALT: () => this.SUBRULE2(this.aliasName, { ARGS: [typed] }),
        },
      ]),
    )
    return this.ACTION(() => aliased(found))
  })

  readonly aliasName = this.RULE('aliasName', (typed: boolean) => {
    const name = this.SUBRULE(this.name)
    const columns = this.OPTION(() => this.SUBRULE(this.aliasColumns, { ARGS: [typed] })) ?? []
    return { name, columns }
  })

  readonly aliasColumns = this.RULE('aliasColumns', (typed: boolean): AliasColumn[] => {
    this.CONSUME(t.OpenParen)
    const columns: AliasColumn[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => columns.push(this.SUBRULE(this.aliasColumn, { ARGS: [typed] })) })
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

const aliased = (found: Found | undefined): Aliased => {
  if (found === undefined) return { alias: undefined, definitions: [] }
  const { name, columns } = found
  const definitions = columns.flatMap(({ type, ...column }) => (type === undefined ? [] : [{ ...column, type }]))
  if (name === undefined) return { alias: undefined, definitions }
  return { alias: { ...name, columns: definitions.length > 0 ? [] : columns.map(plainColumn) }, definitions }
}

const plainColumn = ({ name, position }: AliasColumn): { name: string; position: number } => ({ name, position })
