// SQL counts characters, JavaScript UTF-16 units. Text without surrogates (nearly all text) needs no counting.

const surrogate = /[\ud800-\udfff]/

export const hasSurrogates = (text: string): boolean => surrogate.test(text)

/** The number of characters (code points). */
export function characterCount(text: string): number {
  if (!hasSurrogates(text)) return text.length
  let count = text.length
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--
  return count
}

/** The characters from `start` (from 0, inclusive) to `end` (exclusive); bounds beyond the text are cut. */
export function characterSlice(text: string, start: number, end: number): string {
  if (!hasSurrogates(text)) return text.slice(Math.max(0, start), Math.max(0, end))
  const from = unitIndex(text, start, 0, 0)
  return text.slice(from, unitIndex(text, end, Math.max(0, start), from))
}

/** The UTF-16 index of a character, counting on from a known pair of positions. */
function unitIndex(text: string, character: number, known: number, knownUnit: number): number {
  let unit = knownUnit
  for (let at = known; at < character && unit < text.length; at++)
    unit += (text.charCodeAt(unit) & 0xfc00) === 0xd800 ? 2 : 1
  return unit
}

/** How many characters stand before this UTF-16 index. */
export const charactersBefore = (text: string, unit: number): number => characterCount(text.slice(0, unit))

/** UTF-8 bytes of the text. */
export function byteCount(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // A surrogate pair is four bytes: two for each half.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3
  }
  return bytes
}
