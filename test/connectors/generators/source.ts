// A generator as the engine meets it: a definition, a reader on a clock of the test's own, the rows of its chunks.

import type {
  Chunk,
  Connector,
  ConnectorHost,
  SourceColumn,
  SourceDefinition,
  SourceReader,
} from '../../../src/connectors/source.ts'
import { rowsOfBatch } from '../../../src/core/convert.ts'
import { columnDef } from '../../../src/core/schema.ts'
import type { SqlValue } from '../../../src/core/value.ts'
import { testRegion } from '../../support/columns.ts'

/** Time moves when somebody waits, and by `advance`. */
export class TestHost implements ConnectorHost {
  #micros = 1_700_000_000_000_000n
  readonly waits: number[] = []
  readonly clock = { now: () => this.#micros, monotonicMs: () => Number(this.#micros) / 1000 }
  readonly timers = {
    after: (delayMs: number, run: () => void) => {
      this.waits.push(delayMs)
      this.advance(delayMs)
      queueMicrotask(run)
      return { [Symbol.dispose]: () => {} }
    },
  }
  readonly random = () => 0.5
  readonly log = () => {}

  advance(milliseconds: number): void {
    this.#micros += BigInt(Math.round(milliseconds * 1000))
  }
}

export const definitionOf = (
  connector: string,
  options: Readonly<Record<string, string>>,
  columns: readonly SourceColumn[] = [],
): SourceDefinition => ({ name: 's', columns, connector, options, format: undefined, encode: undefined })

/** Created and opened at once, the prescribed columns filled in. */
export async function openSource(
  connector: Connector,
  draft: SourceDefinition,
  host: TestHost,
): Promise<{ readonly reader: SourceReader; readonly columns: readonly SourceColumn[] }> {
  const prescribed = connector.prescribed(draft)?.map(({ name, type, nullable }) => ({ name, type, nullable }))
  const own = prescribed?.map((column): SourceColumn => ({ ...column, include: undefined })) ?? []
  const definition = { ...draft, columns: [...own, ...draft.columns] }
  const origin = await connector.resolve(definition, host)
  return { reader: connector.open(definition, origin, host), columns: definition.columns }
}

/** Chunks from `from` on until the reader has `count` records, or nothing more. */
export async function chunksOf(reader: SourceReader, from: number, count: number): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = []
  let at = from
  while (at < from + count) {
    const limits = { maxBytes: 64 * 1024, maxWaitMs: 100 }
    const [chunk] = await reader.poll([{ partition: 0, offset: at }], limits, new AbortController().signal)
    if (chunk === undefined) break
    chunks.push(chunk)
    at = chunk.to
  }
  return chunks
}

export function rowsOfChunk(
  columns: readonly SourceColumn[],
  chunk: Chunk,
  range = { skip: 0, max: chunk.records },
  wanted: readonly number[] = columns.map((_, i) => i),
): readonly (readonly SqlValue[])[] {
  const decoded = chunk.decode(wanted, range, testRegion())
  const schema = wanted.map((i) => columnDef(columns[i]!.name, columns[i]!.type))
  return rowsOfBatch(schema, decoded.batch)
}
