// FROM: relations, subqueries, functions and joins; their aliases are in alias.ts.
//
// The right side of a join with ON or USING takes the joins that follow it before its own condition comes:
// a JOIN b JOIN c ON x ON y is a JOIN (b JOIN c ON x) ON y.

import type { IToken } from 'chevrotain'
import { notSupported } from '../../core/error.ts'
import type {
  DerivedTable,
  Expression,
  FunctionTable,
  Join,
  JoinCondition,
  RelationRef,
  StructField,
  TableFunction,
  TableRef,
} from '../ast.ts'
import type { QualifiedName } from '../ast-leaf.ts'
import * as t from '../tokens.ts'
import { AliasGrammar } from './alias.ts'
import type { RuleOf } from './base.ts'

const { K } = t

type JoinType = Exclude<Join['type'], 'cross'>
export abstract class FromGrammar extends AliasGrammar {
  protected abstract readonly windowTable: RuleOf<TableRef>

  override readonly fromList = this.RULE('fromList', (): TableRef[] => {
    const items: TableRef[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.tableRef)) })
    return items
  })

  readonly tableRef = this.RULE('tableRef', (): TableRef => {
    this.ACTION(() => this.enter())
    let left = this.SUBRULE(this.fromItem)
    this.MANY(() => {
      left = this.SUBRULE(this.joinTail, { ARGS: [left] })
    })
    this.ACTION(() => this.leave())
    return left
  })

  // ---- Joins ----

  readonly joinTail = this.RULE('joinTail', (left: TableRef): TableRef => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        ALT: (): Join => {
          this.CONSUME(K.cross)
          this.CONSUME(K.join)
          const right = this.SUBRULE(this.fromItem)
          return { ...plainJoin(left, right, position), type: 'cross' }
        },
      },
      {
        ALT: (): Join => {
          this.CONSUME(K.natural)
          const type = this.SUBRULE(this.joinType)
          this.CONSUME2(K.join)
          const right = this.SUBRULE2(this.fromItem)
          return { ...plainJoin(left, right, position), type, condition: { kind: 'natural', position } }
        },
      },
      {
        ALT: (): Join => {
          const asofFirst = this.has(10, t.AsofJoin)
          const type = this.SUBRULE2(this.joinType)
          const asofLast = this.OPTION({ GATE: () => !asofFirst, DEF: () => this.CONSUME2(t.AsofJoin) })
          this.CONSUME3(K.join)
          const right = this.SUBRULE(this.tableRef)
          const condition = this.SUBRULE(this.joinCondition)
          const asof = asofFirst || asofLast !== undefined
          return { ...plainJoin(left, right, position), type, asof, condition }
        },
      },
    ])
  })

  readonly joinType = this.RULE('joinType', (): JoinType => {
    const found = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(K.inner).image },
        {
          ALT: () => {
            const { image } = this.OR2([
              { ALT: () => this.CONSUME(K.left) },
              { ALT: () => this.CONSUME(K.right) },
              { ALT: () => this.CONSUME(K.full) },
            ])
            this.OPTION2(() => this.CONSUME(K.outer))
            return image
          },
        },
      ]),
    )
    return (found ?? 'inner') as JoinType
  })

  readonly joinCondition = this.RULE('joinCondition', (): JoinCondition => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        ALT: (): JoinCondition => {
          this.CONSUME(K.on)
          return { kind: 'on', position, predicate: this.SUBRULE(this.expression) }
        },
      },
      {
        ALT: (): JoinCondition => {
          this.CONSUME(K.using)
          const columns = this.SUBRULE(this.parenthesizedNames)
          const alias = this.OPTION(() => {
            this.CONSUME(K.as)
            return this.SUBRULE(this.name)
          })
          return { kind: 'using', position, columns, alias }
        },
      },
    ])
  })

  // ---- Items ----

  readonly fromItem = this.RULE('fromItem', (): TableRef => {
    const item = this.OR([
      { ALT: () => this.SUBRULE(this.derived, { ARGS: [false] }) },
      { ALT: () => this.SUBRULE(this.parenthesizedJoin) },
      { GATE: () => this.isWindowFunction(1), ALT: () => this.SUBRULE(this.windowTable) },
      { GATE: () => this.follows(2, K.from), ALT: () => this.SUBRULE(this.rowsFrom, { ARGS: [false] }) },
      { ALT: () => this.SUBRULE(this.lateral) },
      { ALT: () => this.SUBRULE(this.tableOf, { ARGS: [false] }) },
      { GATE: () => this.isCurrentValue(), ALT: () => this.SUBRULE(this.currentValueTable) },
      { GATE: () => this.isCall(), ALT: () => this.SUBRULE(this.specialTable) },
      { ALT: () => this.SUBRULE(this.onlyRelation) },
      { ALT: () => this.SUBRULE(this.namedItem, { ARGS: [false] }) },
    ])
    const { image, startOffset } = this.LA(1)
    this.ACTION(() => {
      if (this.followsAny(1, K.match_recognize, K.tablesample)) {
        throw notSupported(image.toUpperCase(), { position: startOffset })
      }
    })
    return item
  })

  protected isWindowFunction(ahead: number): boolean {
    return (
      this.followsAny(ahead, K.tumble, K.hop, K.cumulate, K.session) &&
      (this.follows(ahead + 1, t.OpenParen) || this.follows(ahead + 1, t.OpenQuery))
    )
  }

  readonly derived = this.RULE('derived', (lateral: boolean): DerivedTable => {
    const { startOffset: position } = this.LA(1)
    const query = this.SUBRULE(this.parenthesizedQuery)
    const { alias } = this.SUBRULE(this.tableAlias, { ARGS: [false] })
    return { kind: 'derived', position, query, lateral, alias }
  })

  readonly parenthesizedJoin = this.RULE('parenthesizedJoin', (): TableRef => {
    this.CONSUME(t.OpenParen)
    const inside = this.SUBRULE(this.tableRef)
    const close = this.LA(1)
    this.CONSUME(t.CloseParen)
    const { alias } = this.SUBRULE(this.tableAlias, { ARGS: [false] })
    return this.ACTION(() => {
      if (inside.kind !== 'join') throw this.unexpected(close)
      if (alias === undefined) return inside
      if (inside.alias !== undefined) throw this.unexpected(this.LA(0))
      return { ...inside, alias }
    })
  })

  readonly lateral = this.RULE('lateral', (): TableRef => {
    this.CONSUME(K.lateral)
    return this.OR([
      { ALT: () => this.SUBRULE(this.derived, { ARGS: [true] }) },
      { GATE: () => this.follows(2, K.from), ALT: () => this.SUBRULE(this.rowsFrom, { ARGS: [true] }) },
      { ALT: () => this.SUBRULE(this.tableOf, { ARGS: [true] }) },
      { ALT: () => this.SUBRULE(this.namedItem, { ARGS: [true] }) },
    ])
  })

  /** TABLE(f(x)): the standard's way to call a table function. */
  readonly tableOf = this.RULE('tableOf', (lateral: boolean): TableRef => {
    this.CONSUME(K.table)
    this.CONSUME(t.OpenParen)
    const inside = this.OR([
      { GATE: () => this.isWindowFunction(1), ALT: () => this.SUBRULE(this.windowTable) },
      { ALT: () => this.SUBRULE(this.namedItem, { ARGS: [lateral] }) },
    ])
    const close = this.LA(1)
    this.CONSUME(t.CloseParen)
    const { alias } = this.SUBRULE(this.tableAlias, { ARGS: [true] })
    return this.ACTION(() => {
      if (inside.kind === 'relation' || inside.alias !== undefined) throw this.unexpected(close)
      return { ...inside, alias } as TableRef
    })
  })

  /** A relation or a call of a function, which the parenthesis tells. */
  readonly namedItem = this.RULE('namedItem', (lateral: boolean): TableRef => {
    const first = this.LA(1)
    const parts = this.SUBRULE(this.itemName)
    const end = this.LA(1)
    return this.OR([
      {
        ALT: (): TableRef => {
          const tail = this.SUBRULE(this.callTail, { ARGS: [true] })
          const functions = this.ACTION(() => tableFunctions(this.called(parts, first, end, tail)))
          return this.SUBRULE(this.functionTable, { ARGS: [functions, lateral === true] })
        },
      },
      {
        ALT: (): TableRef => {
          const name = this.ACTION(() => this.#relationName(parts, first, end, lateral))
          const relation = this.SUBRULE(this.relationTail, { ARGS: [name, false] })
          return this.SUBRULE(this.aliasedRelation, { ARGS: [relation] })
        },
      },
    ])
  })

  #relationName(parts: readonly string[], first: IToken, end: IToken, lateral: boolean): QualifiedName {
    if (lateral) throw this.unexpected(end)
    if (!this.isMember(first, t.ColumnId)) throw this.unexpected(parts.length > 1 ? first : end)
    return this.checkedName(parts, first.startOffset)
  }

  readonly itemName = this.RULE('itemName', (): string[] => {
    const parts = [this.CONSUME(t.NameStart).image]
    this.MANY(() => {
      this.CONSUME(t.Dot)
      parts.push(this.CONSUME(t.Label).image)
    })
    return parts
  })

  readonly onlyRelation = this.RULE('onlyRelation', (): TableRef => {
    const relation = this.SUBRULE(this.only)
    return this.SUBRULE(this.aliasedRelation, { ARGS: [relation] })
  })

  /** ONLY t, ONLY (t) */
  readonly only = this.RULE('only', (): RelationRef => {
    this.CONSUME(K.only)
    const name = this.OR([
      { ALT: () => this.SUBRULE(this.qualifiedName) },
      {
        ALT: () => {
          this.CONSUME(t.OpenParen)
          const inside = this.SUBRULE2(this.qualifiedName)
          this.CONSUME(t.CloseParen)
          return inside
        },
      },
    ])
    return this.SUBRULE(this.relationTail, { ARGS: [name, true] })
  })

  /** A relation without alias, as in TABLE t, INSERT INTO t. */
  override readonly relation = this.RULE(
    'relation',
    (): RelationRef =>
      this.OR([
        { ALT: () => this.SUBRULE(this.only) },
        {
          ALT: () => {
            const name = this.SUBRULE(this.qualifiedName)
            return this.SUBRULE(this.relationTail, { ARGS: [name, false] })
          },
        },
      ]),
  )

  /** [*], which says the same as nothing. */
  readonly relationTail = this.RULE('relationTail', (name: QualifiedName, only: boolean): RelationRef => {
    this.OPTION(() => this.CONSUME(t.Asterisk))
    return this.ACTION(() => ({
      kind: 'relation',
      position: name.position,
      name,
      only,
      asOf: undefined,
      alias: undefined,
    }))
  })

  readonly aliasedRelation = this.RULE('aliasedRelation', (relation: RelationRef): RelationRef => {
    const asOf = this.OPTION(() => this.SUBRULE(this.systemTime))
    const { alias } = this.SUBRULE(this.tableAlias, { ARGS: [false] })
    return { ...relation, asOf, alias }
  })

  readonly systemTime = this.RULE('systemTime', (): Expression => {
    this.CONSUME(t.ForSystemTime)
    this.CONSUME(K.system_time)
    this.CONSUME(K.as)
    this.CONSUME(K.of)
    return this.SUBRULE(this.expression)
  })

  // ---- Functions ----

  /** ROWS FROM (f(x), g(y) AS (a int)) */
  readonly rowsFrom = this.RULE('rowsFrom', (lateral: boolean): TableRef => {
    this.CONSUME(K.rows)
    this.CONSUME(K.from)
    this.CONSUME(t.OpenParen)
    const functions: TableFunction[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => functions.push(this.SUBRULE(this.zippedFunction)) })
    this.CONSUME(t.CloseParen)
    return this.SUBRULE(this.functionTable, { ARGS: [functions, lateral === true] })
  })

  readonly zippedFunction = this.RULE('zippedFunction', (): TableFunction => {
    const first = this.LA(1)
    const name = this.SUBRULE(this.itemName)
    const open = this.LA(1)
    const tail = this.SUBRULE(this.callTail, { ARGS: [true] })
    const columns = this.OPTION(() => {
      this.CONSUME(K.as)
      this.CONSUME(t.OpenParen)
      const fields: StructField[] = []
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => fields.push(this.SUBRULE(this.structField)) })
      this.CONSUME(t.CloseParen)
      return fields
    })
    return this.ACTION(() => {
      const call = this.called(name, first, open, tail)
      return { call, columns: columns ?? [], position: first.startOffset }
    })
  })

  readonly currentValueTable = this.RULE('currentValueTable', (): TableRef => {
    const call = this.SUBRULE(this.currentValue)
    return this.SUBRULE(this.functionTable, { ARGS: [tableFunctions(call), false] })
  })

  /** COALESCE(…), TRIM(…): allowed, for whatever reason. */
  readonly specialTable = this.RULE('specialTable', (): TableRef => {
    const call = this.OR([
      { ALT: () => this.SUBRULE(this.callKeyword) },
      { ALT: () => this.SUBRULE(this.specialFunction) },
    ])
    return this.SUBRULE(this.functionTable, { ARGS: [tableFunctions(call), false] })
  })

  /** [WITH ORDINALITY] and the alias, whose columns may have types if there is one function. */
  readonly functionTable = this.RULE('functionTable', (functions: TableFunction[], lateral: boolean): FunctionTable => {
    const ordinality = this.OPTION(() => {
      this.CONSUME(t.WithOrdinality)
      return this.CONSUME(K.ordinality)
    })
    const { alias, definitions } = this.SUBRULE(this.tableAlias, { ARGS: [functions?.length === 1] })
    return this.ACTION(() => ({
      kind: 'functionTable',
      position: functions[0]!.position,
      functions: definitions.length > 0 ? [{ ...functions[0]!, columns: definitions }] : functions,
      lateral,
      ordinality: ordinality !== undefined,
      alias,
    }))
  })
}

const tableFunctions = (call: Expression): TableFunction[] => [{ call, columns: [], position: call.position }]

const plainJoin = (left: TableRef, right: TableRef, position: number): Omit<Join, 'type'> => ({
  kind: 'join',
  position,
  asof: false,
  left,
  right,
  condition: undefined,
  alias: undefined,
})
