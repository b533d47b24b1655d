// A client that changes tables, with the rows it must find there. Each writer has rows of its own (column c), so that
// the order in which writers commit does not matter to any of them.
//
//   t (k int PRIMARY KEY, c int, g int, v bigint)    b (c int, g int, v bigint), a multiset
//
// State: rows as of the last acknowledged commit, and the rows they may have become where an answer never came.

import type { Client } from '../support/client.ts'
import type { World } from './world.ts'

interface Row {
  readonly g: number | null
  readonly v: number | null
}

export interface Rows {
  readonly t: ReadonlyMap<number, Row>
  readonly b: readonly Row[]
}

type Change = readonly [sql: string, apply: (rows: Rows) => Rows]

export interface Work {
  readonly sql: readonly string[]
  /** Undefined: it is rolled back, or must fail with this code. */
  readonly after: Rows | undefined
  readonly fails: string | undefined
}

const text = (value: number | null): string => (value === null ? 'NULL' : String(value))
const shown = (value: number | null): string => (value === null ? '∅' : String(value))

export const GROUPS = 6

export class Writer {
  readonly id: number
  client: Client
  rows: Rows = { t: new Map(), b: [] }
  /** What else the rows may be, until the next start tells. */
  doubt: Rows | undefined
  #next = 0

  constructor(id: number, client: Client) {
    this.id = id
    this.client = client
  }

  /** A transaction of some statements, or one that commits by itself. */
  work(world: World): Work {
    const several = world.chance(0.4)
    const sql: string[] = []
    let rows = this.rows
    for (let i = several ? world.number(1, 5) : 1; i > 0; i--) {
      const [statement, apply] = this.#change(world, rows)
      sql.push(statement)
      rows = apply(rows)
    }
    const [taken] = [...(several ? rows : this.rows).t.keys()]
    if (taken !== undefined && world.chance(0.08)) {
      const clash = `INSERT INTO t VALUES (${taken}, ${this.id}, 1, 1)`
      return { sql: several ? ['BEGIN', ...sql, clash] : [clash], after: undefined, fails: '23505' }
    }
    if (!several) return { sql, after: rows, fails: undefined }
    if (world.chance(0.15)) return { sql: ['BEGIN', ...sql, 'ROLLBACK'], after: undefined, fails: undefined }
    return { sql: ['BEGIN', ...sql, 'COMMIT'], after: rows, fails: undefined }
  }

  #change(world: World, rows: Rows): Change {
    const g = world.number(0, GROUPS)
    const mine = `c = ${this.id}`
    const one = world.pick([...rows.t.keys(), 0])
    const d = world.number(-3, 9)
    const changes: readonly (() => Change)[] = [
      () => this.#insertKeyed(world),
      () => this.#insertKeyed(world),
      () => this.#insertBag(world),
      () => [
        `UPDATE t SET v = v + ${d} WHERE ${mine} AND g = ${g}`,
        mapT((row) => (row.g === g && row.v !== null ? { ...row, v: row.v + d } : row)),
      ],
      () => [`UPDATE t SET g = ${g} WHERE k = ${one}`, mapT((row, k) => (k === one ? { ...row, g } : row))],
      () => [`DELETE FROM t WHERE ${mine} AND v % 3 = 0`, keepT((row) => row.v === null || row.v % 3 !== 0)],
      () => [
        `UPDATE b SET v = v + 1 WHERE ${mine} AND g = ${g}`,
        ({ t, b }) => ({ t, b: b.map((row) => (row.g === g && row.v !== null ? { ...row, v: row.v + 1 } : row)) }),
      ],
      () => [
        `DELETE FROM b WHERE ${mine} AND (g = ${g} OR g IS NULL)`,
        ({ t, b }) => ({ t, b: b.filter((row) => row.g !== g && row.g !== null) }),
      ],
    ]
    return world.pick(changes)()
  }

  #insertKeyed(world: World): Change {
    const added = Array.from({ length: world.number(1, 6) }, () => [4 * ++this.#next + this.id, anyRow(world)] as const)
    const values = added.map(([k, { g, v }]) => `(${k}, ${this.id}, ${text(g)}, ${text(v)})`)
    return [`INSERT INTO t VALUES ${values.join(', ')}`, ({ t, b }) => ({ t: new Map([...t, ...added]), b })]
  }

  #insertBag(world: World): Change {
    const added = Array.from({ length: world.number(1, 5) }, () => anyRow(world))
    const values = added.map(({ g, v }) => `(${this.id}, ${text(g)}, ${text(v)})`)
    return [`INSERT INTO b VALUES ${values.join(', ')}`, ({ t, b }) => ({ t, b: [...b, ...added] })]
  }
}

function anyRow(world: World): Row {
  const g = world.chance(0.1) ? null : world.number(0, GROUPS)
  return { g, v: world.chance(0.1) ? null : world.number(-5, 20) }
}

const mapT =
  (change: (row: Row, k: number) => Row) =>
  ({ t, b }: Rows): Rows => ({ t: new Map([...t].map(([k, row]) => [k, change(row, k)])), b })

const keepT =
  (wanted: (row: Row) => boolean) =>
  ({ t, b }: Rows): Rows => ({ t: new Map([...t].filter(([, row]) => wanted(row))), b })

/** Lines as a client sorts them, of `SELECT k, g, v FROM t` and `SELECT g, v FROM b`. */
export const linesOf = ({ t, b }: Rows): readonly [t: string[], b: string[]] => [
  [...t].map(([k, { g, v }]) => `${k}|${shown(g)}|${shown(v)}`).sort(),
  b.map(({ g, v }) => `${shown(g)}|${shown(v)}`).sort(),
]
