// Matching in linear time: a non-deterministic automaton (Thompson), run through sets of its states that are made when
// first met and remembered (a lazy DFA).
//
//   state set --(assertions that hold here)--> closure --(color of the character)--> state set
//
// Characters are told apart only as far as the pattern tells them apart: its color is the set of the pattern's
// character sets that contain it. An automaton runs forwards or backwards, from one place or from every place. Memory
// is bounded: when too many sets were met, all are forgotten.

import { isWord } from './character-set.ts'
import { type Assertion, type CharacterSet, type Node, tooComplex } from './syntax.ts'

/** The character sets and assertions of a whole pattern, numbered. */
export interface Alphabet {
  readonly sets: ReadonlyMap<CharacterSet, number>
  readonly assertions: ReadonlyMap<Assertion, number>
  /** Colors of ASCII characters; −1 where not yet known. */
  readonly ascii: Int32Array
  colorOf(code: number): number
  /** For each color the sets that contain it, as a mask per set number. */
  contains(color: number, set: number): boolean
}

const ASCII = 128

export function alphabetOf(root: Node): Alphabet {
  const sets = new Map<CharacterSet, number>()
  const assertions = new Map<Assertion, number>()
  collect(root, sets, assertions)
  const list = [...sets.keys()]
  const colors = new Map<string, number>()
  const members: string[] = []
  const ascii = new Int32Array(ASCII).fill(-1)
  const others = new Map<number, number>()
  const find = (code: number): number => {
    const signature = list.map((set) => (set(code) ? '1' : '0')).join('')
    let color = colors.get(signature)
    if (color === undefined) {
      color = members.push(signature) - 1
      colors.set(signature, color)
    }
    return color
  }
  return {
    sets,
    assertions,
    ascii,
    contains: (color, set) => members[color]![set] === '1',
    colorOf: (code) => {
      const known = code < ASCII ? ascii[code]! : (others.get(code) ?? -1)
      if (known >= 0) return known
      const color = find(code)
      if (code < ASCII) ascii[code] = color
      else others.set(code, color)
      return color
    },
  }
}

function collect(node: Node, sets: Map<CharacterSet, number>, assertions: Map<Assertion, number>): void {
  switch (node.kind) {
    case 'character':
      if (!sets.has(node.set)) sets.set(node.set, sets.size)
      break
    case 'assertion':
      if (node.assertion.kind === 'look') collect(node.assertion.item, sets, assertions)
      if (!assertions.has(node.assertion)) assertions.set(node.assertion, assertions.size)
      break
    case 'sequence':
      for (const item of node.items) collect(item, sets, assertions)
      break
    case 'choice':
      for (const branch of node.branches) collect(branch, sets, assertions)
      break
    case 'repeat':
    case 'group':
    case 'reference':
      collect(node.item, sets, assertions)
      break
    case 'empty':
  }
}

type Step =
  | { readonly kind: 'split'; readonly next: number; other: number }
  | { readonly kind: 'set'; readonly set: number; readonly next: number }
  | { readonly kind: 'assert'; readonly assertion: Assertion; readonly bit: number; readonly next: number }
  | { readonly kind: 'accept' }

const STEPS_MAX = 100_000
const STATES_MAX = 3000

interface State {
  readonly core: readonly number[]
  /** Closures by which assertions hold. */
  readonly closures: Map<number, Closure>
}

interface Closure {
  readonly accepts: boolean
  readonly consuming: readonly number[]
  readonly next: (State | undefined)[]
  /** What follows each color where no assertion has to be asked. */
  readonly plain: (Closure | undefined)[]
}

export interface AutomatonOptions {
  readonly backwards: boolean
  /** A match may begin anywhere. */
  readonly everywhere: boolean
}

/** The text that is run through (subject.ts). */
export interface Text {
  readonly text: string
  looksAt(look: Extract<Assertion, { kind: 'look' }>, at: number): boolean
}

/** Returns true to stop. */
export type Visit = (position: number) => boolean

export class Automaton {
  readonly #alphabet: Alphabet
  readonly #options: AutomatonOptions
  readonly #steps: Step[] = [{ kind: 'accept' }]
  readonly #assertions: Assertion[] = []
  readonly #start: number
  #states = new Map<string, State>()

  constructor(root: Node, alphabet: Alphabet, options: AutomatonOptions) {
    this.#alphabet = alphabet
    this.#options = options
    this.#start = this.#build(root, 0)
    if (this.#assertions.length > 30) throw tooComplex()
  }

  #add(step: Step): number {
    if (this.#steps.length >= STEPS_MAX) throw tooComplex()
    return this.#steps.push(step) - 1
  }

  /** The entry of a part that goes on at `next`. */
  #build(node: Node, next: number): number {
    switch (node.kind) {
      case 'empty':
        return next
      case 'character':
        return this.#add({ kind: 'set', set: this.#alphabet.sets.get(node.set)!, next })
      case 'assertion':
        return this.#add({ kind: 'assert', assertion: node.assertion, bit: this.#bitOf(node.assertion), next })
      case 'sequence': {
        const items = this.#options.backwards ? node.items : node.items.toReversed()
        return items.reduce((entry, item) => this.#build(item, entry), next)
      }
      case 'choice':
        return node.branches.reduceRight((other, branch) => {
          const entry = this.#build(branch, next)
          return other < 0 ? entry : this.#add({ kind: 'split', next: entry, other })
        }, -1)
      case 'repeat':
        return this.#buildRepeat(node, next)
      case 'group':
      case 'reference':
        return this.#build(node.item, next)
    }
  }

  #buildRepeat({ item, min, max }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let entry = next
    if (max === Number.POSITIVE_INFINITY) {
      const loop = { kind: 'split' as const, next, other: 0 }
      entry = this.#add(loop)
      loop.other = this.#build(item, entry)
    } else for (let i = min; i < max; i++) entry = this.#add({ kind: 'split', next, other: this.#build(item, entry) })
    for (let i = 0; i < min; i++) entry = this.#build(item, entry)
    return entry
  }

  #bitOf(assertion: Assertion): number {
    const known = this.#assertions.indexOf(assertion)
    return 1 << (known >= 0 ? known : this.#assertions.push(assertion) - 1)
  }

  #state(core: readonly number[]): State {
    const key = core.join()
    let state = this.#states.get(key)
    if (state === undefined) {
      if (this.#states.size >= STATES_MAX) this.#states = new Map()
      state = { core, closures: new Map() }
      this.#states.set(key, state)
    }
    return state
  }

  #closure(state: State, holding: number): Closure {
    const known = state.closures.get(holding)
    if (known !== undefined) return known
    const seen = new Set<number>()
    const stack = [...state.core]
    const consuming: number[] = []
    let accepts = false
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      const step = this.#steps[at]!
      if (step.kind === 'accept') accepts = true
      else if (step.kind === 'set') consuming.push(at)
      else if (step.kind === 'split') stack.push(step.next, step.other)
      else if ((holding & step.bit) !== 0) stack.push(step.next)
    }
    const closure: Closure = { accepts, consuming, next: [], plain: [] }
    state.closures.set(holding, closure)
    return closure
  }

  #follow(closure: Closure, color: number): State {
    const core = new Set<number>(this.#options.everywhere ? [this.#start] : [])
    for (const at of closure.consuming) {
      const step = this.#steps[at]!
      if (step.kind === 'set' && this.#alphabet.contains(color, step.set)) core.add(step.next)
    }
    const state = this.#state([...core].sort((a, b) => a - b))
    closure.next[color] = state
    return state
  }

  /** Runs from `from` to `limit` (in its direction) and visits each place where it accepts. */
  run(subject: Text, from: number, limit: number, visit: Visit): void {
    if (this.#assertions.length === 0) this.#runPlain(subject.text, from, limit, visit)
    else this.#runAsserting(subject, from, limit, visit)
  }

  #runPlain(text: string, from: number, limit: number, visit: Visit): void {
    const { backwards, everywhere } = this.#options
    const { ascii } = this.#alphabet
    let closure = this.#closure(this.#state([this.#start]), 0)
    let at = from
    for (;;) {
      if (closure.accepts && visit(at)) return
      if (at === limit || (closure.consuming.length === 0 && !everywhere)) return
      let code = text.charCodeAt(backwards ? at - 1 : at)
      let color = code < ASCII ? ascii[code]! : -1
      if (color < 0) {
        code = backwards ? codeBefore(text, at) : text.codePointAt(at)!
        color = this.#alphabet.colorOf(code)
      }
      const width = code > 0xffff ? 2 : 1
      at += backwards ? -width : width
      closure = closure.plain[color] ?? this.#followPlain(closure, color)
    }
  }

  #followPlain(closure: Closure, color: number): Closure {
    const next = this.#closure(this.#follow(closure, color), 0)
    closure.plain[color] = next
    return next
  }

  #runAsserting(subject: Text, from: number, limit: number, visit: Visit): void {
    const { backwards } = this.#options
    const { text } = subject
    const alphabet = this.#alphabet
    let state = this.#state([this.#start])
    let at = from
    for (;;) {
      const holding = this.#holding(subject, at)
      const closure = this.#closure(state, holding)
      if (closure.accepts && visit(at)) return
      if (at === limit || (closure.consuming.length === 0 && !this.#options.everywhere)) return
      const code = backwards ? codeBefore(text, at) : text.codePointAt(at)!
      at += (backwards ? -1 : 1) * (code > 0xffff ? 2 : 1)
      const color = alphabet.colorOf(code)
      state = closure.next[color] ?? this.#follow(closure, color)
    }
  }

  #holding(subject: Text, at: number): number {
    let bits = 0
    for (let i = 0; i < this.#assertions.length; i++) if (holds(this.#assertions[i]!, subject, at)) bits |= 1 << i
    return bits
  }
}

export function codeBefore(text: string, at: number): number {
  const unit = text.charCodeAt(at - 1)
  return (unit & 0xfc00) === 0xdc00 && at > 1 ? text.codePointAt(at - 2)! : unit
}

const NEWLINE = 10

function holds(assertion: Assertion, subject: Text, at: number): boolean {
  const { text } = subject
  switch (assertion.kind) {
    case 'start':
      return at === 0 || (assertion.lines && text.charCodeAt(at - 1) === NEWLINE)
    case 'end':
      return at === text.length || (assertion.lines && text.charCodeAt(at) === NEWLINE)
    case 'look':
      return subject.looksAt(assertion, at)
    default: {
      const before = at > 0 && isWord(codeBefore(text, at))
      const after = at < text.length && isWord(text.codePointAt(at)!)
      if (assertion.kind === 'wordStart') return !before && after
      if (assertion.kind === 'wordEnd') return before && !after
      return (before !== after) === (assertion.kind === 'wordEdge')
    }
  }
}
