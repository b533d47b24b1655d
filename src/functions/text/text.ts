// The text form of every type: what PostgreSQL 15's input and output functions read and show, session settings applied.
//
// This is the one place that knows all types; the files beside it know one family each. NULL has no text form: callers
// deal with it.

import { invalidEnumLabel } from '../../core/enum-labels.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import { isRangeKind, rangeKindOf, subtypeOf } from '../../core/range.ts'
import type { EnumType, MultirangeKind, RangeKind, SqlType } from '../../core/type.ts'
import { baseTypeName, typeFromName, typeFromOid, typeOid } from '../../core/type-name.ts'
import type {
  Interval,
  Json,
  Numeric,
  SqlArray,
  SqlMultirange,
  SqlRange,
  SqlRow,
  SqlValue,
  TimeTz,
} from '../../core/value.ts'
import { constrain, numericText } from '../arithmetic/numeric.ts'
import { parsePath } from '../json/path/parse.ts'
import { printPath } from '../json/path/print.ts'
import { parseBits } from './bits.ts'
import { parseArray, parseRow, printArray, printRow } from './composite.ts'
import { parseDate, parseTime, parseTimestamp, parseTimestampTz, parseTimeTz } from './datetime-parse.ts'
import { printDate, printTime, printTimestamp, printTimestampTz, printTimeTz } from './datetime-print.ts'
import { parseInterval } from './interval-parse.ts'
import { printInterval } from './interval-print.ts'
import { checkJson, parseJson, printJson } from './json.ts'
import * as numbers from './numbers.ts'
import { parseMultirange, parseRange, printMultirange, printRange } from './range.ts'
import type { RegType, TextSettings } from './settings.ts'
import * as strings from './strings.ts'

type NotNull = Exclude<SqlValue, null>

/**
 * The value that the type's input function reads from `text`, length, precision and scale applied.
 * Throws what PostgreSQL throws: 22P02, 22007, 22008, 22003, 22001 and so on.
 */
export function parse(type: SqlType, text: string, settings: TextSettings): NotNull {
  switch (type.kind) {
    case 'boolean':
      return numbers.parseBoolean(text)
    case 'int2':
      return Number(numbers.parseInteger('smallint', text))
    case 'int4':
      return Number(numbers.parseInteger('integer', text))
    case 'int8':
      return numbers.parseInteger('bigint', text)
    case 'oid':
      return numbers.parseOid(text)
    case 'float4':
      return numbers.parseFloat4(text)
    case 'float8':
      return numbers.parseFloat8(text)
    case 'numeric':
      return parseNumeric(type, text)
    case 'date':
      return parseDate(text, settings)
    case 'time':
      return parseTime(text, type.precision, settings)
    case 'timetz':
      return parseTimeTz(text, type.precision, settings)
    case 'timestamp':
      return parseTimestamp(text, type.precision, settings)
    case 'timestamptz':
      return parseTimestampTz(text, type.precision, settings)
    case 'interval':
      return parseInterval(type, text, settings)
    case 'bytea':
      return strings.parseBytea(text)
    case 'uuid':
      return strings.parseUuid(text)
    case 'jsonb':
      return { kind: 'json', value: parseJson(text) }
    case 'bit':
    case 'varbit':
      return parseBits(type, text)
    case 'jsonpath':
      return printPath(parsePath(text))
    case 'enum':
      return parseEnum(type, text)
    case 'array':
      return parseArray(text, (element) => parse(type.element, element, settings))
    case 'row':
      return parseComposite(type, text, settings)
    case 'reg':
      return parseReg(type.of, text, settings)
    default:
      return isStringKind(type) ? parseString(type, text) : parseRangeText(type.kind, text, settings)
  }
}

const stringKinds: ReadonlySet<string> = new Set([
  'text',
  'varchar',
  'bpchar',
  'name',
  'char',
  'json',
  'unknown',
  'void',
])
const isStringKind = (type: SqlType): type is StringType => stringKinds.has(type.kind)

type PlainString = StringType | Extract<SqlType, { kind: 'bit' | 'varbit' | 'jsonpath' }>

const isStringValue = (type: SqlType): type is PlainString =>
  isStringKind(type) || type.kind === 'bit' || type.kind === 'varbit' || type.kind === 'jsonpath'

function parseEnum({ name, labels }: EnumType, text: string): number {
  const place = labels.placeOf(text)
  if (place === undefined) throw invalidEnumLabel(name, text)
  return place
}

function parseRangeText(kind: RangeKind | MultirangeKind, text: string, settings: TextSettings): NotNull {
  const of = isRangeKind(kind) ? kind : rangeKindOf(kind)
  const subtype = subtypeOf(of)
  const parseValue = (bound: string): NotNull => parse(subtype, bound, settings)
  return isRangeKind(kind) ? parseRange(of, text, parseValue) : parseMultirange(of, text, parseValue)
}

function printRangeText(kind: RangeKind | MultirangeKind, value: NotNull, settings: TextSettings): string {
  const subtype = subtypeOf(isRangeKind(kind) ? kind : rangeKindOf(kind))
  const printValue = (bound: NotNull): string => print(subtype, bound, settings)
  return isRangeKind(kind)
    ? printRange(value as SqlRange, printValue)
    : printMultirange(value as SqlMultirange, printValue)
}

type StringType = Extract<
  SqlType,
  { kind: 'text' | 'varchar' | 'bpchar' | 'name' | 'char' | 'json' | 'unknown' | 'void' }
>

function parseString(type: StringType, text: string): string {
  const value = strings.parseText(text)
  switch (type.kind) {
    case 'varchar':
    case 'bpchar':
      return strings.fitLength(type, value)
    case 'name':
      return strings.fitName(value)
    case 'char':
      return strings.parseChar(value)
    case 'json':
      checkJson(value)
      return value
    case 'void':
      return ''
    default:
      return value
  }
}

function parseNumeric({ precision, scale = 0 }: Extract<SqlType, { kind: 'numeric' }>, text: string): Numeric {
  const value = numbers.parseNumeric(text)
  return precision === undefined ? value : constrain(value, precision, scale)
}

function parseComposite(type: Extract<SqlType, { kind: 'row' }>, text: string, settings: TextSettings): SqlRow {
  if (type.name === undefined && type.fields.length === 0) throw notSupported('input of anonymous composite types')
  return parseRow(
    text,
    type.fields.map((field) => (value: string) => parse(field.type, value, settings)),
  )
}

const undefinedObject: Readonly<Record<RegType, { readonly code: string; readonly what: string }>> = {
  class: { code: '42P01', what: 'relation' },
  type: { code: '42704', what: 'type' },
  proc: { code: '42883', what: 'function' },
  procedure: { code: '42883', what: 'function' },
  namespace: { code: '3F000', what: 'schema' },
  role: { code: '42704', what: 'role' },
  operator: { code: '42883', what: 'operator' },
}

function parseReg(of: RegType, text: string, settings: TextSettings): number {
  if (text === '-') return 0
  if (/^\d+$/.test(text)) return numbers.parseOid(text)
  const oid = of === 'type' ? typeNumber(text, settings) : settings.names?.oidOf(of, text)
  if (oid !== undefined) return oid
  const { code, what } = undefinedObject[of]
  throw new SqlError({ code, message: `${what} "${text}" does not exist` })
}

/** The text that the type's output function shows. */
export function print(type: SqlType, value: NotNull, settings: TextSettings): string {
  switch (type.kind) {
    case 'boolean':
      return value === true ? 't' : 'f'
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return String(value)
    case 'float4':
      return numbers.printFloat4(value as number, settings.extraFloatDigits)
    case 'float8':
      return numbers.printFloat8(value as number, settings.extraFloatDigits)
    case 'numeric':
      return numericText(value as Numeric)
    case 'date':
      return printDate(value as number, settings.dateStyle)
    case 'time':
      return printTime(value as bigint)
    case 'timetz':
      return printTimeTz(value as TimeTz)
    case 'timestamp':
      return printTimestamp(value as bigint, settings.dateStyle)
    case 'timestamptz':
      return printTimestampTz(value as bigint, settings)
    case 'interval':
      return printInterval(value as Interval, settings.intervalStyle)
    case 'bytea':
      return strings.printBytea(value as Uint8Array, settings.byteaOutput)
    case 'uuid':
      return strings.printUuid(value as Uint8Array)
    case 'char':
      return strings.printChar(value as string)
    case 'jsonb':
      return printJson((value as Json).value)
    case 'array':
      return printArray(value as SqlArray, (element) => print(type.element, element, settings))
    case 'row':
      return printRow(
        value as SqlRow,
        type.fields.map((field) => (item: NotNull) => print(field.type, item, settings)),
      )
    case 'reg':
      return printReg(type.of, value as number, settings)
    case 'enum':
      return type.labels.labelAt(value as number) ?? String(value)
    default:
      return isStringValue(type) ? (value as string) : printRangeText(type.kind, value, settings)
  }
}

const RECORD_OID = 2249

function printReg(of: RegType, oid: number, settings: TextSettings): string {
  if (oid === 0) return '-'
  if (of === 'type' && oid === RECORD_OID) return 'record'
  const builtIn = of === 'type' ? typeFromOid(oid) : undefined
  return builtIn === undefined ? (settings.names?.nameOf(of, oid) ?? String(oid)) : baseTypeName(builtIn)
}

/** The number of a type by its SQL name; modifiers are read over. Undefined: there is none. */
export function typeNumber(text: string, settings: TextSettings): number | undefined {
  const name = text
    .trim()
    .replace(/\s*\([^)]*\)/, '')
    .replace(/\s+/g, ' ')
  const folded = name.startsWith('"') ? name : name.toLowerCase()
  const type = typeFromName(folded.replace(/^pg_catalog\./, ''))
  return type === undefined ? settings.names?.oidOf('type', text) : typeOid(type)
}
