// Settings and what a session shows: SET, SHOW, RESET, DESCRIBE, DISCARD, FLUSH.

import type { IToken } from 'chevrotain'
import type { QualifiedName } from '../ast-leaf.ts'
import type {
  Discard,
  Flush,
  Reset,
  SetTransaction,
  SettingValue,
  SetVariable,
  ShowColumns,
  ShowCreate,
  ShowObjects,
  ShowVariable,
} from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { TransactionGrammar } from './transaction.ts'

const { K } = t

type Set = SetVariable | SetTransaction
type Show = ShowVariable | ShowObjects | ShowColumns | ShowCreate

export abstract class SessionGrammar extends TransactionGrammar {
  // ---- SET ----

  readonly set = this.RULE('set', (): Set => {
    const { startOffset: position } = this.CONSUME(K.set)
    return this.OR([
      {
        GATE: () => this.follows(2, K.characteristics),
        ALT: (): Set => {
          this.CONSUME(K.session)
          this.CONSUME(K.characteristics)
          this.CONSUME(K.as)
          this.CONSUME(K.transaction)
          return { kind: 'setTransaction', position, scope: 'session', modes: this.SUBRULE(this.transactionModes) }
        },
      },
      {
        GATE: () => !this.#isAssigned(2),
        ALT: (): Set => {
          this.CONSUME2(K.transaction)
          return { kind: 'setTransaction', position, scope: 'transaction', modes: this.SUBRULE2(this.transactionModes) }
        },
      },
      {
        ALT: (): Set => {
          const local = this.OPTION({
            GATE: () => !this.#isAssigned(2) && !this.follows(2, t.Dot),
            DEF: () => this.OR2([{ ALT: () => this.CONSUME2(K.session) }, { ALT: () => this.CONSUME(K.local) }]).image,
          })
          const scope = local === 'local' ? 'local' : 'session'
          return { kind: 'set', position, scope, ...this.SUBRULE(this.assigned) }
        },
      },
    ])
  })

  #isAssigned(ahead: number): boolean {
    return this.followsAny(ahead, K.to, t.Equals)
  }

  /** name TO | = values, TIME ZONE z, NAMES 'e', SCHEMA 's' */
  readonly assigned = this.RULE(
    'assigned',
    (): Pick<SetVariable, 'name' | 'values'> =>
      this.OR([
        {
          GATE: () => this.follows(2, K.zone),
          ALT: () => {
            this.CONSUME(K.time)
            this.CONSUME(K.zone)
            return { name: 'timezone', values: this.SUBRULE(this.zoneValue) }
          },
        },
        {
          GATE: () => !this.#isAssigned(2),
          ALT: () => {
            this.CONSUME(K.names)
            return { name: 'client_encoding', values: this.OPTION(() => [this.SUBRULE(this.settingValue)]) }
          },
        },
        {
          GATE: () => !this.#isAssigned(2),
          ALT: () => {
            this.CONSUME(K.schema)
            return { name: 'search_path', values: [this.SUBRULE(this.stringLiteral)] }
          },
        },
        {
          ALT: () => {
            const name = this.SUBRULE(this.settingName)
            this.OR2([{ ALT: () => this.CONSUME(K.to) }, { ALT: () => this.CONSUME(t.Equals) }])
            return { name, values: this.SUBRULE(this.settingValues) }
          },
        },
      ]),
  )

  readonly settingName = this.RULE('settingName', (): string => {
    const parts = [this.SUBRULE(this.name).name]
    this.MANY(() => {
      this.CONSUME(t.Dot)
      parts.push(this.SUBRULE2(this.name).name)
    })
    return parts.join('.')
  })

  readonly settingValues = this.RULE('settingValues', (): SettingValue[] | undefined =>
    this.OR([
      { ALT: () => this.consumed(this.CONSUME(K.default)) },
      {
        ALT: () => {
          const values: SettingValue[] = []
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => values.push(this.SUBRULE(this.settingValue)) })
          return values
        },
      },
    ]),
  )

  readonly settingValue = this.RULE('settingValue', (): SettingValue => {
    const { startOffset: position } = this.LA(1)
    const word = ({ image }: IToken): SettingValue => ({ kind: 'word', position, value: image })
    return this.OR([
      { ALT: (): SettingValue => this.SUBRULE(this.stringLiteral) },
      { ALT: (): SettingValue => this.SUBRULE(this.signedNumber) },
      { ALT: () => word(this.CONSUME(t.NameStart)) },
      { ALT: () => word(this.CONSUME(K.true)) },
      { ALT: () => word(this.CONSUME(K.false)) },
      { ALT: () => word(this.CONSUME(K.on)) },
    ])
  })

  readonly zoneValue = this.RULE('zoneValue', (): SettingValue[] | undefined =>
    this.OR([
      { ALT: () => this.consumed(this.CONSUME(K.local)) },
      { ALT: () => this.consumed(this.CONSUME(K.default)) },
      { GATE: () => this.followsAny(2, t.Text, t.OpenParen), ALT: () => this.SUBRULE(this.zoneInterval) },
      { GATE: () => !this.follows(1, K.local), ALT: () => [this.SUBRULE(this.settingValue)] },
    ]),
  )

  readonly zoneInterval = this.RULE('zoneInterval', (): SettingValue[] => {
    const value = this.SUBRULE(this.intervalLiteral)
    return this.ACTION(() => (value.kind === 'cast' ? [value] : []))
  })

  readonly resetVariable = this.RULE('resetVariable', (): Reset => {
    const { startOffset: position } = this.CONSUME(K.reset)
    return { kind: 'reset', position, name: this.SUBRULE(this.shownName) }
  })

  /** ALL is undefined. */
  readonly shownName = this.RULE('shownName', (): string | undefined =>
    this.OR([
      { ALT: () => this.consumed(this.CONSUME(K.all)) },
      {
        GATE: () => this.follows(2, K.zone),
        ALT: () => {
          this.CONSUME(K.time)
          this.CONSUME(K.zone)
          return 'timezone'
        },
      },
      {
        GATE: () => this.follows(2, K.isolation),
        ALT: () => {
          this.CONSUME(K.transaction)
          this.CONSUME(K.isolation)
          this.CONSUME(K.level)
          return 'transaction_isolation'
        },
      },
      {
        GATE: () => this.follows(2, K.authorization),
        ALT: () => {
          this.CONSUME(K.session)
          this.CONSUME(K.authorization)
          return 'session_authorization'
        },
      },
      { ALT: () => this.SUBRULE(this.settingName) },
    ]),
  )

  // ---- SHOW ----

  readonly show = this.RULE('show', (): Show => {
    const { startOffset: position } = this.CONSUME(K.show)
    return this.OR([
      {
        ALT: (): Show => {
          this.CONSUME(K.create)
          const type = this.SUBRULE(this.objectType)
          return { kind: 'showCreate', position, type, name: this.SUBRULE(this.qualifiedName) }
        },
      },
      {
        GATE: () => this.follows(2, K.from),
        ALT: (): Show => {
          this.CONSUME(K.columns)
          this.CONSUME(K.from)
          return { kind: 'showColumns', position, name: this.SUBRULE2(this.qualifiedName) }
        },
      },
      { ALT: () => ({ ...this.SUBRULE(this.showObjects), position }) },
      {
        GATE: () => !this.follows(1, K.create),
        ALT: (): Show => ({ kind: 'show', position, name: this.SUBRULE(this.shownName) }),
      },
    ])
  })

  readonly showObjects = this.RULE('showObjects', (): ShowObjects => {
    const { startOffset: position } = this.LA(1)
    const objects = this.OR([
      { ALT: () => this.CONSUME(K.sources).image },
      { ALT: () => this.CONSUME(K.tables).image },
      { ALT: () => this.CONSUME(K.views).image },
      { ALT: () => this.CONSUME(K.sinks).image },
      { ALT: () => this.CONSUME(K.indexes).image },
      { ALT: () => this.CONSUME(K.schemas).image },
      { ALT: () => this.CONSUME(K.subscriptions).image },
      { ALT: () => this.CONSUME(K.watermarks).image },
      {
        ALT: () => {
          this.CONSUME(K.materialized)
          this.CONSUME2(K.views)
          return 'materialized views'
        },
      },
    ])
    const from = this.OPTION((): QualifiedName => {
      this.OR2([
        { ALT: () => this.CONSUME(K.from) },
        { ALT: () => this.CONSUME(K.in) },
        { ALT: () => this.CONSUME(K.on) },
      ])
      return this.SUBRULE(this.qualifiedName)
    })
    const like = this.OPTION2(() => {
      this.CONSUME(K.like)
      return this.CONSUME(t.Text).image
    })
    return { kind: 'showObjects', position, objects: objects as ShowObjects['objects'], from, like }
  })

  readonly describe = this.RULE('describe', (): ShowColumns => {
    const { startOffset: position } = this.CONSUME(K.describe)
    return { kind: 'showColumns', position, name: this.SUBRULE(this.qualifiedName) }
  })

  readonly discard = this.RULE('discard', (): Discard => {
    const { startOffset: position } = this.CONSUME(K.discard)
    const { image } = this.OR([
      { ALT: () => this.CONSUME(K.all) },
      { ALT: () => this.CONSUME(K.plans) },
      { ALT: () => this.CONSUME(K.sequences) },
      { ALT: () => this.CONSUME(K.temp) },
      { ALT: () => this.CONSUME(K.temporary) },
    ])
    return { kind: 'discard', position, what: (image === 'temporary' ? 'temp' : image) as Discard['what'] }
  })

  readonly flush = this.RULE('flush', (): Flush => {
    const { startOffset: position } = this.CONSUME(K.flush)
    return { kind: 'flush', position }
  })
}
