// Memory accounts: every page, heap, region and snapshot is charged to an owner (view, query, session, source,
// database).
//
// An account knows its bytes to the byte and may have a limit. At the limit `charge` throws 53200 and has charged
// nothing, so that the one who asked can fail alone. Accounts form a tree by being given a parent: a view's account is
// also charged to the database.

import { limitReached } from './error.ts'

export interface MemoryAccount {
  /** Who pays: 'view "hot"', 'query', 'source "bid"'. Stands in the error message. */
  readonly owner: string
  readonly bytes: number
  /** Adds `bytes` (negative: gives back). Throws 53200 where a limit of this account or of a parent would be passed. */
  charge(bytes: number): void
}

/** An account with an optional limit in bytes and an optional parent that is charged alike. */
export function memoryAccount(
  owner: string,
  options: { readonly limitBytes?: number; readonly parent?: MemoryAccount } = {},
): MemoryAccount {
  const { limitBytes = Number.POSITIVE_INFINITY, parent } = options
  let used = 0
  return {
    owner,
    get bytes() {
      return used
    },
    charge(bytes) {
      if (bytes > 0 && used + bytes > limitBytes)
        throw limitReached(`out of memory: ${owner} would need ${used + bytes} bytes, its limit is ${limitBytes}`)
      parent?.charge(bytes)
      used += bytes
    },
  }
}
