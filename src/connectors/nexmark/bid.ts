// Bids, straight into columns. This loop feeds every Nexmark query: it draws texts only where they are wanted, and they
// are codes of dictionaries or pieces of the padding, never copied.

import { bytesColumn, type Column, dictColumn, i64Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import { storeWhole } from '../generator/generated-log.ts'
import { eventState, mix, STEP, scale } from '../generator/random.ts'
import { priceOf } from './event-random.ts'
import {
  anyPerson,
  EPOCH_EVENTS,
  FIRST_AUCTION_ID,
  FIRST_PERSON_ID,
  HOT_GROUP,
  ID_LEAD,
  IN_FLIGHT_AUCTIONS,
  shares,
} from './events.ts'
import { CHANNELS, HOT_CHANNELS, PADDING_BYTES, type Tables } from './tables.ts'
import { type EventRange, timeColumn } from './time-column.ts'

const AUCTION = 0
const BIDDER = 1
const PRICE = 2
const CHANNEL = 3
const URL = 4
const TIME = 5
const EXTRA = 6

const AVERAGE_BYTES = 100
const FIXED_BYTES = 32
const EXTRA_ROOM = AVERAGE_BYTES - FIXED_BYTES
const EXTRA_SPREAD = Math.round(EXTRA_ROOM * 0.2)

export function bidColumns(
  wanted: readonly number[],
  range: EventRange,
  tables: () => Tables,
  region: Region,
): readonly Column[] {
  const { count } = range
  const numbers = [AUCTION, BIDDER, PRICE].map((column) =>
    wanted.includes(column) ? i64Column(region.i64(count)) : undefined,
  )
  const codes = wanted.includes(CHANNEL) || wanted.includes(URL) ? region.i32(count) : undefined
  const extra = wanted.includes(EXTRA) ? { offsets: region.i32(count), lengths: region.i32(count) } : undefined
  draw(range, {
    auction: numbers[AUCTION]?.words,
    bidder: numbers[BIDDER]?.words,
    price: numbers[PRICE]?.words,
    channel: codes,
    extraOffset: extra?.offsets,
    extraLength: extra?.lengths,
  })
  return wanted.map((column) => {
    if (column === TIME) return timeColumn('bid', range, region)
    if (column === CHANNEL) return dictColumn(codes!, tables().channels)
    if (column === URL) return dictColumn(codes!, tables().urls)
    return column === EXTRA ? bytesColumn({ ...extra!, arena: tables().padding }) : numbers[column]!
  })
}

interface BidArrays {
  readonly auction: Int32Array | undefined
  readonly bidder: Int32Array | undefined
  readonly price: Int32Array | undefined
  readonly channel: Int32Array | undefined
  readonly extraOffset: Int32Array | undefined
  readonly extraLength: Int32Array | undefined
}

/** What all bids of an epoch choose from. */
function hotOf(epoch: number) {
  const last = epoch * shares.auction.count + shares.auction.count - 1
  const oldest = Math.max(last - IN_FLIGHT_AUCTIONS, 0)
  return {
    firstEvent: epoch * EPOCH_EVENTS + shares.bid.first,
    auction: Math.floor(last / HOT_GROUP) * HOT_GROUP,
    oldest,
    auctions: last - oldest + 1 + ID_LEAD,
    bidder: Math.floor(epoch / HOT_GROUP) * HOT_GROUP + 1,
  }
}

function draw({ from, count, seeded }: EventRange, into: BidArrays): void {
  const { auction, bidder, price, channel, extraOffset, extraLength } = into
  const drawsText = channel !== undefined || extraOffset !== undefined
  if (auction === undefined && bidder === undefined && price === undefined && !drawsText) return
  let epoch = Math.floor(from / shares.bid.count)
  let within = from - epoch * shares.bid.count
  let hot = hotOf(epoch)
  for (let i = 0; i < count; i++) {
    let state = (eventState(seeded, hot.firstEvent + within) + STEP) | 0
    let chosen = hot.auction
    if (mix(state) >= 0) {
      state = (state + STEP) | 0
      chosen = hot.oldest + scale(mix(state) >>> 0, hot.auctions)
    }
    if (auction !== undefined) storeWhole(auction, i, chosen + FIRST_AUCTION_ID)
    state = (state + STEP) | 0
    chosen = hot.bidder
    if (mix(state) >>> 30 === 0) {
      state = (state + STEP) | 0
      chosen = anyPerson(mix(state) >>> 0, epoch)
    }
    if (bidder !== undefined) storeWhole(bidder, i, chosen + FIRST_PERSON_ID)
    state = (state + STEP) | 0
    if (price !== undefined) storeWhole(price, i, priceOf(mix(state) >>> 0))
    if (drawsText) {
      state = (state + 2 * STEP) | 0
      const isHot = mix((state - STEP) | 0) < 0
      const code = isHot ? mix(state) >>> 30 : HOT_CHANNELS + scale(mix(state) >>> 0, CHANNELS)
      if (channel !== undefined) channel[i] = code
      state = (state + STEP) | 0
      const length = EXTRA_ROOM - EXTRA_SPREAD + scale(mix(state) >>> 0, 2 * EXTRA_SPREAD)
      if (extraOffset !== undefined) {
        extraLength![i] = length
        extraOffset[i] = scale(mix((state + STEP) | 0) >>> 0, PADDING_BYTES - length)
      }
    }
    if (++within === shares.bid.count) {
      within = 0
      hot = hotOf(++epoch)
    }
  }
}
