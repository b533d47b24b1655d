// One JSON value as a value of an SQL type: exact, whatever the type. The scanner leaves to it what it does not do
// itself: escapes, numbers of many digits, nested values, types that are seldom.
//
// A string is what the type's input function reads, so "12" is a good integer and "t" a good boolean. Numbers stand for
// numbers, true and false for booleans, arrays for arrays, objects for row types by name; json and jsonb take all.

import { isJsonArray, isJsonNumber, isJsonObject } from '../../core/encoding/json-form.ts'
import { SqlError } from '../../core/error.ts'
import { defaultPhysical, type SqlType } from '../../core/type.ts'
import { typeName } from '../../core/type-name.ts'
import { type JsonNode, type Numeric, type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import { isTimestampInRange, timestampOutOfRange } from '../../functions/arithmetic/calendar.ts'
import { numericText, roundNumeric, toInteger, trimScale } from '../../functions/arithmetic/numeric.ts'
import { parseJson, printJson } from '../../functions/text/json.ts'
import { defaultTextSettings } from '../../functions/text/settings.ts'
import { parse } from '../../functions/text/text.ts'

/** Microseconds of one unit that epoch numbers count in. */
export type MicrosPerUnit = 1 | 1_000 | 1_000_000

/** Reads a value's JSON text. Throws SqlError where it is not a value of the type. */
export function readJsonValue(type: SqlType, text: string, microsPerUnit: MicrosPerUnit | undefined): SqlValue {
  if (type.kind !== 'json') return convert(type, parseJson(text), microsPerUnit)
  parseJson(text)
  return text
}

/** 'now' and its kin would make a record's value depend on when it is read. */
const settings = defaultTextSettings(() => {
  throw new SqlError({ code: '22007', message: 'a time relative to now cannot stand in a record' })
})

function convert(type: SqlType, node: JsonNode, unit: MicrosPerUnit | undefined): SqlValue {
  if (node === null) return null
  if (type.kind === 'jsonb') return { kind: 'json', value: node }
  if (type.kind === 'json') return printJson(node)
  if (typeof node === 'string') return finite(type, parse(type, node, settings))
  if (typeof node === 'boolean' && type.kind === 'boolean') return node
  if (isJsonArray(node) && type.kind === 'array') return arrayOf(type.element, node, unit)
  if (isJsonObject(node) && type.kind === 'row') {
    const members = new Map(node.entries)
    return {
      kind: 'row',
      fields: type.fields.map((field) => convert(field.type, members.get(field.name) ?? null, unit)),
    }
  }
  if (!isJsonNumber(node)) throw mismatch(type, node)
  return fromNumber(type, node, unit)
}

/** NaN and the infinities have no mantissa, which is all that a numeric of declared precision keeps. */
function finite(type: SqlType, value: SqlValue): SqlValue {
  if (type.kind !== 'numeric' || defaultPhysical(type).kind === 'bytes') return value
  const { special } = value as Numeric
  if (special === undefined) return value
  throw new SqlError({ code: '22003', message: `${special} cannot be kept as ${typeName(type)}` })
}

const integerBits = { int2: 16, int4: 32, int8: 64 } as const

function fromNumber(type: SqlType, value: Numeric, unit: MicrosPerUnit | undefined): SqlValue {
  switch (type.kind) {
    case 'int2':
    case 'int4':
    case 'int8': {
      if (trimScale(value).scale > 0) return parse(type, numericText(value), settings)
      const whole = toInteger(value, integerBits[type.kind], typeName(type))
      return type.kind === 'int8' ? whole : Number(whole)
    }
    case 'oid':
    case 'float4':
    case 'float8':
    case 'numeric':
      return parse(type, numericText(value), settings)
    case 'timestamp':
    case 'timestamptz':
      if (unit !== undefined) return fromEpoch(value, unit)
      throw new SqlError({
        code: '42804',
        message: `a number is no ${typeName(type)} without the option timestamp_unit of ENCODE JSON`,
      })
    default:
      throw mismatch(type, value)
  }
}

/** Parts of a microsecond are rounded. */
function fromEpoch({ digits, scale }: Numeric, unit: MicrosPerUnit): bigint {
  const micros = roundNumeric({ kind: 'numeric', digits: digits * BigInt(unit), scale }, 0).digits
  if (!isTimestampInRange(micros)) throw timestampOutOfRange()
  return micros
}

const DIMENSIONS_MAX = 6

function arrayOf(element: SqlType, nodes: readonly JsonNode[], unit: MicrosPerUnit | undefined): SqlArray {
  const nested = element.kind !== 'json' && element.kind !== 'jsonb' && nodes.some(isJsonArray)
  if (!nested) return sqlArray(nodes.map((node) => convert(element, node, unit)))
  const inner = nodes.map((node) => {
    if (!isJsonArray(node)) throw unevenArray()
    return arrayOf(element, node, unit)
  })
  const { lengths } = inner[0]!
  if (inner.some((one) => one.lengths.join() !== lengths.join()) || lengths.length >= DIMENSIONS_MAX)
    throw unevenArray()
  if (lengths.length === 0) return sqlArray([])
  const outer = [nodes.length, ...lengths]
  return {
    kind: 'array',
    elements: inner.flatMap((one) => one.elements),
    lengths: outer,
    lowerBounds: outer.map(() => 1),
  }
}

const unevenArray = (): SqlError =>
  new SqlError({
    code: '22P02',
    message: `nested arrays must have matching lengths, and at most ${DIMENSIONS_MAX} levels`,
  })

function mismatch(type: SqlType, node: JsonNode): SqlError {
  const found =
    typeof node === 'boolean'
      ? 'a boolean'
      : isJsonArray(node)
        ? 'an array'
        : isJsonObject(node)
          ? 'an object'
          : 'a number'
  return new SqlError({ code: '42804', message: `${found} is no ${typeName(type)}` })
}
