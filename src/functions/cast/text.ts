// Casts between the text kinds, and from and to every other type through its text form (automatic I/O conversion).
//
// Any type becomes text by assignment, text becomes any type explicitly only. Lengths: CHARACTER(n) is filled with
// blanks; a value too long is cut by an explicit cast, and error 22001 in an assignment unless only blanks are lost.

import { SqlError } from '../../core/error.ts'
import type { TypeKind } from '../../core/type.ts'
import type { SqlValue } from '../../core/value.ts'
import type { Cast, CastContext, CastTarget, EvaluationContext } from '../registry.ts'
import { withoutTrailingBlanks } from '../string/blanks.ts'
import { defaultTextSettings } from '../text/settings.ts'
import { fitLength, fitName } from '../text/strings.ts'
import { parse, print } from '../text/text.ts'
import { castEntry, relabel } from './entry.ts'

/** The text as a value of `target`, whose length may cut it or fill it up. */
export function fitText(text: string, { to, explicit }: CastTarget): string {
  switch (to.kind) {
    case 'varchar':
    case 'bpchar':
      return fitLength(to, text, explicit)
    case 'name':
      return fitName(text)
    case 'char':
      return String.fromCharCode(...new TextEncoder().encode(text).subarray(0, 1))
    default:
      return text
  }
}

const fit = (text: string, target: CastTarget): string => fitText(text, target)
const fitTrimmed = (text: string, target: CastTarget): string => fitText(withoutTrailingBlanks(text), target)

const textKinds = ['text', 'varchar', 'bpchar', 'name', 'char'] as const
type TextKind = (typeof textKinds)[number]

/** pg_cast among the text kinds: everything implicit but narrowing to name and "char". */
function textContext(from: TextKind, to: TextKind): CastContext {
  if (to === 'char') return 'assignment'
  if (from === 'name' || from === 'char') return to === 'text' ? 'implicit' : 'assignment'
  return 'implicit'
}

const betweenTexts: readonly Cast[] = textKinds.flatMap((from) =>
  textKinds
    .filter((to) => to !== from || to === 'varchar' || to === 'bpchar')
    .map((to) => {
      const context = from === to ? 'implicit' : textContext(from, to)
      const keepsAll = (to === 'text' && from !== 'bpchar') || (from === 'text' && to === 'text')
      if (keepsAll) return relabel(from, to, context)
      return castEntry({ from, to, context, evaluate: from === 'bpchar' && to !== 'bpchar' ? fitTrimmed : fit })
    }),
)

/** "char" is a byte; as a number it is signed. */
const characterCodes: readonly Cast[] = [
  castEntry({
    from: 'char',
    to: 'int4',
    context: 'explicit',
    fails: false,
    evaluate: (value: string) => ((value === '' ? 0 : value.charCodeAt(0)) << 24) >> 24,
  }),
  castEntry({
    from: 'int4',
    to: 'char',
    context: 'explicit',
    evaluate: (value: number) => {
      if (value < -128 || value > 127) throw characterOutOfRange()
      return value === 0 ? '' : String.fromCharCode(value & 0xff)
    },
  }),
]

const characterOutOfRange = (): SqlError => new SqlError({ code: '22003', message: '"char" out of range' })

const plainKinds = [
  'boolean',
  'int2',
  'int4',
  'int8',
  'numeric',
  'uuid',
  'json',
  'jsonb',
  'oid',
  'bit',
  'varbit',
  'jsonpath',
  'enum',
  'int4range',
  'int8range',
  'numrange',
  'int4multirange',
  'int8multirange',
  'nummultirange',
] as const
/** Their text forms depend on session settings or the catalog; arrays and rows may contain such values. */
const settingKinds = [
  'float4',
  'float8',
  'bytea',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'interval',
  'reg',
  'array',
  'row',
  'tsrange',
  'tstzrange',
  'daterange',
  'tsmultirange',
  'tstzmultirange',
  'datemultirange',
] as const

const valueKinds: readonly TypeKind[] = [...plainKinds, ...settingKinds]

const volatilityOf = (kind: TypeKind): Cast['volatility'] =>
  (settingKinds as readonly TypeKind[]).includes(kind) ? 'stable' : 'immutable'

const toText = (value: SqlValue, target: CastTarget, context: EvaluationContext): string =>
  fitText(print(target.from, value as Exclude<SqlValue, null>, context.text), target)

const fromText = (text: string, { to }: CastTarget, context: EvaluationContext): SqlValue =>
  parse(to, text, context.text)

/** What reads and prints without looking at a setting: such casts are immutable and get no context. */
const anySettings = defaultTextSettings(() => 0n)

const toPlainText = (value: SqlValue, target: CastTarget): string =>
  fitText(print(target.from, value as Exclude<SqlValue, null>, anySettings), target)

const fromPlainText = (text: string, { to }: CastTarget): SqlValue => parse(to, text, anySettings)

const reader = (kind: TypeKind): Cast['evaluate'] => (volatilityOf(kind) === 'immutable' ? fromPlainText : fromText)

/** pg_cast has functions for booleans, which write the words. */
const booleanToText = (value: boolean, target: CastTarget): string => fitText(String(value), target)

function writer(kind: TypeKind, text: TextKind): Cast['evaluate'] {
  if (kind === 'boolean' && text !== 'name' && text !== 'char') return booleanToText
  return volatilityOf(kind) === 'immutable' ? toPlainText : toText
}

const stringKinds = ['text', 'varchar', 'bpchar', 'name', 'char'] as const

const throughText: readonly Cast[] = valueKinds.flatMap((kind) =>
  stringKinds.flatMap((text) => [
    ...(text === 'char' && kind === 'int4'
      ? []
      : [
          castEntry({
            from: kind,
            to: text,
            context: text === 'char' ? 'explicit' : 'assignment',
            volatility: volatilityOf(kind),
            evaluate: writer(kind, text),
          }),
          castEntry({
            from: text,
            to: kind,
            context: 'explicit',
            volatility: volatilityOf(kind),
            evaluate: reader(kind),
          }),
        ]),
  ]),
)

/** Text names a relation wherever one is wanted. */
const relationNames: readonly Cast[] = (['text', 'varchar'] as const).map((from) =>
  castEntry({ from, to: 'reg', context: 'implicit', volatility: 'stable', evaluate: fromText }),
)

/** A column of unknown type (a literal in a subquery) is read as what is wanted of it. */
const fromUnknown: readonly Cast[] = [...valueKinds, ...stringKinds].map((to) =>
  castEntry({ from: 'unknown', to, context: 'implicit', volatility: volatilityOf(to), evaluate: reader(to) }),
)

/** Later entries of one pair win. */
export const textCasts: readonly Cast[] = [
  ...throughText,
  ...relationNames,
  ...fromUnknown,
  ...betweenTexts,
  ...characterCodes,
]
