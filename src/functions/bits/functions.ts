// Functions and operators of bit strings (PostgreSQL 15, section 9.6). A value is a string of 0 and 1.

import { outOfRange, SqlError } from '../../core/error.ts'
import type { ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { invalidParameter, negativeSubstringLength } from '../string/limits.ts'

const BITS_MAX = 0x7fffffff - 8
const INT4_MAX = 2147483647

const otherSize = (operation: string): SqlError =>
  new SqlError({ code: '22026', message: `cannot ${operation} bit strings of different sizes` })

const combine =
  (operation: string, test: (ones: number) => boolean) =>
  (a: string, b: string): string => {
    if (a.length !== b.length) throw otherSize(operation)
    let result = ''
    for (let i = 0; i < a.length; i++) result += test(Number(a[i] === '1') + Number(b[i] === '1')) ? '1' : '0'
    return result
  }

export const andBits = combine('AND', (ones) => ones === 2)
export const orBits = combine('OR', (ones) => ones > 0)
export const xorBits = combine('XOR', (ones) => ones === 1)

const inverted = (bits: string): string => bits.replaceAll(/[01]/g, (bit) => (bit === '0' ? '1' : '0'))

function shiftLeft(bits: string, count: number): string {
  const by = Math.min(Math.abs(count), bits.length)
  const zeros = '0'.repeat(by)
  return count >= 0 ? bits.slice(by) + zeros : zeros + bits.slice(0, bits.length - by)
}

function concat(a: string, b: string): string {
  if (a.length + b.length > BITS_MAX)
    throw new SqlError({ code: '54000', message: `bit string length exceeds the maximum allowed (${BITS_MAX})` })
  return a + b
}

/** From a position counted from 1; without a length to the end. */
function substring(bits: string, from: number, length?: number): string {
  if (length === undefined) return bits.slice(Math.max(from, 1) - 1)
  if (length < 0) throw negativeSubstringLength()
  return bits.slice(Math.max(from, 1) - 1, Math.max(from + length - 1, 0))
}

function overlay(bits: string, part: string, from: number, length: number): string {
  if (from <= 0) throw negativeSubstringLength()
  if (from + length > INT4_MAX || from + length < -INT4_MAX - 1) throw outOfRange('integer')
  return concat(concat(substring(bits, 1, from - 1), part), substring(bits, from + length))
}

function position(bits: string, part: string): number {
  return bits.length === 0 ? 0 : bits.indexOf(part) + 1
}

function checkIndex(bits: string, index: number): void {
  if (index < 0 || index >= bits.length)
    throw new SqlError({ code: '2202E', message: `bit index ${index} out of valid range (0..${bits.length - 1})` })
}

function setBit(bits: string, index: number, bit: number): string {
  checkIndex(bits, index)
  if (bit !== 0 && bit !== 1) throw invalidParameter('new bit must be 0 or 1')
  return bits.slice(0, index) + bit + bits.slice(index + 1)
}

const ones = (bits: string): bigint => BigInt(bits.replaceAll('0', '').length)

const measure = (name: string, doc: string, result: number, evaluate: (bits: string) => number): ScalarFunction =>
  strict(name, ['bit'], 'int4', { doc, example: `${name}(B'101010101') = ${result}`, fails: false, evaluate })

const operator = (
  name: string,
  args: readonly ParameterType[],
  doc: string,
  example: string,
  evaluate: ScalarFunction['evaluate'],
): ScalarFunction => strict(name, args, 'bit', { doc, example, evaluate })

export const bitFunctions: readonly ScalarFunction[] = [
  operator('&', ['bit', 'bit'], 'Bits set in both.', "B'10001' & B'01101' = B'00001'", andBits),
  operator('|', ['bit', 'bit'], 'Bits set in one or the other.', "B'10001' | B'01101' = B'11101'", orBits),
  operator('#', ['bit', 'bit'], 'Bits set in exactly one.', "B'10001' # B'01101' = B'11100'", xorBits),
  operator('~', ['bit'], 'Every bit inverted.', "~ B'10001' = B'01110'", inverted),
  operator('<<', ['bit', 'int4'], 'Bits shifted to the left.', "B'10001' << 3 = B'01000'", shiftLeft),
  operator(
    '>>',
    ['bit', 'int4'],
    'Bits shifted to the right.',
    "B'10001' >> 2 = B'00100'",
    (bits: string, by: number) => shiftLeft(bits, -by),
  ),
  strict('||', ['varbit', 'varbit'], 'varbit', {
    doc: 'The second bits after the first ones.',
    example: "B'10001' || B'011' = B'10001011'",
    evaluate: concat,
  }),
  measure('length', 'The number of bits.', 9, (bits) => bits.length),
  measure('bit_length', 'The number of bits.', 9, (bits) => bits.length),
  measure('octet_length', 'The number of bytes that hold the bits.', 2, (bits) => Math.ceil(bits.length / 8)),
  strict('bit_count', ['bit'], 'int8', {
    doc: 'The number of bits that are set.',
    example: "bit_count(B'10111') = 4",
    fails: false,
    evaluate: ones,
  }),
  strict('position', ['bit', 'bit'], 'int4', {
    doc: 'Where the second bits first stand in the first ones, from 1; 0 where they do not.',
    example: "position(B'010' in B'000001101011') = 8",
    fails: false,
    evaluate: position,
  }),
  operator(
    'substring',
    ['bit', 'int4', 'int4'],
    'Some bits from a position on.',
    "substring(B'110010111111', 3, 2) = B'00'",
    (bits: string, from: number, length: number) => substring(bits, from, length),
  ),
  operator(
    'substring',
    ['bit', 'int4'],
    'The bits from a position on.',
    "substring(B'110010', 3) = B'0010'",
    (bits: string, from: number) => substring(bits, from),
  ),
  operator(
    'overlay',
    ['bit', 'bit', 'int4', 'int4'],
    'Some bits from a position on replaced by others.',
    "overlay(B'01010101010101010', B'11111', 2, 3) = B'0111110101010101010'",
    overlay,
  ),
  operator(
    'overlay',
    ['bit', 'bit', 'int4'],
    'Bits from a position on replaced by as many others.',
    "overlay(B'01010101', B'11111', 2) = B'01111101'",
    (bits: string, part: string, from: number) => overlay(bits, part, from, part.length),
  ),
  strict('get_bit', ['bit', 'int4'], 'int4', {
    doc: 'The bit at a place, from 0.',
    example: "get_bit(B'101010101010101010', 6) = 1",
    evaluate: (bits: string, index: number) => {
      checkIndex(bits, index)
      return Number(bits[index])
    },
  }),
  operator(
    'set_bit',
    ['bit', 'int4', 'int4'],
    'One bit changed, at a place from 0.',
    "set_bit(B'101010101010101010', 6, 0) = B'101010001010101010'",
    setBit,
  ),
]
