// Code → slot arrays: what a key table knows of the dictionaries that its key column comes in (spec/engine.md §2).
//
// State: the last two dictionaries that were looked up, with one Int32Array each (−1: not known). Slots that were
// freed are taken out before the next look-up, hence before their ids can mean another key.

import { type Column, type DictColumn, type Dictionary, dictColumn } from '../core/batch.ts'
import type { MemoryAccount } from '../core/memory.ts'
import { isLive, type RecordStore } from './record-store.ts'

const KEPT = 2

interface Known {
  readonly dictionary: Dictionary
  slots: Int32Array
}

export interface DictionarySlots {
  readonly account: MemoryAccount
  readonly known: Known[]
  /** Slots were freed since the arrays were last cleaned. */
  stale: boolean
  bytes: number
}

export const createDictionarySlots = (account: MemoryAccount): DictionarySlots => ({
  account,
  known: [],
  stale: false,
  bytes: 0,
})

/** Takes freed slots out; must come before any of their ids can be handed out again. */
export function forgetFreed(cache: DictionarySlots, store: RecordStore): void {
  if (!cache.stale) return
  for (const { slots } of cache.known)
    for (let code = 0; code < slots.length; code++)
      if (slots[code]! >= 0 && !isLive(store, slots[code]!)) slots[code] = -1
  cache.stale = false
}

/** Slots of a single dict key column: by code where the code was seen, the others (and NULL) by `lookUp`. */
export function slotsThrough(
  cache: DictionarySlots,
  store: RecordStore,
  column: DictColumn,
  length: number,
  out: Int32Array,
  lookUp: (columns: readonly Column[], length: number, slots: Int32Array) => void,
): void {
  const { codes, nulls } = column
  forgetFreed(cache, store)
  const known = slotsByCode(cache, column.dictionary)
  let missing = 0
  for (let i = 0; i < length; i++) {
    const slot = nulls !== undefined && nulls[i] !== 0 ? -1 : known[codes[i]!]!
    out[i] = slot
    if (slot < 0) missing++
  }
  if (missing === 0) return
  const rows = new Int32Array(missing)
  for (let i = 0, k = 0; i < length; i++) if (out[i]! < 0) rows[k++] = i
  const pickedNulls = nulls && Uint8Array.from(rows, (row) => nulls[row]!)
  const picked = dictColumn(
    rows.map((row) => codes[row]!),
    column.dictionary,
    pickedNulls,
  )
  const slots = new Int32Array(missing)
  lookUp([picked], missing, slots)
  for (let k = 0; k < missing; k++) {
    const row = rows[k]!
    out[row] = slots[k]!
    if (nulls === undefined || nulls[row] === 0) known[codes[row]!] = slots[k]!
  }
}

/** The array for `dictionary`, at least as long as it. */
function slotsByCode(cache: DictionarySlots, dictionary: Dictionary): Int32Array {
  const found = cache.known.find((known) => known.dictionary === dictionary)
  if (found !== undefined && found.slots.length >= dictionary.size) return found.slots
  const length = Math.max(64, 2 ** Math.ceil(Math.log2(dictionary.size)))
  const slots = new Int32Array(length).fill(-1)
  charge(cache, length * 4)
  if (found !== undefined) {
    slots.set(found.slots)
    charge(cache, -found.slots.byteLength)
    found.slots = slots
    return slots
  }
  cache.known.push({ dictionary, slots })
  if (cache.known.length > KEPT) charge(cache, -cache.known.shift()!.slots.byteLength)
  return slots
}

/** All slots may have changed their meaning. */
export function forgetDictionaries(cache: DictionarySlots): void {
  charge(cache, -cache.bytes)
  cache.known.length = 0
  cache.stale = false
}

function charge(cache: DictionarySlots, bytes: number): void {
  cache.account.charge(bytes)
  cache.bytes += bytes
}
