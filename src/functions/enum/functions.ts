// Functions of enumerated types: their labels in order (PostgreSQL 15, section 9.10).
//
// The arguments of enum_first and enum_last say only which type is meant: NULL will do.

import type { EnumType, SqlType } from '../../core/type.ts'
import { type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import { lenientByType } from '../polymorphic.ts'
import type { ScalarFunction } from '../registry.ts'

const places = (type: SqlType | undefined): readonly number[] =>
  (type as EnumType).labels.labels.map(({ place }) => place)

const arrayOfArgument = ([type]: readonly SqlType[]): SqlType => ({ kind: 'array', element: type! })

const within = (all: readonly number[], from: SqlValue, to: SqlValue): SqlArray =>
  sqlArray(
    all.filter((place) => (from === null || place >= (from as number)) && (to === null || place <= (to as number))),
  )

export const enumFunctions: readonly ScalarFunction[] = [
  lenientByType('enum_first', ['anyenum'], 'anyenum', {
    doc: 'The first label of the argument’s type.',
    forTypes:
      ([type]) =>
      () =>
        places(type)[0] ?? null,
  }),
  lenientByType('enum_last', ['anyenum'], 'anyenum', {
    doc: 'The last label of the argument’s type.',
    forTypes:
      ([type]) =>
      () =>
        places(type).at(-1) ?? null,
  }),
  lenientByType('enum_range', ['anyenum'], arrayOfArgument, {
    doc: 'All labels of the argument’s type, in order.',
    forTypes:
      ([type]) =>
      () =>
        within(places(type), null, null),
  }),
  lenientByType('enum_range', ['anyenum', 'anyenum'], arrayOfArgument, {
    doc: 'The labels between two of them; NULL is the first or the last one.',
    forTypes:
      ([type]) =>
      (from: SqlValue, to: SqlValue) =>
        within(places(type), from, to),
  }),
]
