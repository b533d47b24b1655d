// Views, indexes, schemas; DROP, ALTER, COMMENT.

import type { Query } from '../ast.ts'
import type { Name } from '../ast-leaf.ts'
import type {
  Alter,
  AlterAction,
  Comment,
  CreateIndex,
  CreateMaterializedView,
  CreateSchema,
  CreateView,
  Drop,
  ObjectType,
  Option,
} from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { TableGrammar } from './table.ts'

const { K } = t

type ViewBody = Readonly<{ columns: Name[]; options: Option[]; query: Query }>

export abstract class DefinitionGrammar extends TableGrammar {
  // ---- CREATE ----

  readonly createView = this.RULE('createView', (position: number, orReplace: boolean): CreateView => {
    this.CONSUME(K.view)
    const ifNotExists = this.SUBRULE(this.ifNotExists)
    const name = this.SUBRULE(this.qualifiedName)
    const body = this.SUBRULE(this.viewBody)
    this.OPTION(() => {
      const { startOffset } = this.CONSUME(K.with)
      this.ACTION(() => this.refuse('WITH CHECK OPTION', startOffset))
    })
    return { kind: 'createView', position, name, orReplace, ifNotExists, ...body }
  })

  readonly viewBody = this.RULE('viewBody', (): ViewBody => {
    const columns = this.OPTION(() => this.SUBRULE(this.parenthesizedNames)) ?? []
    const options = this.SUBRULE(this.withOptions)
    this.CONSUME(K.as)
    return { columns, options, query: this.SUBRULE(this.query) }
  })

  readonly createMaterializedView = this.RULE(
    'createMaterializedView',
    (position: number, orReplace: boolean): CreateMaterializedView => {
      this.CONSUME(K.materialized)
      this.CONSUME(K.view)
      const ifNotExists = this.SUBRULE(this.ifNotExists)
      const name = this.SUBRULE(this.qualifiedName)
      const body = this.SUBRULE(this.viewBody)
      const emit = this.OPTION(() => this.SUBRULE(this.emit))
      const withData = this.SUBRULE(this.withData)
      return { kind: 'createMaterializedView', position, name, orReplace, ifNotExists, ...body, emit, withData }
    },
  )

  readonly createIndex = this.RULE('createIndex', (position: number): CreateIndex => {
    const unique = this.has(10, K.unique)
    this.CONSUME(K.index)
    const concurrently = this.has(11, K.concurrently)
    const ifNotExists = this.SUBRULE(this.ifNotExists)
    const name = this.OPTION(() => this.SUBRULE(this.name))
    this.CONSUME(K.on)
    const { name: table } = this.SUBRULE(this.relation)
    const method = this.OPTION2(() => {
      this.CONSUME(K.using)
      return this.SUBRULE2(this.name).name
    })
    const elements = this.SUBRULE(this.indexElements)
    const include = this.OPTION3(() => {
      this.CONSUME(K.include)
      return this.SUBRULE(this.parenthesizedNames)
    })
    const nullsNotDistinct = this.SUBRULE(this.nullsNotDistinct)
    const options = this.SUBRULE(this.withOptions)
    const where = this.OPTION4(() => this.SUBRULE(this.where))
    const head = { kind: 'createIndex' as const, position, name, table, unique, concurrently, ifNotExists, method }
    return { ...head, elements, include: include ?? [], nullsNotDistinct, options, where }
  })

  readonly createSchema = this.RULE('createSchema', (position: number): CreateSchema => {
    this.CONSUME(K.schema)
    const ifNotExists = this.SUBRULE(this.ifNotExists)
    const name = this.SUBRULE(this.name)
    return { kind: 'createSchema', position, name, ifNotExists }
  })

  // ---- DROP, COMMENT ----

  readonly objectType = this.RULE(
    'objectType',
    (): ObjectType =>
      this.OR([
        { ALT: () => this.CONSUME(K.table).image as 'table' },
        { ALT: () => this.CONSUME(K.source).image as 'source' },
        { ALT: () => this.CONSUME(K.view).image as 'view' },
        {
          ALT: () => {
            this.CONSUME(K.materialized)
            this.CONSUME2(K.view)
            return 'materialized view' as const
          },
        },
        { ALT: () => this.CONSUME(K.index).image as 'index' },
        { ALT: () => this.CONSUME(K.schema).image as 'schema' },
        { ALT: () => this.CONSUME(K.sink).image as 'sink' },
      ]),
  )

  readonly drop = this.RULE('drop', (): Drop => {
    const { startOffset: position } = this.CONSUME(K.drop)
    const type = this.SUBRULE(this.objectType)
    this.OPTION({ GATE: () => type === 'index', DEF: () => this.CONSUME(K.concurrently) })
    const ifExists = this.SUBRULE(this.ifExists)
    const names = this.SUBRULE(this.qualifiedNames)
    const cascade = this.SUBRULE(this.cascade)
    return { kind: 'drop', position, type, names, ifExists, cascade }
  })

  readonly comment = this.RULE('comment', (): Comment => {
    const { startOffset: position } = this.CONSUME(K.comment)
    this.CONSUME(K.on)
    const type = this.OR([
      { ALT: () => this.SUBRULE(this.objectType) },
      { ALT: () => this.CONSUME(K.column).image as 'column' },
    ])
    const path = this.CONSUME(t.ColumnId)
    const parts = [path.image]
    this.MANY(() => {
      this.CONSUME(t.Dot)
      parts.push(this.CONSUME(t.Label).image)
    })
    this.CONSUME(K.is)
    const text = this.OR2([
      { ALT: () => this.CONSUME(t.Text).image },
      { ALT: () => this.consumed(this.CONSUME(K.null)) },
    ])
    return this.ACTION(() => {
      const column = type === 'column' ? parts.pop() : undefined
      if (parts.length === 0) throw this.unexpected(this.LA(0))
      return { kind: 'comment', position, type, name: this.checkedName(parts, path.startOffset), column, text }
    })
  })

  // ---- ALTER ----

  readonly alter = this.RULE('alter', (): Alter => {
    const { startOffset: position } = this.CONSUME(K.alter)
    const type = this.SUBRULE(this.objectType)
    const ifExists = this.SUBRULE(this.ifExists)
    const { name } = this.SUBRULE(this.relation)
    const actions: AlterAction[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => actions.push(this.SUBRULE(this.alterAction)) })
    return { kind: 'alter', position, type, name, ifExists, actions }
  })

  readonly alterAction = this.RULE(
    'alterAction',
    (): AlterAction =>
      this.OR([
        { ALT: () => this.SUBRULE(this.rename) },
        { ALT: () => this.SUBRULE(this.addAction) },
        { ALT: () => this.SUBRULE(this.dropAction) },
        { ALT: () => this.SUBRULE(this.alterColumn) },
        { ALT: () => this.SUBRULE(this.setAction) },
        {
          ALT: (): AlterAction => {
            const { startOffset: position } = this.CONSUME(K.advance)
            this.CONSUME(K.watermark)
            this.CONSUME(K.to)
            return { kind: 'advanceWatermark', position, to: this.SUBRULE(this.expression) }
          },
        },
        { GATE: () => refusedActions.has(this.LA(1).image), ALT: () => this.SUBRULE(this.refusedAction) },
      ]),
  )

  /** RENAME TO n, RENAME [COLUMN] a TO b, RENAME CONSTRAINT a TO b */
  readonly rename = this.RULE('rename', (): AlterAction => {
    const { startOffset: position } = this.CONSUME(K.rename)
    return this.OR([
      {
        ALT: (): AlterAction => {
          this.CONSUME(K.to)
          return { kind: 'renameTo', position, to: this.SUBRULE(this.name) }
        },
      },
      {
        ALT: (): AlterAction => {
          this.CONSUME(K.constraint)
          const constraint = this.SUBRULE2(this.name)
          this.CONSUME2(K.to)
          return { kind: 'renameConstraint', position, constraint, to: this.SUBRULE3(this.name) }
        },
      },
      {
        ALT: (): AlterAction => {
          this.OPTION(() => this.CONSUME(K.column))
          const column = this.SUBRULE4(this.name)
          this.CONSUME3(K.to)
          return { kind: 'renameColumn', position, column, to: this.SUBRULE5(this.name) }
        },
      },
    ])
  })

  readonly addAction = this.RULE('addAction', (): AlterAction => {
    const { startOffset: position } = this.CONSUME(K.add)
    return this.OR([
      {
        GATE: () => !this.follows(1, K.exclude),
        ALT: (): AlterAction => ({ kind: 'addConstraint', position, constraint: this.SUBRULE(this.tableConstraint) }),
      },
      {
        ALT: (): AlterAction => {
          this.OPTION(() => this.CONSUME(K.column))
          const ifNotExists = this.SUBRULE(this.ifNotExists)
          return { kind: 'addColumn', position, column: this.SUBRULE(this.columnDefinition), ifNotExists }
        },
      },
    ])
  })

  readonly dropAction = this.RULE('dropAction', (): AlterAction => {
    const { startOffset: position } = this.CONSUME(K.drop)
    return this.OR([
      {
        ALT: (): AlterAction => {
          this.CONSUME(K.constraint)
          const ifExists = this.SUBRULE(this.ifExists)
          const constraint = this.SUBRULE(this.name)
          return { kind: 'dropConstraint', position, constraint, ifExists, cascade: this.SUBRULE(this.cascade) }
        },
      },
      {
        ALT: (): AlterAction => {
          this.OPTION(() => this.CONSUME(K.column))
          const ifExists = this.SUBRULE2(this.ifExists)
          const column = this.SUBRULE2(this.name)
          return { kind: 'dropColumn', position, column, ifExists, cascade: this.SUBRULE2(this.cascade) }
        },
      },
    ])
  })

  /** ALTER [COLUMN] c SET DEFAULT e | DROP DEFAULT | SET NOT NULL | DROP NOT NULL | [SET DATA] TYPE t [USING e] */
  readonly alterColumn = this.RULE('alterColumn', (): AlterAction => {
    const { startOffset: position } = this.CONSUME(K.alter)
    this.OPTION(() => this.CONSUME(K.column))
    const column = this.SUBRULE(this.name)
    return this.OR([
      {
        GATE: () => this.follows(2, K.default),
        ALT: (): AlterAction => {
          this.CONSUME(K.set)
          this.CONSUME(K.default)
          return { kind: 'setDefault', position, column, value: this.SUBRULE(this.expression) }
        },
      },
      {
        GATE: () => this.follows(2, K.not),
        ALT: (): AlterAction => {
          this.CONSUME2(K.set)
          this.CONSUME(K.not)
          this.CONSUME(K.null)
          return { kind: 'setNotNull', position, column }
        },
      },
      {
        GATE: () => this.follows(2, K.default),
        ALT: (): AlterAction => {
          this.CONSUME(K.drop)
          this.CONSUME2(K.default)
          return { kind: 'dropDefault', position, column }
        },
      },
      {
        GATE: () => this.follows(2, K.not),
        ALT: (): AlterAction => {
          this.CONSUME2(K.drop)
          this.CONSUME2(K.not)
          this.CONSUME2(K.null)
          return { kind: 'dropNotNull', position, column }
        },
      },
      {
        ALT: (): AlterAction => {
          this.OPTION2(() => {
            this.CONSUME3(K.set)
            this.CONSUME(K.data)
          })
          this.CONSUME(K.type)
          const type = this.SUBRULE(this.typeName)
          const using = this.OPTION3(() => {
            this.CONSUME(K.using)
            return this.SUBRULE2(this.expression)
          })
          return { kind: 'setType', position, column, type, using }
        },
      },
    ])
  })

  /** SET SCHEMA s, SET (options) */
  readonly setAction = this.RULE('setAction', (): AlterAction => {
    const { startOffset: position } = this.CONSUME(K.set)
    return this.OR([
      {
        ALT: (): AlterAction => {
          this.CONSUME(K.schema)
          return { kind: 'setSchema', position, schema: this.SUBRULE(this.name) }
        },
      },
      { ALT: (): AlterAction => ({ kind: 'setOptions', position, options: this.SUBRULE(this.optionList) }) },
    ])
  })

  readonly refusedAction = this.RULE('refusedAction', (): AlterAction => {
    const { image, startOffset: position } = this.CONSUME(t.Label)
    return this.ACTION(() => this.refuse(`${image.toUpperCase()} of ALTER`, position))
  })
}

/** The first words of what else PostgreSQL's ALTER TABLE can do. */
const refusedActions: ReadonlySet<string> = new Set(
  'owner enable disable attach detach inherit no force cluster validate replica reset of not depends'.split(' '),
)
