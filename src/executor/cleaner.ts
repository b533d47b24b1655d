// A piece of state that is cleaned, and what says how far: the least frontier among the inputs of all who read it.
//
// State: none of its own. One reader that needs everything, and nothing is ever dropped.

import type { Cleaning, InputColumn } from '../planner/cleaning.ts'
import type { PhysicalPlan } from '../planner/physical.ts'
import { Expiry } from '../storage/expiry.ts'
import type { KeyTable } from '../storage/key-table.ts'
import { lesser, planInputs } from './frontiers.ts'
import type { Frontiers } from './operator.ts'

/** Makes a table of an operator lose the keys that its node's cleaning frontier has passed. */
export type Expire = (table: KeyTable) => Expiry

interface Need extends InputColumn {
  readonly plan: PhysicalPlan
}

export class Cleaner {
  readonly expiry: Expiry
  readonly #needs: Need[] = []
  #needsAll = false

  constructor(expiry: Expiry) {
    this.expiry = expiry
  }

  /** A node reads the state; `cleaning` must be by the key of `expiry`. Undefined: it needs all of it. */
  read(plan: PhysicalPlan, cleaning: Cleaning | undefined): void {
    if (cleaning === undefined) this.#needsAll = true
    else for (const bound of cleaning.bounds) this.#needs.push({ plan, ...bound })
  }

  /** Sets the bound of the epoch that is run next. */
  advance(frontiers: ReadonlyMap<PhysicalPlan, Frontiers>): void {
    if (this.#needsAll) return
    const bounds = this.#needs.map(({ plan, port, column }) => frontiers.get(planInputs(plan)[port]!)![column])
    this.expiry.bound = bounds.reduce(lesser)
  }
}

/** Tables of a node whose key column `key` is the time; undefined: whose rows have one. */
export const expireBy =
  (plan: PhysicalPlan, cleaning: Cleaning, key: number | undefined, cleaners: Cleaner[]): Expire =>
  (table) => {
    const cleaner = new Cleaner(new Expiry(table, key))
    cleaner.read(plan, cleaning)
    cleaners.push(cleaner)
    return cleaner.expiry
  }
