// Templates of to_char, to_date and to_timestamp cut into fields and literal text (PostgreSQL 15, section 9.8).
//
//   FMDD "of" Month, YYYYth   →   field DD with FM, ' ', 'o', 'f', ' ', field Month, ',', ' ', field YYYY with th
//
// Fields are known in the spellings below only (MON, Mon, mon, but not mON); the longest one wins. A template is cut
// once where it is constant.

export type FieldName =
  | 'AD'
  | 'AM'
  | 'CC'
  | 'DAY'
  | 'DD'
  | 'DDD'
  | 'DY'
  | 'D'
  | 'FF'
  | 'FX'
  | 'HH24'
  | 'HH12'
  | 'ID'
  | 'IDDD'
  | 'IW'
  | 'IYYY'
  | 'J'
  | 'MI'
  | 'MM'
  | 'MONTH'
  | 'MON'
  | 'MS'
  | 'OF'
  | 'Q'
  | 'RM'
  | 'SSSS'
  | 'SS'
  | 'TZ'
  | 'TZH'
  | 'TZM'
  | 'US'
  | 'WW'
  | 'W'
  | 'Y,YYY'
  | 'YYYY'

export interface TemplateField {
  readonly kind: 'field'
  readonly name: FieldName
  /** As it is written: `Month`, `yyy`, `FF3`. */
  readonly text: string
  /** Digits of years and fractions: YY is YYYY of two, FF3 of three. */
  readonly digits: number
  readonly fill: boolean
  /** TM: no padding of names. */
  readonly localized: boolean
  /** th or TH after a number. */
  readonly ordinal: 'th' | 'TH' | undefined
}

/** `character`: a letter or quoted text; `separator` and `space` may match otherwise when read. */
export type TemplatePart = TemplateField | { readonly kind: 'character' | 'separator' | 'space'; readonly text: string }

/** In capitals. */
type Spelling = readonly [text: string, name: FieldName, digits?: number]

const spellings: readonly Spelling[] = [
  ['A.D.', 'AD'],
  ['A.M.', 'AM'],
  ['AD', 'AD'],
  ['AM', 'AM'],
  ['B.C.', 'AD'],
  ['BC', 'AD'],
  ['CC', 'CC'],
  ['DAY', 'DAY'],
  ['DDD', 'DDD'],
  ['DD', 'DD'],
  ['DY', 'DY'],
  ['D', 'D'],
  ['FF1', 'FF', 1],
  ['FF2', 'FF', 2],
  ['FF3', 'FF', 3],
  ['FF4', 'FF', 4],
  ['FF5', 'FF', 5],
  ['FF6', 'FF', 6],
  ['FX', 'FX'],
  ['HH24', 'HH24'],
  ['HH12', 'HH12'],
  ['HH', 'HH12'],
  ['IDDD', 'IDDD'],
  ['ID', 'ID'],
  ['IW', 'IW'],
  ['IYYY', 'IYYY', 4],
  ['IYY', 'IYYY', 3],
  ['IY', 'IYYY', 2],
  ['I', 'IYYY', 1],
  ['J', 'J'],
  ['MI', 'MI'],
  ['MM', 'MM'],
  ['MONTH', 'MONTH'],
  ['MON', 'MON'],
  ['MS', 'MS'],
  ['OF', 'OF'],
  ['P.M.', 'AM'],
  ['PM', 'AM'],
  ['Q', 'Q'],
  ['RM', 'RM'],
  ['SSSSS', 'SSSS'],
  ['SSSS', 'SSSS'],
  ['SS', 'SS'],
  ['TZH', 'TZH'],
  ['TZM', 'TZM'],
  ['TZ', 'TZ'],
  ['US', 'US'],
  ['WW', 'WW'],
  ['W', 'W'],
  ['Y,YYY', 'Y,YYY', 4],
  ['YYYY', 'YYYY', 4],
  ['YYY', 'YYYY', 3],
  ['YY', 'YYYY', 2],
  ['Y', 'YYYY', 1],
]

/** Names of months and days are also spelt with one capital. */
const capitalized = new Set<FieldName>(['DAY', 'DY', 'MONTH', 'MON'])

const fieldTexts: ReadonlyMap<string, Spelling> = new Map(
  spellings.flatMap((spelling): [string, Spelling][] => {
    const [text, name] = spelling
    const spelt = [text, text.toLowerCase()]
    if (capitalized.has(name)) spelt.push(text[0]! + text.slice(1).toLowerCase())
    return spelt.map((one) => [one, spelling])
  }),
)

const LONGEST = 5

function fieldAt(template: string, at: number): { readonly text: string; readonly spelling: Spelling } | undefined {
  for (let length = LONGEST; length > 0; length--) {
    const text = template.slice(at, at + length)
    const spelling = text.length === length ? fieldTexts.get(text) : undefined
    if (spelling !== undefined) return { text, spelling }
  }
  return undefined
}

/** Printable ASCII that is neither a letter nor a digit. */
const isSeparator = (character: string): boolean => /^[!-/:-@[-`{-~]$/.test(character)

export function parseTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = []
  let at = 0
  while (at < template.length) {
    const prefix = /^(?:FM|fm|TM|tm)/.exec(template.slice(at, at + 2))?.[0]
    const start = at + (prefix?.length ?? 0)
    const found = fieldAt(template, start)
    if (found !== undefined) {
      const [, name, digits = 0] = found.spelling
      at = start + found.text.length
      const ordinal = /^(?:TH|th)/.exec(template.slice(at, at + 2))?.[0] as 'th' | 'TH' | undefined
      if (ordinal !== undefined) at += 2
      else if (template.startsWith('SP', at)) at += 2
      const upper = prefix?.toUpperCase()
      parts.push({
        kind: 'field',
        name,
        text: found.text,
        digits,
        fill: upper === 'FM',
        localized: upper === 'TM',
        ordinal,
      })
      continue
    }
    at = literalAt(template, start, parts)
  }
  return parts
}

/** One character, or a text in double quotes; returns what follows. */
function literalAt(template: string, start: number, parts: TemplatePart[]): number {
  let at = start
  if (template[at] === '"') {
    at++
    while (at < template.length && template[at] !== '"') {
      if (template[at] === '\\' && at + 1 < template.length) at++
      const character = String.fromCodePoint(template.codePointAt(at)!)
      parts.push({ kind: 'character', text: character })
      at += character.length
    }
    return at + 1
  }
  // Outside quotes a backslash matters only before a double quote.
  if (template[at] === '\\' && template[at + 1] === '"') at++
  if (at >= template.length) return at
  const character = String.fromCodePoint(template.codePointAt(at)!)
  const kind = isSeparator(character) ? 'separator' : /^\s$/.test(character) ? 'space' : 'character'
  parts.push({ kind, text: character })
  return at + character.length
}

/** Does the field take digits when read? Names, marks and zones do not. */
const named: ReadonlySet<FieldName> = new Set<FieldName>([
  'AD',
  'AM',
  'DAY',
  'DY',
  'FX',
  'MONTH',
  'MON',
  'OF',
  'RM',
  'TZ',
])

/** Must a number end where its digits do? Else it takes exactly the digits of its field. */
export function endsWithDigits(parts: readonly TemplatePart[], index: number): boolean {
  const part = parts[index]
  if (part?.kind === 'field' && part.ordinal !== undefined) return true
  const next = parts[index + 1]
  if (next === undefined) return true
  return next.kind === 'field' ? named.has(next.name) : !/^[0-9]$/.test(next.text)
}
