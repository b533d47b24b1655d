// Queries: WITH, SELECT, VALUES, TABLE, set operations, and the clauses after them.
//
// INTERSECT binds tighter than UNION and EXCEPT; chains become flat lists (SetOperation in ast.ts). A parenthesised
// query is merged with the clauses around it, as PostgreSQL does: two ORDER BY or LIMIT for one query are an error.

import type { IOrAlt, IToken } from 'chevrotain'
import { notSupported, type SqlError, syntaxError } from '../../core/error.ts'
import type {
  CommonTable,
  Delete,
  Expression,
  Insert,
  Locking,
  Query,
  QueryBody,
  RelationRef,
  SelectItem,
  SetOperand,
  Update,
  With,
} from '../ast.ts'
import * as t from '../tokens.ts'
import type { RuleOf } from './base.ts'
import { emptySelect, SelectGrammar } from './select.ts'
import { asOperand, type Clauses, foldSetOperations, merged } from './set-operation.ts'

const { K } = t

export abstract class QueryGrammar extends SelectGrammar {
  protected abstract readonly relation: RuleOf<RelationRef>
  protected abstract readonly rowChange: RuleOf<Insert | Update | Delete, [withClause: With | undefined]>

  override readonly parenthesizedQuery = this.RULE('parenthesizedQuery', (): Query => {
    this.CONSUME(t.OpenQuery)
    const query = this.SUBRULE(this.query)
    this.CONSUME(t.CloseParen)
    return query
  })

  readonly query = this.RULE('query', (): Query => {
    const withClause = this.OPTION(() => this.SUBRULE(this.withClause))
    return this.SUBRULE(this.queryAfterWith, { ARGS: [withClause] })
  })

  readonly queryAfterWith = this.RULE('queryAfterWith', (withClause: With | undefined): Query => {
    const { startOffset: position } = this.LA(1)
    this.ACTION(() => this.enter())
    const body = this.SUBRULE(this.setOperation)
    const clauses = this.SUBRULE(this.queryClauses)
    return this.ACTION(() => {
      this.leave()
      return merged(body, withClause, clauses, withClause?.position ?? position)
    })
  })

  // ---- WITH ----

  readonly withClause = this.RULE('withClause', (): With => {
    const { startOffset: position } = this.CONSUME(K.with)
    const recursive = this.has(10, K.recursive)
    const tables: CommonTable[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => tables.push(this.SUBRULE(this.commonTable)) })
    return { kind: 'with', position, recursive, tables }
  })

  readonly commonTable = this.RULE('commonTable', (): CommonTable => {
    const name = this.SUBRULE(this.name)
    const columns = this.OPTION(() => this.SUBRULE(this.parenthesizedNames)) ?? []
    this.CONSUME(K.as)
    const materialized = this.OPTION2(() => {
      const not = this.has(10, K.not)
      this.CONSUME(K.materialized)
      return !not
    })
    const statement = this.OR([
      { ALT: () => this.SUBRULE(this.parenthesizedQuery) },
      { ALT: () => this.SUBRULE(this.parenthesizedChange) },
    ])
    const { image, startOffset } = this.LA(1)
    this.ACTION(() => {
      if (this.followsAny(1, K.search, K.cycle)) throw notSupported(image.toUpperCase(), { position: startOffset })
    })
    return { kind: 'commonTable', position: name.position, name, columns, materialized, statement }
  })

  readonly parenthesizedChange = this.RULE('parenthesizedChange', (): Insert | Update | Delete => {
    this.CONSUME(t.OpenParen)
    const change = this.SUBRULE(this.rowChange, { ARGS: [undefined] })
    this.CONSUME(t.CloseParen)
    return change
  })

  // ---- Set operations ----

  readonly setOperation = this.RULE('setOperation', (): QueryBody => {
    const first = this.SUBRULE(this.setOperand)
    const rest: SetOperand[] = []
    this.MANY(() => {
      const { image, startOffset: position } = this.OR([
        { ALT: () => this.CONSUME(K.union) },
        { ALT: () => this.CONSUME(K.intersect) },
        { ALT: () => this.CONSUME(K.except) },
      ])
      const all = this.OPTION(() =>
        this.OR2([
          { ALT: () => this.CONSUME(K.all) !== undefined },
          { ALT: () => this.CONSUME(K.distinct) === undefined },
        ]),
      )
      const body = this.SUBRULE2(this.setOperand)
      const operator = image as SetOperand['operator']
      this.ACTION(() => rest.push({ kind: 'setOperand', position, operator, all: all === true, body: asOperand(body) }))
    })
    return this.ACTION(() => (rest.length === 0 ? first : foldSetOperations(asOperand(first), rest)))
  })

  readonly setOperand = this.RULE(
    'setOperand',
    (): QueryBody =>
      this.OR([
        { ALT: () => this.SUBRULE(this.select) },
        { ALT: () => this.SUBRULE(this.values) },
        { ALT: () => this.SUBRULE(this.wholeTable) },
        { ALT: () => this.SUBRULE(this.parenthesizedQuery) },
      ]),
  )

  readonly values = this.RULE('values', (): QueryBody => {
    const { startOffset: position } = this.CONSUME(K.values)
    const rows = this.OR([
      { ALT: () => this.SUBRULE(this.valuesRows) },
      // Rows of one column, as Trino writes them; only literals, or a forgotten parenthesis would be no error.
      {
        GATE: () => this.followsAny(1, t.Integer, t.Decimal, t.Text, K.null, K.true, K.false),
        ALT: () => {
          const values = this.SUBRULE(this.expressions)
          return this.ACTION(() => values.map((value) => [value]))
        },
      },
    ])
    this.ACTION(() => {
      const width = rows[0]!.length
      const uneven = rows.find((row) => row.length !== width)
      if (uneven !== undefined) throw unevenValues(uneven[0]!.position)
    })
    return { kind: 'values', position, rows }
  })

  readonly valuesRows = this.RULE('valuesRows', (): Expression[][] => {
    const rows: Expression[][] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => rows.push(this.OR(this.#rows)) })
    return rows
  })

  /** A row of one subquery looks like a query in two parentheses. */
  readonly #rows: IOrAlt<Expression[]>[] = [
    {
      ALT: () => {
        this.CONSUME(t.OpenParen)
        const items = this.SUBRULE(this.expressions)
        this.CONSUME(t.CloseParen)
        return items
      },
    },
    {
      GATE: () => this.follows(2, t.OpenQuery),
      ALT: () => {
        const query = this.SUBRULE(this.parenthesizedQuery)
        return [{ kind: 'scalarSubquery', position: query.position, query }]
      },
    },
  ]

  /** TABLE t */
  readonly wholeTable = this.RULE('wholeTable', (): QueryBody => {
    const { startOffset: position } = this.CONSUME(K.table)
    const table = this.SUBRULE(this.relation)
    const star: SelectItem = {
      kind: 'selectItem',
      position,
      value: { kind: 'star', position, parts: [] },
      alias: undefined,
    }
    return { ...emptySelect(position), items: [star], from: [table] }
  })

  // ---- After the body ----

  /** ORDER BY, then LIMIT, OFFSET, FETCH and FOR in any order. */
  readonly queryClauses = this.RULE('queryClauses', (): Clauses => {
    const orderBy = this.OPTION(() => this.SUBRULE(this.orderBy)) ?? []
    let limit: Limit | undefined
    let offset: Expression | undefined
    const locking: Locking[] = []
    this.MANY(() => {
      const token = this.LA(1)
      this.OR([
        {
          ALT: () => {
            const found = this.SUBRULE(this.limit)
            this.ACTION(() => {
              if (limit !== undefined) throw repeated('LIMIT', token)
              limit = found
            })
          },
        },
        {
          ALT: () => {
            const found = this.SUBRULE(this.offset)
            this.ACTION(() => {
              if (offset !== undefined) throw repeated('OFFSET', token)
              offset = found
            })
          },
        },
        { ALT: () => locking.push(this.SUBRULE(this.locking)) },
      ])
    })
    return { orderBy, limit: limit?.count, withTies: limit?.withTies === true, offset, locking }
  })

  /** LIMIT n, LIMIT ALL, FETCH FIRST [n] ROWS ONLY | WITH TIES */
  readonly limit = this.RULE(
    'limit',
    (): Limit =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(K.limit)
            const count = this.OR2([
              { ALT: () => this.consumed(this.CONSUME(K.all)) },
              { ALT: () => this.SUBRULE(this.expression) },
            ])
            return { count, withTies: false }
          },
        },
        { ALT: () => this.SUBRULE(this.fetchFirst) },
      ]),
  )

  protected consumed(_token: IToken): undefined {
    return undefined
  }

  readonly fetchFirst = this.RULE('fetchFirst', (): Limit => {
    this.CONSUME(K.fetch)
    this.OR([{ ALT: () => this.CONSUME(K.first) }, { ALT: () => this.CONSUME(K.next) }])
    const { startOffset: position } = this.LA(1)
    const count = this.OPTION({
      GATE: () => !this.followsAny(1, K.row, K.rows),
      DEF: () => this.SUBRULE(this.primary),
    })
    this.OR2([{ ALT: () => this.CONSUME(K.row) }, { ALT: () => this.CONSUME(K.rows) }])
    const withTies = this.OR3([
      { ALT: () => this.CONSUME(K.only) === undefined },
      {
        ALT: () => {
          this.CONSUME(K.with)
          this.CONSUME(K.ties)
          return true
        },
      },
    ])
    return { count: count ?? { kind: 'number', position, text: '1' }, withTies }
  })

  readonly offset = this.RULE('offset', (): Expression => {
    this.CONSUME(K.offset)
    const rows = this.SUBRULE(this.expression)
    this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(K.row) }, { ALT: () => this.CONSUME(K.rows) }]))
    return rows
  })

  readonly locking = this.RULE('locking', (): Locking => {
    const { startOffset: position } = this.CONSUME(K.for)
    const strength = this.OR([
      { ALT: () => this.CONSUME(K.update).image },
      { ALT: () => this.CONSUME(K.share).image },
      {
        ALT: () => {
          this.CONSUME(K.no)
          this.CONSUME(K.key)
          this.CONSUME2(K.update)
          return 'no key update'
        },
      },
      {
        ALT: () => {
          this.CONSUME2(K.key)
          this.CONSUME2(K.share)
          return 'key share'
        },
      },
    ])
    const of = this.OPTION(() => {
      this.CONSUME(K.of)
      return this.SUBRULE(this.qualifiedNames)
    })
    const wait = this.OPTION2(() =>
      this.OR2([
        { ALT: () => this.CONSUME(K.nowait).image as 'nowait' },
        {
          ALT: () => {
            this.CONSUME(K.skip)
            this.CONSUME(K.locked)
            return 'skip locked' as const
          },
        },
      ]),
    )
    return { kind: 'locking', position, strength: strength as Locking['strength'], of: of ?? [], wait }
  })
}

type Limit = Readonly<{ count: Expression | undefined; withTies: boolean }>

const repeated = (clause: string, { startOffset: position }: IToken): SqlError =>
  syntaxError(`multiple ${clause} clauses not allowed`, { position })

const unevenValues = (position: number): SqlError =>
  syntaxError('VALUES lists must all be the same length', { position })
