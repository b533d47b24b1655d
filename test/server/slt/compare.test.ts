// The comparison rules of the suites, each with what it lets pass and what it must not.

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { compareMultisets, compareRows, type Rows, type Style } from '../../../server/slt/compare.ts'
import type { ExpectedRows, Sort } from '../../../server/slt/record.ts'

const expected = (types: string, lines: readonly string[], sort: Sort = 'nosort'): ExpectedRows => ({
  kind: 'rows',
  types,
  sort,
  label: undefined,
  lines,
})
const same = (style: Style, rows: Rows, expectation: ExpectedRows): boolean =>
  compareRows(expectation, rows, style) === undefined

describe('exact', () => {
  test('every character counts, NULL and the empty string have names', () => {
    expect(same('exact', [['a b', null, '']], expected('TTT', ['a b\tNULL\t(empty)']))).toBe(true)
    expect(same('exact', [['a  b', null, '']], expected('TTT', ['a b\tNULL\t(empty)']))).toBe(false)
    expect(same('exact', [['2.50']], expected('R', ['2.5']))).toBe(false)
    expect(same('exact', [['1']], expected('I', ['1', '1']))).toBe(false)
    expect(same('exact', [], expected('I', []))).toBe(true)
  })

  test('order counts unless sorted, by bytes', () => {
    const rows = [['b'], ['B'], ['\u{1f600}'], ['\uffee']]
    expect(same('exact', rows, expected('T', ['B', 'b', '\uffee', '\u{1f600}']))).toBe(false)
    expect(same('exact', rows, expected('T', ['B', 'b', '\uffee', '\u{1f600}'], 'rowsort'))).toBe(true)
    expect(compareRows(expected('T', [], 'rowsort'), rows, 'exact')?.got).toEqual(['B', 'b', '\uffee', '\u{1f600}'])
  })
})

describe('lenient', () => {
  test('runs of blanks count as one', () => {
    expect(same('lenient', [['a  b', 'c']], expected('TT', ['a b   c']))).toBe(true)
    expect(same('lenient', [['ab', 'c']], expected('TT', ['a b c']))).toBe(false)
  })

  test('numbers under R to 12 significant digits', () => {
    expect(same('lenient', [['2.50', '1']], expected('RI', ['2.5 1']))).toBe(true)
    expect(same('lenient', [['0.1234567890123']], expected('R', ['0.12345678901234']))).toBe(true)
    expect(same('lenient', [['0.123456789012']], expected('R', ['0.123456789013']))).toBe(false)
    expect(same('lenient', [['1', '2.50']], expected('RI', ['1 2.5']))).toBe(false)
    expect(same('lenient', [['NaN']], expected('R', ['NULL']))).toBe(false)
  })
})

describe('aligned', () => {
  test('blanks part the columns, a TAB makes the line exact', () => {
    expect(same('aligned', [['click', '2']], expected('TI', ['click   2']))).toBe(true)
    expect(same('aligned', [['a  b', '2']], expected('TI', ['a  b\t2']))).toBe(true)
    expect(same('aligned', [['a b', '2']], expected('TI', ['a  b\t2']))).toBe(false)
    expect(same('aligned', [['2.50', '1']], expected('RI', ['2.5  1']))).toBe(false)
  })

  test('one column keeps its indentation', () => {
    expect(same('aligned', [['Filter'], ['  Scan']], expected('T', ['Filter', '  Scan']))).toBe(true)
    expect(same('aligned', [['Filter'], ['  Scan']], expected('T', ['Filter', 'Scan']))).toBe(false)
  })
})

describe('sqlite', () => {
  test('one value a line, written by its letter', () => {
    const row = ['2.9', '-0.4', '1', 'aé\n', '', null, 't']
    const lines = ['2', '0', '1.000', 'a@@@', '(empty)', 'NULL', '1']
    expect(compareRows(expected('IIRTTTI', lines), [row], 'sqlite')).toBeUndefined()
    expect(same('sqlite', [['1.0004']], expected('R', ['1.001']))).toBe(false)
  })

  test('rowsort keeps rows together, valuesort does not', () => {
    const rows = [
      ['2', 'a'],
      ['1', 'b'],
    ]
    expect(same('sqlite', rows, expected('IT', ['1', 'b', '2', 'a'], 'rowsort'))).toBe(true)
    expect(same('sqlite', rows, expected('IT', ['1', '2', 'a', 'b'], 'valuesort'))).toBe(true)
    expect(same('sqlite', rows, expected('IT', ['1', 'b', '2', 'a']))).toBe(false)
  })

  test('a hash stands for the values', () => {
    const md5 = createHash('md5').update('1\n2\n').digest('hex')
    expect(same('sqlite', [['1'], ['2']], expected('I', [`2 values hashing to ${md5}`]))).toBe(true)
    expect(same('sqlite', [['2'], ['1']], expected('I', [`2 values hashing to ${md5}`]))).toBe(false)
    expect(same('sqlite', [['1'], ['2']], expected('I', [`3 values hashing to ${md5}`]))).toBe(false)
  })
})

test('multisets: copies count, order does not, NULL is not its name', () => {
  expect(compareMultisets([['1'], ['2'], ['1']], [['2'], ['1'], ['1']])).toBeUndefined()
  expect(compareMultisets([['1'], ['2']], [['2'], ['1'], ['1']])).toBeDefined()
  expect(compareMultisets([[null]], [['NULL']])).toBeDefined()
})
