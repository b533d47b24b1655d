// Casts between json and jsonb, and of jsonb scalars to booleans and numbers (pg_cast of PostgreSQL 15).
//
// The number casts go through NUMERIC; null and values of another JSON type are error 22023 by name.

import { isJsonNumber } from '../../core/encoding/json-form.ts'
import type { SqlError } from '../../core/error.ts'
import type { TypeKind } from '../../core/type.ts'
import { baseTypeName } from '../../core/type-name.ts'
import type { Json, SqlValue } from '../../core/value.ts'
import { json, nodeType } from '../json/node.ts'
import type { Cast, CastTarget, EvaluationContext } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'
import { parseJson, printJson } from '../text/json.ts'
import { castEntry } from './entry.ts'
import { numericCasts } from './numeric.ts'

const described = {
  null: 'null',
  string: 'string',
  number: 'numeric',
  boolean: 'boolean',
  array: 'array',
  object: 'object',
} as const

const cannotCast = (value: Json, to: CastTarget['to']): SqlError =>
  invalidParameter(`cannot cast jsonb ${described[nodeType(value.value)]} to type ${baseTypeName(to)}`)

type Evaluate = (value: SqlValue, target: CastTarget, context: EvaluationContext) => SqlValue

const numberKinds: readonly TypeKind[] = ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']

const toNumbers: readonly Cast[] = numberKinds.map((to) => {
  const convert = numericCasts.find((cast) => cast.from === 'numeric' && cast.to === to)!.evaluate as Evaluate
  return castEntry({
    from: 'jsonb',
    to,
    context: 'explicit',
    evaluate: (value: Json, target: CastTarget, context: EvaluationContext) => {
      if (!isJsonNumber(value.value)) throw cannotCast(value, target.to)
      return convert(value.value, target, context)
    },
  })
})

export const jsonCasts: readonly Cast[] = [
  ...toNumbers,
  castEntry({
    from: 'jsonb',
    to: 'boolean',
    context: 'explicit',
    evaluate: (value: Json, target: CastTarget) => {
      if (typeof value.value !== 'boolean') throw cannotCast(value, target.to)
      return value.value
    },
  }),
  castEntry({
    from: 'json',
    to: 'jsonb',
    context: 'assignment',
    evaluate: (text: string) => json(parseJson(text)),
  }),
  castEntry({
    from: 'jsonb',
    to: 'json',
    context: 'assignment',
    fails: false,
    evaluate: ({ value }: Json) => printJson(value),
  }),
]
