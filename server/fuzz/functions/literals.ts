// Text literals of every type: extremes first, then values drawn from a seed.

import type { ParameterType } from '../../../src/functions/registry.ts'

/** A small deterministic generator (mulberry32), so that a failing call can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const extremes: Partial<Record<ParameterType, readonly string[]>> = {
  boolean: ['t', 'f'],
  int2: ['0', '1', '-1', '32767', '-32768', '7', '-3', '2'],
  int4: ['0', '1', '-1', '2147483647', '-2147483648', '3', '-2', '5', '2', '64', '10'],
  int8: ['0', '1', '-1', '9223372036854775807', '-9223372036854775808', '4294967296', '3', '-7', '3037000500'],
  oid: ['0', '1', '4294967295', '16384'],
  float4: ['0', '1.5', '-1', '3.4028235e38', '1e-45', 'NaN', 'Infinity', '-Infinity', '0.1', '100.25'],
  float8: [
    '0',
    '1',
    '-1',
    '0.5',
    '1.7976931348623157e308',
    '5e-324',
    'NaN',
    'Infinity',
    '-Infinity',
    '0.1',
    '-2.5',
    '3',
    '1e16',
  ],
  numeric: [
    '0',
    '1',
    '-1',
    '0.5',
    '2.5',
    '-2.5',
    '1.10',
    '100',
    '0.000001',
    '12345678901234567890.123456789',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e30',
    '-99.995',
    '3',
    '2',
    '10',
  ],
  text: [
    '',
    'a',
    'abc',
    'AbC dEf',
    'hello world',
    '  pad  ',
    'x,y,,z',
    'ümläut',
    '😀x',
    '日本語',
    "it's",
    'a%b_c',
    '%',
    '_',
    'b',
    '\\',
    'aaa',
    '10',
    'FFff',
  ],
  name: ['', 'a', 'pg_class', 'Foo'],
  bpchar: ['', 'a', 'ab  ', 'abc', ' x'],
  char: ['a', 'b', ''],
  bytea: ['\\x', '\\x00', '\\x616263', '\\xff00ff', '\\x25', '\\x6162'],
  uuid: [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  ],
  date: [
    '2024-02-29',
    '1970-01-01',
    '2000-01-01',
    'infinity',
    '-infinity',
    '0044-03-15 BC',
    '4714-11-24 BC',
    '5874897-12-31',
    '1999-12-31',
    '2024-12-30',
  ],
  time: ['00:00', '24:00', '23:59:59.999999', '12:34:56.5', '04:05:06'],
  timetz: ['00:00+00', '23:59:59.999999-08', '12:34:56.5+05:30', '12:00+15:59', '24:00-15:59'],
  timestamp: [
    '2024-02-29 12:34:56.789',
    '1970-01-01',
    '2000-01-01 00:00',
    'infinity',
    '-infinity',
    '0044-03-15 10:00 BC',
    '4714-11-24 00:00 BC',
    '294246-12-31 23:59:59.999999',
    '2023-12-31 23:59:59.5',
    '1999-03-31 08:00',
  ],
  timestamptz: [
    '2024-02-29 12:34:56.789+00',
    '1970-01-01 00:00+00',
    '2024-03-10 02:30-05',
    'infinity',
    '-infinity',
    '0044-03-15 10:00+00 BC',
    '294246-12-31 23:59:59+00',
    '2023-07-01 00:00+02',
    '1999-03-31 08:00+00',
  ],
  interval: [
    '0',
    '1 day',
    '-1 day',
    '1 mon',
    '1 year 2 mons 3 days 04:05:06.789',
    '-1 year -2 mons +3 days -04:05:06',
    '30 days',
    '24:00:00',
    '25:30:00',
    '178000000 years',
    '-5 mons',
    '00:00:00.000001',
    '2 hours 15 minutes',
  ],
  json: [
    'null',
    '1',
    '"a"',
    '[]',
    '{}',
    '[1, "a", null, {"b": 2}]',
    '{"a": {"b": [1, 2]}, "c": null}',
    'true',
    ' {"a" : 1.50, "a": 2} ',
  ],
  jsonb: [
    'null',
    '1',
    '"a"',
    '[]',
    '{}',
    '[1, "a", null, {"b": 2}]',
    '{"a": {"b": [1, 2]}, "c": null}',
    'true',
    '{"b": 1, "aa": 2, "c": [3]}',
    '[1]',
    '1.50',
  ],
  bit: ['', '0', '1', '101', '010', '11111111', '000000001', '1010101010101010101010101010101010'],
  varbit: ['', '1', '01', '1011', '11111111111'],
  jsonpath: ['$', '$.a', '$[*]', 'strict $.b', '$.a[*] ? (@ > 1)', '$.**', '$[0] + 1', '$.a == 1', '$.*.type()'],
  int4range: ['empty', '[1,5)', '(,)', '[3,)', '(,3]', '[5,9)', '[2147483646,2147483647)', '[-2147483648,0)'],
  int8range: ['empty', '[1,5)', '(,)', '[3,)', '(,3]', '[9223372036854775806,9223372036854775807)'],
  numrange: ['empty', '[1,5)', '(1.50,2.5]', '[1.5,1.50]', '(,)', '[NaN,)', '(,Infinity]', '(5,9)'],
  tsrange: ['empty', '["2024-01-01","2024-02-01")', '(,"2024-01-15 10:00"]', '[infinity,)', '(,)'],
  tstzrange: ['empty', '["2024-01-01 00:00+00","2024-02-01 00:00+00")', '(,"2024-01-15 10:00+02"]', '(,)'],
  daterange: ['empty', '[2024-01-01,2024-02-01)', '(,2024-01-15]', '[2024-02-01,)', '(,)', '[-infinity,infinity]'],
  int4multirange: ['{}', '{[1,3),[5,9)}', '{(,0),[4,)}', '{(,)}', '{[2,6)}'],
  int8multirange: ['{}', '{[1,3),[5,9)}', '{(,0),[4,)}', '{(,)}'],
  nummultirange: ['{}', '{[1,3.0),(3.00,9]}', '{(,0),[4,)}', '{(,)}'],
  tsmultirange: ['{}', '{["2024-01-01","2024-02-01"),["2024-03-01",)}', '{(,)}'],
  tstzmultirange: ['{}', '{["2024-01-01 00:00+00","2024-02-01 00:00+00"),["2024-03-01 00:00+00",)}', '{(,)}'],
  datemultirange: ['{}', '{[2024-01-01,2024-02-01),[2024-03-01,)}', '{(,)}', '{[2024-01-10,2024-03-10)}'],
  'numeric[]': ['{}', '{1.5,2.50,NULL}', '{NaN}', '{{1,2},{3,4}}'],
  'float8[]': ['{}', '{0.5,NULL,0.1}', '{0,1}', '{2}'],
  'json[]': ['{}', '{1,null}'],
  'jsonb[]': ['{}', '{1,null}'],
  'text[]': ['{}', '{a}', '{a,b,NULL}', '{{a,b},{c,d}}', '{a,1,b,def}', '{0}', '{-1,b}', '{b,0}'],
  'int4[]': ['{}', '{1}', '{1,2,3}', '[0:1]={7,8}', '{{1,2},{3,4}}', '{NULL,1}', '{2}', '{-1}'],
}

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!

const integer = (random: () => number, bits: number): string => {
  const size = 2 ** Math.floor(random() * bits)
  return String(BigInt(Math.floor((random() * 2 - 1) * size)))
}

const decimal = (random: () => number): string => {
  const digits = Array.from({ length: 1 + Math.floor(random() * 20) }, () => Math.floor(random() * 10)).join('')
  const point = Math.floor(random() * (digits.length + 1))
  return `${random() < 0.3 ? '-' : ''}${digits.slice(0, point) || '0'}.${digits.slice(point) || '0'}`
}

const day = (random: () => number): string =>
  `${1 + Math.floor(random() * 2999)}`.padStart(4, '0') +
  `-${String(1 + Math.floor(random() * 12)).padStart(2, '0')}-${String(1 + Math.floor(random() * 28)).padStart(2, '0')}`

const clock = (random: () => number): string =>
  [24, 60, 60].map((limit) => String(Math.floor(random() * limit)).padStart(2, '0')).join(':') +
  (random() < 0.5 ? `.${Math.floor(random() * 1_000_000)}` : '')

const letters = [...'abcABC012 ,._%-\\äß日😀']

const drawn: Partial<Record<ParameterType, (random: () => number) => string>> = {
  int2: (random) => integer(random, 15),
  int4: (random) => integer(random, 31),
  int8: (random) => integer(random, 63),
  float4: (random) => String(Math.fround((random() * 2 - 1) * 10 ** (random() * 40 - 20))),
  float8: (random) => String((random() * 2 - 1) * 10 ** (random() * 40 - 20)),
  numeric: decimal,
  text: (random) => Array.from({ length: Math.floor(random() * 8) }, () => pick(letters, random)).join(''),
  bytea: (random) =>
    `\\x${Array.from({ length: Math.floor(random() * 6) }, () =>
      Math.floor(random() * 256)
        .toString(16)
        .padStart(2, '0'),
    ).join('')}`,
  date: day,
  time: clock,
  timestamp: (random) => `${day(random)} ${clock(random)}`,
  timestamptz: (random) => `${day(random)} ${clock(random)}+00`,
  interval: (random) =>
    `${integer(random, 10)} mons ${integer(random, 12)} days ${random() < 0.5 ? '-' : ''}${clock(random)}`,
}

/** The parameter types that literals are known of. */
export const isTestable = (type: ParameterType): boolean => extremes[type] !== undefined

/** A literal of the type: two thirds extremes. */
export function literalOf(type: ParameterType, random: () => number): string {
  const draw = drawn[type]
  return draw !== undefined && random() < 0.35 ? draw(random) : pick(extremes[type]!, random)
}

export const literalTypes = Object.keys(extremes) as readonly ParameterType[]
