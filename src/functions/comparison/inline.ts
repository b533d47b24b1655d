// Comparisons in generated code: one snippet per physical kind.
//
//   i32, i64   machine comparison            i128   high words, then low words as unsigned
//   f64        NaN equals itself and is above all   bytes   equality by length and bytes, order by memcmp
//
// Bytes are in their canonical encoding; memcmp is right only where equality is identity and the encoding keeps the
// order, so only types that say so use `inlineBytes` (text, name, bytea, uuid).

import { commonScale, type Words, wordAtScale, wordsAtScale } from '../math/numeric-inline.ts'
import type { InlineArg, InlineCode } from '../registry.ts'
import type { ComparisonInline, Operator } from './operators.ts'

const javascript = {
  '=': '===',
  '<>': '!==',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
} satisfies Record<Operator, string>

const asBoolean = (condition: string): string => `(${condition} ? 1 : 0)`

/** i32 with i32, i64 with i64 of one scale; mixed widths widen to BigInt. */
export const inlineIntegers: ComparisonInline = (operator, args, code) => {
  const [a, b] = args as readonly [InlineArg, InlineArg]
  const left = word(a, b, code)
  const right = word(b, a, code)
  if (left === undefined || right === undefined) return undefined
  return asBoolean(`${left} ${javascript[operator]} ${right}`)
}

function word(arg: InlineArg, other: InlineArg, code: InlineCode): string | undefined {
  if (arg.physical.kind === 'i32')
    return other.physical.kind === 'i64' ? code.local(`BigInt.asIntN(64, BigInt(${arg.name}))`) : arg.name
  return arg.physical.kind === 'i64' ? arg.name : undefined
}

/** NUMERIC of known scales: brought to the greater one; two words compare the high ones first. */
export const inlineMantissas: ComparisonInline = (operator, args, code) => {
  const [a, b] = args as readonly [InlineArg, InlineArg]
  const scale = commonScale(a.physical, b.physical)
  if (scale === undefined) return undefined
  const left = wordAtScale(a, scale, code)
  const right = wordAtScale(b, scale, code)
  if (left !== undefined && right !== undefined) return asBoolean(`${left} ${javascript[operator]} ${right}`)
  const x = wordsAtScale(a, scale, code)
  const y = wordsAtScale(b, scale, code)
  return x && y && asBoolean(twoWords(operator, x, y))
}

function twoWords(operator: Operator, a: Words, b: Words): string {
  if (operator === '=') return `${a.low} === ${b.low} && ${a.high} === ${b.high}`
  if (operator === '<>') return `${a.low} !== ${b.low} || ${a.high} !== ${b.high}`
  const unsigned = (word: string): string => `BigInt.asIntN(64, ${word} ^ -9223372036854775808n)`
  const strictly = javascript[operator === '<' || operator === '<=' ? '<' : '>']
  return (
    `${a.high} ${strictly} ${b.high} || ` +
    `(${a.high} === ${b.high} && ${unsigned(a.low)} ${javascript[operator]} ${unsigned(b.low)})`
  )
}

/** NaN is one value above +Infinity; −0 does not occur. */
export const inlineFloats: ComparisonInline = (operator, args) => {
  const [a, b] = args as readonly [InlineArg, InlineArg]
  if (a.physical.kind !== 'f64' || b.physical.kind !== 'f64') return undefined
  const x = a.name
  const y = b.name
  switch (operator) {
    case '=':
      return asBoolean(`${x} === ${y} || (${x} !== ${x} && ${y} !== ${y})`)
    case '<>':
      return asBoolean(`${x} !== ${y} && (${x} === ${x} || ${y} === ${y})`)
    case '<':
      return asBoolean(`${x} < ${y} || (${y} !== ${y} && ${x} === ${x})`)
    case '<=':
      return asBoolean(`${x} <= ${y} || ${y} !== ${y}`)
    case '>':
      return asBoolean(`${x} > ${y} || (${x} !== ${x} && ${y} === ${y})`)
    case '>=':
      return asBoolean(`${x} >= ${y} || ${x} !== ${x}`)
  }
}

export const inlineBytes: ComparisonInline = (operator, args, code) => {
  const [a, b] = args as readonly [InlineArg, InlineArg]
  if (a.physical.kind !== 'bytes' || b.physical.kind !== 'bytes') return undefined
  const left = `${a.name}, ${a.offset}, ${a.length}`
  const right = `${b.name}, ${b.offset}`
  if (operator === '=' || operator === '<>') {
    const same = `${a.length} === ${b.length} && ${code.constant(equalBytes)}(${left}, ${right})`
    return asBoolean(operator === '=' ? same : `!(${same})`)
  }
  return asBoolean(`${code.constant(compareBytes)}(${left}, ${right}, ${b.length}) ${operator} 0`)
}

/** Same bytes; the caller has compared the lengths. */
export function equalBytes(a: Uint8Array, atA: number, length: number, b: Uint8Array, atB: number): boolean {
  for (let i = 0; i < length; i++) if (a[atA + i] !== b[atB + i]) return false
  return true
}

/** memcmp, then the shorter one first. */
export function compareBytes(
  a: Uint8Array,
  atA: number,
  lengthA: number,
  b: Uint8Array,
  atB: number,
  lengthB: number,
): number {
  const length = Math.min(lengthA, lengthB)
  for (let i = 0; i < length; i++) {
    const difference = a[atA + i]! - b[atB + i]!
    if (difference !== 0) return difference
  }
  return lengthA - lengthB
}
