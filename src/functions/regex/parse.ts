// Patterns to trees. Errors are PostgreSQL's, all under 2201B.

import { badEscape, bracketSet, type Cursor, escaped, peek, skip, take } from './bracket.ts'
import { caseless, single, without } from './character-set.ts'
import {
  type Assertion,
  type CharacterSet,
  hasCaptures,
  hasReferences,
  invalidRegex,
  type Node,
  type Preference,
  preferenceOf,
  type RegexFlags,
  tooComplex,
  withoutAssertions,
  withoutGroups,
} from './syntax.ts'

export interface ParsedRegex {
  readonly root: Node
  readonly groups: number
  readonly flags: RegexFlags
}

const unbalanced = () => invalidRegex('parentheses () not balanced')
const noOperand = () => invalidRegex('quantifier operand invalid')
const badCount = () => invalidRegex('invalid repetition count(s)')
const badBraces = () => invalidRegex('braces {} not balanced')
const badReference = () => invalidRegex('invalid backreference number')
const badOption = () => invalidRegex('invalid embedded option')

const COUNT_MAX = 255
const NESTING_MAX = 500

/** What a parse carries along. */
interface State {
  readonly cursor: Cursor
  flags: RegexFlags
  /** Finished groups by number, for references. */
  readonly groups: (Node | undefined)[]
  depth: number
  /** Inside a look-around, where groups do not capture. */
  looking: number
}

export function parseRegex(pattern: string, given: RegexFlags): ParsedRegex {
  const cursor: Cursor = { text: pattern, at: 0 }
  const state: State = { cursor, flags: given, groups: [undefined], depth: 0, looking: 0 }
  if (skip(cursor, '***=') || given.literal) return { root: literal(state), groups: 0, flags: state.flags }
  if (pattern.startsWith('***') && !skip(cursor, '***:')) throw noOperand()
  embeddedOptions(state)
  if (state.flags.literal) return { root: literal(state), groups: 0, flags: state.flags }
  const root = choice(state)
  if (cursor.at < pattern.length) throw unbalanced()
  return { root, groups: state.groups.length - 1, flags: state.flags }
}

function literal({ cursor, flags }: State): Node {
  const items = [...cursor.text.slice(cursor.at)].map((character) => characterNode(character.codePointAt(0)!, flags))
  return { kind: 'sequence', items }
}

const optionFlags: Readonly<Record<string, Partial<RegexFlags>>> = {
  b: {},
  c: { caseless: false },
  e: {},
  i: { caseless: true },
  m: { newlineStops: true, lineAnchors: true },
  n: { newlineStops: true, lineAnchors: true },
  p: { newlineStops: true, lineAnchors: false },
  q: { literal: true },
  s: { newlineStops: false, lineAnchors: false },
  t: { expanded: false },
  w: { newlineStops: false, lineAnchors: true },
  x: { expanded: true },
}

/** The flags that a letter changes; undefined where it is none. `b` and `e` ask for older syntaxes. */
export const flagsOfOption = (letter: string): Partial<RegexFlags> | undefined => optionFlags[letter]

/** `(?i)` and its relatives at the start of a pattern. */
function embeddedOptions(state: State): void {
  const { cursor } = state
  const match = /^\(\?([a-zA-Z]+)\)/.exec(cursor.text.slice(cursor.at))
  if (match === null) return
  cursor.at += match[0].length
  for (const letter of match[1]!) {
    const change = flagsOfOption(letter)
    if (change === undefined || letter === 'b' || letter === 'e') throw badOption()
    state.flags = { ...state.flags, ...change }
  }
}

function choice(state: State): Node {
  const branches = [branch(state)]
  while (skip(state.cursor, '|')) branches.push(branch(state))
  return branches.length === 1 ? branches[0]! : { kind: 'choice', branches }
}

function branch(state: State): Node {
  const items: Node[] = []
  for (;;) {
    skipBlanks(state)
    const next = peek(state.cursor)
    if (next === '' || next === '|' || (next === ')' && state.depth > 0)) break
    items.push(quantified(state))
  }
  if (items.length === 0) return { kind: 'empty' }
  return items.length === 1 ? items[0]! : { kind: 'sequence', items }
}

/** In expanded syntax blanks and # comments mean nothing; `(?#…)` never does. */
function skipBlanks({ cursor, flags }: State): void {
  for (;;) {
    if (flags.expanded) {
      const blank = /^(?:\s+|#[^\n]*)+/.exec(cursor.text.slice(cursor.at))
      if (blank !== null) cursor.at += blank[0].length
    }
    if (!cursor.text.startsWith('(?#', cursor.at)) return
    const close = cursor.text.indexOf(')', cursor.at)
    cursor.at = close < 0 ? cursor.text.length : close + 1
  }
}

function quantified(state: State): Node {
  const item = atom(state)
  skipBlanks(state)
  const quantifier = quantifierAt(state.cursor)
  if (quantifier === undefined) return item
  if (item.kind === 'assertion') throw noOperand()
  skipBlanks(state)
  if (quantifierStarts(state.cursor)) throw noOperand()
  return repeated(item, quantifier)
}

/**
 * A repetition. Where at least one turn is due and there are no references, groups are those of the last turn: x{m,n}
 * is x{m−1,n−1}x with groups in the last x only, as PostgreSQL's parser has it.
 */
function repeated(item: Node, { min, max, prefers }: Quantifier): Node {
  if (max === 0) return { kind: 'empty' }
  if (min === 1 && max === 1 && (prefers === undefined || prefers === preferenceOf(item))) return item
  if (min === 0 || max === 1 || !hasCaptures(item) || hasReferences(item))
    return { kind: 'repeat', item, min, max, prefers }
  const before: Node = { kind: 'repeat', item: withoutGroups(item), min: min - 1, max: max - 1, prefers }
  return { kind: 'sequence', items: [before, item] }
}

const quantifierStarts = (cursor: Cursor): boolean =>
  '*+?'.includes(peek(cursor) || ' ') || /^\{\d/.test(cursor.text.slice(cursor.at, cursor.at + 2))

interface Quantifier {
  readonly min: number
  readonly max: number
  /** Undefined for `{m}`, which prefers what its operand prefers. */
  readonly prefers: Preference
}

function quantifierAt(cursor: Cursor): Quantifier | undefined {
  if (!quantifierStarts(cursor)) return undefined
  const [min, max, free] = quantifierBounds(cursor)
  const lazy = skip(cursor, '?')
  return { min, max, prefers: free ? (lazy ? 'shortest' : 'longest') : undefined }
}

type Bounds = readonly [min: number, max: number, free: boolean]

function quantifierBounds(cursor: Cursor): Bounds {
  switch (take(cursor)) {
    case '*':
      return [0, Number.POSITIVE_INFINITY, true]
    case '+':
      return [1, Number.POSITIVE_INFINITY, true]
    case '?':
      return [0, 1, true]
    default:
      return bounds(cursor)
  }
}

/** `{m}`, `{m,}`, `{m,n}` after the brace. */
function bounds(cursor: Cursor): Bounds {
  const match = /^(\d+)(?:(,)(\d*))?/.exec(cursor.text.slice(cursor.at))!
  cursor.at += match[0].length
  if (peek(cursor) === '') throw badBraces()
  if (!skip(cursor, '}')) throw badCount()
  const min = Number(match[1])
  const max = match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3])
  if (min > COUNT_MAX || (Number.isFinite(max) && max > COUNT_MAX) || max < min) throw badCount()
  return [min, max, match[2] !== undefined]
}

const characterNode = (code: number, flags: RegexFlags): Node => setNode(single(code), flags)

const setNode = (set: CharacterSet, flags: RegexFlags): Node => ({
  kind: 'character',
  set: flags.caseless ? caseless(set) : set,
})

const assertionNode = (assertion: Assertion): Node => ({ kind: 'assertion', assertion })

const NEWLINE = 10
const any: CharacterSet = () => true

function atom(state: State): Node {
  const { cursor, flags } = state
  const character = take(cursor)
  switch (character) {
    case '(':
      return parenthesis(state)
    case '[':
      if (skip(cursor, '[:<:]]')) return assertionNode({ kind: 'wordStart' })
      if (skip(cursor, '[:>:]]')) return assertionNode({ kind: 'wordEnd' })
      return { kind: 'character', set: bracketSet(cursor, flags) }
    case '.':
      return { kind: 'character', set: flags.newlineStops ? without(any, NEWLINE) : any }
    case '^':
      return assertionNode({ kind: 'start', lines: flags.lineAnchors })
    case '$':
      return assertionNode({ kind: 'end', lines: flags.lineAnchors })
    case '\\':
      return afterBackslash(state)
    case '*':
    case '+':
    case '?':
      throw noOperand()
    case '{':
      if (/^\d/.test(peek(cursor))) throw noOperand()
      return characterNode(0x7b, flags)
    case ')':
      throw unbalanced()
    default:
      return characterNode(character.codePointAt(0)!, flags)
  }
}

const lookMarks = [
  ['?=', true, false],
  ['?!', true, true],
  ['?<=', false, false],
  ['?<!', false, true],
] as const

function parenthesis(state: State): Node {
  const { cursor } = state
  const look = lookMarks.find(([mark]) => skip(cursor, mark))
  const plain = look === undefined && !skip(cursor, '?:')
  if (plain && peek(cursor) === '?') throw noOperand()
  const capturing = plain && state.looking === 0
  const index = capturing ? state.groups.push(undefined) - 1 : 0
  if (++state.depth > NESTING_MAX) throw tooComplex()
  if (look !== undefined) state.looking++
  const item = choice(state)
  if (look !== undefined) state.looking--
  if (!skip(cursor, ')')) throw unbalanced()
  state.depth--
  if (look !== undefined) return assertionNode({ kind: 'look', ahead: look[1], negated: look[2], item })
  if (!capturing) return item
  state.groups[index] = item
  return { kind: 'group', index, item }
}

const constraintEscapes: Readonly<Record<string, Assertion>> = {
  A: { kind: 'start', lines: false },
  Z: { kind: 'end', lines: false },
  m: { kind: 'wordStart' },
  M: { kind: 'wordEnd' },
  y: { kind: 'wordEdge' },
  Y: { kind: 'notWordEdge' },
}

function afterBackslash(state: State): Node {
  const { cursor, flags } = state
  const next = peek(cursor)
  if (next === '') throw badEscape()
  const constraint = constraintEscapes[next]
  if (constraint !== undefined) {
    cursor.at++
    return assertionNode(constraint)
  }
  const reference = referenceAt(state)
  if (reference !== undefined) return reference
  const meant = escaped(cursor)
  return typeof meant === 'function' ? { kind: 'character', set: meant } : characterNode(meant, flags)
}

/** One digit always is a reference; more are where there are as many groups, else octal. */
function referenceAt({ cursor, groups }: State): Node | undefined {
  const digits = /^[1-9]\d{0,2}/.exec(cursor.text.slice(cursor.at, cursor.at + 3))?.[0]
  if (digits === undefined) return undefined
  if (digits.length > 1 && Number(digits) >= groups.length) return undefined
  const index = Number(digits)
  const item = groups[index]
  if (item === undefined) throw badReference()
  cursor.at += digits.length
  return { kind: 'reference', index, item: withoutAssertions(item) }
}
