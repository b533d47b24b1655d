// num_nulls and num_nonnulls: how many of the arguments are NULL.

import type { SqlValue } from '../../core/value.ts'
import { lenientByType } from '../polymorphic.ts'
import type { ScalarFunction } from '../registry.ts'

const counter = (name: string, doc: string, example: string, counts: (value: SqlValue) => boolean): ScalarFunction =>
  lenientByType(name, ['any'], 'int4', {
    doc,
    example,
    variadic: true,
    fails: false,
    forTypes:
      ({ length }) =>
      (...args: SqlValue[]) =>
        args.slice(0, length).filter(counts).length,
  })

export const nullCounts: readonly ScalarFunction[] = [
  counter(
    'num_nulls',
    'The number of arguments that are NULL.',
    'num_nulls(1, null, 2) = 1',
    (value) => value === null,
  ),
  counter(
    'num_nonnulls',
    'The number of arguments that are not NULL.',
    'num_nonnulls(1, null, 2) = 2',
    (value) => value !== null,
  ),
]
