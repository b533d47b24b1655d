import { describe, expect, test } from 'vitest'
import { checkIncremental, Epochs } from '../../support/incremental.ts'
import { asof, float8, int4, scan, schemaOf, text } from '../../support/plans.ts'

// key, time, name
const schema = schemaOf(int4, int4, text)
const [left, right] = [scan('l', schema), scan('r', schema)]
const domain = [
  [1, 2, null],
  [1, 2, 3, 4, 5, null],
  ['a', 'b', null],
]
const both = [
  { scan: left, domain },
  { scan: right, domain },
]
const key = [{ left: 0, right: 0, nullSafe: false }]
const nearest = (strict: boolean, descending: boolean) => ({ left: 1, right: 1, strict, descending })

describe('asof join', () => {
  for (const type of ['inner', 'left'] as const)
    for (const strict of [false, true])
      for (const descending of [false, true])
        test(`${type} ${descending ? '>' : '<'}${strict ? '' : '='}`, () => {
          checkIncremental(asof(type, left, right, { keys: key, nearest: nearest(strict, descending) }), both)
        })

  test('without keys, with a key that NULLs share, one-shot', () => {
    checkIncremental(asof('left', left, right, { keys: [], nearest: nearest(false, false) }), both)
    const safe = [
      { left: 0, right: 0, nullSafe: true },
      { left: 2, right: 2, nullSafe: false },
    ]
    checkIncremental(asof('left', left, right, { keys: safe, nearest: nearest(false, false) }), both)
    checkIncremental(asof('left', left, right, { keys: key, nearest: nearest(true, false) }), both, { oneShot: true })
  })

  test('the same rows on both sides', () => {
    checkIncremental(asof('left', left, left, { keys: key, nearest: nearest(true, false) }), both.slice(0, 1))
  })

  test('NaN and infinities are times like others', () => {
    const times = schemaOf(float8)
    const [l, r] = [scan('l', times), scan('r', times)]
    const values = [[Number.NaN, Number.POSITIVE_INFINITY, 0, -1.5, null]]
    const only = { left: 0, right: 0, strict: false, descending: false }
    checkIncremental(asof('left', l, r, { keys: [], nearest: only }), [
      { scan: l, domain: values },
      { scan: r, domain: values },
    ])
  })

  test('the worked example of the specification', () => {
    using flow = new Epochs(asof('inner', left, right, { keys: key, nearest: nearest(false, false) }))
    flow.run([
      [right, [1, 10, 'p'], 1],
      [left, [1, 15, ''], 1],
      [left, [1, 25, ''], 1],
    ])
    expect(flow.run([[right, [1, 12, 'q'], 1]])).toEqual([
      '+1 | 1 | 15 | "" | 1 | 12 | "q"',
      '+1 | 1 | 25 | "" | 1 | 12 | "q"',
      '-1 | 1 | 15 | "" | 1 | 10 | "p"',
      '-1 | 1 | 25 | "" | 1 | 10 | "p"',
    ])
    const later = flow.run([[right, [1, 20, 'r'], 1]])
    expect(later).toEqual(['+1 | 1 | 25 | "" | 1 | 20 | "r"', '-1 | 1 | 25 | "" | 1 | 12 | "q"'])
  })
})
