// Casts of arrays and rows: those of their elements and fields, one by one.

import type { SqlType } from '../../core/type.ts'
import type { SqlArray, SqlRow, SqlValue } from '../../core/value.ts'
import type { Cast, CastTarget, EvaluationContext } from '../../functions/registry.ts'

type Convert = (value: SqlValue, target: CastTarget, context: EvaluationContext) => SqlValue

const elementOf = (type: SqlType): SqlType => (type.kind === 'array' ? type.element : type)

const converter = (cast: Cast): Convert => {
  const evaluate = cast.evaluate as Convert
  return (value, target, context) => (value === null ? null : evaluate(value, target, context))
}

export function arrayCast(element: Cast, from: SqlType, to: SqlType): Cast {
  const convert = converter(element)
  const [elementFrom, elementTo] = [elementOf(from), elementOf(to)]
  return {
    kind: 'cast',
    from: 'array',
    to: 'array',
    context: element.context,
    fails: element.fails,
    volatility: element.volatility,
    evaluate: (value: SqlArray, { explicit }: CastTarget, context: EvaluationContext): SqlArray => ({
      ...value,
      elements: value.elements.map((item) => convert(item, { from: elementFrom, to: elementTo, explicit }, context)),
    }),
  }
}

/** `fields`: undefined where a field stays as it is. */
export function rowCast(
  fields: readonly (Cast | undefined)[],
  from: Extract<SqlType, { kind: 'row' }>,
  to: Extract<SqlType, { kind: 'row' }>,
): Cast {
  const converters = fields.map((cast) => cast && converter(cast))
  return {
    kind: 'cast',
    from: 'row',
    to: 'row',
    context: 'explicit',
    fails: fields.some((cast) => cast?.fails),
    volatility: fields.every((cast) => cast === undefined || cast.volatility === 'immutable') ? 'immutable' : 'stable',
    evaluate: (value: SqlRow, { explicit }: CastTarget, context: EvaluationContext): SqlRow => ({
      kind: 'row',
      fields: value.fields.map((item, i) => {
        const target = { from: from.fields[i]!.type, to: to.fields[i]!.type, explicit }
        return converters[i]?.(item, target, context) ?? item
      }),
    }),
  }
}
