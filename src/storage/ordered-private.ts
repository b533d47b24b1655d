// Changes in place of an ordered index that only its operator reads, with a log that abort plays back.
//
// Rows that leave the tree keep their records until seal, so that abort can put them back where they were.

import { assert } from '../core/assert.ts'
import { type OrderedSlots, readSlot, writeSlot } from './ordered-slot.ts'
import { addAt, insertAt, removeAt, seek } from './ordered-tree.ts'
import { rowWeight } from './ordered-tree-read.ts'
import { releaseRecord, tidyStore } from './record-store.ts'
import { undoPosition } from './undo-list.ts'

/** Parallel arrays, one entry a change: which row of which slot came, went, or changed its weight by how much. */
export interface PrivateLog {
  readonly slots: number[]
  readonly rows: number[]
  readonly weights: number[]
  readonly kinds: ('inserted' | 'removed' | 'changed')[]
}

export interface PrivateIndex extends OrderedSlots {
  readonly log: PrivateLog
}

/** Adds the entry in record `row` with its weight. */
export function insertPrivate(index: PrivateIndex, slot: number, row: number): void {
  const { tree } = index
  const root = readSlot(index, slot, index.rootWord)
  const weight = rowWeight(tree, row)
  const existing = seek(tree, root, row)
  if (existing < 0) {
    assert(weight > 0, 'a retraction does not find its row in an ordered index')
    writeSlot(index, slot, index.rootWord, insertAt(tree, root, row))
    note(index.log, slot, row, weight, 'inserted')
    return
  }
  const rest = rowWeight(tree, existing) + weight
  assert(rest >= 0, 'the weight of a row in an ordered index is below 0')
  if (rest === 0) {
    writeSlot(index, slot, index.rootWord, removeAt(tree, root, existing))
    note(index.log, slot, existing, weight, 'removed')
  } else {
    addAt(tree, existing, weight)
    note(index.log, slot, existing, weight, 'changed')
  }
  releaseRecord(tree.rows, row) // nothing refers to it
}

function note(log: PrivateLog, slot: number, row: number, weight: number, kind: PrivateLog['kinds'][number]): void {
  log.slots.push(slot)
  log.rows.push(row)
  log.weights.push(weight)
  log.kinds.push(kind)
}

export function sealPrivate(index: PrivateIndex): void {
  const { log, tree } = index
  for (let k = 0; k < log.rows.length; k++) if (log.kinds[k] === 'removed') releaseRecord(tree.rows, log.rows[k]!)
  endEpoch(index)
}

export function abortPrivate(index: PrivateIndex): void {
  const { log, tree, table } = index
  for (let k = log.rows.length - 1; k >= 0; k--) {
    const slot = log.slots[k]!
    const row = log.rows[k]!
    const root = readSlot(index, slot, index.rootWord)
    seek(tree, root, row)
    if (log.kinds[k] === 'changed') addAt(tree, row, -log.weights[k]!)
    else if (log.kinds[k] === 'removed') writeSlot(index, slot, index.rootWord, insertAt(tree, root, row))
    else {
      writeSlot(index, slot, index.rootWord, removeAt(tree, root, row))
      releaseRecord(tree.rows, row)
    }
  }
  // The trees hold what they held, but perhaps in other nodes: the table's undo list must restore the roots of now.
  for (const slot of new Set(log.slots)) {
    const position = undoPosition(table.undo, table.store, slot)
    table.undo.words[position * table.layout.strideWords + index.rootWord] = readSlot(index, slot, index.rootWord)
  }
  endEpoch(index)
}

function endEpoch({ log, tree }: PrivateIndex): void {
  log.slots.length = 0
  log.rows.length = 0
  log.weights.length = 0
  log.kinds.length = 0
  for (const store of [tree.rows, tree.small, tree.large]) tidyStore(store)
}
