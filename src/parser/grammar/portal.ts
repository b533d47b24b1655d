// Prepared statements, cursors, subscriptions, EXPLAIN: statements that hold or carry another one.

import type { OrderItem, TypeName } from '../ast.ts'
import type {
  CloseCursor,
  Deallocate,
  DeclareCursor,
  Emit,
  Execute,
  Explain,
  FetchCursor,
  FetchDirection,
  Option,
  Prepare,
  Statement,
  Subscribe,
} from '../ast-statement.ts'
import * as t from '../tokens.ts'
import type { RuleOf } from './base.ts'
import { SessionGrammar } from './session.ts'

const { K } = t

export abstract class PortalGrammar extends SessionGrammar {
  protected abstract readonly statement: RuleOf<Statement>

  // ---- PREPARE, EXECUTE ----

  readonly prepare = this.RULE('prepare', (): Prepare => {
    const { startOffset: position } = this.CONSUME(K.prepare)
    const { name } = this.SUBRULE(this.name)
    const types: TypeName[] = []
    this.OPTION(() => {
      this.CONSUME(t.OpenParen)
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => types.push(this.SUBRULE(this.typeName)) })
      this.CONSUME(t.CloseParen)
    })
    this.CONSUME(K.as)
    return { kind: 'prepare', position, name, types, statement: this.SUBRULE(this.statement) }
  })

  readonly execute = this.RULE('execute', (): Execute => {
    const { startOffset: position } = this.CONSUME(K.execute)
    const { name } = this.SUBRULE(this.name)
    const values = this.OPTION(() => this.SUBRULE(this.modifiers)) ?? []
    return { kind: 'execute', position, name, arguments: values }
  })

  readonly deallocate = this.RULE('deallocate', (): Deallocate => {
    const { startOffset: position } = this.CONSUME(K.deallocate)
    this.OPTION({
      GATE: () => this.followsMember(2, t.ColumnId) || this.follows(2, K.all),
      DEF: () => this.CONSUME(K.prepare),
    })
    return { kind: 'deallocate', position, name: this.SUBRULE(this.nameOrAll) }
  })

  readonly nameOrAll = this.RULE('nameOrAll', (): string | undefined =>
    this.OR([{ ALT: () => this.consumed(this.CONSUME(K.all)) }, { ALT: () => this.SUBRULE(this.name).name }]),
  )

  // ---- Cursors ----

  readonly declare = this.RULE('declare', (): DeclareCursor => {
    const { startOffset: position } = this.CONSUME(K.declare)
    const { name } = this.SUBRULE(this.name)
    const seen = new Set<string>()
    this.MANY(() => {
      const no = this.has(10, K.no)
      const { image } = this.OR([
        { ALT: () => this.CONSUME(K.scroll) },
        { GATE: () => !no, ALT: () => this.CONSUME(K.binary) },
        { GATE: () => !no, ALT: () => this.CONSUME(K.insensitive) },
        { GATE: () => !no, ALT: () => this.CONSUME(K.asensitive) },
      ])
      seen.add(no ? 'no scroll' : image)
    })
    this.CONSUME(K.cursor)
    const hold = this.OPTION(() => {
      const word = this.OR2([{ ALT: () => this.CONSUME(K.with) }, { ALT: () => this.CONSUME(K.without) }])
      this.CONSUME(K.hold)
      return word.image === 'with'
    })
    this.CONSUME(K.for)
    const query = this.OR3([{ ALT: () => this.SUBRULE(this.query) }, { ALT: () => this.SUBRULE(this.subscribe) }])
    return {
      kind: 'declare',
      position,
      name,
      binary: seen.has('binary'),
      insensitive: seen.has('insensitive'),
      scroll: seen.has('scroll') ? true : seen.has('no scroll') ? false : undefined,
      hold: hold === true,
      query,
    }
  })

  /** FETCH | MOVE [direction] [FROM | IN] cursor */
  readonly fetch = this.RULE('fetch', (): FetchCursor => {
    const first = this.OR([{ ALT: () => this.CONSUME(K.fetch) }, { ALT: () => this.CONSUME(K.move) }])
    const direction = this.OPTION({
      GATE: () => !this.isEnd(2),
      DEF: () => this.SUBRULE(this.fetchDirection),
    })
    this.OPTION2(() => this.OR2([{ ALT: () => this.CONSUME(K.from) }, { ALT: () => this.CONSUME(K.in) }]))
    const { name } = this.SUBRULE(this.name)
    const kind = first.image as 'fetch' | 'move'
    return { kind, position: first.startOffset, name, direction: direction ?? { kind: 'forward', count: 1 } }
  })

  protected isEnd(ahead: number): boolean {
    return !(this.LA(ahead).startOffset >= 0) || this.follows(ahead, t.Semicolon)
  }

  readonly fetchDirection = this.RULE(
    'fetchDirection',
    (): FetchDirection =>
      this.OR([
        { ALT: () => this.#to({ kind: 'forward', count: 1 }, this.CONSUME(K.next)) },
        { ALT: () => this.#to({ kind: 'backward', count: 1 }, this.CONSUME(K.prior)) },
        { ALT: () => this.#to({ kind: 'absolute', count: 1 }, this.CONSUME(K.first)) },
        { ALT: () => this.#to({ kind: 'absolute', count: -1 }, this.CONSUME(K.last)) },
        { ALT: () => ({ kind: 'forward' as const, count: this.SUBRULE(this.fetchCount) }) },
        {
          ALT: () => {
            const { image } = this.OR2([
              { ALT: () => this.CONSUME(K.absolute) },
              { ALT: () => this.CONSUME(K.relative) },
            ])
            const { text } = this.SUBRULE(this.signedNumber)
            return { kind: image as 'absolute' | 'relative', count: Number(text) }
          },
        },
        {
          ALT: () => {
            const { image } = this.OR3([
              { ALT: () => this.CONSUME(K.forward) },
              { ALT: () => this.CONSUME(K.backward) },
            ])
            const count = this.OPTION(() => this.SUBRULE2(this.fetchCount)) ?? 1
            return { kind: image as 'forward' | 'backward', count }
          },
        },
      ]),
  )

  #to(direction: FetchDirection, _token: unknown): FetchDirection {
    return direction
  }

  /** n or ALL */
  readonly fetchCount = this.RULE('fetchCount', (): number => {
    const count = this.OR([
      { ALT: () => this.consumed(this.CONSUME(K.all)) },
      { ALT: () => this.SUBRULE(this.signedNumber) },
    ])
    return count === undefined ? Number.POSITIVE_INFINITY : Number(count.text)
  })

  readonly close = this.RULE('close', (): CloseCursor => {
    const { startOffset: position } = this.CONSUME(K.close)
    return { kind: 'close', position, name: this.SUBRULE(this.nameOrAll) }
  })

  // ---- SUBSCRIBE ----

  readonly subscribe = this.RULE('subscribe', (): Subscribe => {
    const { startOffset: position } = this.CONSUME(K.subscribe)
    this.OPTION(() => this.CONSUME(K.to))
    const { target, emit } = this.SUBRULE(this.subscribed)
    const options = this.SUBRULE(this.withOptions)
    const asOf = this.OPTION2(() => this.SUBRULE(this.asOf))
    const upTo = this.OPTION3(() => {
      this.CONSUME(K.up)
      this.CONSUME2(K.to)
      return this.SUBRULE(this.expression)
    })
    const envelope = this.OPTION4(() => this.SUBRULE(this.envelope))
    const orderBy = this.OPTION5(() => this.SUBRULE(this.withinEpoch)) ?? []
    return { kind: 'subscribe', position, target, emit, options, asOf, upTo, envelope, orderBy }
  })

  /** A relation, or a query in parentheses with EMIT inside or after them. */
  readonly subscribed = this.RULE(
    'subscribed',
    (): Pick<Subscribe, 'target' | 'emit'> =>
      this.OR([
        { ALT: () => ({ target: this.SUBRULE(this.relation), emit: undefined as Emit | undefined }) },
        {
          ALT: () => {
            this.CONSUME(t.OpenQuery)
            const target = this.SUBRULE(this.query)
            const inside = this.OPTION(() => this.SUBRULE(this.emit))
            this.CONSUME(t.CloseParen)
            const after = this.OPTION2({ GATE: () => inside === undefined, DEF: () => this.SUBRULE2(this.emit) })
            return { target, emit: inside ?? after }
          },
        },
      ]),
  )

  /** AS OF [AT LEAST] e */
  readonly asOf = this.RULE('asOf', (): NonNullable<Subscribe['asOf']> => {
    this.CONSUME(K.as)
    this.CONSUME(K.of)
    const atLeast = this.OPTION({
      GATE: () => this.follows(2, K.least),
      DEF: () => {
        this.CONSUME(K.at)
        return this.CONSUME(K.least)
      },
    })
    return { epoch: this.SUBRULE(this.expression), atLeast: atLeast !== undefined }
  })

  /** ENVELOPE UPSERT | DEBEZIUM (KEY (columns)) */
  readonly envelope = this.RULE('envelope', (): NonNullable<Subscribe['envelope']> => {
    this.CONSUME(K.envelope)
    const { image } = this.OR([{ ALT: () => this.CONSUME(K.upsert) }, { ALT: () => this.CONSUME(K.debezium) }])
    this.CONSUME(t.OpenParen)
    this.CONSUME(K.key)
    const key = this.SUBRULE(this.parenthesizedNames)
    this.CONSUME(t.CloseParen)
    return { kind: image as 'upsert' | 'debezium', key }
  })

  readonly withinEpoch = this.RULE('withinEpoch', (): OrderItem[] => {
    this.CONSUME(K.within)
    this.CONSUME(K.epoch)
    return this.SUBRULE(this.orderBy)
  })

  // ---- EXPLAIN ----

  readonly explain = this.RULE('explain', (): Explain => {
    const { startOffset: position } = this.CONSUME(K.explain)
    const options = this.SUBRULE(this.explainOptions)
    const subject = this.OR([
      {
        GATE: () => options.length === 0 && this.follows(2, K.for),
        ALT: (): Explain['subject'] => {
          const { startOffset } = this.CONSUME(K.watermark)
          this.CONSUME(K.for)
          return { kind: 'explainWatermark', position: startOffset, name: this.SUBRULE2(this.qualifiedName) }
        },
      },
      {
        GATE: () => this.isEnd(2) || this.follows(2, t.Dot),
        ALT: (): Explain['subject'] => {
          const name = this.SUBRULE(this.qualifiedName)
          return { kind: 'explainView', position: name.position, name }
        },
      },
      {
        ALT: (): Explain['subject'] => {
          this.ACTION(() => this.enter())
          const statement = this.SUBRULE(this.statement)
          this.ACTION(() => this.leave())
          return statement
        },
      },
    ])
    return { kind: 'explain', position, options, subject }
  })

  /** (options), or [ANALYZE] [VERBOSE] */
  readonly explainOptions = this.RULE('explainOptions', (): Option[] =>
    this.OR([
      { ALT: () => this.SUBRULE(this.optionList) },
      {
        ALT: () => {
          const options: Option[] = []
          const note = (name: string, position: number): void => {
            options.push({ kind: 'option', position, name, value: undefined })
          }
          this.OPTION(() => {
            const word = this.OR2([{ ALT: () => this.CONSUME(K.analyze) }, { ALT: () => this.CONSUME(K.analyse) }])
            note('analyze', word.startOffset)
          })
          this.OPTION2(() => note('verbose', this.CONSUME(K.verbose).startOffset))
          return options
        },
      },
    ]),
  )
}
