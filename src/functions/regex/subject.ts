// A text that is searched, with what was found out about the whole of it: where look-arounds hold, where matches begin.

import type { Automaton } from './automaton.ts'
import type { Assertion } from './syntax.ts'

type Look = Extract<Assertion, { kind: 'look' }>

export class Subject {
  readonly text: string
  readonly #automatonOf: (look: Look) => Automaton
  readonly #looks = new Map<Look, Uint8Array>()

  /** `automatonOf` gives what runs through the whole text once: backwards for what lies ahead, forwards for behind. */
  constructor(text: string, automatonOf: (look: Look) => Automaton) {
    this.text = text
    this.#automatonOf = automatonOf
  }

  looksAt(look: Look, at: number): boolean {
    let places = this.#looks.get(look)
    if (places === undefined) {
      const from = look.ahead ? this.text.length : 0
      places = this.places(this.#automatonOf(look), from, this.text.length - from)
      this.#looks.set(look, places)
    }
    return (places[at] === 1) !== look.negated
  }

  /** 1 at each place where the automaton accepts on its way. */
  places(automaton: Automaton, from: number, limit: number): Uint8Array {
    const places = new Uint8Array(this.text.length + 1)
    automaton.run(this, from, limit, (at) => {
      places[at] = 1
      return false
    })
    return places
  }
}
