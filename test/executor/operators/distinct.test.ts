import { describe, test } from 'vitest'
import { checkIncremental } from '../../support/incremental.ts'
import { distinct, float8, int4, scan, schemaOf, setOperation, text, unionAll } from '../../support/plans.ts'

const schema = schemaOf(int4, text, float8)
const domain = [
  [1, null],
  ['a', 'b', null],
  [0, Number.NaN, 5e-324],
]
const left = scan('l', schema)
const right = scan('r', schema)
const both = [
  { scan: left, domain },
  { scan: right, domain },
]

describe('distinct', () => {
  test('one copy of every row whose weight is positive', () => {
    checkIncremental(distinct(left), [{ scan: left, domain }])
  })

  test('over a union, with an input twice', () => {
    checkIncremental(distinct(unionAll(left, right, left)), both)
  })
})

describe('set operations', () => {
  const full = scan(
    'full',
    schema.map((column) => ({ ...column, nullable: false })),
  )
  const inputs = [{ scan: full, domain: domain.map((values) => values.filter((value) => value !== null)) }, both[1]!]

  for (const operation of ['intersect', 'except'] as const)
    for (const all of [false, true])
      test(`${operation}${all ? ' all' : ''}`, () => {
        checkIncremental(setOperation(operation, all, left, right), both)
        checkIncremental(setOperation(operation, all, full, right), inputs)
      })
})
