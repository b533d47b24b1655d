// How a match is divided among the parts of its pattern, so that groups know what they matched.
//
// Follows the rules of Henry Spencer's library, which PostgreSQL uses: in a sequence the first part decides first, by
// its own preference; in a choice the first branch that fits wins; each turn of a repetition takes as much (or as
// little) as the repeated part prefers. Automata say which divisions are possible, so that a search goes back only
// where a back reference refuses what its automaton allowed.

import { lowerCase } from '../string/case.ts'
import type { Automaton, AutomatonOptions } from './automaton.ts'
import type { Parts } from './parts.ts'
import type { Subject } from './subject.ts'
import { groupsIn, hasCaptures, type Node, preferenceOf, tooComplex } from './syntax.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

export type Groups = (Span | undefined)[]

/** Work that back references may cost before the pattern is refused. */
const STEPS_MAX = 200_000

/** What a pattern offers to the division of its matches. */
export interface Pattern {
  readonly parts: Parts
  readonly caseless: boolean
  automaton(node: Node, options: AutomatonOptions): Automaton
}

type Sequence = Extract<Node, { kind: 'sequence' }>
type Repeat = Extract<Node, { kind: 'repeat' }>

export class Dissection {
  readonly #pattern: Pattern
  readonly #subject: Subject
  readonly #groups: Groups
  readonly #budget: { steps: number }

  constructor(pattern: Pattern, subject: Subject, groups: Groups, budget: { steps: number }) {
    this.#pattern = pattern
    this.#subject = subject
    this.#groups = groups
    this.#budget = budget
  }

  /** Whether the part, whose automaton matches exactly this span, really does; notes its groups. */
  divide(node: Node, start: number, end: number): boolean {
    if (!hasCaptures(node)) return true
    if (++this.#budget.steps > STEPS_MAX) throw tooComplex()
    switch (node.kind) {
      case 'group': {
        if (!this.divide(node.item, start, end)) return false
        this.#groups[node.index] = { start, end }
        return true
      }
      case 'reference':
        return this.#repeats(node.index, start, end)
      case 'sequence': {
        const parts = this.#pattern.parts.of(node)
        return parts.length === 1
          ? this.divide(parts[0]!, start, end)
          : this.#divideSequence(node, parts, 0, start, end)
      }
      case 'choice':
        return node.branches.some((branch) => this.#matches(branch, start, end) && this.divide(branch, start, end))
      case 'repeat':
        return this.#divideRepeat(node, start, end)
      default:
        return true
    }
  }

  #repeats(index: number, start: number, end: number): boolean {
    const group = this.#groups[index]
    if (group === undefined) return false
    const { text } = this.#subject
    const [first, again] = [text.slice(group.start, group.end), text.slice(start, end)]
    return first === again || (this.#pattern.caseless && lowerCase(first) === lowerCase(again))
  }

  #matches(node: Node, start: number, end: number): boolean {
    let matched = false
    const automaton = this.#pattern.automaton(node, { backwards: false, everywhere: false })
    automaton.run(this.#subject, start, end, (at) => {
      matched = at === end
      return matched
    })
    return matched
  }

  /** Where the first part can end so that the rest matches up to `end`, the preferred place first. */
  #cuts(first: Node, rest: Node, start: number, end: number): readonly number[] {
    const backwards = this.#pattern.automaton(rest, { backwards: true, everywhere: false })
    const possible = this.#subject.places(backwards, end, start)
    const cuts: number[] = []
    this.#pattern.automaton(first, { backwards: false, everywhere: false }).run(this.#subject, start, end, (at) => {
      if (possible[at] === 1) cuts.push(at)
      return false
    })
    return preferenceOf(first) === 'shortest' ? cuts : cuts.reverse()
  }

  #divideSequence(node: Sequence, parts: readonly Node[], index: number, start: number, end: number): boolean {
    const part = parts[index]!
    if (index === parts.length - 1) return this.divide(part, start, end)
    const rest = this.#pattern.parts.from(node, index + 1)
    for (const cut of this.#cuts(part, rest, start, end)) {
      const before = [...this.#groups]
      if (this.divide(part, start, cut) && this.#divideSequence(node, parts, index + 1, cut, end)) return true
      this.#groups.splice(0, before.length, ...before)
    }
    return false
  }

  /** Turns of a repetition: each takes what it prefers of what leaves the rest to further turns. */
  #divideRepeat(node: Repeat, start: number, end: number): boolean {
    const least = Math.max(1, node.min)
    if (start === end && node.min === 0 && preferenceOf(node.item) === 'shortest') return true
    const refused = new Set<string>()
    const turn = (count: number, from: number): boolean => {
      if (from === end && count >= least) return true
      if (count >= node.max || refused.has(`${count} ${from}`)) return false
      for (const cut of this.#turns(node, count, from, end)) {
        const before = [...this.#groups]
        // Groups show the last turn only: one that took no part in it is not set.
        for (const group of groupsIn(node.item)) this.#groups[group] = undefined
        if (this.divide(node.item, from, cut) && turn(count + 1, cut)) return true
        this.#groups.splice(0, before.length, ...before)
      }
      refused.add(`${count} ${from}`)
      return false
    }
    return turn(0, start) || (start === end && node.min === 0)
  }

  /** Ends of one turn; an empty one only at the end, or while more turns are due than characters are left. */
  #turns(node: Repeat, count: number, from: number, end: number): readonly number[] {
    if (count + 1 === node.max) return this.#matches(node.item, from, end) ? [end] : []
    const due = node.min - count - 1
    const rest = this.#pattern.parts.furtherTurns(node)
    return this.#cuts(node.item, rest, from, end).filter(
      (cut) => cut > from || cut === end || (due > 0 && due >= end - from),
    )
  }
}
