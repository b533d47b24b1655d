// Reference loops: what hand-written code on columns needs for the work that a query makes the engine do. They are the
// denominators of the speed ratios, measured beside the engine in the same run.
//
//   decode   bytes of JSON bids to columns, any key order, all seven fields              ingest
//   decode3  the same, only auction, bidder and price needed                             pruned ingest
//   filter   price > constant, selected rows' three columns out                          q2
//   q1       price * 0.908 as NUMERIC mantissa, four columns out                         q1
//   q1wire   q1, and its rows as PostgreSQL DataRow messages in text                     q1 to a client
//   agg10k   GROUP BY (bigint, code): count, sum, max; touched groups emitted; 10 k groups
//   agg1m    the same, 1 M groups
//   join     1 M × 1 M equi-join on bigint, both sides kept, batches alternate           per input row
//   hop      HOP 2 s / 10 s, count per (auction, window), 100 k live auctions            q5's first half

import { GroupTable, makeKeyedBatches } from './reference/aggregate.ts'
import {
  BATCH_ROWS,
  DATA_ROW_BYTES_MAX,
  emptyBatch,
  encodeDataRows,
  filterBids,
  makeBatch,
  projectBids,
} from './reference/columns.ts'
import { ALL_FIELDS, columnsFor, decodeBids, makeBids, THREE_FIELDS, type Wanted } from './reference/decode.ts'
import { HopCounts, makeAuctions } from './reference/hop.ts'
import { JoinState, makeJoinBatches } from './reference/join.ts'
import { type Measured, measure } from './reference/measure.ts'

const ROWS = 2_000_000
const BATCHES = Math.ceil(ROWS / BATCH_ROWS)

function measureDecode(wanted: Wanted): Measured {
  const rows = 200_000
  const runs = 5
  const messages = makeBids(rows)
  const columns = columnsFor(rows)
  const pass = (): void => {
    for (let i = 0; i < runs; i++) decodeBids(messages, rows, wanted, columns)
  }
  // Few, long calls: V8 replaces the code that it made inside the running loop only after some thirty of them.
  return measure(runs * rows, pass, 10)
}

function measureBatches(work: () => void): Measured {
  const pass = (): void => {
    for (let i = 0; i < BATCHES; i++) work()
  }
  return measure(BATCHES * BATCH_ROWS, pass)
}

function measureWire(): Measured {
  const [from, to] = [makeBatch(), emptyBatch()]
  const halves = [to.auction, to.bidder, to.price, to.time].map((column) => new Int32Array(column.buffer))
  const wire = new Uint8Array(BATCH_ROWS * DATA_ROW_BYTES_MAX)
  return measureBatches(() => {
    projectBids(from, to, BATCH_ROWS)
    encodeDataRows(halves, BATCH_ROWS, wire)
  })
}

function measureAggregate(groups: number): Measured {
  const batches = makeKeyedBatches(BATCHES, groups)
  const table = new GroupTable(groups)
  return measure(BATCHES * BATCH_ROWS, () => {
    for (const batch of batches) table.apply(batch)
  })
}

function measureJoin(): Measured {
  const count = 245
  const rows = count * BATCH_ROWS
  const left = makeJoinBatches(count, 1_000_000, 1)
  const right = makeJoinBatches(count, 1_000_000, 2)
  const pass = (): void => {
    const state = new JoinState(1 << 21, rows)
    for (let i = 0; i < count; i++) {
      state.push(0, left[i]!)
      state.push(1, right[i]!)
    }
  }
  return measure(2 * rows, pass, 1)
}

function measureHop(): Measured {
  const auctions = makeAuctions(64)
  const counts = new HopCounts()
  let at = 0
  return measureBatches(() => void counts.push(auctions[at++ & 63]!))
}

function measureColumns(
  work: (from: ReturnType<typeof makeBatch>, to: ReturnType<typeof makeBatch>) => void,
): Measured {
  const [from, to] = [makeBatch(), emptyBatch()]
  return measureBatches(() => work(from, to))
}

/** Each measures its loop once, in some seconds. */
export const references = {
  decode: () => measureDecode(ALL_FIELDS),
  decode3: () => measureDecode(THREE_FIELDS),
  filter: () => measureColumns((from, to) => void filterBids(from, to, BATCH_ROWS)),
  q1: () => measureColumns((from, to) => projectBids(from, to, BATCH_ROWS)),
  q1wire: measureWire,
  agg10k: () => measureAggregate(10_000),
  agg1m: () => measureAggregate(1_000_000),
  join: measureJoin,
  hop: measureHop,
} satisfies Record<string, () => Measured>

export type ReferenceName = keyof typeof references
