// SELECT itself: its list, DISTINCT, WHERE, GROUP BY with grouping sets, HAVING, WINDOW, QUALIFY.

import type { IOrAlt } from 'chevrotain'
import type { Expression, GroupBy, GroupItem, NamedWindow, QueryBody, Select, SelectItem, TableRef } from '../ast.ts'
import type { Name } from '../ast-leaf.ts'
import * as t from '../tokens.ts'
import type { RuleOf } from './base.ts'
import { FunctionGrammar } from './function.ts'

const { K } = t

export abstract class SelectGrammar extends FunctionGrammar {
  protected abstract readonly fromList: RuleOf<TableRef[]>

  readonly select = this.RULE('select', (): QueryBody => {
    const { startOffset: position } = this.CONSUME(K.select)
    const distinct = this.SUBRULE(this.distinct)
    const items: SelectItem[] = []
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.selectItem)) })
    this.OPTION(() => {
      const { startOffset } = this.CONSUME(K.into)
      this.ACTION(() => this.refuse('SELECT INTO', startOffset))
    })
    const from = this.OPTION2(() => this.SUBRULE(this.fromClause)) ?? []
    const where = this.OPTION3(() => this.SUBRULE(this.where))
    const groupBy = this.OPTION4(() => this.SUBRULE(this.groupBy))
    const having = this.OPTION5(() => {
      this.CONSUME(K.having)
      return this.SUBRULE(this.expression)
    })
    const windows = this.OPTION6(() => this.SUBRULE(this.windowClause)) ?? []
    const qualify = this.OPTION7(() => {
      this.CONSUME(K.qualify)
      return this.SUBRULE2(this.expression)
    })
    return { kind: 'select', position, distinct, items, from, where, groupBy, having, windows, qualify }
  })

  /** [ALL | DISTINCT [ON (…)]] */
  readonly distinct = this.RULE('distinct', (): Select['distinct'] => {
    const found = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(K.all) === undefined },
        {
          ALT: (): Select['distinct'] => {
            this.CONSUME(K.distinct)
            const on = this.OPTION2(() => {
              this.CONSUME(K.on)
              this.CONSUME(t.OpenParen)
              const keys = this.SUBRULE(this.expressions)
              this.CONSUME(t.CloseParen)
              return keys
            })
            return on ?? true
          },
        },
      ]),
    )
    return found ?? false
  })

  readonly selectItem = this.RULE('selectItem', (): SelectItem => this.OR(this.#items))

  readonly #items: IOrAlt<SelectItem>[] = [
    {
      ALT: () => {
        const { startOffset: position } = this.CONSUME(t.Asterisk)
        return { kind: 'selectItem', position, value: { kind: 'star', position, parts: [] }, alias: undefined }
      },
    },
    {
      ALT: () => {
        const value = this.SUBRULE(this.expression)
        const alias = this.OPTION(this.#label)
        return { kind: 'selectItem', position: value.position, value, alias }
      },
    },
  ]

  /** AS any word, or a word that can do without AS. */
  readonly #label = (): Name => this.OR2(this.#labels)
  readonly #labels: IOrAlt<Name>[] = [
    {
      ALT: () => {
        this.CONSUME(K.as)
        return this.nameOf(this.CONSUME(t.Label))
      },
    },
    { ALT: () => this.nameOf(this.CONSUME(t.BareLabel)) },
  ]

  readonly fromClause = this.RULE('fromClause', (): TableRef[] => {
    this.CONSUME(K.from)
    return this.SUBRULE(this.fromList)
  })

  readonly where = this.RULE('where', (): Expression => {
    this.CONSUME(K.where)
    return this.SUBRULE(this.expression)
  })

  // ---- GROUP BY, WINDOW ----

  readonly groupBy = this.RULE('groupBy', (): GroupBy => {
    const { startOffset: position } = this.CONSUME(K.group)
    this.CONSUME(K.by)
    const distinct = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(K.all) === undefined },
        { ALT: () => this.CONSUME(K.distinct) !== undefined },
      ]),
    )
    const items = this.SUBRULE(this.groupItems)
    return { kind: 'groupBy', position, distinct: distinct === true, items }
  })

  readonly groupItems = this.RULE('groupItems', (): GroupItem[] => {
    const items: GroupItem[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.groupItem)) })
    return items
  })

  readonly groupItem = this.RULE('groupItem', (): GroupItem => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        GATE: () => this.follows(2, t.CloseParen),
        ALT: (): GroupItem => {
          this.CONSUME(t.OpenParen)
          this.CONSUME(t.CloseParen)
          return { kind: 'groupingSet', position, items: [] }
        },
      },
      {
        GATE: () => this.follows(2, t.OpenParen),
        ALT: (): GroupItem => {
          const { image } = this.OR2([{ ALT: () => this.CONSUME(K.rollup) }, { ALT: () => this.CONSUME(K.cube) }])
          return { kind: image as 'rollup' | 'cube', position, sets: this.SUBRULE(this.groupSets) }
        },
      },
      {
        GATE: () => this.follows(2, K.sets),
        ALT: (): GroupItem => {
          this.CONSUME(K.grouping)
          this.CONSUME(K.sets)
          return { kind: 'groupingSets', position, sets: this.SUBRULE2(this.groupSets) }
        },
      },
      {
        ALT: (): GroupItem => {
          const value = this.SUBRULE(this.expression)
          return value.kind === 'row' && !value.explicit ? { kind: 'groupingSet', position, items: value.items } : value
        },
      },
    ])
  })

  readonly groupSets = this.RULE('groupSets', (): GroupItem[] => {
    this.CONSUME(t.OpenParen)
    this.ACTION(() => this.enter())
    const sets = this.SUBRULE(this.groupItems)
    this.CONSUME(t.CloseParen)
    this.ACTION(() => this.leave())
    return sets
  })

  readonly windowClause = this.RULE('windowClause', (): NamedWindow[] => {
    this.CONSUME(K.window)
    const windows: NamedWindow[] = []
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        const { name, position } = this.SUBRULE(this.name)
        this.CONSUME(K.as)
        windows.push({ name, position, window: this.SUBRULE(this.windowSpec) })
      },
    })
    return windows
  })
}

export const emptySelect = (position: number): Select => ({
  kind: 'select',
  position,
  distinct: false,
  items: [],
  from: [],
  where: undefined,
  groupBy: undefined,
  having: undefined,
  windows: [],
  qualify: undefined,
})
