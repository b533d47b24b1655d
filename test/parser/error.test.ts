// Syntax errors: the token PostgreSQL blames, and what could have stood there. Deep and long texts.

import { describe, expect, test } from 'vitest'
import { parseStatements } from '../../src/parser/parse.ts'
import { print } from '../../src/parser/print.ts'

describe('the token and the place', () => {
  test.each([
    ['selct 1', 'syntax error at or near "selct"', 0],
    ['select 1 +', 'syntax error at end of input', 10],
    ['select * from', 'syntax error at end of input', 13],
    ['select a,, b', 'syntax error at or near ","', 9],
    ['select * t', 'syntax error at or near "t"', 9],
    ['select (1', 'syntax error at end of input', 9],
    ['select 1)', 'syntax error at or near ")"', 8],
    ['(f(x))', 'syntax error at or near "f"', 1],
    ['values (select 1)', 'syntax error at or near "select"', 8],
    ["select 'a' 'b'", 'syntax error at or near "\'b\'"', 11],
    ['select é from t wher x', 'syntax error at or near "x"', 21],
    ['select 😀 from from', 'syntax error at or near "from"', 15],
    ['create foo', 'syntax error at or near "foo"', 7],
    ['insert into t value (1)', 'syntax error at or near "value"', 14],
    ['select 1 emit changes', 'EMIT is not allowed in a query', 9],
  ])('%s', (text, message, position) => {
    expect(() => parseStatements(text)).toThrow(expect.objectContaining({ code: '42601', message, position }))
  })
})

describe('the hint', () => {
  test.each([
    ['selct 1', 'Perhaps you meant SELECT.'],
    ['select a from t wher x', 'Perhaps you meant WHERE.'],
    ['select a frm t', 'Perhaps you meant FROM.'],
    ['select a from t gruop by a', 'Perhaps you meant GROUP.'],
    ['drop tabel t', 'Perhaps you meant TABLE.'],
    ['select 1 +', 'Expected an expression.'],
    ['delete t', 'Expected FROM.'],
    ['foo', 'Expected a statement.'],
    ['select count(* from t', 'Expected ")".'],
    ['begin isolation level', 'Expected SERIALIZABLE, REPEATABLE or READ.'],
    ['select cast(1 int)', 'Expected AS or an operator.'],
    ['select * from t x y', 'Expected "(", ";", JOIN, LEFT, WHERE, GROUP, ORDER, LIMIT, ….'],
  ])('%s', (text, hint) => {
    expect(() => parseStatements(text)).toThrow(expect.objectContaining({ hint }))
  })

  test('an error leaves nothing behind', () => {
    expect(() => parseStatements('select (1 + not')).toThrow()
    expect(parseStatements('select 1 between 2 and 3')).toHaveLength(1)
  })
})

const many = 100_000

describe('nesting that is too deep fails with 54001', () => {
  test.each([
    ['parentheses', `select ${'('.repeat(many)}1${')'.repeat(many)}`],
    ['open parentheses', `select ${'('.repeat(many)}`],
    ['subqueries', `select ${'(select '.repeat(many)}1${')'.repeat(many)}`],
    ['derived tables', `select * from ${'(select * from '.repeat(many)}t${')'.repeat(many)}`],
    ['calls', `select ${'f('.repeat(many)}1${')'.repeat(many)}`],
    ['CASE', `select ${'case when '.repeat(many)}`],
    ['arrays', `select array${'['.repeat(many)}`],
    ['NOT', `select ${'not '.repeat(many)}a`],
    ['signs', `select ${'- '.repeat(many)}a`],
    ['a = NOT', `select ${'a = not '.repeat(many)}a`],
    ['casts', `select a${'::int'.repeat(many)}`],
    ['subscripts', `select a${'[1]'.repeat(many)}`],
    ['IS NULL', `select a${' is null'.repeat(many)}`],
    ['time zones', `select a${' at time zone b'.repeat(many)}`],
    ['types', `select a::${'array<'.repeat(many)}int${'>'.repeat(many)}`],
    ['joins whose conditions come last', `select * from t${' join t'.repeat(many)}${' on a'.repeat(many)}`],
    ['WITH', `${'with a as ('.repeat(many)}select 1`],
    ['EXPLAIN', `${'explain '.repeat(many)}select 1`],
    ['PREPARE', `${'prepare a as '.repeat(many)}select 1`],
    ['grouping sets', `select 1 group by ${'grouping sets ('.repeat(many)}`],
  ])('%s', (_, text) => {
    expect(() => parseStatements(text)).toThrow(
      expect.objectContaining({ code: '54001', message: 'stack depth limit exceeded' }),
    )
  })
})

describe('long chains are read and printed', () => {
  test.each([
    ['a + a', `select a${' + a'.repeat(many)}`],
    ['a || a', `select a${' || a'.repeat(many)}`],
    ['AND', `select a${' and a'.repeat(many)}`],
    ['OR of AND', `select a${' and b or a'.repeat(many)}`],
    ['UNION', `select 1${' union all select 1'.repeat(10_000)}`],
    ['UNION and INTERSECT', `select 1${' union select 1 intersect select 2'.repeat(10_000)}`],
    ['joins', `select * from t${' join t on a'.repeat(10_000)}`],
    ['FROM lists', `select * from t${', t'.repeat(10_000)}`],
    ['IN lists', `select a in (1${', 1'.repeat(many)})`],
    ['VALUES', `values (1)${', (1)'.repeat(many)}`],
  ])('%s', (_, text) => {
    const printed = print(parseStatements(text)[0]!.statement)
    expect(printed.length).toBeGreaterThanOrEqual(text.length)
    expect(parseStatements(printed)).toHaveLength(1)
  })

  test('moderate nesting is no problem', () => {
    const depth = 60
    expect(parseStatements(`select ${'f(a, 1 + ('.repeat(depth)}1${'))'.repeat(depth)}`)).toHaveLength(1)
    expect(parseStatements(`select * from ${'(select * from '.repeat(depth)}t${')'.repeat(depth)}`)).toHaveLength(1)
  })
})
