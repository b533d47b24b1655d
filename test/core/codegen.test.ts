// Generated code: the memo gives one function per key, drops the least recently used, and reads columns as declared.

import { expect, test } from 'vitest'
import { compiled, rowLoop, shapeOf, shapesKey } from '../../src/core/codegen.ts'
import { columnsFrom, type Row } from '../support/columns.ts'

const constant = (value: number) => () => ({ parameters: [], body: `return ${value}` })

test('one function per key while it is in use; the least recently used goes', () => {
  const first = compiled<() => number>('test first', constant(1))
  expect(first()).toBe(1)
  expect(compiled('test first', constant(2))).toBe(first)
  const second = compiled('test second', constant(2))
  for (let i = 0; i < 1999; i++) {
    compiled(`test filler ${i}`, constant(i))
    expect(compiled('test first', constant(3))).toBe(first)
  }
  expect(compiled('test second', constant(2))).not.toBe(second)
})

test('a row loop reads every layout, with NULL masks only where a batch has them', () => {
  const rows: Row[] = [
    [1, 2n, 3n, 0.5, 'ab'],
    [null, null, null, null, null],
    [-1, -2n, -3n, -0.5, ''],
  ]
  for (const dict of [false, true])
    for (const some of [rows, [rows[0]!, rows[2]!]]) {
      const columns = columnsFrom(['i32', 'i64', 'i128', 'f64', 'bytes'], some, dict)
      const shapes = columns.map(shapeOf)
      const read = compiled<(columns: unknown, length: number, out: unknown[]) => void>(
        `test read ${shapesKey(columns)}`,
        () => ({
          parameters: ['columns', 'length', 'out'],
          body: rowLoop(shapes, (codes) => ({
            row: codes
              .map((code) => {
                const text = code.shape.kind === 'bytes' || code.shape.kind === 'dict'
                const value = text ? code.byteLength('i') : code.value('i')
                return `out.push(${code.isNull('i')} ? null : ${value})`
              })
              .join('\n'),
          })),
        }),
      )
      const out: unknown[] = []
      read(columns, some.length, out)
      expect(out).toEqual(some.flatMap((row) => row.map((value) => (typeof value === 'string' ? value.length : value))))
      expect(shapesKey(columns) === shapesKey(columns).toLowerCase()).toBe(some.length === 2)
    }
})
