// Names and what follows them: columns, whole rows, calls with all their clauses, `type 'literal'`; and windows.
//
// A dotted name is read first; the token after it says whether it is a column, a function or a type.

import type { IOrAlt, IToken } from 'chevrotain'
import { SqlError, syntaxError } from '../../core/error.ts'
import type {
  Argument,
  Expression,
  Frame,
  FrameBound,
  FunctionCall,
  OrderItem,
  WindowName,
  WindowSpec,
} from '../ast.ts'
import type { StringLiteral } from '../ast-leaf.ts'
import * as t from '../tokens.ts'
import { SpecialGrammar } from './special.ts'

const { K } = t

type Arguments = Pick<FunctionCall, 'arguments' | 'star' | 'distinct' | 'orderBy' | 'nulls'>
type Nulls = FunctionCall['nulls']
type Clauses = Pick<FunctionCall, 'withinGroup' | 'filter' | 'nulls' | 'over'>
/** What stands after a function's name; or, with an operand, a type's modifiers and the literal of that type. */
export type CallTail = Readonly<{
  kind: 'callTail'
  inside: Arguments
  after: Clauses
  operand: StringLiteral | undefined
}>

const noArguments: Arguments = { arguments: [], star: false, distinct: false, orderBy: [], nulls: undefined }
const noClauses: Clauses = { withinGroup: [], filter: undefined, nulls: undefined, over: undefined }

export abstract class FunctionGrammar extends SpecialGrammar {
  override readonly nameExpression = this.RULE('nameExpression', (): Expression => {
    const first = this.LA(1)
    const name = this.SUBRULE(this.dottedName)
    const end = this.LA(1)
    const tail = this.OR(this.#nameTails)
    if (tail === undefined || this.RECORDING_PHASE) {
      const column = this.ACTION(() => this.#column(name, first, end))
      const subscripted = this.RECORDING_PHASE || this.follows(1, t.OpenBracket)
      return subscripted ? this.SUBRULE(this.indirection, { ARGS: [column] }) : column
    }
    if (tail.kind === 'callTail') return this.called(name, first, end, tail)
    if (name.length === 1 && !this.isMember(first, t.FunctionId)) throw this.unexpected(end)
    return typedLiteral(name, [], tail, first)
  })

  readonly #nameTails: IOrAlt<StringLiteral | CallTail | undefined>[] = [
    { GATE: () => !this.follows(0, t.Asterisk), ALT: () => this.SUBRULE(this.callTail, { ARGS: [false] }) },
    { GATE: () => !this.follows(0, t.Asterisk), ALT: () => this.SUBRULE(this.stringLiteral) },
    { ALT: () => undefined },
  ]

  /** `a`, `a.b.c`, `a.b.*` with the asterisk as a last part. */
  readonly dottedName = this.RULE('dottedName', (): string[] => {
    const parts = [this.CONSUME(t.NameStart).image]
    while (this.RECORDING_PHASE ? parts.length === 1 : this.follows(1, t.Dot) && !this.follows(0, t.Asterisk)) {
      parts.push(this.SUBRULE(this.namePart))
    }
    return parts
  })

  readonly namePart = this.RULE('namePart', (): string => {
    this.CONSUME(t.Dot)
    return this.OR(this.#parts).image
  })

  readonly #parts: IOrAlt<IToken>[] = [{ ALT: () => this.CONSUME(t.Label) }, { ALT: () => this.CONSUME(t.Asterisk) }]

  #column(parts: readonly string[], first: IToken, end: IToken): Expression {
    const position = first.startOffset
    if (this.follows(0, t.Asterisk)) return { kind: 'star', position, parts: parts.slice(0, -1) }
    if (!this.isMember(first, t.ColumnId)) throw this.unexpected(parts.length > 1 ? first : end)
    return { kind: 'column', position, parts }
  }

  // ---- Calls ----

  /** The parentheses after a function's name and the clauses after them; or a type's modifiers before a string. */
  readonly callTail = this.RULE('callTail', (windowless: boolean): CallTail => {
    const inside = this.SUBRULE(this.callArguments)
    if (windowless) return { kind: 'callTail', inside, after: noClauses, operand: undefined }
    const operand = this.OPTION(this.#literal)
    const after = this.SUBRULE(this.callClauses)
    return { kind: 'callTail', inside, after, operand }
  })

  readonly #literal = (): StringLiteral => this.SUBRULE(this.stringLiteral)

  protected called(name: readonly string[], first: IToken, open: IToken, tail: CallTail): Expression {
    const { inside, after, operand } = tail
    if (operand !== undefined) {
      if (inside.arguments.length === 0) throw this.unexpected(open)
      const modifiers = inside.arguments.map((argument) => argument.value)
      return typedLiteral(name, modifiers, operand, first)
    }
    if (name.length === 1 && !this.isMember(first, t.FunctionId)) throw this.unexpected(open)
    return {
      kind: 'call',
      position: first.startOffset,
      name,
      arguments: inside.arguments,
      star: inside.star,
      distinct: inside.distinct,
      orderBy: inside.orderBy,
      withinGroup: after.withinGroup,
      filter: after.filter,
      nulls: inside.nulls ?? after.nulls,
      over: after.over,
    }
  }

  readonly callArguments = this.RULE('callArguments', (): Arguments => {
    this.CONSUME(t.OpenParen)
    const inside = this.OR(this.#argumentAlternatives)
    this.CONSUME(t.CloseParen)
    return inside
  })

  readonly #argumentAlternatives: IOrAlt<Arguments>[] = [
    { ALT: () => ({ ...noArguments, star: this.CONSUME(t.Asterisk) !== undefined }) },
    { ALT: () => this.SUBRULE(this.argumentList) },
    { ALT: () => noArguments },
  ]

  readonly argumentList = this.RULE('argumentList', (): Arguments => {
    const distinct = this.OPTION(this.#distinct)
    const list: Argument[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => list.push(this.SUBRULE(this.argument)) })
    const orderBy = this.OPTION2(this.#orderBy) ?? []
    const nulls = this.OPTION3(this.#nulls)
    this.ACTION(() => this.#checkVariadic(list))
    return { arguments: list, star: false, distinct: distinct === true, orderBy, nulls }
  })

  readonly #distinct = (): boolean => this.OR(this.#distinctAlternatives)
  readonly #distinctAlternatives: IOrAlt<boolean>[] = [
    { ALT: () => this.CONSUME(K.distinct) !== undefined },
    { ALT: () => this.CONSUME(K.all) === undefined },
  ]
  readonly #orderBy = (): OrderItem[] => this.SUBRULE(this.orderBy)

  #checkVariadic(list: readonly Argument[]): void {
    const early = list.slice(0, -1).find((argument) => argument.variadic)
    if (early !== undefined) throw syntaxError('VARIADIC must be the last argument', { position: early.position })
  }

  /** `e`, `name => e`, `name := e`, `VARIADIC e` */
  readonly argument = this.RULE('argument', (): Argument => {
    const { startOffset: position } = this.LA(1)
    const variadic = this.OPTION(this.#variadic) !== undefined
    const name = this.OPTION2(this.#argumentName)
    return { kind: 'argument', position, name, variadic, value: this.SUBRULE(this.expression) }
  })

  readonly #variadic = (): IToken => this.CONSUME(K.variadic)
  readonly #argumentName = {
    GATE: () => this.follows(2, t.Arrow) || this.follows(2, t.ColonEquals),
    DEF: (): string => this.SUBRULE(this.argumentName),
  }

  readonly argumentName = this.RULE('argumentName', (): string => {
    const { image } = this.CONSUME(t.FunctionId)
    this.OR([{ ALT: () => this.CONSUME(t.Arrow) }, { ALT: () => this.CONSUME(t.ColonEquals) }])
    return image
  })

  readonly nullTreatment = this.RULE('nullTreatment', (): Nulls => {
    const word = this.OR([{ ALT: () => this.CONSUME(t.IgnoreNulls) }, { ALT: () => this.CONSUME(t.RespectNulls) }])
    this.CONSUME(K.nulls)
    return word.image as Nulls
  })

  /** WITHIN GROUP, FILTER, IGNORE NULLS, OVER */
  readonly callClauses = this.RULE('callClauses', (): Clauses => {
    const withinGroup = this.OPTION(this.#withinGroup) ?? []
    const filter = this.OPTION2(this.#filter)
    const nulls = this.OPTION3(this.#nulls)
    const over = this.OPTION4(this.#over)
    return { withinGroup, filter, nulls, over }
  })

  readonly #withinGroup = (): OrderItem[] => this.SUBRULE(this.withinGroup)
  readonly #filter = (): Expression => this.SUBRULE(this.filter)
  readonly #nulls = (): Nulls => this.SUBRULE(this.nullTreatment)
  readonly #over = (): FunctionCall['over'] => this.SUBRULE(this.over)

  readonly withinGroup = this.RULE('withinGroup', (): OrderItem[] => {
    this.CONSUME(K.within)
    this.CONSUME(K.group)
    this.CONSUME(t.OpenParen)
    const items = this.SUBRULE(this.orderBy)
    this.CONSUME(t.CloseParen)
    return items
  })

  readonly filter = this.RULE('filter', (): Expression => {
    this.CONSUME(K.filter)
    this.CONSUME(t.OpenParen)
    this.CONSUME(K.where)
    const predicate = this.SUBRULE(this.expression)
    this.CONSUME(t.CloseParen)
    return predicate
  })

  // ---- Windows ----

  readonly over = this.RULE('over', (): WindowSpec | WindowName => {
    this.CONSUME(K.over)
    return this.OR([
      { ALT: () => this.SUBRULE(this.windowSpec) },
      {
        ALT: (): WindowName => {
          const { name, position } = this.SUBRULE(this.name)
          return { kind: 'windowName', position, name }
        },
      },
    ])
  })

  readonly windowSpec = this.RULE('windowSpec', (): WindowSpec => {
    const { startOffset: position } = this.CONSUME(t.OpenParen)
    const existing = this.OPTION({
      GATE: () => !this.followsAny(1, K.partition, K.rows, K.range, K.groups),
      DEF: () => this.SUBRULE(this.name).name,
    })
    const partitionBy = this.OPTION2(() => this.SUBRULE(this.partitionBy)) ?? []
    const orderBy = this.OPTION3(() => this.SUBRULE(this.orderBy)) ?? []
    const frame = this.OPTION4(() => this.SUBRULE(this.frame))
    this.CONSUME(t.CloseParen)
    return { kind: 'window', position, existing, partitionBy, orderBy, frame }
  })

  readonly partitionBy = this.RULE('partitionBy', (): Expression[] => {
    this.CONSUME(K.partition)
    this.CONSUME(K.by)
    return this.SUBRULE(this.expressions)
  })

  readonly frame = this.RULE('frame', (): Frame => {
    const { image, startOffset: position } = this.OR([
      { ALT: () => this.CONSUME(K.rows) },
      { ALT: () => this.CONSUME(K.range) },
      { ALT: () => this.CONSUME(K.groups) },
    ])
    const between = this.has(10, K.between)
    const start = this.SUBRULE(this.frameBound)
    const end = this.OPTION({
      GATE: () => between,
      DEF: () => {
        this.CONSUME(K.and)
        return this.SUBRULE2(this.frameBound)
      },
    })
    const close = this.LA(1)
    const exclude = this.OPTION2(() => this.SUBRULE(this.exclude))
    return this.ACTION(() => {
      if (between && end === undefined) throw this.unexpected(close)
      checkFrame(start, end)
      const last: FrameBound = end ?? { kind: 'currentRow', position: start.position }
      return { kind: 'frame', position, unit: image as Frame['unit'], start, end: last, exclude }
    })
  })

  readonly frameBound = this.RULE('frameBound', (): FrameBound => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        GATE: () => this.followsAny(2, K.preceding, K.following),
        ALT: (): FrameBound => {
          this.CONSUME(K.unbounded)
          const kind = this.SUBRULE(this.frameSide) === 'preceding' ? 'unboundedPreceding' : 'unboundedFollowing'
          return { kind, position }
        },
      },
      {
        GATE: () => this.follows(2, K.row),
        ALT: (): FrameBound => {
          this.CONSUME(K.current)
          this.CONSUME(K.row)
          return { kind: 'currentRow', position }
        },
      },
      {
        ALT: (): FrameBound => {
          const offset = this.SUBRULE(this.expression)
          return { kind: this.SUBRULE2(this.frameSide), position, offset }
        },
      },
    ])
  })

  readonly frameSide = this.RULE(
    'frameSide',
    () =>
      this.OR([{ ALT: () => this.CONSUME(K.preceding) }, { ALT: () => this.CONSUME(K.following) }]).image as
        | 'preceding'
        | 'following',
  )

  readonly exclude = this.RULE('exclude', (): Frame['exclude'] => {
    this.CONSUME(K.exclude)
    return this.OR([
      {
        ALT: () => {
          this.CONSUME(K.current)
          this.CONSUME(K.row)
          return 'current row' as const
        },
      },
      { ALT: () => this.CONSUME(K.group).image as 'group' },
      { ALT: () => this.CONSUME(K.ties).image as 'ties' },
      {
        ALT: () => {
          this.CONSUME(K.no)
          this.CONSUME(K.others)
          return undefined
        },
      },
    ])
  })

  // ---- Ordering ----

  readonly orderBy = this.RULE('orderBy', (): OrderItem[] => {
    this.CONSUME(K.order)
    this.CONSUME(K.by)
    const items: OrderItem[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.orderItem)) })
    return items
  })

  readonly orderItem = this.RULE('orderItem', (): OrderItem => {
    const value = this.SUBRULE(this.expression)
    const direction = this.SUBRULE(this.direction)
    const using = this.OPTION(() => {
      this.CONSUME(K.using)
      return this.SUBRULE(this.operatorRef)
    })
    const nulls = this.SUBRULE(this.nullsOrder)
    return { kind: 'orderItem', position: value.position, value, direction, using, nulls }
  })

  readonly direction = this.RULE('direction', (): OrderItem['direction'] =>
    this.OPTION(
      () => this.OR([{ ALT: () => this.CONSUME(K.asc) }, { ALT: () => this.CONSUME(K.desc) }]).image as 'asc' | 'desc',
    ),
  )

  readonly nullsOrder = this.RULE('nullsOrder', (): OrderItem['nulls'] =>
    this.OPTION(() => {
      this.CONSUME(t.NullsBefore)
      return this.OR([{ ALT: () => this.CONSUME(K.first) }, { ALT: () => this.CONSUME(K.last) }]).image as
        | 'first'
        | 'last'
    }),
  )
}

/** A cast of a string: `my.type 'literal'`, `numeric(3, 1) '1.5'`. */
const typedLiteral = (
  name: readonly string[],
  modifiers: readonly Expression[],
  operand: Expression,
  { startOffset: position }: IToken,
): Expression => ({
  kind: 'cast',
  position,
  operand,
  type: { kind: 'type', position, name, modifiers, intervalFields: undefined, arrayBounds: [], fields: undefined },
})

/** Frames that would hold no row whatever the data: 42P20, in PostgreSQL's words. */
const checkFrame = (start: FrameBound, end: FrameBound | undefined): void => {
  const refuse = (message: string, { position }: FrameBound): never => {
    throw new SqlError({ code: '42P20', message, position })
  }
  if (start.kind === 'unboundedFollowing') refuse('frame start cannot be UNBOUNDED FOLLOWING', start)
  if (end === undefined) {
    if (start.kind === 'following') refuse('frame starting from following row cannot end with current row', start)
    return
  }
  if (end.kind === 'unboundedPreceding') refuse('frame end cannot be UNBOUNDED PRECEDING', end)
  if (start.kind === 'currentRow' && end.kind === 'preceding') {
    refuse('frame starting from current row cannot have preceding rows', end)
  }
  if (start.kind !== 'following') return
  if (end.kind === 'preceding' || end.kind === 'currentRow') {
    refuse('frame starting from following row cannot have preceding rows', end)
  }
}
