// NUMERIC arithmetic in generated code, on mantissas of known scale.
//
//   i64    |mantissa| < 10^18: sums, differences and rescaling cannot overflow within the derived precision
//   i128   two words (low, high). Where an operand must be multiplied it is taken as one word, which it nearly always
//          fits; a row where it does not is left to the closures
//
// Every BigInt stays under asIntN(64), so that V8 keeps it in a register (DESIGN §5).

import type { Physical } from '../../core/type.ts'
import type { InlineArg, InlineCode } from '../registry.ts'
import { digitsOf } from './numeric-physical.ts'

/** A two-word integer: names or expressions without side effects. */
export interface Words {
  readonly low: string
  readonly high: string
}

const int64 = (expression: string): string => `BigInt.asIntN(64, ${expression})`

export const powerOfTen = (exponent: number): string => `${10n ** BigInt(exponent)}n`

/** An i64 mantissa at a greater scale; undefined where its digits might not fit. */
export function wordAtScale(arg: InlineArg, scale: number, code: InlineCode): string | undefined {
  const digits = digitsOf(arg.physical)
  if (arg.physical.kind !== 'i64' || digits === undefined) return undefined
  const shift = scale - digits.scale
  if (shift === 0) return arg.name
  if (shift < 0 || digits.precision + shift > 18) return undefined
  return code.local(int64(`${arg.name} * ${powerOfTen(shift)}`))
}

/** The two words of a mantissa of this scale. */
export function wordsAtScale(arg: InlineArg, scale: number, code: InlineCode): Words | undefined {
  if (arg.physical.kind === 'i128')
    return arg.physical.scale === scale ? { low: arg.name, high: arg.high! } : scaledUp(arg, scale, code)
  const word = wordAtScale(arg, scale, code)
  if (word !== undefined) return extend(word, code)
  return arg.physical.kind === 'i64' ? scaledUp(arg, scale, code) : undefined
}

function scaledUp(arg: InlineArg, scale: number, code: InlineCode): Words | undefined {
  const digits = digitsOf(arg.physical)
  if (digits === undefined || scale < digits.scale || scale - digits.scale > 18) return undefined
  return multiplyWords(oneWord(arg, code)!, powerOfTen(scale - digits.scale), code)
}

/** The mantissa as one word; of two words only where the high one repeats the sign. */
export function oneWord(arg: InlineArg, code: InlineCode): string | undefined {
  if (arg.physical.kind === 'i64') return arg.name
  if (arg.physical.kind !== 'i128') return undefined
  code.failIf(`${arg.high} !== (${arg.name} < 0n ? -1n : 0n)`)
  return arg.name
}

const extend = (word: string, code: InlineCode): Words => ({
  low: word,
  high: code.local(`${word} < 0n ? -1n : 0n`),
})

/** The exact product of two int64 (Warren, "Hacker's Delight", section 8-2). */
export function multiplyWords(a: string, b: string, code: InlineCode): Words {
  const mask = '0xffffffffn'
  const aLow = code.local(int64(`${a} & ${mask}`))
  const aHigh = code.local(int64(`${a} >> 32n`))
  const bLow = code.local(int64(`${b} & ${mask}`))
  const bHigh = code.local(int64(`${b} >> 32n`))
  const carry = code.local(int64(`${int64(`${int64(`${aLow} * ${bLow}`)} >> 32n`)} & ${mask}`))
  const middle = code.local(int64(`${int64(`${aHigh} * ${bLow}`)} + ${carry}`))
  const cross = code.local(int64(`${int64(`${aLow} * ${bHigh}`)} + ${int64(`${middle} & ${mask}`)}`))
  const tops = int64(`${int64(`${aHigh} * ${bHigh}`)} + ${int64(`${middle} >> 32n`)}`)
  return {
    low: code.local(int64(`${a} * ${b}`)),
    high: code.local(int64(`${tops} + ${int64(`${cross} >> 32n`)}`)),
  }
}

function addWords(a: Words, b: Words, code: InlineCode): Words {
  const low = code.local(int64(`${a.low} + ${b.low}`))
  const carries = int64(`(${a.low} & ${b.low}) | ((${a.low} | ${b.low}) & ~${low})`)
  const carry = code.local(`${carries} < 0n ? 1n : 0n`)
  return { low, high: code.local(int64(`${int64(`${a.high} + ${b.high}`)} + ${carry}`)) }
}

function subtractWords(a: Words, b: Words, code: InlineCode): Words {
  const low = code.local(int64(`${a.low} - ${b.low}`))
  const borrows = int64(`(~${a.low} & ${b.low}) | ((~${a.low} | ${b.low}) & ${low})`)
  const borrow = code.local(`${borrows} < 0n ? 1n : 0n`)
  return { low, high: code.local(int64(`${int64(`${a.high} - ${b.high}`)} - ${borrow}`)) }
}

/** Hands both words to the loop. */
export function give(words: Words | undefined, code: InlineCode): string | undefined {
  if (words === undefined) return undefined
  code.high(words.high)
  return words.low
}

export function inlineSum(operator: '+' | '-', args: readonly InlineArg[], code: InlineCode): string | undefined {
  const [a, b] = args as readonly [InlineArg, InlineArg]
  const digits = digitsOf(code.result)
  if (digits === undefined) return undefined
  if (code.result.kind === 'i64') {
    const left = wordAtScale(a, digits.scale, code)
    const right = wordAtScale(b, digits.scale, code)
    return left && right && code.local(int64(`${left} ${operator} ${right}`))
  }
  const left = wordsAtScale(a, digits.scale, code)
  const right = wordsAtScale(b, digits.scale, code)
  if (left === undefined || right === undefined) return undefined
  return give(operator === '+' ? addWords(left, right, code) : subtractWords(left, right, code), code)
}

export function inlineProduct(args: readonly InlineArg[], code: InlineCode): string | undefined {
  const [a, b] = args as readonly [InlineArg, InlineArg]
  if (digitsOf(a.physical) === undefined || digitsOf(b.physical) === undefined) return undefined
  if (code.result.kind === 'i64')
    return a.physical.kind === 'i64' && b.physical.kind === 'i64'
      ? code.local(int64(`${a.name} * ${b.name}`))
      : undefined
  if (code.result.kind !== 'i128') return undefined
  const left = oneWord(a, code)
  const right = oneWord(b, code)
  return left && right && give(multiplyWords(left, right, code), code)
}

export function inlineNegated([arg]: readonly InlineArg[], code: InlineCode): string | undefined {
  if (digitsOf(arg!.physical) === undefined) return undefined
  if (arg!.physical.kind === 'i64') return code.local(int64(`-${arg!.name}`))
  return give(subtractWords({ low: '0n', high: '0n' }, { low: arg!.name, high: arg!.high! }, code), code)
}

export function inlineAbsolute([arg]: readonly InlineArg[], code: InlineCode): string | undefined {
  if (arg!.physical.kind !== 'i64' || digitsOf(arg!.physical) === undefined) return undefined
  return code.local(`${arg!.name} < 0n ? ${int64(`-${arg!.name}`)} : ${arg!.name}`)
}

/** An integer as a mantissa of scale 0. */
export function inlineFromInteger(arg: InlineArg, code: InlineCode): string | undefined {
  const word =
    arg.physical.kind === 'i32'
      ? code.local(int64(`BigInt(${arg.name})`))
      : arg.physical.kind === 'i64'
        ? arg.name
        : undefined
  if (word === undefined || digitsOf(code.result)?.scale !== 0) return undefined
  return code.result.kind === 'i128' ? give(extend(word, code), code) : word
}

/** The greater scale of two mantissas; undefined where one has none. */
export function commonScale(a: Physical, b: Physical): number | undefined {
  const left = digitsOf(a)
  const right = digitsOf(b)
  return left && right && Math.max(left.scale, right.scale)
}
