// Transactions: BEGIN, COMMIT, ROLLBACK, savepoints, and the modes that SET TRANSACTION shares with them.

import type { Begin, Commit, Rollback, Savepoint, TransactionModes } from '../ast-statement.ts'
import * as t from '../tokens.ts'
import { UserTypeGrammar } from './user-type.ts'

const { K } = t

type Isolation = TransactionModes['isolation']

export abstract class TransactionGrammar extends UserTypeGrammar {
  readonly begin = this.RULE('begin', (): Begin => {
    const { startOffset: position } = this.LA(1)
    this.OR([
      {
        ALT: () => {
          this.CONSUME(K.begin)
          this.SUBRULE(this.work)
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.start)
          this.CONSUME(K.transaction)
        },
      },
    ])
    return { kind: 'begin', position, modes: this.SUBRULE(this.transactionModes) }
  })

  /** [WORK | TRANSACTION] */
  readonly work = this.RULE('work', () => {
    this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(K.work) }, { ALT: () => this.CONSUME(K.transaction) }]))
  })

  readonly transactionModes = this.RULE('transactionModes', (): TransactionModes => {
    let isolation: Isolation
    let readOnly: boolean | undefined
    let deferrable: boolean | undefined
    this.MANY(() => {
      this.OPTION(() => this.CONSUME(t.Comma))
      this.OR([
        {
          ALT: () => {
            isolation = this.SUBRULE(this.isolation)
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.read)
            const word = this.OR2([{ ALT: () => this.CONSUME(K.only) }, { ALT: () => this.CONSUME(K.write) }])
            readOnly = word.image === 'only'
          },
        },
        {
          ALT: () => {
            const not = this.has(10, K.not)
            this.CONSUME(K.deferrable)
            deferrable = !not
          },
        },
      ])
    })
    return { isolation, readOnly, deferrable }
  })

  /** ISOLATION LEVEL … */
  readonly isolation = this.RULE('isolation', (): Isolation => {
    this.CONSUME(K.isolation)
    this.CONSUME(K.level)
    return this.OR([
      { ALT: () => this.CONSUME(K.serializable).image as Isolation },
      {
        ALT: (): Isolation => {
          this.CONSUME(K.repeatable)
          this.CONSUME(K.read)
          return 'repeatable read'
        },
      },
      {
        ALT: (): Isolation => {
          this.CONSUME2(K.read)
          const word = this.OR2([{ ALT: () => this.CONSUME(K.committed) }, { ALT: () => this.CONSUME(K.uncommitted) }])
          return `read ${word.image}` as Isolation
        },
      },
    ])
  })

  readonly commit = this.RULE('commit', (): Commit => {
    const { startOffset: position } = this.LA(1)
    this.OR([{ ALT: () => this.CONSUME(K.commit) }, { ALT: () => this.CONSUME(K.end) }])
    this.SUBRULE(this.work)
    return { kind: 'commit', position, chain: this.SUBRULE(this.chain) }
  })

  /** [AND [NO] CHAIN] */
  readonly chain = this.RULE('chain', (): boolean => {
    const chain = this.OPTION(() => {
      this.CONSUME(K.and)
      const no = this.has(10, K.no)
      this.CONSUME(K.chain)
      return !no
    })
    return chain === true
  })

  /** ROLLBACK, ABORT, ROLLBACK TO [SAVEPOINT] s */
  readonly rollback = this.RULE('rollback', (): Rollback | Savepoint => {
    const first = this.OR([{ ALT: () => this.CONSUME(K.rollback) }, { ALT: () => this.CONSUME(K.abort) }])
    const { startOffset: position } = first
    this.SUBRULE(this.work)
    return this.OR2([
      {
        GATE: () => first.image === 'rollback',
        ALT: (): Savepoint => {
          this.CONSUME(K.to)
          return { kind: 'rollbackTo', position, name: this.SUBRULE(this.savepointName) }
        },
      },
      { ALT: (): Rollback => ({ kind: 'rollback', position, chain: this.SUBRULE(this.chain) }) },
    ])
  })

  /** [SAVEPOINT] s */
  readonly savepointName = this.RULE('savepointName', (): string => {
    this.OPTION({ GATE: () => this.followsMember(2, t.ColumnId), DEF: () => this.CONSUME(K.savepoint) })
    return this.SUBRULE(this.name).name
  })

  readonly savepoint = this.RULE('savepoint', (): Savepoint => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        ALT: (): Savepoint => {
          this.CONSUME(K.savepoint)
          return { kind: 'savepoint', position, name: this.SUBRULE(this.name).name }
        },
      },
      {
        ALT: (): Savepoint => {
          this.CONSUME(K.release)
          return { kind: 'release', position, name: this.SUBRULE(this.savepointName) }
        },
      },
    ])
  })
}
