// CREATE TABLE and CREATE SOURCE: columns, their constraints (constraint.ts), and the clauses of sources (option.ts).

import { notSupported } from '../../core/error.ts'
import type { QualifiedName } from '../ast-leaf.ts'
import type {
  ColumnConstraint,
  ColumnDefinition,
  CreateSource,
  CreateTable,
  CreateTableAs,
  TableConstraint,
  Watermark,
} from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { ConstraintGrammar } from './constraint.ts'

const { K } = t

type Element = ColumnDefinition | TableConstraint | Watermark
type Elements = Pick<CreateTable, 'columns' | 'constraints' | 'watermark'>
type SourceClauses = Pick<CreateTable, 'include' | 'options' | 'format'>
export abstract class TableGrammar extends ConstraintGrammar {
  /** After CREATE: TABLE name, then columns, or AS and a query. */
  readonly createTable = this.RULE('createTable', (position: number): CreateTable | CreateTableAs => {
    this.CONSUME(K.table)
    const ifNotExists = this.SUBRULE(this.ifNotExists)
    const name = this.SUBRULE(this.qualifiedName)
    return this.OR([
      {
        GATE: () => this.#hasDefinitions(),
        ALT: () => this.SUBRULE(this.tableDefinition, { ARGS: [name, ifNotExists, position] }),
      },
      { ALT: () => this.SUBRULE(this.tableAs, { ARGS: [name, ifNotExists, position] }) },
    ])
  })

  /** `(` opens definitions, not the names of columns for AS, if a type or another clause follows the first word. */
  #hasDefinitions(): boolean {
    if (!this.follows(1, t.OpenParen)) return false
    return !(this.followsAny(3, t.Comma, t.CloseParen) && this.followsMember(2, t.ColumnId))
  }

  readonly tableDefinition = this.RULE(
    'tableDefinition',
    (name: QualifiedName, ifNotExists: boolean, position: number): CreateTable => {
      const elements = this.SUBRULE(this.tableElements)
      const appendOnly = this.OPTION(() => {
        this.CONSUME(K.append)
        return this.CONSUME(K.only)
      })
      const clauses = this.SUBRULE(this.sourceClauses)
      this.SUBRULE(this.refusedTableClause)
      return {
        kind: 'createTable',
        position,
        name,
        ifNotExists,
        ...elements,
        appendOnly: appendOnly !== undefined,
        ...clauses,
      }
    },
  )

  readonly tableAs = this.RULE(
    'tableAs',
    (name: QualifiedName, ifNotExists: boolean, position: number): CreateTableAs => {
      const columns = this.OPTION(() => this.SUBRULE(this.parenthesizedNames)) ?? []
      const options = this.SUBRULE(this.withOptions)
      this.CONSUME(K.as)
      this.ACTION(() => {
        if (this.follows(1, K.execute)) throw notSupported('CREATE TABLE AS EXECUTE', { position: this.place() })
      })
      const query = this.SUBRULE(this.query)
      const withData = this.SUBRULE(this.withData)
      return { kind: 'createTableAs', position, name, ifNotExists, columns, options, query, withData }
    },
  )

  /** [WITH [NO] DATA] */
  readonly withData = this.RULE('withData', (): boolean => {
    const no = this.OPTION(() => {
      this.CONSUME(K.with)
      const found = this.has(10, K.no)
      this.CONSUME(K.data)
      return found
    })
    return no !== true
  })

  readonly createSource = this.RULE('createSource', (position: number): CreateSource => {
    this.CONSUME(K.source)
    const ifNotExists = this.SUBRULE(this.ifNotExists)
    const name = this.SUBRULE(this.qualifiedName)
    const elements = this.OPTION(() => this.SUBRULE(this.tableElements)) ?? noElements
    const clauses = this.SUBRULE(this.sourceClauses)
    return { kind: 'createSource', position, name, ifNotExists, ...elements, ...clauses }
  })

  /** [INCLUDE …] [WITH (…)] [INCLUDE …] [FORMAT …] */
  readonly sourceClauses = this.RULE('sourceClauses', (): SourceClauses => {
    const before = this.SUBRULE(this.includes)
    const options = this.SUBRULE(this.withOptions)
    const after = this.SUBRULE2(this.includes)
    const format = this.OPTION(() => this.SUBRULE(this.format))
    return this.ACTION(() => ({ include: [...before, ...after], options, format }))
  })

  readonly refusedTableClause = this.RULE('refusedTableClause', () => {
    this.OPTION(() => {
      const { image, startOffset: position } = this.OR([
        { ALT: () => this.CONSUME(K.inherits) },
        { ALT: () => this.CONSUME(K.partition) },
        { ALT: () => this.CONSUME(K.tablespace) },
        { ALT: () => this.CONSUME(K.using) },
        { ALT: () => this.CONSUME(K.without) },
        { ALT: () => this.CONSUME(K.on) },
      ])
      this.ACTION(() => this.refuse(`${image.toUpperCase()} of CREATE TABLE`, position))
    })
  })

  // ---- Columns ----

  readonly tableElements = this.RULE('tableElements', (): Elements => {
    this.CONSUME(t.OpenParen)
    const elements: Element[] = []
    this.MANY_SEP({ SEP: t.Comma, DEF: () => elements.push(this.SUBRULE(this.tableElement)) })
    this.CONSUME(t.CloseParen)
    return this.ACTION(() => this.#sorted(elements))
  })

  #sorted(elements: readonly Element[]): Elements {
    const columns = elements.filter((element) => element.kind === 'columnDefinition')
    const [watermark, second] = elements.filter((element) => element.kind === 'watermark')
    if (second !== undefined) throw notSupported('more than one watermark', { position: second.position })
    const constraints = elements.filter(
      (element): element is TableConstraint => element.kind !== 'columnDefinition' && element.kind !== 'watermark',
    )
    return { columns, constraints, watermark }
  }

  readonly tableElement = this.RULE(
    'tableElement',
    (): Element =>
      this.OR([
        { GATE: () => this.follows(2, K.for), ALT: () => this.SUBRULE(this.watermark) },
        {
          GATE: () => !this.follows(1, K.exclude) || this.followsAny(2, K.using, t.OpenParen),
          ALT: () => this.SUBRULE(this.tableConstraint),
        },
        { ALT: () => this.SUBRULE(this.columnDefinition) },
      ]),
  )

  readonly columnDefinition = this.RULE('columnDefinition', (): ColumnDefinition => {
    const { name, position } = this.SUBRULE(this.name)
    const type = this.OPTION({ GATE: () => !this.follows(1, K.generated), DEF: () => this.SUBRULE(this.typeName) })
    let collation: QualifiedName | undefined
    const constraints: ColumnConstraint[] = []
    this.MANY(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(K.collate)
            collation = this.SUBRULE(this.qualifiedName)
          },
        },
        { ALT: () => constraints.push(this.SUBRULE(this.columnConstraint)) },
      ]),
    )
    this.ACTION(() => {
      if (type === undefined && !constraints.some(({ kind }) => kind === 'computed')) throw this.unexpected()
    })
    return { kind: 'columnDefinition', position, name, type, collation, constraints }
  })
}

const noElements: Elements = { columns: [], constraints: [], watermark: undefined }
