// The labels of an enumerated type. A value is its label's place in the type's order, a double: comparison, hashing and
// state see numbers, and a label put between two others needs no renumbering (pg_enum.enumsortorder).
//
// Shared by all plans that know the type, and append-only: labels are added, never taken away, so that a value written
// by an older plan can be shown by a newer one and the other way round.

import { SqlError } from './error.ts'

export interface EnumLabel {
  readonly place: number
  readonly label: string
}

export class EnumLabels {
  #labels: readonly EnumLabel[] = []
  readonly #byLabel = new Map<string, number>()
  readonly #byPlace = new Map<number, string>()

  constructor(labels: readonly EnumLabel[]) {
    for (const { place, label } of labels) this.add(place, label)
  }

  /** In order. */
  get labels(): readonly EnumLabel[] {
    return this.#labels
  }

  add(place: number, label: string): void {
    this.#byLabel.set(label, place)
    this.#byPlace.set(place, label)
    this.#labels = [...this.#labels, { place, label }].sort((a, b) => a.place - b.place)
  }

  /** How the catalog keeps them. */
  toJSON(): readonly EnumLabel[] {
    return this.#labels
  }

  placeOf(label: string): number | undefined {
    return this.#byLabel.get(label)
  }

  labelAt(place: number): string | undefined {
    return this.#byPlace.get(place)
  }

  /**
   * The place of a new label `before` or `after` another one (at the end without); undefined where doubles between the
   * neighbours are used up.
   */
  placeFor(where: { readonly before: string } | { readonly after: string } | undefined): number | undefined {
    const places = this.#labels.map(({ place }) => place)
    if (where === undefined) return (places.at(-1) ?? 0) + 1
    const neighbour = this.placeOf('before' in where ? where.before : where.after)!
    const at = places.indexOf(neighbour)
    const [low, high] = 'before' in where ? [places[at - 1], neighbour] : [neighbour, places[at + 1]]
    if (low === undefined) return neighbour - 1
    if (high === undefined) return neighbour + 1
    const between = (low + high) / 2
    return between > low && between < high ? between : undefined
  }
}

/** 22P02. */
export const invalidEnumLabel = (name: string, label: string): SqlError =>
  new SqlError({ code: '22P02', message: `invalid input value for enum ${name}: "${label}"` })
