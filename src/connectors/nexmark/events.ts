// Which event is which: of every 50 the first is a person, three are auctions and 46 are bids. Record k of a kind is an
// event of that kind's own count; from its epoch of 50 follow the newest person and the newest auction at its time.

import { scale } from '../generator/random.ts'
import type { EventRandom } from './event-random.ts'

/** 2015-07-15 00:00:00 UTC, the time of event 0. */
const BASE_MS = 1_436_918_400_000

export const FIRST_PERSON_ID = 1000
export const FIRST_AUCTION_ID = 1000
export const FIRST_CATEGORY_ID = 10
export const CATEGORIES = 5
/** One hot auction, seller and bidder among so many. */
export const HOT_GROUP = 100
export const IN_FLIGHT_AUCTIONS = 100
export const ID_LEAD = 10
const ACTIVE_PEOPLE = 1000

export const EPOCH_EVENTS = 50

export type EventTable = 'bid' | 'auction' | 'person'

/** Events of a table in an epoch: from number `first` on, `count` of them. */
export const shares = {
  person: { first: 0, count: 1 },
  auction: { first: 1, count: 3 },
  bid: { first: 4, count: 46 },
} as const satisfies Record<EventTable, { first: number; count: number }>

/** The number of the event that is record `offset` of its table. */
export function eventNumber(table: EventTable, offset: number): number {
  const { first, count } = shares[table]
  const epoch = Math.floor(offset / count)
  return epoch * EPOCH_EVENTS + first + (offset - epoch * count)
}

/** How many of the first `events` events belong to a table. */
export function recordsAmong(table: EventTable, events: number): number {
  const { first, count } = shares[table]
  const epoch = Math.floor(events / EPOCH_EVENTS)
  return epoch * count + Math.min(count, Math.max(0, events - epoch * EPOCH_EVENTS - first))
}

/** Milliseconds from 1970 of event `n`, at `rate` events a second. */
export const eventTimeMs = (n: number, rate: number): number => BASE_MS + Math.floor((n * 1000) / rate)

/** The person that `bits` choose when number `last` is the newest: one of the newest thousand, or of a few to come. */
export function anyPerson(bits: number, last: number): number {
  const people = last + 1
  const active = Math.min(people, ACTIVE_PEOPLE)
  return people - active + scale(bits, active + ID_LEAD)
}

/** The hot person of the newest's group, or once in four any; numbers, not ids. */
export const somePerson = (random: EventRandom, last: number, hot: number): number =>
  random.below(4) > 0 ? Math.floor(last / HOT_GROUP) * HOT_GROUP + hot : anyPerson(random.bits(), last)
