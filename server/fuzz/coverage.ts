// Which constructs the queries had, and whether they were worth asking: a generator whose queries mostly return nothing
// or mostly fail is no judge, and the table that is printed at the end shows that.

export interface Asked {
  readonly constructs: ReadonlySet<string>
  readonly outcome: 'rows' | 'empty' | 'failed'
}

interface Counts {
  asked: number
  rows: number
  failed: number
}

export class Coverage {
  readonly #counts = new Map<string, Counts>()
  readonly #notes = new Map<string, number>()

  add({ constructs, outcome }: Asked): void {
    for (const construct of ['(all)', ...constructs]) {
      const counts = this.#counts.get(construct) ?? { asked: 0, rows: 0, failed: 0 }
      counts.asked++
      if (outcome === 'rows') counts.rows++
      if (outcome === 'failed') counts.failed++
      this.#counts.set(construct, counts)
    }
  }

  /** Counts something that is neither right nor wrong: a refusal, an error that depends on the order of evaluation. */
  note(what: string): void {
    this.#notes.set(what, (this.#notes.get(what) ?? 0) + 1)
  }

  lines(): string[] {
    const head = `${'construct'.padEnd(30)} ${'asked'.padStart(7)} ${'rows'.padStart(7)} ${'failed'.padStart(7)}`
    const byName = [...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const rows = byName.map(([name, { asked, rows, failed }]) =>
      [name.padEnd(30), ...[asked, rows, failed].map((count) => String(count).padStart(7))].join(' '),
    )
    const notes = [...this.#notes].toSorted(([, a], [, b]) => b - a).map(([what, count]) => `${count} × ${what}`)
    return [head, ...rows, ...notes]
  }
}
