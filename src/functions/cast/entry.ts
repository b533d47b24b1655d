// Building cast entries: what most of them leave out has its default here.

import type { TypeKind } from '../../core/type.ts'
import type { Cast, CastContext } from '../registry.ts'

interface CastOptions {
  readonly from: TypeKind
  readonly to: TypeKind
  readonly context: CastContext
  readonly evaluate: Cast['evaluate']
  readonly appliesModifiers?: true
  readonly inline?: NonNullable<Cast['inline']>
  /** Default true. */
  readonly fails?: boolean
  readonly volatility?: Cast['volatility']
}

export const castEntry = ({ fails = true, volatility = 'immutable', ...rest }: CastOptions): Cast => ({
  kind: 'cast',
  fails,
  volatility,
  ...rest,
})

/** Only the name of the type changes. */
export const relabel = (from: TypeKind, to: TypeKind, context: CastContext): Cast =>
  castEntry({ from, to, context, fails: false, evaluate: (value) => value, inline: passThrough })

/** The value as it is, where it lies in one local. */
export const passThrough: NonNullable<Cast['inline']> = (arg) =>
  arg.physical.kind === 'bytes' || arg.physical.kind === 'i128' ? undefined : arg.name
