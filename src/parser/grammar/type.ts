// Type names, as PostgreSQL spells them and as other engines do: STRUCT<…>, ARRAY<T>.
//
// SQL's spellings of several words become one name; nothing else is resolved here (see TypeName in ast.ts).

import { SqlError, syntaxError } from '../../core/error.ts'
import type { Expression, StructField, TypeName } from '../ast.ts'
import type { IntervalFields } from '../ast-leaf.ts'
import * as t from '../tokens.ts'
import { BaseGrammar, type RuleOf } from './base.ts'

const { K } = t

type Bounds = (number | undefined)[]
type SimpleType = Omit<TypeName, 'arrayBounds'> & { readonly arrayBounds?: Bounds }

/** INT is `integer`, but INT4 stays `int4`: keywords get the name the standard gives them. */
const standardNames: Readonly<Record<string, string>> = { int: 'integer', dec: 'numeric', decimal: 'numeric' }

const intervalTails: Readonly<Record<string, readonly string[]>> = {
  year: ['month'],
  month: [],
  day: ['hour', 'minute', 'second'],
  hour: ['minute', 'second'],
  minute: ['second'],
  second: [],
}

export abstract class TypeGrammar extends BaseGrammar {
  protected abstract readonly expression: RuleOf<Expression, [restricted?: boolean]>
  protected abstract readonly expressions: RuleOf<Expression[]>

  readonly typeName = this.RULE('typeName', (): TypeName => {
    this.ACTION(() => this.enter())
    const type = this.SUBRULE(this.simpleType)
    const bounds = this.SUBRULE(this.arrayBounds)
    return this.ACTION(() => {
      this.leave()
      return { ...type, arrayBounds: [...(type.arrayBounds ?? []), ...bounds] }
    })
  })

  readonly arrayBounds = this.RULE('arrayBounds', (): Bounds => {
    const bounds: Bounds = []
    this.OR([
      {
        ALT: () => {
          this.CONSUME(K.array)
          bounds.push(this.OPTION(() => this.SUBRULE(this.bound)))
        },
      },
      { ALT: () => this.MANY(() => bounds.push(this.SUBRULE2(this.bound))) },
    ])
    return bounds
  })

  /** `[]`, `[3]` */
  readonly bound = this.RULE('bound', (): number | undefined => {
    this.CONSUME(t.OpenBracket)
    const size = this.OPTION(() => Number(this.CONSUME(t.Integer).image))
    this.CONSUME(t.CloseBracket)
    return size
  })

  /** A type without array bounds; also what may precede a string: `numeric(3, 1) '1.5'`. */
  readonly simpleType = this.RULE(
    'simpleType',
    (): SimpleType =>
      this.OR([
        { ALT: () => this.SUBRULE(this.constantType) },
        { GATE: () => this.follows(2, K.precision), ALT: () => this.SUBRULE(this.doublePrecision) },
        { GATE: () => this.follows(2, t.Less), ALT: () => this.SUBRULE(this.structType) },
        { ALT: () => this.SUBRULE(this.arrayType) },
        { ALT: () => this.SUBRULE(this.intervalType) },
        { ALT: () => this.SUBRULE(this.namedType) },
      ]),
  )

  /** The types whose names are not names of anything else. */
  readonly constantType = this.RULE(
    'constantType',
    (): SimpleType =>
      this.OR([
        { ALT: () => this.SUBRULE(this.numberType) },
        { ALT: () => this.SUBRULE(this.characterType) },
        { ALT: () => this.SUBRULE(this.timeType) },
      ]),
  )

  readonly numberType = this.RULE('numberType', (): SimpleType => {
    const position = this.place()
    const name = this.OR([
      { ALT: () => this.CONSUME(K.smallint).image },
      { ALT: () => this.CONSUME(K.int).image },
      { ALT: () => this.CONSUME(K.integer).image },
      { ALT: () => this.CONSUME(K.bigint).image },
      { ALT: () => this.CONSUME(K.real).image },
      { ALT: () => this.CONSUME(K.boolean).image },
      { ALT: () => this.CONSUME(K.numeric).image },
      { ALT: () => this.CONSUME(K.decimal).image },
      { ALT: () => this.CONSUME(K.dec).image },
      { ALT: () => this.CONSUME(K.float).image },
    ])
    const takesModifiers = name === 'numeric' || name === 'dec' || name === 'decimal' || name === 'float'
    const modifiers = this.OPTION({ GATE: () => takesModifiers, DEF: () => this.SUBRULE(this.modifiers) }) ?? []
    return this.ACTION(() =>
      name === 'float' ? floatType(modifiers, position) : simple(standardNames[name] ?? name, position, modifiers),
    )
  })

  readonly doublePrecision = this.RULE('doublePrecision', (): SimpleType => {
    const { startOffset } = this.CONSUME(K.double)
    this.CONSUME(K.precision)
    return simple('double precision', startOffset, [])
  })

  /** CHARACTER [VARYING] and its names, BIT [VARYING]. */
  readonly characterType = this.RULE('characterType', (): SimpleType => {
    const position = this.place()
    const national = this.has(10, K.national)
    const name = this.OR([
      { GATE: () => !national, ALT: () => this.CONSUME(K.bit).image },
      { GATE: () => !national, ALT: () => this.CONSUME(K.varchar).image },
      { GATE: () => !national, ALT: () => this.CONSUME(K.nchar).image },
      { ALT: () => this.CONSUME(K.character).image },
      { ALT: () => this.CONSUME(K.char).image },
    ])
    const varying = this.OPTION({
      GATE: () => name !== 'varchar',
      DEF: () => this.CONSUME(K.varying) !== undefined,
    })
    const modifiers = this.OPTION2(() => this.SUBRULE(this.modifiers)) ?? []
    return this.ACTION(() => {
      const base = name === 'bit' ? 'bit' : 'character'
      if (varying || name === 'varchar') return simple(`${base} varying`, position, modifiers)
      return simple(base, position, modifiers.length > 0 ? modifiers : [{ kind: 'number', position, text: '1' }])
    })
  })

  /** TIMESTAMP and TIME [(p)] [WITH | WITHOUT TIME ZONE] */
  readonly timeType = this.RULE('timeType', (): SimpleType => {
    const position = this.place()
    const name = this.OR([{ ALT: () => this.CONSUME(K.timestamp).image }, { ALT: () => this.CONSUME(K.time).image }])
    const modifiers = this.OPTION(() => this.SUBRULE(this.modifiers)) ?? []
    const zone = this.OPTION2(() => {
      const word = this.OR2([
        { ALT: () => this.CONSUME(t.WithTime).image },
        { ALT: () => this.CONSUME(t.WithoutTime).image },
      ])
      this.CONSUME2(K.time)
      this.CONSUME(K.zone)
      return word
    })
    return this.ACTION(() => simple(`${name} ${zone ?? 'without'} time zone`, position, modifiers))
  })

  readonly intervalType = this.RULE('intervalType', (): SimpleType => {
    const { startOffset } = this.CONSUME(K.interval)
    return this.OR([
      {
        GATE: () => this.follows(1, t.OpenParen),
        ALT: () => simple('interval', startOffset, this.SUBRULE(this.modifiers)),
      },
      {
        ALT: () => {
          const tail = this.SUBRULE(this.intervalFields)
          return this.ACTION(() => ({
            ...simple('interval', startOffset, tail.modifiers),
            intervalFields: tail.fields,
          }))
        },
      },
    ])
  })

  /** [YEAR | DAY TO SECOND(3) | …] */
  readonly intervalFields = this.RULE(
    'intervalFields',
    (): { fields: IntervalFields | undefined; modifiers: Expression[] } => {
      const first = this.OPTION(() => this.SUBRULE(this.timeField))
      const last = this.OPTION2({
        GATE: () => first !== undefined,
        DEF: () => {
          this.CONSUME(K.to)
          const place = this.LA(1)
          const field = this.SUBRULE2(this.timeField)
          this.ACTION(() => {
            if (!intervalTails[first as string]?.includes(field)) throw this.unexpected(place)
          })
          return field
        },
      })
      const modifiers = this.OPTION3({
        GATE: () => (last ?? first) === 'second',
        DEF: () => this.SUBRULE(this.modifiers),
      })
      const fields = last === undefined ? first : `${first} to ${last}`
      return { fields: fields as IntervalFields | undefined, modifiers: modifiers ?? [] }
    },
  )

  readonly timeField = this.RULE('timeField', (): string =>
    this.OR([
      { ALT: () => this.CONSUME(K.year).image },
      { ALT: () => this.CONSUME(K.month).image },
      { ALT: () => this.CONSUME(K.day).image },
      { ALT: () => this.CONSUME(K.hour).image },
      { ALT: () => this.CONSUME(K.minute).image },
      { ALT: () => this.CONSUME(K.second).image },
    ]),
  )

  readonly structType = this.RULE('structType', (): SimpleType => {
    const { startOffset } = this.CONSUME(K.struct)
    this.CONSUME(t.Less)
    const fields: StructField[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => fields.push(this.SUBRULE(this.structField)) })
    this.CONSUME(t.Greater)
    return { ...simple('struct', startOffset, []), fields }
  })

  readonly structField = this.RULE('structField', (): StructField => {
    const { name, position } = this.SUBRULE(this.name)
    return { name, position, type: this.SUBRULE(this.typeName) }
  })

  readonly arrayType = this.RULE('arrayType', (): SimpleType => {
    this.CONSUME(K.array)
    this.CONSUME(t.Less)
    const element = this.SUBRULE(this.typeName)
    this.CONSUME(t.Greater)
    return this.ACTION(() => ({ ...element, arrayBounds: [undefined, ...element.arrayBounds] }))
  })

  /** Any other name, with schema and modifiers. */
  readonly namedType = this.RULE('namedType', (): SimpleType => {
    const first = this.CONSUME(t.FunctionId)
    const name = [first.image]
    this.MANY(() => {
      this.CONSUME(t.Dot)
      name.push(this.CONSUME(t.Label).image)
    })
    const modifiers = this.OPTION(() => this.SUBRULE(this.modifiers)) ?? []
    return { ...simple(first.image, first.startOffset, modifiers), name }
  })

  readonly modifiers = this.RULE('modifiers', (): Expression[] => {
    this.CONSUME(t.OpenParen)
    const modifiers = this.SUBRULE(this.expressions)
    this.CONSUME(t.CloseParen)
    return modifiers
  })
}

const simple = (name: string, position: number, modifiers: readonly Expression[]): SimpleType => ({
  kind: 'type',
  position,
  name: [name],
  modifiers,
  intervalFields: undefined,
  fields: undefined,
})

/** FLOAT(n): n binary digits decide between the two. */
const floatType = (modifiers: readonly Expression[], position: number): SimpleType => {
  const [digits] = modifiers
  if (digits === undefined) return simple('double precision', position, [])
  const bits = digits.kind === 'number' ? Number(digits.text) : Number.NaN
  if (modifiers.length > 1 || !Number.isInteger(bits))
    throw syntaxError('syntax error in float precision', { position })
  if (bits < 1) throw floatPrecision('at least 1 bit', position)
  if (bits > 53) throw floatPrecision('less than 54 bits', position)
  return simple(bits <= 24 ? 'real' : 'double precision', position, [])
}

const floatPrecision = (rule: string, position: number): SqlError =>
  new SqlError({ code: '22023', message: `precision for type float must be ${rule}`, position })
