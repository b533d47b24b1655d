// JSON decode: bids as they come from a topic, in a batch of payloads, to columns. Every record is checked whole; what
// differs is how many columns are stored. The reference loop checks nothing, and with three fields it stops early.

import { jsonFormat } from '../src/connectors/format/json.ts'
import type { SourceColumn, SourceDefinition } from '../src/connectors/source.ts'
import { memoryAccount } from '../src/core/memory.ts'
import { Region } from '../src/core/region.ts'
import type { SqlType } from '../src/core/type.ts'
import { makeBids } from './reference/decode.ts'
import { type Measured, measure } from './reference/measure.ts'
import type { BenchCase } from './run.ts'

const ROWS = 200_000
const BATCH = 8192
const RUNS = 5

const types: Readonly<Record<string, SqlType['kind']>> = {
  auction: 'int8',
  bidder: 'int8',
  price: 'int8',
  channel: 'text',
  url: 'text',
  dateTime: 'timestamp',
  extra: 'text',
}
const columns = Object.entries(types).map(
  ([name, kind]): SourceColumn => ({ name, type: { kind } as SqlType, nullable: true, include: undefined }),
)
const definition: SourceDefinition = {
  name: 'bid',
  columns,
  connector: 'kafka',
  options: {},
  format: { name: 'plain', options: {} },
  encode: { name: 'json', options: {} },
}

function measureDecode(wanted: readonly number[]): Measured {
  const { bytes, ends } = makeBids(ROWS)
  const start = Int32Array.from(ends, (_, i) => (i === 0 ? 0 : ends[i - 1]!))
  const length = ends.map((end, i) => end - start[i]!)
  const decoder = jsonFormat(columns, definition)
  const region = new Region(memoryAccount('bench'))
  const pass = (): void => {
    for (let from = 0; from < ROWS; from += BATCH) {
      const to = Math.min(ROWS, from + BATCH)
      const payloads = { count: to - from, bytes, start: start.subarray(from, to), length: length.subarray(from, to) }
      const { bad } = decoder.decode(payloads, wanted, region)
      if (bad.length > 0) throw new Error(bad[0]!.reason)
      region.recycle()
    }
  }
  const passes = (): void => {
    for (let i = 0; i < RUNS; i++) pass()
  }
  return measure(RUNS * ROWS, passes, 6)
}

export const cases: readonly BenchCase[] = [
  { name: 'all', reference: 'decode', limit: { times: 1.5 }, run: () => measureDecode([0, 1, 2, 3, 4, 5, 6]) },
  { name: 'three', reference: 'decode', limit: { times: 1.5 }, run: () => measureDecode([0, 1, 2]) },
]
