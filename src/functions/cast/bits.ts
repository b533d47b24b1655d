// Casts of bit strings: between BIT and BIT VARYING, their lengths, and integers of either sign.

import { outOfRange } from '../../core/error.ts'
import type { Cast, CastTarget } from '../registry.ts'
import { type BitType, fitBits } from '../text/bits.ts'
import { castEntry, relabel } from './entry.ts'

const fit = (bits: string, { to, explicit }: CastTarget): string => fitBits(to as BitType, bits, explicit)

/** The lowest bits, the sign repeated to the left; BIT without a length is BIT(1). */
const integerBits = (value: number | bigint, { to }: CastTarget): string => {
  const length = (to as BitType).length ?? 1
  return BigInt.asUintN(length, BigInt(value)).toString(2).padStart(length, '0')
}

const toInteger = (size: 32 | 64, name: string) => (bits: string) => {
  if (bits.length > size) throw outOfRange(name)
  const value = bits === '' ? 0n : BigInt.asIntN(size, BigInt(`0b${bits}`))
  return size === 32 ? Number(value) : value
}

export const bitCasts: readonly Cast[] = [
  relabel('bit', 'varbit', 'implicit'),
  relabel('varbit', 'bit', 'implicit'),
  castEntry({ from: 'bit', to: 'bit', context: 'implicit', evaluate: fit }),
  castEntry({ from: 'varbit', to: 'varbit', context: 'implicit', evaluate: fit }),
  castEntry({
    from: 'int4',
    to: 'bit',
    context: 'explicit',
    fails: false,
    appliesModifiers: true,
    evaluate: integerBits,
  }),
  castEntry({
    from: 'int8',
    to: 'bit',
    context: 'explicit',
    fails: false,
    appliesModifiers: true,
    evaluate: integerBits,
  }),
  castEntry({ from: 'bit', to: 'int4', context: 'explicit', evaluate: toInteger(32, 'integer') }),
  castEntry({ from: 'bit', to: 'int8', context: 'explicit', evaluate: toInteger(64, 'bigint') }),
]
