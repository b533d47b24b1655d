// Conversions that join keys need: to the wider of two integer or float types. Where there is no entry the value stays
// as it is and only the name of the type changes (text kinds, object identifiers).

import type { SqlType } from '../../core/type.ts'
import { numberCasts } from '../../functions/cast/numbers.ts'
import type { Cast } from '../../functions/registry.ts'

export const widenCast = (from: SqlType, to: SqlType): Cast | undefined =>
  numberCasts.find((cast) => cast.from === from.kind && cast.to === to.kind)
