// The methods of SQL/JSON paths: type(), size(), abs(), floor(), ceiling(), double(), keyvalue().

import { unreachable } from '../../../core/assert.ts'
import { isJsonArray, isJsonNumber, isJsonObject } from '../../../core/encoding/json-form.ts'
import { notSupported, SqlError } from '../../../core/error.ts'
import { type JsonNode, type Numeric, numeric } from '../../../core/value.ts'
import { ceiling, floor, fromFloat, magnitude, numericText } from '../../arithmetic/numeric.ts'
import { jsonObject } from '../../text/json.ts'
import { parseFloat8 } from '../../text/numbers.ts'
import { nodeType } from '../node.ts'
import { type PathContext, pathError } from './context.ts'
import { containerOffset } from './layout.ts'
import type { Step } from './path.ts'

type MethodStep = Extract<Step, { kind: 'method' | 'datetime' }>

export function* applyMethod(step: MethodStep, item: JsonNode, context: PathContext): Generator<JsonNode, void> {
  if (step.kind === 'datetime') throw notSupported('jsonpath item method .datetime()')
  switch (step.method) {
    case 'type':
      yield nodeType(item)
      break
    case 'size':
      if (!isJsonArray(item) && context.strict) {
        if (!context.ignoreStructure) throw onlyFor('22039', 'size', 'an array')
        break
      }
      yield numeric(BigInt(isJsonArray(item) ? item.length : 1))
      break
    case 'abs':
      yield magnitude(numberOf(item, 'abs'))
      break
    case 'floor':
      yield floor(numberOf(item, 'floor'))
      break
    case 'ceiling':
      yield ceiling(numberOf(item, 'ceiling'))
      break
    case 'double':
      yield double(item)
      break
    case 'keyvalue':
      yield* keyValues(item, context)
      break
    default:
      unreachable(step.method)
  }
}

const onlyFor = (code: string, method: string, what: string) =>
  pathError(code, `jsonpath item method .${method}() can only be applied to ${what}`)

function numberOf(item: JsonNode, method: string): Numeric {
  if (!isJsonNumber(item)) throw onlyFor('22036', method, 'a numeric value')
  return item
}

const DOUBLE_DIGITS = 15

function double(item: JsonNode): JsonNode {
  if (!isJsonNumber(item) && typeof item !== 'string') throw onlyFor('22036', 'double', 'a string or numeric value')
  const value = readDouble(typeof item === 'string' ? item : numericText(item))
  if (isJsonNumber(item)) {
    if (value === undefined)
      throw pathError(
        '22036',
        'numeric argument of jsonpath item method .double() is out of range for type double precision',
      )
    return item
  }
  if (value === undefined || !Number.isFinite(value))
    throw pathError(
      '22036',
      'string argument of jsonpath item method .double() is not a valid representation of a double precision number',
    )
  return fromFloat(value, DOUBLE_DIGITS)
}

function readDouble(text: string): number | undefined {
  try {
    return parseFloat8(text)
  } catch (error) {
    if (error instanceof SqlError) return undefined
    throw error
  }
}

/** `id` tells objects apart: PostgreSQL's is the object's offset in the stored value. */
function* keyValues(item: JsonNode, { root }: PathContext): Generator<JsonNode, void> {
  if (!isJsonObject(item)) throw onlyFor('2203C', 'keyvalue', 'an object')
  const id = numeric(BigInt(containerOffset(root, item)))
  for (const [key, value] of item.entries)
    yield jsonObject([
      ['id', id],
      ['key', key],
      ['value', value],
    ])
}
