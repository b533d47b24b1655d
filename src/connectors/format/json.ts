// FORMAT PLAIN ENCODE JSON: one object a record, fields by column name in any order. A missing field is NULL, of equal
// keys the last counts, unknown fields must be well-formed and no more.
//
//   payloads ──scan (json-scan)──► cells of a block ──► columns (json-fill)
//                └─ gave up: walked with care (json-syntax), values read one by one (json-value), or bad with a reason
//
// State: scratch cells of one block, and the order that keys had last. Every record is checked against every column,
// whichever are asked for, so whether it is bad depends on nothing else. Positions in reasons are bytes from 0.

import type { Column } from '../../core/batch.ts'
import { utf8Text } from '../../core/byte-writer.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import type { Region } from '../../core/region.ts'
import { columnDef, type Schema } from '../../core/schema.ts'
import type { SqlType } from '../../core/type.ts'
import { typeName } from '../../core/type-name.ts'
import { parseJson } from '../../functions/text/json.ts'
import type { BadPayload, DecodedPayloads, PayloadDecoder, PayloadFormat, Payloads } from '../kafka/payload.ts'
import type { SourceColumn, SourceDefinition } from '../source.ts'
import { BLOCK, type Cells, makeCells, NONE, NULL, SLOW } from './json-cells.ts'
import { type Filler, fillerOf } from './json-fill.ts'
import { FieldNames } from './json-names.ts'
import { type Input, type Readers, readersOf, scanRecord } from './json-scan.ts'
import { faultOf, walkObject } from './json-syntax.ts'
import { type MicrosPerUnit, readJsonValue } from './json-value.ts'

const units: Readonly<Record<string, MicrosPerUnit>> = { s: 1_000_000, ms: 1_000, us: 1 }

export const jsonFormat: PayloadFormat = (columns, definition) => {
  for (const { name, type } of columns) checkType(name, type)
  return new JsonDecoder(columns, timestampUnit(definition))
}

function checkType(column: string, type: SqlType): void {
  if (type.kind === 'array') checkType(column, type.element)
  else if (type.kind === 'row') for (const field of type.fields) checkType(column, field.type)
  else if (type.kind === 'reg' || type.kind === 'unknown' || type.kind === 'void')
    throw notSupported(`type ${typeName(type)} of column "${column}" in JSON`)
}

function timestampUnit({ format, encode }: SourceDefinition): MicrosPerUnit | undefined {
  const [unknown] = [...Object.keys(format?.options ?? {}), ...Object.keys(encode?.options ?? {})].filter(
    (name) => name !== 'timestamp_unit',
  )
  if (unknown !== undefined)
    throw new SqlError({
      code: '22023',
      message: `unrecognized parameter "${unknown}"`,
      hint: 'ENCODE JSON knows timestamp_unit.',
    })
  const text = encode?.options.timestamp_unit ?? format?.options.timestamp_unit
  if (text === undefined) return undefined
  const unit = Object.hasOwn(units, text) ? units[text] : undefined
  if (unit === undefined)
    throw new SqlError({ code: '22023', message: `option "timestamp_unit" must be 's', 'ms' or 'us', not '${text}'` })
  return unit
}

class JsonDecoder implements PayloadDecoder {
  readonly #schema: Schema
  readonly #unit: MicrosPerUnit | undefined
  readonly #names: FieldNames
  readonly #readers: Readers
  readonly #cells: Cells
  /** Columns that must have a value. */
  readonly #required: readonly number[]

  constructor(columns: readonly SourceColumn[], unit: MicrosPerUnit | undefined) {
    this.#schema = columns.map(({ name, type, nullable }) => columnDef(name, type, nullable))
    this.#unit = unit
    this.#names = new FieldNames(columns.map(({ name }) => name))
    this.#readers = readersOf(
      columns.map(({ type }) => type),
      unit,
    )
    this.#cells = makeCells(columns.length)
    this.#required = [...columns.keys()].filter((column) => !columns[column]!.nullable)
  }

  decode(payloads: Payloads, wanted: readonly number[], region: Region): DecodedPayloads {
    const { bytes, count } = payloads
    const input = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
    const fillers = wanted.map((column) => fillerOf(this.#schema[column]!, count, bytes, region))
    const bad: BadPayload[] = []
    let rows = 0
    for (let from = 0; from < count; from += BLOCK)
      rows += this.#block(input, payloads, from, { wanted, fillers, bad, row: rows })
    return { columns: fillers.map((filler): Column => filler.finish(rows)), bad }
  }

  /** Scans the block of payloads that begins at `from`; gives how many were good. */
  #block(
    input: Input,
    { start, length, count }: Payloads,
    from: number,
    into: { wanted: readonly number[]; fillers: readonly Filler[]; bad: BadPayload[]; row: number },
  ): number {
    const cells = this.#cells
    const records = new Int32Array(BLOCK)
    const size = Math.min(BLOCK, count - from)
    cells.tag.fill(NONE)
    cells.slow.clear()
    let good = 0
    for (let i = 0; i < size; i++) {
      const payload = from + i
      const range = { start: start[payload]!, end: start[payload]! + length[payload]!, first: i * cells.fields }
      const reason = this.#record(input, range)
      if (reason === undefined) records[good++] = i
      else into.bad.push({ payload, reason })
    }
    for (const [k, filler] of into.fillers.entries())
      filler.fill({ cells, field: into.wanted[k]!, records, count: good, row: into.row })
    return good
  }

  /** Fills a record's cells; gives why it is bad. */
  #record(input: Input, range: { start: number; end: number; first: number }): string | undefined {
    if (range.end < range.start) return 'the record has no value'
    const slow = scanRecord(input, this.#names, this.#readers, this.#cells, range)
    const fault = slow < 0 ? this.#walk(input, range) : undefined
    return fault ?? (slow === 0 ? undefined : this.#readSlow(input, range)) ?? this.#missing(range.first)
  }

  /** The careful way: every value is left for reading, the last of equal keys in the end. */
  #walk(input: Input, { start, end, first }: { start: number; end: number; first: number }): string | undefined {
    const { bytes, view } = input
    const { tag, start: starts, length: lengths } = this.#cells
    tag.fill(NONE, first, first + this.#cells.fields)
    const stop = walkObject(bytes, view, { start, end }, (keyStart, keyEnd, valueStart, valueEnd) => {
      const field = this.#names.named(keyText(bytes, keyStart, keyEnd))
      if (field < 0) return
      tag[first + field] = bytes[valueStart] === LETTER_N ? NULL : SLOW
      starts[first + field] = valueStart
      lengths[first + field] = valueEnd - valueStart
    })
    return stop < 0 ? `not a JSON object: ${faultOf(stop, bytes, start, end)}` : undefined
  }

  #readSlow({ bytes }: Input, { start, first }: { start: number; first: number }): string | undefined {
    const { tag, start: starts, length: lengths, slow, fields } = this.#cells
    for (let field = 0; field < fields; field++) {
      const cell = first + field
      if (tag[cell] !== SLOW) continue
      const { name, type } = this.#schema[field]!
      try {
        slow.set(cell, readJsonValue(type, utf8Text(bytes, starts[cell]!, lengths[cell]!), this.#unit))
      } catch (error) {
        if (!(error instanceof SqlError)) throw error
        return `column "${name}": ${error.message}, at byte ${starts[cell]! - start}`
      }
    }
    return undefined
  }

  #missing(first: number): string | undefined {
    for (const field of this.#required)
      if (this.#cells.tag[first + field]! <= NULL)
        return `column "${this.#schema[field]!.name}" is NOT NULL and has no value`
    return undefined
  }
}

const LETTER_N = 110

/** A key with its escapes resolved; one that no text can hold names no column. */
function keyText(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8Text(bytes, start, end - start)
  if (!text.includes('\\')) return text
  try {
    return String(parseJson(`"${text}"`))
  } catch (error) {
    if (error instanceof SqlError) return ''
    throw error
  }
}
