// One generated field: values of record `offset` as a function of (field's seed, offset), kept as numbers: the integer,
// the NUMERIC's mantissa, days, microseconds.

import { bytesColumn, type Column, f64Column, i32Column, i64Column } from '../../core/batch.ts'
import { columnFromValues, rescaleDigits } from '../../core/convert.ts'
import { notSupported } from '../../core/error.ts'
import type { Region } from '../../core/region.ts'
import { columnDef } from '../../core/schema.ts'
import { defaultPhysical, type SqlType } from '../../core/type.ts'
import { typeName } from '../../core/type-name.ts'
import { type Numeric, numeric } from '../../core/value.ts'
import { defaultTextSettings } from '../../functions/text/settings.ts'
import { parse } from '../../functions/text/text.ts'
import { storeWhole } from '../generator/generated-log.ts'
import { invalidOption, wholeOption } from '../generator/options.ts'
import { eventState, mix, STEP, scale, seedWord } from '../generator/random.ts'
import type { SourceColumn } from '../source.ts'

export type Field = Numbers | Texts | { readonly kind: 'clock'; readonly type: SqlType }

interface Numbers {
  readonly kind: 'random' | 'sequence'
  readonly type: SqlType
  readonly seeded: number
  /** Inclusive; a sequence begins anew after `most`. */
  readonly least: number
  readonly most: number
}

interface Texts {
  readonly kind: 'letters'
  readonly type: SqlType
  readonly seeded: number
  readonly length: number
}

export interface FieldRange {
  readonly from: number
  readonly count: number
  /** Microseconds from 1970 of record `offset`. */
  timeOf(offset: number): number
}

type Options = Readonly<Record<string, string>>

const LETTERS_DEFAULT = 16
const LETTERS_MAX = 1_000_000
const SEED_MAX = 2_147_483_647
const integerMost = { int2: 32_767, int4: 2_147_483_647, int8: 2_147_483_647 } as const

/** The field of column number `index`, as `fields.NAME.…` say. Throws 22023 for what they cannot mean. */
export function fieldOf({ name, type }: SourceColumn, options: Options, seed: number, index: number): Field {
  const option = (what: string): string => `fields.${name}.${what}`
  const own = wholeOption(options, option('seed'), { least: 0, most: SEED_MAX })
  const seeded = seedWord(own ?? mix((seed + Math.imul(index + 1, STEP)) | 0))
  const kind = options[option('kind')] ?? 'random'
  if (kind !== 'random' && kind !== 'sequence') throw invalidOption(option('kind'), "must be 'random' or 'sequence'")
  const given = (what: string): number | undefined => {
    const text = options[option(what)]
    return text === undefined ? undefined : boundOf(type, option(what), text)
  }
  if (kind === 'sequence') {
    if (!isCountable(type)) throw invalidOption(option('kind'), `cannot be 'sequence' for type ${typeName(type)}`)
    const least = given('start') ?? 0
    return { kind, type, seeded, least, most: checked(option('end'), least, given('end') ?? greatest(type, least)) }
  }
  if (type.kind === 'text' || type.kind === 'varchar') {
    const most = type.kind === 'varchar' ? (type.length ?? LETTERS_MAX) : LETTERS_MAX
    const length = wholeOption(options, option('length'), { least: 0, most }) ?? Math.min(LETTERS_DEFAULT, most)
    return { kind: 'letters', type, seeded, length }
  }
  const isTime = type.kind === 'timestamp' || type.kind === 'timestamptz'
  const [min, max] = [given('min'), given('max')]
  if (isTime && min === undefined && max === undefined) return { kind: 'clock', type }
  const least = min ?? 0
  return { kind, type, seeded, least, most: checked(option('max'), least, max ?? defaultMost(type, least)) }
}

const isCountable = ({ kind }: SqlType): boolean =>
  kind === 'int2' || kind === 'int4' || kind === 'int8' || kind === 'numeric'

/** Where a sequence ends that says nothing of it: at the type's end, as far as doubles count. */
function greatest(type: SqlType, least: number): number {
  if (type.kind === 'int2' || type.kind === 'int4') return integerMost[type.kind]
  const digits = type.kind === 'numeric' ? Math.min(type.precision ?? 15, 15) : undefined
  return digits === undefined ? Number.MAX_SAFE_INTEGER + Math.min(0, least) : 10 ** digits - 1
}

function checked(option: string, least: number, most: number): number {
  if (most < least) throw invalidOption(option, 'lies before the least value')
  if (Number.isInteger(least) && most - least > Number.MAX_SAFE_INTEGER) throw invalidOption(option, 'is too far away')
  return most
}

const DAY_MICROS = 86_400_000_000

function defaultMost(type: SqlType, least: number): number {
  switch (type.kind) {
    case 'boolean':
      return 1
    case 'int2':
    case 'int4':
    case 'int8':
      return integerMost[type.kind]
    case 'float4':
    case 'float8':
      return least + 1
    case 'numeric':
      return type.precision === undefined ? 1_000_000 : 10 ** Math.min(type.precision, 15) - 1
    case 'date':
      return least + 365
    case 'timestamp':
    case 'timestamptz':
      return least + 365 * DAY_MICROS
    default:
      throw notSupported(`type ${typeName(type)} in a generated source`)
  }
}

const settings = defaultTextSettings(() => {
  throw invalidOption('fields', 'cannot have times relative to now')
})

function boundOf(type: SqlType, option: string, text: string): number {
  const value = parse(type, text, settings)
  const number = type.kind === 'numeric' ? mantissa(value as Numeric, type.scale ?? 0) : Number(value)
  const limit = isCountable(type) ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE
  if (!(Math.abs(number) <= limit)) throw invalidOption(option, `cannot be '${text}'`)
  return number
}

const mantissa = ({ digits, scale: digitsAfter, special }: Numeric, to: number): number =>
  special === undefined ? Number(rescaleDigits(digits, digitsAfter, to)) : Number.NaN

/** `count` values from offset `from` on. */
export function generateField(field: Field, range: FieldRange, region: Region): Column {
  if (field.kind === 'letters') return letters(field, range, region)
  const numbers = region.f64(range.count)
  if (field.kind === 'clock') for (let i = 0; i < range.count; i++) numbers[i] = range.timeOf(range.from + i)
  else if (field.kind === 'sequence') countUp(field, range, numbers)
  else draw(field, range, numbers)
  return columnOf(field.type, numbers, region)
}

function countUp({ least, most }: Numbers, { from, count }: FieldRange, into: Float64Array): void {
  const length = most - least + 1
  for (let i = 0; i < count; i++) into[i] = least + ((from + i) % length)
}

/** 53 random bits a value. */
function draw({ type, seeded, least, most }: Numbers, { from, count }: FieldRange, into: Float64Array): void {
  const isWhole = type.kind !== 'float4' && type.kind !== 'float8'
  const width = most - least + (isWhole ? 1 : 0)
  for (let i = 0; i < count; i++) {
    const state = eventState(seeded, from + i)
    const high = mix((state + STEP) | 0) >>> 0
    const low = mix((state + 2 * STEP) | 0) >>> 11
    const drawn = ((high * 2_097_152 + low) / 9_007_199_254_740_992) * width
    into[i] = least + (isWhole ? Math.floor(drawn) : drawn)
  }
}

function columnOf(type: SqlType, numbers: Float64Array, region: Region): Column {
  switch (defaultPhysical(type).kind) {
    case 'i32': {
      const values = region.i32(numbers.length)
      values.set(numbers)
      return i32Column(values)
    }
    case 'i64': {
      const column = i64Column(region.i64(numbers.length))
      for (let i = 0; i < numbers.length; i++) storeWhole(column.words, i, numbers[i]!)
      return column
    }
    case 'f64': {
      if (type.kind === 'float4') for (let i = 0; i < numbers.length; i++) numbers[i] = Math.fround(numbers[i]!)
      return f64Column(numbers)
    }
    default: {
      const digitsAfter = type.kind === 'numeric' ? (type.scale ?? 0) : 0
      const values = Array.from(numbers, (value) => numeric(BigInt(value), digitsAfter))
      return columnFromValues(columnDef('', type), values, region)
    }
  }
}

const LETTER_A = 97

function letters({ seeded, length }: Texts, { from, count }: FieldRange, region: Region): Column {
  const offsets = region.i32(count)
  const lengths = region.i32(count).fill(length)
  const arena = region.u8(count * length)
  for (let i = 0; i < count; i++) {
    offsets[i] = i * length
    let state = eventState(seeded, from + i)
    for (let k = i * length; k < (i + 1) * length; k++) {
      state = (state + STEP) | 0
      arena[k] = LETTER_A + scale(mix(state) >>> 0, 26)
    }
  }
  return bytesColumn({ offsets, lengths, arena })
}
