// Making JSON: to_json(b), row_to_json, array_to_json, json(b)_build_array and _object, json(b)_object.
//
// The jsonb forms read back what the json forms write.

import { SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import type { SqlArray, SqlValue } from '../../core/value.ts'
import { lenientByType, strictByType } from '../polymorphic.ts'
import type { Evaluate, EvaluationContext, ScalarFunction } from '../registry.ts'
import { lenient, strict } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'
import { parseJson, quoteJson } from '../text/json.ts'
import { arrayEncoder, jsonEncoder, keyEncoder, rowEncoder } from './encode.ts'
import { json } from './node.ts'
import { stripNulls } from './scan.ts'

type Target = 'json' | 'jsonb'

/** The finished text as a value of the type. */
const finish = (target: Target, text: string): SqlValue => (target === 'json' ? text : json(parseJson(text)))

const contextOf = (args: readonly unknown[]): EvaluationContext => args.at(-1) as EvaluationContext

const converter =
  (target: Target) =>
  ([type]: readonly SqlType[]): Evaluate => {
    if (type!.kind === target) return (value: SqlValue) => value
    const encode = jsonEncoder(type!)
    return (value: SqlValue, context: EvaluationContext) => finish(target, encode(value, context))
  }

const unevenArguments = (name: string): SqlError =>
  new SqlError({
    code: '22023',
    message: 'argument list must have even number of elements',
    hint: `The arguments of ${name}() must consist of alternating keys and values.`,
  })
const nullKey = (target: Target, position: number): SqlError =>
  target === 'json'
    ? new SqlError({
        code: '22023',
        message: `argument ${position} cannot be null`,
        hint: 'Object keys should be text.',
      })
    : invalidParameter(`argument ${position}: key must not be null`)
const keyNotScalar = (): SqlError => invalidParameter('key value must be scalar, not array, composite, or json')

const notScalar = (type: SqlType): boolean =>
  type.kind === 'array' || type.kind === 'row' || type.kind === 'json' || type.kind === 'jsonb'

/** `{"a" : 1, "b" : 2}` of alternating keys and values. */
const objectBuilder =
  (target: Target) =>
  (types: readonly SqlType[]): Evaluate => {
    const keys = types.filter((_, i) => i % 2 === 0).map(keyEncoder)
    const values = types.filter((_, i) => i % 2 === 1).map(jsonEncoder)
    return (...args: SqlValue[]) => {
      const context = contextOf(args)
      if (types.length % 2 !== 0) throw unevenArguments(`${target}_build_object`)
      const members: string[] = []
      for (let i = 0; i < types.length; i += 2) {
        const key = args[i]!
        if (key === null) throw nullKey(target, i + 1)
        if (notScalar(types[i]!)) throw keyNotScalar()
        members.push(`${quoteJson(keys[i / 2]!(key, context))} : ${values[i / 2]!(args[i + 1]!, context)}`)
      }
      return finish(target, `{${members.join(', ')}}`)
    }
  }

const arrayBuilder =
  (target: Target) =>
  (types: readonly SqlType[]): Evaluate => {
    const encoders = types.map(jsonEncoder)
    return (...args: SqlValue[]) => {
      const context = contextOf(args)
      return finish(target, `[${encoders.map((encode, i) => encode(args[i]!, context)).join(', ')}]`)
    }
  }

const unevenArray = (): SqlError => new SqlError({ code: '2202E', message: 'array must have even number of elements' })
const twoColumns = (): SqlError => new SqlError({ code: '2202E', message: 'array must have two columns' })
const wrongSubscripts = (): SqlError => new SqlError({ code: '2202E', message: 'wrong number of array subscripts' })
const mismatched = (): SqlError => new SqlError({ code: '2202E', message: 'mismatched array dimensions' })
const nullObjectKey = (): SqlError => new SqlError({ code: '22004', message: 'null value not allowed for object key' })

const textOrNull = (value: SqlValue): string => (value === null ? 'null' : quoteJson(value as string))

function objectText(keys: readonly SqlValue[], values: readonly SqlValue[]): string {
  const members = keys.map((key, i) => {
    if (key === null) throw nullObjectKey()
    return `${quoteJson(key as string)} : ${textOrNull(values[i] ?? null)}`
  })
  return `{${members.join(', ')}}`
}

function pairsObject(array: SqlArray): string {
  if (array.lengths.length > 2) throw wrongSubscripts()
  if (array.lengths.length === 2 && array.lengths[1] !== 2) throw twoColumns()
  if (array.elements.length % 2 !== 0) throw unevenArray()
  return objectText(
    array.elements.filter((_, i) => i % 2 === 0),
    array.elements.filter((_, i) => i % 2 === 1),
  )
}

function zippedObject(keys: SqlArray, values: SqlArray): string {
  if (keys.lengths.length > 1 || values.lengths.length > 1) throw wrongSubscripts()
  if (keys.elements.length !== values.elements.length) throw mismatched()
  return objectText(keys.elements, values.elements)
}

const forTarget = (target: Target): readonly ScalarFunction[] => [
  strictByType(`to_${target}`, ['anyelement'], target, {
    doc: 'The value as JSON.',
    example: `to_${target}('Fred said "Hi."'::text)::text = '"Fred said \\"Hi.\\""'`,
    volatility: 'stable',
    forTypes: converter(target),
  }),
  lenientByType(`${target}_build_array`, ['any'], target, {
    doc: 'A JSON array of the arguments.',
    example: `${target}_build_array(1, 2, 'foo', null)::text = '[1, 2, "foo", null]'`,
    variadic: true,
    volatility: 'stable',
    forTypes: arrayBuilder(target),
  }),
  lenient(`${target}_build_array`, [], target, {
    doc: 'The empty JSON array.',
    example: `${target}_build_array()::text = '[]'`,
    fails: false,
    evaluate: () => finish(target, '[]'),
  }),
  lenientByType(`${target}_build_object`, ['any'], target, {
    doc: 'A JSON object of alternating keys and values.',
    example: `${target}_build_object('foo', 1, 2, 'x')::jsonb = '{"foo": 1, "2": "x"}'`,
    variadic: true,
    volatility: 'stable',
    forTypes: objectBuilder(target),
  }),
  lenient(`${target}_build_object`, [], target, {
    doc: 'The empty JSON object.',
    example: `${target}_build_object()::text = '{}'`,
    fails: false,
    evaluate: () => finish(target, '{}'),
  }),
  strict(`${target}_object`, ['text[]'], target, {
    doc: 'A JSON object of alternating keys and values, all texts.',
    example: `${target}_object('{a,1,b,def}')::jsonb = '{"a": "1", "b": "def"}'`,
    evaluate: (array: SqlArray) => finish(target, pairsObject(array)),
  }),
  strict(`${target}_object`, ['text[]', 'text[]'], target, {
    doc: 'A JSON object of keys and values, all texts.',
    example: `${target}_object('{a,b}', '{1,2}')::jsonb = '{"a": "1", "b": "2"}'`,
    evaluate: (keys: SqlArray, values: SqlArray) => finish(target, zippedObject(keys, values)),
  }),
]

const arrayOf = (type: SqlType | undefined): SqlType => (type?.kind === 'array' ? type.element : { kind: 'text' })
const rowOf = (type: SqlType | undefined) => (type?.kind === 'row' ? type : { kind: 'row' as const, fields: [] })

const lines = <Value>(plain: Value, broken: Value, pretty: boolean): Value => (pretty ? broken : plain)

export const jsonBuild: readonly ScalarFunction[] = [
  ...forTarget('json'),
  ...forTarget('jsonb'),
  strictByType('array_to_json', ['anyarray'], 'json', {
    doc: 'The array as JSON.',
    example: "array_to_json('{{1,5},{99,100}}'::int[])::text = '[[1,5],[99,100]]'",
    volatility: 'stable',
    forTypes: ([type]) => arrayEncoder(arrayOf(type)),
  }),
  strictByType('array_to_json', ['anyarray', 'boolean'], 'json', {
    doc: 'The array as JSON, with line breaks between elements if the second argument says so.',
    example: "array_to_json('{1,2}'::int[], true)::text = E'[1,\\n 2]'",
    volatility: 'stable',
    forTypes: ([type]) => {
      const plain = arrayEncoder(arrayOf(type))
      const broken = arrayEncoder(arrayOf(type), ',\n ')
      return (value: SqlArray, pretty: boolean, context: EvaluationContext) =>
        lines(plain, broken, pretty)(value, context)
    },
  }),
  strictByType('row_to_json', ['record'], 'json', {
    doc: 'The row as a JSON object.',
    example: `row_to_json(row(1, 'foo'))::text = '{"f1":1,"f2":"foo"}'`,
    volatility: 'stable',
    forTypes: ([type]) => rowEncoder(rowOf(type)),
  }),
  strictByType('row_to_json', ['record', 'boolean'], 'json', {
    doc: 'The row as a JSON object, with line breaks between members if the second argument says so.',
    example: `row_to_json(row(1, 'foo'), true)::text = E'{"f1":1,\\n "f2":"foo"}'`,
    volatility: 'stable',
    forTypes: ([type]) => {
      const plain = rowEncoder(rowOf(type))
      const broken = rowEncoder(rowOf(type), ',\n ')
      return (value: never, pretty: boolean, context: EvaluationContext) => lines(plain, broken, pretty)(value, context)
    },
  }),
  strict('json_strip_nulls', ['json'], 'json', {
    doc: 'The value without object members that are null, at any depth.',
    example: `json_strip_nulls('[{"a":1, "b":null}, null]')::text = '[{"a":1},null]'`,
    fails: false,
    evaluate: stripNulls,
  }),
]
