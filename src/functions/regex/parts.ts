// Parts of a pattern that are not in its tree: what division looks at one by one, and what is left of a sequence.
//
// Each is made once, so that its automata are kept with it.

import { hasCaptures, isMixed, type Node, type Preference, preferenceOf } from './syntax.ts'

type Sequence = Extract<Node, { kind: 'sequence' }>
type Repeat = Extract<Node, { kind: 'repeat' }>

export class Parts {
  readonly #parts = new Map<Sequence, readonly Node[]>()
  readonly #rests = new Map<Sequence, readonly Node[]>()
  readonly #turns = new Map<Repeat, Node>()

  /** Items with groups one by one; runs without groups and of one preference together. */
  of(node: Sequence): readonly Node[] {
    return remembered(this.#parts, node, () => partsOf(node.items))
  }

  /** The parts from this one on, as one. */
  from(node: Sequence, index: number): Node {
    const rests = remembered(this.#rests, node, () => {
      const parts = this.of(node)
      return parts.map((part, i): Node => (i === parts.length - 1 ? part : { kind: 'sequence', items: parts.slice(i) }))
    })
    return rests[index]!
  }

  /** Any number of further turns of a repetition. */
  furtherTurns(node: Repeat): Node {
    return remembered(this.#turns, node, () => ({
      kind: 'repeat',
      item: node.item,
      min: 0,
      max: Number.POSITIVE_INFINITY,
      prefers: node.prefers,
    }))
  }
}

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

function partsOf(items: readonly Node[]): readonly Node[] {
  const parts: Node[] = []
  let run: Node[] = []
  let preference: Preference
  const close = (): void => {
    if (run.length > 0) parts.push(run.length === 1 ? run[0]! : { kind: 'sequence', items: run })
    run = []
    preference = undefined
  }
  for (const item of items) {
    const own = preferenceOf(item)
    const apart = hasCaptures(item) || isMixed(item)
    if (apart || (own !== undefined && preference !== undefined && own !== preference)) close()
    if (apart) {
      parts.push(item)
      continue
    }
    run.push(item)
    preference ??= own
  }
  close()
  return parts
}
