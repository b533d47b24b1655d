// Statements that change rows: INSERT, UPDATE, DELETE, TRUNCATE.

import { notSupported } from '../../core/error.ts'
import type {
  Assignment,
  ConflictTarget,
  Delete,
  Expression,
  IndexElement,
  Insert,
  OnConflict,
  SelectItem,
  Update,
  With,
} from '../ast.ts'
import type { Name, QualifiedName } from '../ast-leaf.ts'
import type { Truncate } from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { WindowTableGrammar } from './window-table.ts'

const { K } = t

type Returning = readonly SelectItem[]
type InsertRows = Pick<Insert, 'columns' | 'overriding' | 'source'>
/** The relation of UPDATE and DELETE. */
type Target = Readonly<{ table: QualifiedName; only: boolean; alias: Name | undefined }>

export abstract class RowGrammar extends WindowTableGrammar {
  override readonly rowChange = this.RULE('rowChange', (withClause: With | undefined): Insert | Update | Delete =>
    this.OR([
      { ALT: () => this.SUBRULE(this.insert, { ARGS: [withClause] }) },
      { ALT: () => this.SUBRULE(this.update, { ARGS: [withClause] }) },
      { ALT: () => this.SUBRULE(this.delete, { ARGS: [withClause] }) },
    ]),
  )

  // ---- INSERT ----

  readonly insert = this.RULE('insert', (withClause: With | undefined): Insert => {
    const { startOffset: position } = this.CONSUME(K.insert)
    this.CONSUME(K.into)
    const table = this.SUBRULE(this.qualifiedName)
    const alias = this.OPTION(() => {
      this.CONSUME(K.as)
      return this.SUBRULE(this.name)
    })
    const rows = this.OR([
      { ALT: () => this.SUBRULE(this.defaultValues) },
      { ALT: () => this.SUBRULE(this.insertRows) },
    ])
    const onConflict = this.OPTION2(() => this.SUBRULE(this.onConflict))
    const returning = this.OPTION3(() => this.SUBRULE(this.returning)) ?? []
    return { kind: 'insert', position, with: withClause, table, alias, ...rows, onConflict, returning }
  })

  readonly defaultValues = this.RULE('defaultValues', (): InsertRows => {
    const { startOffset: position } = this.CONSUME(K.default)
    this.CONSUME(K.values)
    return { columns: [], overriding: undefined, source: { kind: 'defaultValues', position } }
  })

  /** [(columns)] [OVERRIDING SYSTEM | USER VALUE] query */
  readonly insertRows = this.RULE('insertRows', (): InsertRows => {
    const columns = this.OPTION(() => this.SUBRULE(this.insertColumns)) ?? []
    const overriding = this.OPTION2(() => {
      this.CONSUME(K.overriding)
      const { image } = this.OR([{ ALT: () => this.CONSUME(K.system) }, { ALT: () => this.CONSUME(K.user) }])
      this.CONSUME(K.value)
      return image as 'system' | 'user'
    })
    return { columns, overriding, source: this.SUBRULE(this.query) }
  })

  readonly insertColumns = this.RULE('insertColumns', (): Name[] => {
    this.CONSUME(t.OpenParen)
    const columns: Name[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => columns.push(this.SUBRULE(this.targetColumn)) })
    this.CONSUME(t.CloseParen)
    return columns
  })

  /** A column as a target; a part of one (`a.b`, `a[1]`) is not supported. */
  readonly targetColumn = this.RULE('targetColumn', (): Name => {
    const name = this.SUBRULE(this.name)
    const { startOffset: position } = this.LA(1)
    this.ACTION(() => {
      if (this.followsAny(1, t.Dot, t.OpenBracket)) throw notSupported('assigning to a part of a column', { position })
    })
    return name
  })

  readonly onConflict = this.RULE('onConflict', (): OnConflict => {
    const { startOffset: position } = this.CONSUME(K.on)
    this.CONSUME(K.conflict)
    const target = this.OPTION(() => this.SUBRULE(this.conflictTarget))
    this.CONSUME(K.do)
    const update = this.OR([
      { ALT: () => this.consumed(this.CONSUME(K.nothing)) },
      {
        ALT: () => {
          this.CONSUME(K.update)
          const set = this.SUBRULE(this.setClause)
          return { set, where: this.OPTION2(() => this.SUBRULE(this.where)) }
        },
      },
    ])
    return { kind: 'onConflict', position, target, update }
  })

  readonly conflictTarget = this.RULE('conflictTarget', (): ConflictTarget => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        ALT: (): ConflictTarget => {
          const elements = this.SUBRULE(this.indexElements)
          const where = this.OPTION(() => this.SUBRULE(this.where))
          return { kind: 'conflictColumns', position, elements, where }
        },
      },
      {
        ALT: (): ConflictTarget => {
          this.CONSUME(K.on)
          this.CONSUME(K.constraint)
          return { kind: 'conflictConstraint', position, name: this.SUBRULE(this.name) }
        },
      },
    ])
  })

  readonly indexElements = this.RULE('indexElements', (): IndexElement[] => {
    this.CONSUME(t.OpenParen)
    const elements: IndexElement[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => elements.push(this.SUBRULE(this.indexElement)) })
    this.CONSUME(t.CloseParen)
    return elements
  })

  /** A column, a call, or any expression in parentheses. */
  readonly indexElement = this.RULE('indexElement', (): IndexElement => {
    const value = this.OR([
      { ALT: () => this.SUBRULE(this.parenthesizedExpression) },
      { ALT: () => this.SUBRULE(this.indexName) },
    ])
    const collation = this.OPTION(() => {
      this.CONSUME(K.collate)
      return this.SUBRULE(this.qualifiedName)
    })
    const operatorClass = this.OPTION2({
      GATE: () => !this.follows(1, t.NullsBefore),
      DEF: () => this.SUBRULE2(this.qualifiedName),
    })
    const direction = this.SUBRULE(this.direction)
    const nulls = this.SUBRULE(this.nullsOrder)
    return { kind: 'indexElement', position: value.position, value, collation, operatorClass, direction, nulls }
  })

  readonly indexName = this.RULE('indexName', (): Expression => {
    const first = this.LA(1)
    const parts = this.SUBRULE(this.itemName)
    const open = this.LA(1)
    const tail = this.OPTION(() => this.SUBRULE(this.callTail, { ARGS: [true] }))
    return this.ACTION(() => {
      if (tail !== undefined) return this.called(parts, first, open, tail)
      if (parts.length > 1) throw this.unexpected(this.LA(1))
      return { kind: 'column', position: first.startOffset, parts }
    })
  })

  readonly returning = this.RULE('returning', (): Returning => {
    this.CONSUME(K.returning)
    const items: SelectItem[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.selectItem)) })
    return items
  })

  // ---- UPDATE, DELETE, TRUNCATE ----

  readonly update = this.RULE('update', (withClause: With | undefined): Update => {
    const { startOffset: position } = this.CONSUME(K.update)
    const target = this.SUBRULE(this.changeTarget)
    const set = this.SUBRULE(this.setClause)
    const from = this.OPTION(() => this.SUBRULE(this.fromClause)) ?? []
    const where = this.OPTION2(() => this.SUBRULE(this.changeWhere))
    const returning = this.OPTION3(() => this.SUBRULE(this.returning)) ?? []
    return { kind: 'update', position, with: withClause, ...target, set, from, where, returning }
  })

  readonly delete = this.RULE('delete', (withClause: With | undefined): Delete => {
    const { startOffset: position } = this.CONSUME(K.delete)
    this.CONSUME(K.from)
    const target = this.SUBRULE(this.changeTarget)
    const using = this.OPTION(() => {
      this.CONSUME(K.using)
      return this.SUBRULE(this.fromList)
    })
    const where = this.OPTION2(() => this.SUBRULE(this.changeWhere))
    const returning = this.OPTION3(() => this.SUBRULE(this.returning)) ?? []
    return { kind: 'delete', position, with: withClause, ...target, using: using ?? [], where, returning }
  })

  /** SET is no alias without AS here, though a column may be called so. */
  readonly changeTarget = this.RULE('changeTarget', (): Target => {
    const { name: table, only } = this.SUBRULE(this.relation)
    const alias = this.OPTION({
      GATE: () => !this.follows(1, K.set),
      DEF: () => {
        this.OPTION2(() => this.CONSUME(K.as))
        return this.SUBRULE(this.name)
      },
    })
    return { table, only, alias }
  })

  readonly changeWhere = this.RULE('changeWhere', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.where)
    this.ACTION(() => {
      if (this.follows(1, K.current) && this.follows(2, K.of)) throw notSupported('WHERE CURRENT OF', { position })
    })
    return this.SUBRULE(this.expression)
  })

  readonly setClause = this.RULE('setClause', (): Assignment[] => {
    this.CONSUME(K.set)
    const assignments: Assignment[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => assignments.push(this.SUBRULE(this.assignment)) })
    return assignments
  })

  readonly assignment = this.RULE('assignment', (): Assignment => {
    const { startOffset: position } = this.LA(1)
    const target = this.OR([
      { ALT: () => ({ columns: [this.SUBRULE(this.targetColumn)], multiple: false }) },
      { ALT: () => ({ columns: this.SUBRULE(this.insertColumns), multiple: true }) },
    ])
    this.CONSUME(t.Equals)
    return { kind: 'assignment', position, ...target, value: this.SUBRULE(this.expression) }
  })

  readonly truncate = this.RULE('truncate', (): Truncate => {
    const { startOffset: position } = this.CONSUME(K.truncate)
    this.has(10, K.table)
    const tables: QualifiedName[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => tables.push(this.SUBRULE(this.relation).name) })
    const identity = this.OPTION(() => {
      const { image } = this.OR([{ ALT: () => this.CONSUME(K.restart) }, { ALT: () => this.CONSUME(K.continue) }])
      this.CONSUME(K.identity)
      return image
    })
    const cascade = this.SUBRULE(this.cascade)
    return { kind: 'truncate', position, tables, restartIdentity: identity === 'restart', cascade }
  })
}
