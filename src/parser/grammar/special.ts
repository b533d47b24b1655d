// Functions that the standard writes with words between their arguments, and those it writes without parentheses.
//
// All but CURRENT_DATE and its kin become ordinary calls of PostgreSQL's functions (gram.y, func_expr_common_subexpr):
// SUBSTRING(x FROM 2 FOR 3) is substring(x, 2, 3), POSITION(a IN b) is position(b, a), TRIM(BOTH FROM x) is btrim(x).

import type { Expression } from '../ast.ts'
import type { CurrentFunction } from '../ast-leaf.ts'
import * as t from '../tokens.ts'
import { call } from './fold.ts'
import { PrimaryGrammar } from './primary.ts'

const { K } = t

const trimFunctions: Readonly<Record<string, string>> = { both: 'btrim', leading: 'ltrim', trailing: 'rtrim' }

const builtIn = (name: string, values: readonly Expression[], position: number): Expression =>
  call(['pg_catalog', name], values, position)

export abstract class SpecialGrammar extends PrimaryGrammar {
  override readonly specialFunction = this.RULE(
    'specialFunction',
    (): Expression =>
      this.OR([
        { ALT: () => this.SUBRULE(this.extract) },
        { ALT: () => this.SUBRULE(this.positionFunction) },
        { ALT: () => this.SUBRULE(this.substring) },
        { ALT: () => this.SUBRULE(this.trim) },
        { ALT: () => this.SUBRULE(this.overlay) },
        { ALT: () => this.SUBRULE(this.normalize) },
        { ALT: () => this.SUBRULE(this.treat) },
      ]),
  )

  /** EXTRACT(field FROM source); the field may be any name, or a string. */
  readonly extract = this.RULE('extract', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.extract)
    this.CONSUME(t.OpenParen)
    const field = this.OR([{ ALT: () => this.CONSUME(t.ColumnId) }, { ALT: () => this.CONSUME(t.Text) }])
    this.CONSUME(K.from)
    const source = this.SUBRULE(this.expression)
    this.CONSUME(t.CloseParen)
    return this.ACTION(() => {
      const name: Expression = { kind: 'string', position: field.startOffset, value: field.image }
      return builtIn('extract', [name, source], position)
    })
  })

  /** POSITION(part IN whole) */
  readonly positionFunction = this.RULE('positionFunction', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.position)
    this.CONSUME(t.OpenParen)
    const part = this.SUBRULE(this.expression, { ARGS: [true] })
    this.CONSUME(K.in)
    const whole = this.SUBRULE2(this.expression, { ARGS: [true] })
    this.CONSUME(t.CloseParen)
    return this.ACTION(() => builtIn('position', [whole, part], position))
  })

  /**
   * SUBSTRING(x FROM a FOR b), (x FOR b FROM a), (x SIMILAR p ESCAPE e), or with commas, then any function's arguments.
   */
  readonly substring = this.RULE('substring', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.substring)
    this.CONSUME(t.OpenParen)
    const values = [this.SUBRULE(this.expression)]
    let plain = false
    this.OR([
      { ALT: () => this.SUBRULE(this.substringFrom, { ARGS: [values] }) },
      { ALT: () => this.SUBRULE(this.substringFor, { ARGS: [values] }) },
      {
        ALT: () => {
          this.CONSUME(K.similar)
          // Restricted, or it would take ESCAPE for a part of a LIKE.
          values.push(this.SUBRULE2(this.expression, { ARGS: [true] }))
          this.CONSUME(K.escape)
          values.push(this.SUBRULE3(this.expression))
        },
      },
      {
        ALT: () => {
          plain = true
          this.MANY(() => {
            this.CONSUME(t.Comma)
            values.push(this.SUBRULE4(this.expression))
          })
        },
      },
    ])
    this.CONSUME(t.CloseParen)
    return this.ACTION(() => (plain ? call(['substring'], values, position) : builtIn('substring', values, position)))
  })

  readonly substringFrom = this.RULE('substringFrom', (values: Expression[]) => {
    this.CONSUME(K.from)
    const from = this.SUBRULE(this.expression)
    this.ACTION(() => values.push(from))
    this.OPTION(() => {
      this.CONSUME(K.for)
      const length = this.SUBRULE2(this.expression)
      this.ACTION(() => values.push(length))
    })
  })

  /** Without FROM the length is an integer from 1 on. */
  readonly substringFor = this.RULE('substringFor', (values: Expression[]) => {
    const { startOffset: position } = this.CONSUME(K.for)
    const length = this.SUBRULE(this.expression)
    const from = this.OPTION(() => {
      this.CONSUME(K.from)
      return this.SUBRULE2(this.expression)
    })
    this.ACTION(() => {
      if (from !== undefined) values.push(from, length)
      else values.push({ kind: 'number', position, text: '1' }, asInteger(length, position))
    })
  })

  /** TRIM([BOTH | LEADING | TRAILING] [characters] FROM x), TRIM(x, characters) */
  readonly trim = this.RULE('trim', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.trim)
    this.CONSUME(t.OpenParen)
    const side = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(K.both).image },
        { ALT: () => this.CONSUME(K.leading).image },
        { ALT: () => this.CONSUME(K.trailing).image },
      ]),
    )
    const before: Expression[] = []
    this.OPTION2(() => before.push(this.SUBRULE(this.expression)))
    let after: Expression[] | undefined
    this.OPTION3(() => {
      this.CONSUME(K.from)
      after = this.SUBRULE(this.expressions)
    })
    this.MANY({
      GATE: () => after === undefined && before.length > 0,
      DEF: () => {
        this.CONSUME(t.Comma)
        before.push(this.SUBRULE2(this.expression))
      },
    })
    const close = this.LA(1)
    this.CONSUME(t.CloseParen)
    return this.ACTION(() => {
      const values = [...(after ?? []), ...before]
      if (values.length === 0) throw this.unexpected(close)
      return builtIn(trimFunctions[side ?? 'both']!, values, position)
    })
  })

  /** OVERLAY(x PLACING y FROM a [FOR b]), OVERLAY(x, y, a, b) */
  readonly overlay = this.RULE('overlay', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.overlay)
    this.CONSUME(t.OpenParen)
    const values = [this.SUBRULE(this.expression)]
    const placed = this.OR([
      {
        ALT: () => {
          this.CONSUME(K.placing)
          values.push(this.SUBRULE2(this.expression))
          this.SUBRULE(this.substringFrom, { ARGS: [values] })
          return true
        },
      },
      {
        ALT: () => {
          this.MANY(() => {
            this.CONSUME(t.Comma)
            values.push(this.SUBRULE3(this.expression))
          })
          return false
        },
      },
    ])
    this.CONSUME(t.CloseParen)
    return this.ACTION(() => (placed ? builtIn('overlay', values, position) : call(['overlay'], values, position)))
  })

  /** NORMALIZE(x [, NFC]) */
  readonly normalize = this.RULE('normalize', (): Expression => {
    const { startOffset: position } = this.CONSUME(K.normalize)
    this.CONSUME(t.OpenParen)
    const values = [this.SUBRULE(this.expression)]
    this.OPTION(() => {
      this.CONSUME(t.Comma)
      const { startOffset } = this.LA(1)
      const form = this.SUBRULE(this.normalForm)
      this.ACTION(() => values.push({ kind: 'string', position: startOffset, value: form.toUpperCase() }))
    })
    this.CONSUME(t.CloseParen)
    return this.ACTION(() => builtIn('normalize', values, position))
  })

  readonly treat = this.RULE('treat', (): Expression => {
    const { startOffset } = this.CONSUME(K.treat)
    return this.ACTION(() => this.refuse('TREAT', startOffset))
  })

  /** COLLATION FOR (x), and the functions without parentheses, some with a precision. */
  override readonly currentValue = this.RULE('currentValue', (): Expression => {
    const { startOffset: position } = this.LA(1)
    return this.OR([
      {
        ALT: () => {
          this.CONSUME(K.collation)
          this.CONSUME(K.for)
          const value = this.SUBRULE(this.parenthesizedExpression)
          return this.ACTION(() => builtIn('pg_collation_for', [value], position))
        },
      },
      {
        ALT: (): Expression => {
          const name = this.SUBRULE(this.currentName)
          return { kind: 'currentValue', position, function: name, precision: undefined }
        },
      },
      {
        ALT: (): Expression => {
          const name = this.SUBRULE(this.currentTime)
          const precision = this.OPTION(() => this.SUBRULE(this.parenthesizedInteger))
          return { kind: 'currentValue', position, function: name, precision }
        },
      },
    ])
  })

  readonly currentName = this.RULE(
    'currentName',
    (): CurrentFunction =>
      this.OR([
        { ALT: () => this.CONSUME(K.current_date) },
        { ALT: () => this.CONSUME(K.current_role) },
        { ALT: () => this.CONSUME(K.current_user) },
        { ALT: () => this.CONSUME(K.session_user) },
        { ALT: () => this.CONSUME(K.user) },
        { ALT: () => this.CONSUME(K.current_catalog) },
        { ALT: () => this.CONSUME(K.current_schema) },
      ]).image as CurrentFunction,
  )

  readonly currentTime = this.RULE(
    'currentTime',
    (): CurrentFunction =>
      this.OR([
        { ALT: () => this.CONSUME(K.current_time) },
        { ALT: () => this.CONSUME(K.current_timestamp) },
        { ALT: () => this.CONSUME(K.localtime) },
        { ALT: () => this.CONSUME(K.localtimestamp) },
      ]).image as CurrentFunction,
  )

  readonly parenthesizedInteger = this.RULE('parenthesizedInteger', (): number => {
    this.CONSUME(t.OpenParen)
    const { image } = this.CONSUME(t.Integer)
    this.CONSUME(t.CloseParen)
    return Number(image)
  })

  /** None of SQL/XML is there. */
  override readonly xml = this.RULE('xml', (): Expression => {
    const { image, startOffset } = this.OR([
      { ALT: () => this.CONSUME(K.xmlconcat) },
      { ALT: () => this.CONSUME(K.xmlelement) },
      { ALT: () => this.CONSUME(K.xmlexists) },
      { ALT: () => this.CONSUME(K.xmlforest) },
      { ALT: () => this.CONSUME(K.xmlparse) },
      { ALT: () => this.CONSUME(K.xmlpi) },
      { ALT: () => this.CONSUME(K.xmlroot) },
      { ALT: () => this.CONSUME(K.xmlserialize) },
    ])
    return this.ACTION(() => this.refuse(image.toUpperCase(), startOffset))
  })
}

const asInteger = (operand: Expression, position: number): Expression => ({
  kind: 'cast',
  position,
  operand,
  type: {
    kind: 'type',
    position,
    name: ['integer'],
    modifiers: [],
    intervalFields: undefined,
    arrayBounds: [],
    fields: undefined,
  },
})
