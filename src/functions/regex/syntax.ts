// Regular expressions as trees (PostgreSQL 15, section 9.7.3: advanced regular expressions).
//
// A match is the longest or the shortest one, by a rule over the whole tree: `prefers` says which a part prefers
// (section 9.7.3.5). Positions are UTF-16 indexes, characters are code points.

import { SqlError } from '../../core/error.ts'

/** Which code points a character of the pattern stands for. */
export type CharacterSet = (code: number) => boolean

export type Preference = 'longest' | 'shortest' | undefined

export type Assertion =
  /** ^ and $: the ends of the text, of a line where newlines count. */
  | { readonly kind: 'start' | 'end'; readonly lines: boolean }
  | { readonly kind: 'wordStart' | 'wordEnd' | 'wordEdge' | 'notWordEdge' }
  | { readonly kind: 'look'; readonly ahead: boolean; readonly negated: boolean; readonly item: Node }

export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'character'; readonly set: CharacterSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly branches: readonly Node[] }
  | {
      readonly kind: 'repeat'
      readonly item: Node
      readonly min: number
      readonly max: number
      /** Undefined: what the item prefers. */
      readonly prefers: Preference
    }
  | { readonly kind: 'group'; readonly index: number; readonly item: Node }
  | { readonly kind: 'reference'; readonly index: number; readonly item: Node }

export interface RegexFlags {
  readonly caseless: boolean
  /** `.` and [^…] do not match a newline. */
  readonly newlineStops: boolean
  /** ^ and $ match at lines. */
  readonly lineAnchors: boolean
  /** Blanks and comments in the pattern mean nothing. */
  readonly expanded: boolean
  /** The pattern is plain text. */
  readonly literal: boolean
}

export const plainFlags: RegexFlags = {
  caseless: false,
  newlineStops: false,
  lineAnchors: false,
  expanded: false,
  literal: false,
}

export const invalidRegex = (what: string): SqlError =>
  new SqlError({ code: '2201B', message: `invalid regular expression: ${what}` })
export const tooComplex = (): SqlError => invalidRegex('regular expression is too complex')

/**
 * What the part prefers: a quantifier its own, a sequence its first part that prefers anything, a choice the longest.
 */
export function preferenceOf(node: Node): Preference {
  switch (node.kind) {
    case 'repeat':
      return node.prefers ?? preferenceOf(node.item)
    case 'group':
      return preferenceOf(node.item)
    case 'choice':
      return 'longest'
    case 'sequence': {
      for (const item of node.items) {
        const preference = preferenceOf(item)
        if (preference !== undefined) return preference
      }
      return undefined
    }
    default:
      return undefined
  }
}

/** Do parts of it prefer different things? Then its parts must be looked at apart. */
export function isMixed(node: Node): boolean {
  switch (node.kind) {
    case 'repeat':
      return isMixed(node.item) || differ([node.prefers, preferenceOf(node.item)])
    case 'group':
      return isMixed(node.item)
    case 'choice':
      return node.branches.some(isMixed) || differ(['longest', ...node.branches.map(preferenceOf)])
    case 'sequence':
      return node.items.some(isMixed) || differ(node.items.map(preferenceOf))
    default:
      return false
  }
}

const differ = (preferences: readonly Preference[]): boolean =>
  preferences.includes('longest') && preferences.includes('shortest')

/** Has the part a group or a reference inside, so that how it matched must be known? */
export function hasCaptures(node: Node): boolean {
  switch (node.kind) {
    case 'group':
    case 'reference':
      return true
    case 'repeat':
      return hasCaptures(node.item)
    case 'sequence':
      return node.items.some(hasCaptures)
    case 'choice':
      return node.branches.some(hasCaptures)
    default:
      return false
  }
}

/** The numbers of the groups inside. */
export function groupsIn(node: Node): readonly number[] {
  switch (node.kind) {
    case 'group':
      return [node.index, ...groupsIn(node.item)]
    case 'repeat':
      return groupsIn(node.item)
    case 'sequence':
      return node.items.flatMap(groupsIn)
    case 'choice':
      return node.branches.flatMap(groupsIn)
    default:
      return []
  }
}

export function hasReferences(node: Node): boolean {
  switch (node.kind) {
    case 'reference':
      return true
    case 'repeat':
    case 'group':
      return hasReferences(node.item)
    case 'sequence':
      return node.items.some(hasReferences)
    case 'choice':
      return node.branches.some(hasReferences)
    default:
      return false
  }
}

/** The same part without groups. */
export function withoutGroups(node: Node): Node {
  switch (node.kind) {
    case 'group':
      return withoutGroups(node.item)
    case 'repeat':
      return { ...node, item: withoutGroups(node.item) }
    case 'sequence':
      return { ...node, items: node.items.map(withoutGroups) }
    case 'choice':
      return { ...node, branches: node.branches.map(withoutGroups) }
    default:
      return node
  }
}

/** The same part without assertions: a back reference repeats text, not the conditions under which it was matched. */
export function withoutAssertions(node: Node): Node {
  switch (node.kind) {
    case 'assertion':
      return { kind: 'empty' }
    case 'group':
    case 'repeat':
    case 'reference':
      return { ...node, item: withoutAssertions(node.item) }
    case 'sequence':
      return { ...node, items: node.items.map(withoutAssertions) }
    case 'choice':
      return { ...node, branches: node.branches.map(withoutAssertions) }
    default:
      return node
  }
}
