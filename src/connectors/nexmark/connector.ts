// The connector 'nexmark': bids, auctions and people of an online auction (Tucker et al., "NEXMark", 2002), in the
// proportions 46 : 3 : 1 and with the distributions of the generator that the published benchmark uses.
//
//   table = 'bid' | 'auction' | 'person'    seed = 1    events = number of events of all kinds, without it endless
//   rate  = events of all kinds a second, by the clock; 1000; 0: as fast as they are read
//   event_rate = events a second of event time; that of `rate`, and 10,000 where it is 0
//
// Event n is a function of (seed, n), its time of (event_rate, n). A table's offsets count its own events. So three
// sources with the same options are the three sides of one history.

import type { Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import { columnDef, type Schema } from '../../core/schema.ts'
import type { SqlType } from '../../core/type.ts'
import { checkGeneratorColumns, type GeneratedLog, GeneratorReader } from '../generator/generated-log.ts'
import { invalidOption, wholeOption } from '../generator/options.ts'
import { seedWord } from '../generator/random.ts'
import type { Connector, SourceDefinition } from '../source.ts'
import { auctionColumns } from './auction.ts'
import { bidColumns } from './bid.ts'
import { type EventTable, eventNumber, recordsAmong } from './events.ts'
import { personColumns } from './person.ts'
import { makeTables, type Tables } from './tables.ts'

const int8: SqlType = { kind: 'int8' }
const text: SqlType = { kind: 'text' }
const timestamp: SqlType = { kind: 'timestamp' }

const schemaOf = (columns: Readonly<Record<string, SqlType>>): Schema =>
  Object.entries(columns).map(([name, type]) => columnDef(name, type, false))

/** The benchmark's names, folded as SQL folds them. */
const schemas = {
  bid: schemaOf({
    auction: int8,
    bidder: int8,
    price: int8,
    channel: text,
    url: text,
    datetime: timestamp,
    extra: text,
  }),
  auction: schemaOf({
    id: int8,
    itemname: text,
    description: text,
    initialbid: int8,
    reserve: int8,
    datetime: timestamp,
    expires: timestamp,
    seller: int8,
    category: int8,
    extra: text,
  }),
  person: schemaOf({
    id: int8,
    name: text,
    emailaddress: text,
    creditcard: text,
    city: text,
    state: text,
    datetime: timestamp,
    extra: text,
  }),
} as const satisfies Record<EventTable, Schema>

const generators = { bid: bidColumns, auction: auctionColumns, person: personColumns } as const

const DEFAULT_RATE = 1000
const UNPACED_EVENT_RATE = 10_000
const RATE_MAX = 1_000_000_000
/** Times stay within what a timestamp can be, even at one event a second. */
const EVENTS_MAX = 1_000_000_000_000
/** Tables of so many seeds are kept, one megabyte each. */
const SEEDS_KEPT = 4

interface NexmarkOptions {
  readonly table: EventTable
  readonly rate: number
  readonly eventRate: number
  readonly events: number | undefined
  readonly seed: number
}

export function nexmarkConnector(): Connector {
  const kept = new Map<number, Tables>()
  const tablesOf = (seed: number): Tables => {
    const known = kept.get(seed) ?? makeTables(seed)
    kept.delete(seed)
    kept.set(seed, known)
    if (kept.size > SEEDS_KEPT) kept.delete(kept.keys().next().value!)
    return known
  }
  return {
    name: 'nexmark',
    options: ['table', 'rate', 'event_rate', 'events', 'seed'],
    formats: [],
    prescribed: (definition) => schemas[parseOptions(definition).table],
    async resolve(definition, host) {
      parseOptions(definition)
      checkGeneratorColumns(definition.columns)
      return { start: [{ partition: 0, offset: 0 }], identity: '', baseTime: host.clock.now() }
    },
    open(definition, origin, host) {
      const options = parseOptions(definition)
      const log = new NexmarkLog(options, () => tablesOf(options.seed))
      return new GeneratorReader(log, definition.columns, origin.baseTime, host)
    },
  }
}

function parseOptions({ options }: SourceDefinition): NexmarkOptions {
  const { table } = options
  if (table !== 'bid' && table !== 'auction' && table !== 'person')
    throw invalidOption('table', "must be 'bid', 'auction' or 'person'", 'Each is a source of its own.')
  const rate = wholeOption(options, 'rate', { least: 0, most: RATE_MAX }) ?? DEFAULT_RATE
  return {
    table,
    rate,
    eventRate:
      wholeOption(options, 'event_rate', { least: 1, most: RATE_MAX }) ?? (rate === 0 ? UNPACED_EVENT_RATE : rate),
    events: wholeOption(options, 'events', { least: 0, most: EVENTS_MAX }),
    seed: wholeOption(options, 'seed', { least: 0, most: 2_147_483_647 }) ?? 1,
  }
}

class NexmarkLog implements GeneratedLog {
  readonly #options: NexmarkOptions
  readonly #tables: () => Tables

  constructor(options: NexmarkOptions, tables: () => Tables) {
    this.#options = options
    this.#tables = tables
  }

  get records(): number | undefined {
    const { table, events } = this.#options
    return events === undefined ? undefined : recordsAmong(table, events)
  }

  recordsAt(micros: number): number | undefined {
    const { table, rate, events } = this.#options
    if (rate === 0) return events === undefined ? undefined : recordsAmong(table, events)
    const passed = micros < 0 ? 0 : Math.floor((micros * rate) / 1_000_000) + 1
    return recordsAmong(table, Math.min(passed, events ?? EVENTS_MAX))
  }

  timeOf(offset: number): number {
    const { table, rate } = this.#options
    return rate === 0 ? 0 : (eventNumber(table, offset) / rate) * 1_000_000
  }

  generate(wanted: readonly number[], range: { from: number; count: number }, region: Region): readonly Column[] {
    const { table, eventRate, seed } = this.#options
    return generators[table](wanted, { ...range, rate: eventRate, seeded: seedWord(seed) }, this.#tables, region)
  }
}
