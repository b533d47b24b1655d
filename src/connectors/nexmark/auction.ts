// Auctions: one event is drawn whole, in the order that its numbers come; then its row is stored.

import { bytesColumn, type Column, i64Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import { storeWhole } from '../generator/generated-log.ts'
import { eventState } from '../generator/random.ts'
import { EventRandom } from './event-random.ts'
import {
  CATEGORIES,
  eventNumber,
  eventTimeMs,
  FIRST_AUCTION_ID,
  FIRST_CATEGORY_ID,
  FIRST_PERSON_ID,
  IN_FLIGHT_AUCTIONS,
  somePerson,
} from './events.ts'
import { extraOf, PADDING_BYTES, putWord, type Tables } from './tables.ts'
import { type EventRange, timeColumn } from './time-column.ts'

const COLUMNS = 10
const ID = 0
const NAME = 1
const DESCRIPTION = 2
const INITIAL_BID = 3
const RESERVE = 4
const TIME = 5
const EXPIRES = 6
const SELLER = 7
const CATEGORY = 8
const EXTRA = 9

const NAME_BYTES_MAX = 20
const DESCRIPTION_BYTES_MAX = 100
const ARENA_BYTES = NAME_BYTES_MAX + DESCRIPTION_BYTES_MAX
const AVERAGE_BYTES = 500
const FIXED_BYTES = 48
/** Events until all auctions of now are replaced by others. */
const HORIZON_EVENTS = Math.floor((IN_FLIGHT_AUCTIONS * 50) / 3)

export function auctionColumns(
  wanted: readonly number[],
  range: EventRange,
  tables: () => Tables,
  region: Region,
): readonly Column[] {
  const { from, count, rate, seeded } = range
  const numbers = Array.from({ length: COLUMNS }, () => i64Column(region.i64(count)))
  const texts = [NAME, DESCRIPTION, EXTRA].map(() => ({ offsets: region.i32(count), lengths: region.i32(count) }))
  const [name, description, extra] = texts as [(typeof texts)[0], (typeof texts)[0], (typeof texts)[0]]
  const arena = region.u8(count * ARENA_BYTES)
  for (let i = 0; i < count; i++) {
    const n = eventNumber('auction', from + i)
    const random = new EventRandom(eventState(seeded, n))
    const put = (column: number, value: number): void => storeWhole(numbers[column]!.words, i, value)
    put(ID, from + i + FIRST_AUCTION_ID)
    put(SELLER, somePerson(random, Math.floor(n / 50), 0) + FIRST_PERSON_ID)
    put(CATEGORY, FIRST_CATEGORY_ID + random.below(CATEGORIES))
    const initialBid = random.price()
    put(INITIAL_BID, initialBid)
    const time = eventTimeMs(n, rate)
    const horizon = eventTimeMs(n + HORIZON_EVENTS, rate) - time
    put(EXPIRES, (time + 1 + random.below(Math.max(horizon * 2, 1))) * 1000)
    name.offsets[i] = i * ARENA_BYTES
    name.lengths[i] = putWord(random, NAME_BYTES_MAX, arena, i * ARENA_BYTES)
    description.offsets[i] = i * ARENA_BYTES + NAME_BYTES_MAX
    description.lengths[i] = putWord(random, DESCRIPTION_BYTES_MAX, arena, i * ARENA_BYTES + NAME_BYTES_MAX)
    put(RESERVE, initialBid + random.price())
    const piece = extraOf(random, FIXED_BYTES + name.lengths[i]! + description.lengths[i]!, AVERAGE_BYTES)
    extra.offsets[i] = piece % PADDING_BYTES
    extra.lengths[i] = Math.floor(piece / PADDING_BYTES)
  }
  return wanted.map((column) => {
    if (column === TIME) return timeColumn('auction', range, region)
    if (column === NAME) return bytesColumn({ ...name, arena })
    if (column === DESCRIPTION) return bytesColumn({ ...description, arena })
    return column === EXTRA ? bytesColumn({ ...extra, arena: tables().padding }) : numbers[column]!
  })
}
