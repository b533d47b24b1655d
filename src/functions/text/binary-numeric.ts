// NUMERIC in PostgreSQL's binary format: groups of four decimal digits.
//
//   count i16   weight i16   sign u16                                    scale u16   group i16 × count
//               of group 0   0 +, 4000 −, C000 NaN, D000 ∞, F000 −∞      shown       Σ group · 10000^(weight − i)

import type { ByteWriter } from '../../core/byte-writer.ts'
import { SqlError } from '../../core/error.ts'
import { type Numeric, numeric } from '../../core/value.ts'
import { checkedNumeric, INFINITY, MINUS_INFINITY, NAN, roundNumeric, SCALE_MAX } from '../arithmetic/numeric.ts'

const NEGATIVE = 0x4000
const specialSigns = { NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 } as const
const specialValues: ReadonlyMap<number, Numeric> = new Map([
  [0xc000, NAN],
  [0xd000, INFINITY],
  [0xf000, MINUS_INFINITY],
])
const GROUP = 4
/** What PostgreSQL leaves in the unused scale of an infinity. */
const INFINITY_SCALE = 0x20

export function sendNumeric(value: Numeric, into: ByteWriter): void {
  if (value.special !== undefined) {
    const scale = value.special === 'NaN' ? 0 : INFINITY_SCALE
    for (const word of [0, 0, specialSigns[value.special], scale]) into.u16(word)
    return
  }
  const { digits, scale } = value
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  const whole = text.slice(0, text.length - scale)
  const wholeGroups = Math.ceil(whole.length / GROUP)
  const fractionLength = Math.ceil(scale / GROUP) * GROUP
  const padded = whole.padStart(wholeGroups * GROUP, '0') + text.slice(text.length - scale).padEnd(fractionLength, '0')
  const groups = (padded.match(/\d{4}/g) ?? []).map(Number)
  let first = 0
  while (first < groups.length && groups[first] === 0) first++
  let end = groups.length
  while (end > first && groups[end - 1] === 0) end--
  into.u16(end - first)
  into.u16((end === first ? 0 : wholeGroups - 1 - first) & 0xffff)
  into.u16(digits < 0n ? NEGATIVE : 0)
  into.u16(scale)
  for (let i = first; i < end; i++) into.u16(groups[i]!)
}

export const invalidBinary = (message: string): SqlError => new SqlError({ code: '22P03', message })
export const missingData = (): SqlError => new SqlError({ code: '08P01', message: 'insufficient data left in message' })

export function receiveNumeric(view: DataView): Numeric {
  if (view.byteLength < 8) throw missingData()
  const count = view.getUint16(0)
  const weight = view.getInt16(2)
  const sign = view.getUint16(4)
  const scale = view.getUint16(6)
  const special = specialValues.get(sign)
  if (special !== undefined) return special
  if (sign !== 0 && sign !== NEGATIVE) throw invalidBinary('invalid sign in external "numeric" value')
  if (scale > SCALE_MAX) throw invalidBinary('invalid scale in external "numeric" value')
  if (view.byteLength < 8 + 2 * count) throw missingData()
  let text = '0'
  for (let i = 0; i < count; i++) {
    const group = view.getInt16(8 + 2 * i)
    if (group < 0 || group > 9999) throw invalidBinary('invalid digit in external "numeric" value')
    text += String(group).padStart(GROUP, '0')
  }
  const size = sign === NEGATIVE ? -BigInt(text) : BigInt(text)
  // The last group is worth 10000^(weight − count + 1).
  const exponent = (weight - count + 1) * GROUP
  const value = exponent >= 0 ? numeric(size * 10n ** BigInt(exponent)) : numeric(size, -exponent)
  return checkedNumeric(value.scale > scale ? truncated(value, scale) : roundNumeric(value, scale))
}

/** Digits beyond the shown scale are cut off, as PostgreSQL does. */
const truncated = (value: Numeric, scale: number): Numeric =>
  numeric(value.digits / 10n ** BigInt(value.scale - scale), scale)
