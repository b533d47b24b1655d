// BIT_AND, BIT_OR, BIT_XOR over integers and bit strings, walked over the group's distinct values with their weights.

import type { SqlValue } from '../../core/value.ts'
import { andBits, orBits, xorBits } from '../bits/functions.ts'
import type { AggregateFunction, WeightedRow } from '../registry.ts'
import { aggregate, multiset } from './entry.ts'

type Fold = (a: bigint, b: bigint) => bigint

const operations = [
  { name: 'bit_and', doc: 'Bitwise AND of the values; NULL of no values.', fold: (a, b) => a & b, answer: 1 },
  { name: 'bit_or', doc: 'Bitwise OR of the values; NULL of no values.', fold: (a, b) => a | b, answer: 7 },
  { name: 'bit_xor', doc: 'Bitwise exclusive OR of the values; NULL of no values.', fold: (a, b) => a ^ b, answer: 6 },
] as const satisfies readonly { name: string; doc: string; fold: Fold; answer: number }[]

/** Only an odd number of copies counts in XOR; in AND and OR one is as good as many. */
function folded(rows: Iterable<WeightedRow>, fold: Fold, parity: boolean): bigint | null {
  let result: bigint | null = null
  for (const { values, weight } of rows) {
    const value = BigInt(values[0] as number | bigint)
    const part = parity && weight % 2n === 0n ? 0n : value
    result = result === null ? part : fold(result, part)
  }
  return result
}

const asKind = (kind: 'int2' | 'int4' | 'int8', value: bigint | null): SqlValue =>
  value === null || kind === 'int8' ? value : Number(value)

const combinations = { bit_and: andBits, bit_or: orBits, bit_xor: xorBits } as const

/** Bit strings of one length. */
function foldedBits(rows: Iterable<WeightedRow>, name: keyof typeof combinations): string | null {
  let result: string | null = null
  for (const { values, weight } of rows) {
    const value = values[0] as string
    const part = name === 'bit_xor' && weight % 2n === 0n ? '0'.repeat(value.length) : value
    result = result === null ? part : combinations[name](result, part)
  }
  return result
}

export const bitAggregates: readonly AggregateFunction[] = operations.flatMap(({ name, doc, fold, answer }) => [
  ...(['int2', 'int4', 'int8'] as const).map((kind) =>
    aggregate(name, [kind], kind, {
      doc,
      example: `(select ${name}(x::${kind}) from (values (3), (5), (null)) as t(x)) = ${answer}`,
      state: multiset((rows) => asKind(kind, folded(rows, fold, name === 'bit_xor'))),
    }),
  ),
  aggregate(name, ['bit'], 'bit', {
    doc,
    example: `(select ${name}(x) from (values (B'011'), (B'101'), (null)) as t(x)) = ${answer}::bit(3)`,
    state: multiset((rows) => foldedBits(rows, name)),
  }),
])
