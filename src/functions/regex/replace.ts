// regexp_replace: the replacement text with \1 … \9 for groups, \& for the match, \\ for a backslash.

import type { Match, Regex } from './regex.ts'

/** A text, or the number of a group. */
type Part = string | number

function partsOf(replacement: string): readonly Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of replacement.matchAll(/\\([0-9&\\])/g)) {
    const [whole, mark] = match
    if (mark === '0') continue
    parts.push(replacement.slice(at, match.index), mark === '&' ? 0 : mark === '\\' ? '\\' : Number(mark))
    at = match.index + whole.length
  }
  parts.push(replacement.slice(at))
  return parts
}

const filled = (parts: readonly Part[], text: string, { groups }: Match): string => {
  let result = ''
  for (const part of parts)
    if (typeof part === 'string') result += part
    else {
      const span = groups[part]
      if (span !== undefined) result += text.slice(span.start, span.end)
    }
  return result
}

/** Replaces the n-th match from an index on; 0: every one. */
export function replaceMatches(
  regex: Regex,
  text: string,
  replacement: string,
  { from, n }: { readonly from: number; readonly n: number },
): string {
  const parts = partsOf(replacement)
  let result = ''
  let at = 0
  let seen = 0
  for (const match of regex.all(text, from)) {
    seen++
    if (n > 0 && seen < n) continue
    result += text.slice(at, match.start) + filled(parts, text, match)
    at = match.end
    if (n > 0) break
  }
  return result + text.slice(at)
}
