// A compiled pattern: is there a match, where is it, and what did its groups match (PostgreSQL's rules, section
// 9.7.3.5).
//
// The match is the one that begins first; of those the longest or shortest, as the whole pattern prefers. Both are
// found by automata in time linear in the text. How groups divide it is found from the outside inwards: each part in
// turn takes as much (or as little) as it prefers of what lets the rest match. Without back references no choice is
// ever taken back.

import { type Alphabet, Automaton, type AutomatonOptions, alphabetOf } from './automaton.ts'
import { Dissection, type Groups, type Pattern } from './dissect.ts'
import { type ParsedRegex, parseRegex } from './parse.ts'
import { Parts } from './parts.ts'
import { Subject } from './subject.ts'
import { hasReferences, type Node, plainFlags, preferenceOf, type RegexFlags } from './syntax.ts'

export interface Match {
  readonly start: number
  readonly end: number
  /** Start and end of each group from 1 (index 0 is the match); undefined where it took no part. */
  readonly groups: Groups
}

export const groupText = (text: string, match: Match, group: number): string | null => {
  const span = match.groups[group]
  return span === undefined ? null : text.slice(span.start, span.end)
}

export class Regex implements Pattern {
  readonly groups: number
  readonly parts = new Parts()
  readonly caseless: boolean
  readonly #root: Node
  readonly #alphabet: Alphabet
  readonly #exact: boolean
  readonly #automata = new Map<Node, (Automaton | undefined)[]>()

  constructor({ root, groups, flags }: ParsedRegex) {
    this.groups = groups
    this.caseless = flags.caseless
    this.#root = root
    this.#alphabet = alphabetOf(root)
    this.#exact = !hasReferences(root)
  }

  /** The automaton of a part, made when first asked for. */
  automaton(node: Node, options: AutomatonOptions): Automaton {
    const index = (options.backwards ? 2 : 0) + (options.everywhere ? 1 : 0)
    const known = this.#automata.get(node) ?? []
    this.#automata.set(node, known)
    known[index] ??= new Automaton(node, this.#alphabet, options)
    return known[index]
  }

  subject(text: string): Subject {
    return new Subject(text, (look) => this.automaton(look.item, { backwards: look.ahead, everywhere: true }))
  }

  test(text: string): boolean {
    const subject = this.subject(text)
    if (!this.#exact) return this.find(subject, 0) !== undefined
    let found = false
    this.automaton(this.#root, { backwards: false, everywhere: true }).run(subject, 0, text.length, () => {
      found = true
      return true
    })
    return found
  }

  /** All matches from `from` on, none inside another; an empty one may follow directly after a match. */
  *all(text: string, from = 0): Generator<Match, void> {
    const subject = this.subject(text)
    const starts = this.#starts(subject)
    let at = from
    while (at <= text.length) {
      const match = this.#findAmong(subject, starts, at)
      if (match === undefined) return
      yield match
      at = match.end > match.start ? match.end : nextPlace(text, match.end)
    }
  }

  /** The first match from `from` on. */
  find(subject: Subject, from: number): Match | undefined {
    return this.#findAmong(subject, this.#starts(subject), from)
  }

  /** Where matches begin: one run backwards through the text. */
  #starts(subject: Subject): Uint8Array {
    return subject.places(this.automaton(this.#root, { backwards: true, everywhere: true }), subject.text.length, 0)
  }

  #findAmong(subject: Subject, starts: Uint8Array, from: number): Match | undefined {
    const budget = { steps: 0 }
    for (let start = starts.indexOf(1, from); start >= 0; start = starts.indexOf(1, start + 1)) {
      for (const end of this.#ends(subject, start)) {
        const groups: Groups = Array.from({ length: this.groups + 1 }, () => undefined)
        groups[0] = { start, end }
        if (this.groups === 0 && this.#exact) return { start, end, groups }
        if (new Dissection(this, subject, groups, budget).divide(this.#root, start, end)) return { start, end, groups }
      }
    }
    return undefined
  }

  /** Ends of matches that begin here, the preferred one first; further ones matter to back references only. */
  #ends(subject: Subject, start: number): readonly number[] {
    const ends: number[] = []
    const shortest = preferenceOf(this.#root) === 'shortest'
    const automaton = this.automaton(this.#root, { backwards: false, everywhere: false })
    automaton.run(subject, start, subject.text.length, (end) => {
      ends.push(end)
      return shortest && this.#exact
    })
    return shortest ? ends : this.#exact ? ends.slice(-1) : ends.reverse()
  }
}

const nextPlace = (text: string, at: number): number => at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)

export const compileRegex = (pattern: string, flags: RegexFlags = plainFlags): Regex =>
  new Regex(parseRegex(pattern, flags))
