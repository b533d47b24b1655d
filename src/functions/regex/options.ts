// The flags argument of the regexp_ functions.

import { notSupported, SqlError } from '../../core/error.ts'
import { flagsOfOption } from './parse.ts'
import { compileRegex, type Regex } from './regex.ts'
import { plainFlags, type RegexFlags } from './syntax.ts'

export interface RegexOptions {
  readonly flags: RegexFlags
  readonly global: boolean
}

const invalidOption = (letter: string): SqlError =>
  new SqlError({ code: '22023', message: `invalid regular expression option: "${letter}"` })

/** 22023 for letters that are none; 0A000 for the older syntaxes b and e. */
export function regexOptions(text: string): RegexOptions {
  let flags = plainFlags
  for (const letter of text) {
    const change = letter === 'g' ? {} : flagsOfOption(letter)
    if (change === undefined) throw invalidOption(letter)
    flags = { ...flags, ...change }
  }
  const older = /[be]/.exec(text)
  if (older !== null) throw notSupported(`regular expression option "${older[0]}"`)
  return { flags, global: text.includes('g') }
}

const noGlobal = (name: string, hint: string | undefined): SqlError =>
  new SqlError({ code: '22023', message: `${name}() does not support the "global" option`, hint })

/** The options of a function that finds one match or all by its nature. */
export function withoutGlobal(name: string, text: string, hint?: string): RegexFlags {
  const { flags, global } = regexOptions(text)
  if (global) throw noGlobal(name, hint)
  return flags
}

/** Remembers the last pattern: one a call site, so that a pattern that stays the same is compiled once. */
export function rememberingCompiler(): (pattern: string, flags: RegexFlags) => Regex {
  let last: { readonly pattern: string; readonly flags: string; readonly regex: Regex } | undefined
  return (pattern, flags) => {
    const key = JSON.stringify(flags)
    if (last === undefined || last.pattern !== pattern || last.flags !== key)
      last = { pattern, flags: key, regex: compileRegex(pattern, flags) }
    return last.regex
  }
}
