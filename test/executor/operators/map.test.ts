import { describe, test } from 'vitest'
import { checkIncremental } from '../../support/incremental.ts'
import { bool, call, column, constant, int4, map, scan, schemaOf, text } from '../../support/plans.ts'

const schema = schemaOf(int4, int4, text)
const input = scan('t', schema)
const domain = [
  [1, 2, 2147483647, null],
  [0, 5, -2147483648, null],
  ['a', '', 'é', null],
]

describe('map', () => {
  test('filters and projects any history', () => {
    const predicate = call('<', bool, column(schema, 1), column(schema, 0))
    checkIncremental(map(input, predicate, [column(schema, 2), column(schema, 0)]), [{ scan: input, domain }])
  })

  test('errors are data with weights and go with their rows', () => {
    const quotient = call('/', int4, column(schema, 0), column(schema, 1))
    checkIncremental(map(input, undefined, [quotient, column(schema, 2)]), [{ scan: input, domain }])
  })

  test('a predicate that fails moves the row to the errors', () => {
    const sum = call('+', int4, column(schema, 0), constant(1, int4))
    const predicate = call('>', bool, sum, constant(2, int4))
    checkIncremental(map(input, predicate, [column(schema, 0)]), [{ scan: input, domain }])
  })
})
