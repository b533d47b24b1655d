// TUMBLE, HOP, CUMULATE, SESSION in FROM: three spellings, one node (spec/windows-and-time.md §2.1).
//
//   standard   TUMBLE(TABLE t, DESCRIPTOR(ts), size)     named   TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), …)
//   compact    TUMBLE(t, ts, size)
//
// Arguments are read alike and then put in their places: positional ones in the function's order, named ones by name.

import { type SqlError, syntaxError } from '../../core/error.ts'
import type { DerivedTable, Expression, RelationRef, TableRef, WindowTable } from '../ast.ts'
import type { ColumnRef } from '../ast-leaf.ts'
import * as t from '../tokens.ts'
import { FromGrammar } from './from.ts'

const { K } = t

type WindowFunction = WindowTable['function']
type Input = RelationRef | DerivedTable
type Place = 'data' | 'timecol' | 'size' | 'slide' | 'step' | 'gap' | 'offset' | 'timezone'

type WindowArgument = Readonly<{ name: string | undefined; position: number }> &
  Readonly<
    | { kind: 'table'; input: Input; partitionBy: readonly Expression[] }
    | { kind: 'value'; value: Expression }
    | { kind: 'partition'; keys: readonly Expression[] }
  >

const order: Readonly<Record<WindowFunction, readonly Place[]>> = {
  tumble: ['data', 'timecol', 'size', 'offset', 'timezone'],
  hop: ['data', 'timecol', 'slide', 'size', 'offset', 'timezone'],
  cumulate: ['data', 'timecol', 'step', 'size', 'offset', 'timezone'],
  session: ['data', 'timecol', 'gap'],
}
const optional: readonly Place[] = ['offset', 'timezone']

export abstract class WindowTableGrammar extends FromGrammar {
  override readonly windowTable = this.RULE('windowTable', (): TableRef => {
    const token = this.OR([
      { ALT: () => this.CONSUME(K.tumble) },
      { ALT: () => this.CONSUME(K.hop) },
      { ALT: () => this.CONSUME(K.cumulate) },
      { ALT: () => this.CONSUME(K.session) },
    ])
    this.CONSUME(t.OpenParen)
    const list: WindowArgument[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => list.push(this.SUBRULE(this.windowArgument)) })
    this.CONSUME(t.CloseParen)
    const { alias } = this.SUBRULE(this.tableAlias, { ARGS: [false] })
    return this.ACTION(() => ({ ...windowTable(token.image as WindowFunction, list, token.startOffset), alias }))
  })

  readonly windowArgument = this.RULE('windowArgument', (): WindowArgument => {
    const { startOffset: position } = this.LA(1)
    const name = this.OPTION({
      GATE: () => this.follows(2, t.Arrow),
      DEF: () => {
        const token = this.OR1([{ ALT: () => this.CONSUME(t.FunctionId) }, { ALT: () => this.CONSUME(K.offset) }])
        this.CONSUME(t.Arrow)
        return token.image
      },
    })
    return this.OR([
      { ALT: () => ({ ...this.SUBRULE(this.tableArgument), name, position }) },
      {
        GATE: () => this.follows(2, t.OpenParen),
        ALT: () => ({ kind: 'value' as const, value: this.SUBRULE(this.descriptor), name, position }),
      },
      {
        GATE: () => this.follows(2, K.by),
        ALT: () => ({ kind: 'partition' as const, keys: [this.SUBRULE(this.partitionKey)], name, position }),
      },
      { ALT: () => ({ kind: 'value' as const, value: this.SUBRULE(this.expression), name, position }) },
    ])
  })

  /** TABLE t | TABLE (query), with PARTITION BY key or (keys). */
  readonly tableArgument = this.RULE('tableArgument', () => {
    const { startOffset: position } = this.CONSUME(K.table)
    const input = this.OR([
      { ALT: (): Input => this.SUBRULE(this.relation) },
      { ALT: (): Input => derived(this.SUBRULE(this.parenthesizedQuery), position) },
    ])
    const key = this.OPTION(() => this.SUBRULE(this.partitionKey))
    return this.ACTION(() => ({ kind: 'table' as const, input, partitionBy: key === undefined ? [] : keysOf(key) }))
  })

  readonly partitionKey = this.RULE('partitionKey', (): Expression => {
    this.CONSUME(K.partition)
    this.CONSUME(K.by)
    return this.SUBRULE(this.expression)
  })

  readonly descriptor = this.RULE('descriptor', (): Expression => {
    this.CONSUME(K.descriptor)
    this.CONSUME(t.OpenParen)
    const column = this.SUBRULE(this.qualifiedName)
    this.CONSUME(t.CloseParen)
    return { kind: 'column', ...column }
  })
}

const derived = (query: DerivedTable['query'], position: number): DerivedTable => ({
  kind: 'derived',
  position,
  query,
  lateral: false,
  alias: undefined,
})

/** PARTITION BY (a, b) names two keys. */
const keysOf = (key: Expression): readonly Expression[] => (key.kind === 'row' && !key.explicit ? key.items : [key])

const windowTable = (name: WindowFunction, list: readonly WindowArgument[], position: number): WindowTable => {
  const places = new Map<Place, WindowArgument>()
  const partitionBy: Expression[] = []
  let next = 0
  for (const argument of list) {
    const { kind } = argument
    if (kind === 'partition') partitionBy.push(...argument.keys.flatMap(keysOf))
    // SESSION(t, ts, gap, PARTITION BY a, b): what follows the keyword is a key.
    else if (partitionBy.length > 0 && kind === 'value' && argument.name === undefined) partitionBy.push(argument.value)
    else {
      const place = argument.name ?? order[name][next++]
      if (place === undefined) throw wrongCall(name, 'has too many arguments', argument.position)
      if (!order[name].includes(place as Place)) throw wrongCall(name, `has no argument ${place}`, argument.position)
      if (places.has(place as Place)) throw wrongCall(name, `has two arguments ${place}`, argument.position)
      places.set(place as Place, argument)
    }
  }
  const missing = order[name].find((place) => !places.has(place) && !optional.includes(place))
  if (missing !== undefined) throw wrongCall(name, `needs the argument ${missing}`, position)

  const data = places.get('data')!
  if (data.kind === 'table') partitionBy.push(...data.partitionBy)
  const [key] = partitionBy
  if (key !== undefined && name !== 'session') throw wrongCall(name, 'has no PARTITION BY', key.position)
  const value = (place: Place): Expression | undefined => plainValue(name, places.get(place))
  return {
    kind: 'windowTable',
    position,
    function: name,
    input: inputOf(name, data),
    time: timeOf(name, places.get('timecol')!),
    partitionBy,
    size: value('size'),
    slide: value('slide'),
    step: value('step'),
    gap: value('gap'),
    offset: value('offset'),
    timeZone: value('timezone'),
    alias: undefined,
  }
}

const plainValue = (name: WindowFunction, argument: WindowArgument | undefined): Expression | undefined => {
  if (argument === undefined || argument.kind === 'value') return argument?.value
  throw wrongCall(name, 'takes a table as its first argument only', argument.position)
}

/** A table given as TABLE t, by its name alone, or as a parenthesised query. */
const inputOf = (name: WindowFunction, argument: WindowArgument): Input => {
  if (argument.kind === 'table') return argument.input
  if (argument.kind === 'value') {
    const { value } = argument
    if (value.kind === 'scalarSubquery') return derived(value.query, value.position)
    if (value.kind === 'column' && value.parts.length <= 3) {
      const { parts, position } = value
      return { kind: 'relation', position, name: { parts, position }, only: false, asOf: undefined, alias: undefined }
    }
  }
  throw wrongCall(name, 'needs a table as its first argument', argument.position)
}

const timeOf = (name: WindowFunction, argument: WindowArgument): ColumnRef => {
  if (argument.kind === 'value' && argument.value.kind === 'column') return argument.value
  throw wrongCall(name, 'needs a column as its second argument', argument.position)
}

const wrongCall = (name: WindowFunction, what: string, position: number): SqlError =>
  syntaxError(`window table function ${name} ${what}`, { position })
