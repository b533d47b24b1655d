// Names and numbers of types are PostgreSQL's: format_type, oid, typmod, typlen.

import { expect, test } from 'vitest'
import { SqlError } from '../../src/core/error.ts'
import type { SqlType } from '../../src/core/type.ts'
import {
  arrayOid,
  baseTypeName,
  typeFromName,
  typeFromOid,
  typeLength,
  typeModifier,
  typeName,
  typeOid,
} from '../../src/core/type-name.ts'

const arrayOf = (element: SqlType): SqlType => ({ kind: 'array', element })

// As `SELECT format_type(atttypid, atttypmod), format_type(atttypid, NULL), atttypid, atttypmod, attlen` answers.
test.each<[SqlType, string, string, number, number, number]>([
  [{ kind: 'int4' }, 'integer', 'integer', 23, -1, 4],
  [{ kind: 'varchar', length: 10 }, 'character varying(10)', 'character varying', 1043, 14, -1],
  [{ kind: 'bpchar', length: 3 }, 'character(3)', 'character', 1042, 7, -1],
  [{ kind: 'bpchar' }, 'bpchar', 'character', 1042, -1, -1],
  [{ kind: 'numeric', precision: 12, scale: 2 }, 'numeric(12,2)', 'numeric', 1700, 786438, -1],
  [{ kind: 'numeric', precision: 3, scale: -2 }, 'numeric(3,-2)', 'numeric', 1700, 198658, -1],
  [{ kind: 'timestamp', precision: 3 }, 'timestamp(3) without time zone', 'timestamp without time zone', 1114, 3, 8],
  [{ kind: 'timestamptz' }, 'timestamp with time zone', 'timestamp with time zone', 1184, -1, 8],
  [{ kind: 'timetz', precision: 2 }, 'time(2) with time zone', 'time with time zone', 1266, 2, 12],
  [
    { kind: 'interval', fields: 'day to second', precision: 3 },
    'interval day to second(3)',
    'interval',
    1186,
    470286339,
    16,
  ],
  [{ kind: 'interval', precision: 2 }, 'interval(2)', 'interval', 1186, 2147418114, 16],
  [{ kind: 'interval', fields: 'year' }, 'interval year', 'interval', 1186, 327679, 16],
  [{ kind: 'interval', fields: 'second', precision: 1 }, 'interval second(1)', 'interval', 1186, 268435457, 16],
  [arrayOf({ kind: 'text' }), 'text[]', 'text[]', 1009, -1, -1],
  [arrayOf({ kind: 'numeric', precision: 10, scale: 2 }), 'numeric(10,2)[]', 'numeric[]', 1231, 655366, -1],
  [{ kind: 'char' }, '"char"', '"char"', 18, -1, 1],
  [{ kind: 'name' }, 'name', 'name', 19, -1, 64],
  [{ kind: 'reg', of: 'class' }, 'regclass', 'regclass', 2205, -1, 4],
  [{ kind: 'row', fields: [] }, 'record', 'record', 2249, -1, -1],
])('%j is %s', (type, name, base, oid, modifier, length) => {
  expect([typeName(type), baseTypeName(type), typeOid(type), typeModifier(type), typeLength(type)]).toEqual([
    name,
    base,
    oid,
    modifier,
    length,
  ])
})

test.each<[string, number[], string]>([
  ['int', [], 'integer'],
  ['tinyint', [], 'smallint'],
  ['double', [], 'double precision'],
  ['float', [], 'double precision'],
  ['float', [24], 'real'],
  ['float', [25], 'double precision'],
  ['string', [], 'text'],
  ['bytes', [], 'bytea'],
  ['datetime', [3], 'timestamp(3) without time zone'],
  ['decimal', [5], 'numeric(5,0)'],
  ['char', [], 'character(1)'],
  ['"char"', [], '"char"'],
  ['bpchar', [], 'bpchar'],
  ['time with time zone', [9], 'time(6) with time zone'],
  ['_int4', [], 'integer[]'],
  ['varchar[]', [4], 'character varying(4)[]'],
])('%s(%j) means %s', (name, modifiers, meaning) => {
  expect(typeName(typeFromName(name, modifiers)!)).toBe(meaning)
})

test('names that are no built-in type are undefined', () => {
  expect([typeFromName('nosuch'), typeFromName('_nosuch'), typeFromName('nosuch[]')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test.each<[string, number[], string, string]>([
  ['numeric', [0], '22023', 'NUMERIC precision 0 must be between 1 and 1000'],
  ['numeric', [5, 1001], '22023', 'NUMERIC scale 1001 must be between -1000 and 1000'],
  ['varchar', [0], '22023', 'length for type varchar must be at least 1'],
  ['float', [54], '22023', 'precision for type float must be less than 54 bits'],
  ['integer', [4], '42601', 'type modifier is not allowed for type "integer"'],
])('%s(%j) is refused', (name, modifiers, code, message) => {
  const refused = expect(() => typeFromName(name, modifiers))
  refused.toThrow(SqlError)
  refused.toThrow(expect.objectContaining({ code, message }))
})

test('oids lead back to their types, array oids to arrays', () => {
  for (const name of ['int8', 'text', 'numeric', 'jsonb', 'timestamptz', 'regclass', '"char"', 'uuid']) {
    const type = typeFromName(name)!
    expect(typeFromOid(typeOid(type))).toEqual(type)
    expect(typeFromOid(arrayOid(type))).toEqual(arrayOf(type))
  }
  expect(typeFromOid(16384)).toBeUndefined()
})
