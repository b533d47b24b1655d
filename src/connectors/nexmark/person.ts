// People: one event is drawn whole, in the order that its numbers come; then its row is stored.

import { bytesColumn, type Column, dictColumn, i64Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import { storeWhole } from '../generator/generated-log.ts'
import { eventState } from '../generator/random.ts'
import { EventRandom } from './event-random.ts'
import { eventNumber, FIRST_PERSON_ID } from './events.ts'
import { cities, extraOf, firstNames, lastNames, names, PADDING_BYTES, putWord, states, type Tables } from './tables.ts'
import { type EventRange, timeColumn } from './time-column.ts'

const ID = 0
const NAME = 1
const EMAIL = 2
const CARD = 3
const CITY = 4
const STATE = 5
const TIME = 6

const MAILBOX_BYTES_MAX = 7
const DOMAIN_BYTES_MAX = 5
const EMAIL_BYTES_MAX = MAILBOX_BYTES_MAX + DOMAIN_BYTES_MAX + 5
const CARD_BYTES = 19
const ARENA_BYTES = EMAIL_BYTES_MAX + CARD_BYTES
const AVERAGE_BYTES = 200
const FIXED_BYTES = 8

const AT_SIGN = 64
const DOT_COM = Uint8Array.from('.com', (letter) => letter.charCodeAt(0))
const SPACE = 32
const ZERO = 48

export function personColumns(
  wanted: readonly number[],
  range: EventRange,
  tables: () => Tables,
  region: Region,
): readonly Column[] {
  const { from, count, seeded } = range
  const id = i64Column(region.i64(count))
  const codes = { name: region.i32(count), city: region.i32(count), state: region.i32(count) }
  const texts = [EMAIL, CARD, 'extra'].map(() => ({ offsets: region.i32(count), lengths: region.i32(count) }))
  const [email, card, extra] = texts as [(typeof texts)[0], (typeof texts)[0], (typeof texts)[0]]
  const arena = region.u8(count * ARENA_BYTES)
  for (let i = 0; i < count; i++) {
    const random = new EventRandom(eventState(seeded, eventNumber('person', from + i)))
    storeWhole(id.words, i, from + i + FIRST_PERSON_ID)
    codes.name[i] = random.below(firstNames) * lastNames + random.below(lastNames)
    email.offsets[i] = i * ARENA_BYTES
    email.lengths[i] = putEmail(random, arena, i * ARENA_BYTES)
    card.offsets[i] = i * ARENA_BYTES + EMAIL_BYTES_MAX
    card.lengths[i] = CARD_BYTES
    putCard(random, arena, i * ARENA_BYTES + EMAIL_BYTES_MAX)
    codes.city[i] = random.below(cities.size)
    codes.state[i] = random.below(states.size)
    const drawn = names.lengths[codes.name[i]!]! + cities.lengths[codes.city[i]!]! + states.lengths[codes.state[i]!]!
    const piece = extraOf(random, FIXED_BYTES + drawn + email.lengths[i]! + CARD_BYTES, AVERAGE_BYTES)
    extra.offsets[i] = piece % PADDING_BYTES
    extra.lengths[i] = Math.floor(piece / PADDING_BYTES)
  }
  return wanted.map((column) => {
    switch (column) {
      case ID:
        return id
      case NAME:
        return dictColumn(codes.name, names)
      case EMAIL:
        return bytesColumn({ ...email, arena })
      case CARD:
        return bytesColumn({ ...card, arena })
      case CITY:
        return dictColumn(codes.city, cities)
      case STATE:
        return dictColumn(codes.state, states)
      case TIME:
        return timeColumn('person', range, region)
      default:
        return bytesColumn({ ...extra, arena: tables().padding })
    }
  })
}

/** `mailbox@domain.com`; gives its length. */
function putEmail(random: EventRandom, arena: Uint8Array, at: number): number {
  let end = at + putWord(random, MAILBOX_BYTES_MAX, arena, at)
  arena[end++] = AT_SIGN
  end += putWord(random, DOMAIN_BYTES_MAX, arena, end)
  arena.set(DOT_COM, end)
  return end + DOT_COM.length - at
}

/** Four times four digits. */
function putCard(random: EventRandom, arena: Uint8Array, at: number): void {
  for (let group = 0; group < 4; group++) {
    const start = at + group * 5
    let digits = random.below(10_000)
    for (let place = 3; place >= 0; place--) {
      arena[start + place] = ZERO + (digits % 10)
      digits = Math.floor(digits / 10)
    }
    if (group > 0) arena[start - 1] = SPACE
  }
}
