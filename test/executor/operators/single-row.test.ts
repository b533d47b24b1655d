import { describe, test } from 'vitest'
import { checkIncremental } from '../../support/incremental.ts'
import { int4, join, scan, schemaOf, singleRow, text } from '../../support/plans.ts'

const schema = schemaOf(int4, text)
const input = scan('t', schema)
const domain = [
  [1, 2, null],
  ['a', null],
]

describe('single row', () => {
  test('NULLs over nothing, an error over several rows', () => {
    checkIncremental(singleRow(input), [{ scan: input, domain }])
  })

  test('as a value beside other rows', () => {
    const outer = scan('o', schema)
    checkIncremental(join('inner', outer, singleRow(input)), [
      { scan: outer, domain },
      { scan: input, domain },
    ])
  })
})
