// Constraints of columns and tables: NULL, DEFAULT, GENERATED, CHECK, keys, references.

import type { Expression } from '../ast.ts'
import type { Name } from '../ast-leaf.ts'
import type {
  ColumnConstraint,
  Deferrable,
  Option,
  References,
  ReferentialAction,
  TableConstraint,
} from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { OptionGrammar } from './option.ts'

const { K } = t

/** A constraint without its name and its time of checking. */
type Bare<Constraint> = Constraint extends unknown ? Omit<Constraint, 'name' | 'deferrable'> : never

export abstract class ConstraintGrammar extends OptionGrammar {
  readonly constraintName = this.RULE('constraintName', (): Name | undefined =>
    this.OPTION(() => {
      this.CONSUME(K.constraint)
      return this.SUBRULE(this.name)
    }),
  )

  readonly columnConstraint = this.RULE('columnConstraint', (): ColumnConstraint => {
    const { startOffset: position } = this.LA(1)
    const name = this.SUBRULE(this.constraintName)
    const constraint = this.OR([
      { ALT: () => this.SUBRULE(this.nullConstraint) },
      { ALT: () => this.SUBRULE(this.valueConstraint) },
      { ALT: () => this.SUBRULE(this.keyConstraint) },
    ])
    const deferrable = this.SUBRULE(this.deferrable)
    return this.ACTION(() => ({ ...constraint, position, name, deferrable }) as ColumnConstraint)
  })

  readonly nullConstraint = this.RULE('nullConstraint', (): Bare<ColumnConstraint> => {
    const not = this.has(10, K.not)
    const { startOffset: position } = this.CONSUME(K.null)
    return { kind: not ? 'notNull' : 'null', position }
  })

  /** DEFAULT, GENERATED, AS (…), CHECK */
  readonly valueConstraint = this.RULE('valueConstraint', (): Bare<ColumnConstraint> => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        ALT: (): Bare<ColumnConstraint> => {
          this.CONSUME(K.default)
          return { kind: 'default', position, value: this.SUBRULE(this.expression, { ARGS: [true] }) }
        },
      },
      { ALT: () => this.SUBRULE(this.generated) },
      {
        ALT: (): Bare<ColumnConstraint> => {
          this.CONSUME(K.as)
          return { kind: 'computed', position, value: this.SUBRULE2(this.expression, { ARGS: [true] }) }
        },
      },
      { ALT: (): Bare<ColumnConstraint> => ({ kind: 'check', position, predicate: this.SUBRULE(this.check) }) },
    ])
  })

  readonly check = this.RULE('check', (): Expression => {
    this.CONSUME(K.check)
    return this.SUBRULE(this.parenthesizedExpression)
  })

  /** GENERATED ALWAYS AS (e) STORED, GENERATED ALWAYS | BY DEFAULT AS IDENTITY */
  readonly generated = this.RULE('generated', (): Bare<ColumnConstraint> => {
    const { startOffset: position } = this.CONSUME(K.generated)
    const always = this.OR([
      { ALT: () => this.CONSUME(K.always) !== undefined },
      {
        ALT: () => {
          this.CONSUME(K.by)
          return this.CONSUME(K.default) === undefined
        },
      },
    ])
    this.CONSUME(K.as)
    return this.OR2([
      {
        ALT: (): Bare<ColumnConstraint> => {
          this.CONSUME(K.identity)
          const options = this.OPTION(() => this.SUBRULE(this.sequenceOptions)) ?? []
          return { kind: 'identity', position, always, options }
        },
      },
      {
        GATE: () => always,
        ALT: (): Bare<ColumnConstraint> => {
          const value = this.SUBRULE(this.parenthesizedExpression)
          this.CONSUME(K.stored)
          return { kind: 'generated', position, value }
        },
      },
    ])
  })

  /** (START [WITH] 1 INCREMENT [BY] 2 …): the words before BY and WITH are the options' names. */
  readonly sequenceOptions = this.RULE('sequenceOptions', (): Option[] => {
    this.CONSUME(t.OpenParen)
    const options: Option[] = []
    this.MANY(() => {
      const { image, startOffset: position } = this.OR([
        { ALT: () => this.CONSUME(K.start) },
        { ALT: () => this.CONSUME(K.increment) },
        { ALT: () => this.CONSUME(K.minvalue) },
        { ALT: () => this.CONSUME(K.maxvalue) },
        { ALT: () => this.CONSUME(K.cache) },
      ])
      this.OPTION(() => this.OR2([{ ALT: () => this.CONSUME(K.with) }, { ALT: () => this.CONSUME(K.by) }]))
      options.push({ kind: 'option', position, name: image, value: this.SUBRULE(this.signedNumber) })
    })
    this.CONSUME(t.CloseParen)
    return options
  })

  /** PRIMARY KEY, UNIQUE, REFERENCES of one column. */
  readonly keyConstraint = this.RULE('keyConstraint', (): Bare<ColumnConstraint> => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        ALT: (): Bare<ColumnConstraint> => {
          this.CONSUME(K.primary)
          this.CONSUME(K.key)
          return { kind: 'primaryKey', position }
        },
      },
      {
        ALT: (): Bare<ColumnConstraint> => {
          this.CONSUME(K.unique)
          return { kind: 'unique', position, nullsNotDistinct: this.SUBRULE(this.nullsNotDistinct) }
        },
      },
      {
        ALT: (): Bare<ColumnConstraint> => ({
          kind: 'references',
          position,
          references: this.SUBRULE(this.references),
        }),
      },
    ])
  })

  /** [NULLS [NOT] DISTINCT] */
  readonly nullsNotDistinct = this.RULE('nullsNotDistinct', (): boolean => {
    const not = this.OPTION(() => {
      this.CONSUME(K.nulls)
      const found = this.has(10, K.not)
      this.CONSUME(K.distinct)
      return found
    })
    return not === true
  })

  readonly tableConstraint = this.RULE('tableConstraint', (): TableConstraint => {
    const { startOffset: position } = this.LA(1)
    const name = this.SUBRULE(this.constraintName)
    const constraint = this.OR([
      {
        ALT: (): Bare<TableConstraint> => {
          this.CONSUME(K.primary)
          this.CONSUME(K.key)
          return { kind: 'primaryKey', position, columns: this.SUBRULE(this.parenthesizedNames) }
        },
      },
      {
        ALT: (): Bare<TableConstraint> => {
          this.CONSUME(K.unique)
          const nullsNotDistinct = this.SUBRULE(this.nullsNotDistinct)
          return { kind: 'unique', position, columns: this.SUBRULE2(this.parenthesizedNames), nullsNotDistinct }
        },
      },
      { ALT: (): Bare<TableConstraint> => ({ kind: 'check', position, predicate: this.SUBRULE(this.check) }) },
      {
        ALT: (): Bare<TableConstraint> => {
          this.CONSUME(K.foreign)
          this.CONSUME2(K.key)
          const columns = this.SUBRULE3(this.parenthesizedNames)
          return { kind: 'foreignKey', position, columns, references: this.SUBRULE(this.references) }
        },
      },
      { ALT: () => this.SUBRULE(this.refusedElement) },
    ])
    const deferrable = this.SUBRULE(this.deferrable)
    return this.ACTION(() => ({ ...constraint, name, deferrable }) as TableConstraint)
  })

  /** LIKE other, EXCLUDE … */
  readonly refusedElement = this.RULE('refusedElement', (): Bare<TableConstraint> => {
    const { image, startOffset } = this.OR([
      { ALT: () => this.CONSUME(K.like) },
      { GATE: () => this.followsAny(2, K.using, t.OpenParen), ALT: () => this.CONSUME(K.exclude) },
    ])
    return this.ACTION(() => this.refuse(`${image.toUpperCase()} in CREATE TABLE`, startOffset))
  })

  /** REFERENCES t (columns) MATCH … ON DELETE … ON UPDATE … */
  readonly references = this.RULE('references', (): References => {
    this.CONSUME(K.references)
    const table = this.SUBRULE(this.qualifiedName)
    const columns = this.OPTION(() => this.SUBRULE(this.parenthesizedNames)) ?? []
    const match = this.OPTION2(() => {
      this.CONSUME(K.match)
      return this.OR([{ ALT: () => this.CONSUME(K.simple) }, { ALT: () => this.CONSUME(K.full) }]).image
    })
    const actions: { delete?: ReferentialAction; update?: ReferentialAction } = {}
    this.MANY(() => {
      this.CONSUME(K.on)
      const { image } = this.OR2([{ ALT: () => this.CONSUME(K.delete) }, { ALT: () => this.CONSUME(K.update) }])
      actions[image as 'delete' | 'update'] = this.SUBRULE(this.referentialAction)
    })
    return {
      table,
      columns,
      match: match as References['match'],
      onDelete: actions.delete,
      onUpdate: actions.update,
    }
  })

  readonly referentialAction = this.RULE(
    'referentialAction',
    (): ReferentialAction =>
      this.OR([
        { ALT: () => this.CONSUME(K.restrict).image as 'restrict' },
        { ALT: () => this.CONSUME(K.cascade).image as 'cascade' },
        {
          ALT: () => {
            this.CONSUME(K.no)
            this.CONSUME(K.action)
            return 'no action' as const
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.set)
            const { image } = this.OR2([{ ALT: () => this.CONSUME(K.null) }, { ALT: () => this.CONSUME(K.default) }])
            return `set ${image}` as 'set null' | 'set default'
          },
        },
      ]),
  )

  /** [[NOT] DEFERRABLE] [INITIALLY IMMEDIATE | DEFERRED] */
  readonly deferrable = this.RULE('deferrable', (): Deferrable | undefined => {
    const deferrable = this.OPTION({
      GATE: () => !this.follows(1, K.not) || this.follows(2, K.deferrable),
      DEF: () => {
        const not = this.has(10, K.not)
        this.CONSUME(K.deferrable)
        return not ? ('not deferrable' as const) : ('initially immediate' as const)
      },
    })
    const initially = this.OPTION2(() => {
      this.CONSUME(K.initially)
      const { image } = this.OR([{ ALT: () => this.CONSUME(K.immediate) }, { ALT: () => this.CONSUME(K.deferred) }])
      return `initially ${image}` as Deferrable
    })
    return initially ?? deferrable
  })
}
