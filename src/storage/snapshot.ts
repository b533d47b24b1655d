// Snapshots: the sealed contents of a structure at one epoch, readable while later epochs change it.
//
// A snapshot is taken when no epoch is unsealed. It keeps the chunk arrays it found; the first change of a page after that
// saves the old page into the snapshot (copy-on-write, charged to the snapshot's account). Whoever took one disposes it.

/** A snapshot of a KeyTable: pass it as `at` to find, gatherFields, present, scan. */
export interface TableSnapshot extends Disposable {
  readonly kind: 'table-snapshot'
  /** Bytes of saved pages. */
  readonly bytes: number
}
