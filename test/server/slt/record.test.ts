// The record format: what is read, and that anything else is an error of the file.

import { describe, expect, test } from 'vitest'
import { parseRecords, SltSyntaxError } from '../../../server/slt/record.ts'

const parse = (text: string, others: Readonly<Record<string, string>> = {}) =>
  parseRecords('dir/a.slt', (path) => {
    const found = path === 'dir/a.slt' ? text : others[path]
    if (found === undefined) throw new Error(`no file ${path}`)
    return found
  })

const facts = (text: string) => parse(text).map(({ sql, expectation }) => ({ sql, ...expectation }))

describe('records', () => {
  test('statements', () => {
    const text = `# a comment
statement ok
CREATE TABLE t (a int)

statement count 2
INSERT INTO t
VALUES (1), (2);

statement error
x

statement error (22012)
y

statement error 42703 column "b"
z
`
    expect(facts(text)).toEqual([
      { sql: 'CREATE TABLE t (a int)', kind: 'ok' },
      { sql: 'INSERT INTO t\nVALUES (1), (2);', kind: 'count', rows: 2 },
      { sql: 'x', kind: 'error', code: undefined, message: '' },
      { sql: 'y', kind: 'error', code: '22012', message: '' },
      { sql: 'z', kind: 'error', code: '42703', message: 'column "b"' },
    ])
  })

  test('queries', () => {
    const text = [
      'query IT rowsort same\nSELECT 1\n----\n1\ta\n2\tb\n\n',
      'query\nSELECT 2\n----\n\n',
      'query T valuesort\nSELECT 3\n----\n# x',
    ].join('')
    expect(facts(text)).toEqual([
      { sql: 'SELECT 1', kind: 'rows', types: 'IT', sort: 'rowsort', label: 'same', lines: ['1\ta', '2\tb'] },
      { sql: 'SELECT 2', kind: 'rows', types: '', sort: 'nosort', label: undefined, lines: [] },
      { sql: 'SELECT 3', kind: 'rows', types: 'T', sort: 'valuesort', label: undefined, lines: ['# x'] },
    ])
  })

  test('places, in included files too', () => {
    const others = {
      'part/b.slt.part': '\nstatement ok\nB\n\ninclude c.slt.part\n',
      'part/c.slt.part': 'statement ok\nC\n',
    }
    const records = parse('include ../part/b.slt.part\n\nstatement ok\nA\n', others)
    expect(records.map(({ sql, place }) => `${sql} ${place.file}:${place.line}`)).toEqual([
      'B part/b.slt.part:2',
      'C part/c.slt.part:1',
      'A dir/a.slt:3',
    ])
  })

  test('rules expected of one query', () => {
    const records = parse('expect a b\nexpect-not c\nquery I\nX\n----\n1\n\nquery I\nY\n----\n1\n')
    expect(records.map(({ fires, silent }) => ({ fires, silent }))).toEqual([
      { fires: ['a', 'b'], silent: ['c'] },
      { fires: [], silent: [] },
    ])
  })

  test.each([
    ['unknown directive', 'skipif sqlite\nstatement ok\nX\n'],
    ['unknown directive', 'query I sorted same twice\nX\n----\n'],
    ['unknown directive', 'statement maybe\nX\n'],
    ['needs ----', 'query I\nX\n\n'],
    ['has no expected rows', 'statement ok\nX\n----\n1\n'],
    ['without SQL', 'statement ok\n\n'],
    ['without a query', 'statement ok\nX\n\nexpect a\n'],
  ])('%s: %o', (message, text) => {
    expect(() => parse(text)).toThrow(SltSyntaxError)
    expect(() => parse(text)).toThrow(message)
  })

  test('a file that includes itself', () => {
    expect(() => parse('include a.slt\n')).toThrow('includes itself')
  })
})
