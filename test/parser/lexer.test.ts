// Tokens as PostgreSQL's scanner makes them, and its words for what is none.

import { describe, expect, test } from 'vitest'
import { tokenize } from '../../src/parser/lexer.ts'
import { parseExpression, parseStatements } from '../../src/parser/parse.ts'

const images = (text: string): string[] => tokenize(text).map(({ image }) => image)
const kinds = (text: string): string[] => tokenize(text).map(({ tokenType }) => tokenType.name)
const value = (text: string): unknown => {
  const tree = parseExpression(text)
  return tree.kind === 'string' ? tree.value : tree
}

describe('strings', () => {
  test.each([
    ["''", ''],
    ["'it''s'", "it's"],
    ["'a\\nb'", 'a\\nb'],
    ["'a'\n  'b' -- c\n 'c'", 'abc'],
    ["'a' -- c\n'b'", 'ab'],
    ["E'\\n\\t\\\\\\'\\x41\\101\\u00e9\\U0001F600\\q'", "\n\t\\'AAé😀q"],
    ["E'\\xc3\\xa9'", 'é'],
    ["E'\\ud83d\\ude00'", '😀'],
    ["E'it''s'", "it's"],
    ["U&'d\\0061t\\+000061\\\\'", 'data\\'],
    ["U&'d!0061' UESCAPE '!'", 'da'],
    ["U&'\\d83d\\de00'", '😀'],
    ["$$it's$$", "it's"],
    ['$a$ $$ $b$ $a$', ' $$ $b$ '],
    ["'/* no comment */ -- none'", '/* no comment */ -- none'],
  ])('%s', (text, expected) => {
    expect(value(text)).toBe(expected)
  })

  test('bit strings and national strings', () => {
    expect(parseExpression("B'101'")).toMatchObject({ kind: 'bitString', base: 'binary', digits: '101' })
    expect(parseExpression("x'1fA'")).toMatchObject({ kind: 'bitString', base: 'hexadecimal', digits: '1fA' })
    expect(parseExpression("N'a'")).toMatchObject({ kind: 'cast', type: { name: ['character'] } })
  })
})

describe('names', () => {
  test('fold ASCII letters only, keep what is quoted', () => {
    expect(images('FooBar ÀÉ "FooBar" "a""b" a$1 _x')).toEqual(['foobar', 'ÀÉ', 'FooBar', 'a"b', 'a$1', '_x'])
  })

  test('have at most 63 bytes, cut between characters', () => {
    expect(images('a'.repeat(70))[0]).toHaveLength(63)
    expect(images('é'.repeat(40))[0]).toBe('é'.repeat(31))
    expect(images(`"${'x'.repeat(62)}é"`)[0]).toBe('x'.repeat(62))
  })

  test('U&"…" with its escape character', () => {
    expect(images('U&"d\\0061" U&"d!0061" uescape \'!\'')).toEqual(['da', 'da'])
  })

  test('keywords in any case', () => {
    expect(kinds('SELECT select SeLeCt "select"')).toEqual(['Key_select', 'Key_select', 'Key_select', 'Identifier'])
  })
})

describe('numbers', () => {
  test.each([
    ['1', ['Integer']],
    ['1.5 1. .5 1e3 1.5E-3 1e+3', Array(6).fill('Decimal')],
    ['$12', ['Param']],
    ['1.5.3', ['Decimal', 'Decimal']],
  ])('%s', (text, expected) => {
    expect(kinds(text)).toEqual(expected)
  })
})

describe('operators', () => {
  test.each([
    ['a=-1', ['a', '=', '-', '1']],
    ['a@-1', ['a', '@-', '1']],
    ['a<>b!=c', ['a', '<>', 'b', '<>', 'c']],
    ['a->>b', ['a', '->>', 'b']],
    ['a--b', ['a']],
    ['a+--b\n1', ['a', '+', '1']],
    ['a*/* x */b', ['a', '*', 'b']],
    ['a<-b', ['a', '<', '-', 'b']],
    ['a::b:c:=d=>e', ['a', '::', 'b', ':', 'c', ':=', 'd', '=>', 'e']],
    ['a||-b', ['a', '||-', 'b']],
    ['/* a /* b */ c */ d', ['d']],
  ])('%s', (text, expected) => {
    expect(images(text)).toEqual(expected)
  })

  test('>> closes two types', () => {
    expect(images('array<array<int>>')).toEqual(['array', '<', 'array', '<', 'int', '>', '>'])
    expect(images('struct<a struct<b int>>')).toHaveLength(9)
    expect(images('a >> 2')).toEqual(['a', '>>', '2'])
  })
})

describe('what cannot be read', () => {
  test.each([
    ["select 'abc", '42601', 'unterminated quoted string at or near "\'abc"', 7],
    ['select "abc', '42601', 'unterminated quoted identifier at or near ""abc"', 7],
    ['select $a$bc', '42601', 'unterminated dollar-quoted string at or near "$a$bc"', 7],
    ['select 1 /* a', '42601', 'unterminated /* comment at or near "/* a"', 9],
    ["select b'10", '42601', 'unterminated bit string literal at or near "b\'10"', 7],
    ["select x'10", '42601', 'unterminated hexadecimal string literal at or near "x\'10"', 7],
    ['select ""', '42601', 'zero-length delimited identifier at or near """"', 7],
    ['select 123abc', '42601', 'trailing junk after numeric literal at or near "123abc"', 7],
    ['select 1e', '42601', 'trailing junk after numeric literal at or near "1e"', 7],
    ['select $1a', '42601', 'trailing junk after parameter at or near "$1a"', 7],
    ['select 1..2', '42601', 'syntax error at or near ".."', 8],
    ["select E'\\u12'", '22025', 'invalid Unicode escape', 9],
    ["select E'\\ud800x'", '42601', 'invalid Unicode surrogate pair', 15],
    ["select U&'\\12'", '42601', 'invalid Unicode escape', 10],
    ["select U&'a' uescape 'a'", '42601', 'invalid Unicode escape character at or near "\'a\'"', 21],
    ["select E'\\351'", '22021', 'invalid byte sequence for encoding "UTF8": 0xe9', 13],
    ["select B'102'", '22P02', '"2" is not a valid binary digit', 7],
    ["selec 'abc", '42601', 'syntax error at or near "selec"', 0],
  ])('%s', (text, code, message, position) => {
    expect(() => parseStatements(text)).toThrow(expect.objectContaining({ code, message, position }))
  })
})
