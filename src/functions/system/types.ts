// Types by number and name: pg_typeof, format_type, to_regclass and its relatives.

import type { SqlType } from '../../core/type.ts'
import { baseTypeName, typeFromOid, typeName, typeOid } from '../../core/type-name.ts'
import { lenientByType } from '../polymorphic.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { lenient, strict } from '../registry.ts'
import type { RegType } from '../text/settings.ts'
import { typeNumber } from '../text/text.ts'

const regType: SqlType = { kind: 'reg', of: 'type' }

/** The interval's fields behind the bits of its modifier. */
const intervalFields: ReadonlyMap<number, string> = new Map(
  Object.entries({
    year: 4,
    month: 2,
    day: 8,
    hour: 1024,
    minute: 2048,
    second: 4096,
    'year to month': 6,
    'day to hour': 1032,
    'day to minute': 3080,
    'day to second': 7176,
    'hour to minute': 3072,
    'hour to second': 7168,
    'minute to second': 6144,
  }).map(([fields, mask]) => [mask, fields]),
)

/** The type with the modifiers that pg_attribute.atttypmod packs. */
function withModifier(type: SqlType, modifier: number): SqlType {
  if (modifier < 0) return type
  switch (type.kind) {
    case 'array':
      return { kind: 'array', element: withModifier(type.element, modifier) }
    case 'varchar':
    case 'bpchar':
      return modifier < 4 ? type : { kind: type.kind, length: modifier - 4 }
    case 'numeric': {
      if (modifier < 4) return type
      const packed = modifier - 4
      return { kind: 'numeric', precision: packed >>> 16, scale: ((packed & 0x7ff) ^ 1024) - 1024 }
    }
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return { kind: type.kind, precision: modifier }
    case 'interval': {
      const fields = intervalFields.get(modifier >>> 16)
      const precision = modifier & 0xffff
      return {
        kind: 'interval',
        ...(fields === undefined ? {} : { fields }),
        ...(precision === 0xffff ? {} : { precision }),
      }
    }
    default:
      return type
  }
}

/** CHARACTER without a modifier that was looked for is `bpchar`, without asking `character`. */
function formatType(oid: number | null, modifier: number | null, context: EvaluationContext): string | null {
  if (oid === null) return null
  if (oid === 0) return '-'
  const type = typeFromOid(oid)
  if (type === undefined) return context.text.names?.nameOf('type', oid) ?? '???'
  return modifier === null ? baseTypeName(type) : typeName(withModifier(type, modifier))
}

const lookUps = (
  [
    ['to_regclass', 'class', 'relation', "to_regclass('no_such_table') is null"],
    ['to_regtype', 'type', 'type', "to_regtype('no_such_type') is null"],
    ['to_regproc', 'proc', 'function', "to_regproc('no_such_function') is null"],
    ['to_regnamespace', 'namespace', 'schema', "to_regnamespace('no_such_schema') is null"],
    ['to_regrole', 'role', 'role', "to_regrole('no_such_role') is null"],
  ] as const satisfies readonly (readonly [string, RegType, string, string])[]
).map(([name, of, what, example]) =>
  strict(name, ['text'], () => ({ kind: 'reg', of }), {
    doc: `The ${what} of this name; NULL where there is none.`,
    example,
    volatility: 'stable',
    fails: false,
    evaluate: (text: string, context: EvaluationContext) =>
      (of === 'type' ? typeNumber(text, context.text) : context.text.names?.oidOf(of, text)) ?? null,
  }),
)

export const typeFunctions: readonly ScalarFunction[] = [
  ...lookUps,
  lenient('pg_typeof', ['unknown'], () => regType, {
    doc: 'The type of an untyped literal.',
    example: "pg_typeof('x')::text = 'unknown'",
    volatility: 'stable',
    fails: false,
    evaluate: () => typeOid({ kind: 'unknown' }),
  }),
  lenientByType('pg_typeof', ['any'], () => regType, {
    doc: 'The type of the argument.',
    example: "pg_typeof(33)::text = 'integer'",
    volatility: 'stable',
    fails: false,
    forTypes: ([type]) => {
      const oid = typeOid(type!)
      return () => oid
    },
  }),
  lenient('format_type', ['oid', 'int4'], 'text', {
    doc: 'The SQL name of a type by its number, with the modifiers that a type modifier packs.',
    example: "format_type(1043, 14) = 'character varying(10)'",
    volatility: 'stable',
    fails: false,
    evaluate: formatType,
  }),
]
