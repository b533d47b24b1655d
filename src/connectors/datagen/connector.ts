// The connector 'datagen': records of declared columns, made up.
//
//   rate = records a second by the clock, 1000; 0: as fast as they are read     events = how many, without it endless
//   seed = 1     fields.NAME.kind = 'random' | 'sequence', .min .max .length .seed, .start .end
//
// A value is a function of (seed, column, offset). A timestamp without bounds is the record's own time, counted from
// when the source was created; at rate 0 ten thousand records make one second of it.

import type { Column } from '../../core/batch.ts'
import type { Region } from '../../core/region.ts'
import { checkGeneratorColumns, type GeneratedLog, GeneratorReader } from '../generator/generated-log.ts'
import { invalidOption, wholeOption } from '../generator/options.ts'
import type { Connector, SourceDefinition, SourceOrigin } from '../source.ts'
import { type Field, fieldOf, generateField } from './field.ts'

const DEFAULT_RATE = 1000
const UNPACED_RATE = 10_000
const RATE_MAX = 1_000_000_000
const EVENTS_MAX = 1_000_000_000_000
const SEED_MAX = 2_147_483_647
const FIELD_OPTIONS = ['kind', 'min', 'max', 'length', 'start', 'end', 'seed']

export const datagenConnector: Connector = {
  name: 'datagen',
  options: ['rate', 'events', 'seed', 'fields.*'],
  formats: [],
  prescribed: () => undefined,
  async resolve(definition, host) {
    parseOptions(definition)
    checkGeneratorColumns(definition.columns)
    return { start: [{ partition: 0, offset: 0 }], identity: '', baseTime: host.clock.now() }
  },
  open: (definition, origin, host) =>
    new GeneratorReader(new DatagenLog(parseOptions(definition), origin), definition.columns, origin.baseTime, host),
}

interface DatagenOptions {
  readonly rate: number
  readonly events: number | undefined
  /** One a column, INCLUDE columns left out at the end. */
  readonly fields: readonly Field[]
}

function parseOptions({ columns, options }: SourceDefinition): DatagenOptions {
  const declared = columns.filter(({ include }) => include === undefined)
  const known = new Set(declared.flatMap(({ name }) => FIELD_OPTIONS.map((option) => `fields.${name}.${option}`)))
  for (const name of Object.keys(options))
    if (name.startsWith('fields.') && !known.has(name))
      throw invalidOption(
        name,
        'names no column, or nothing that a column has',
        `Known are ${FIELD_OPTIONS.join(', ')}.`,
      )
  const seed = wholeOption(options, 'seed', { least: 0, most: SEED_MAX }) ?? 1
  return {
    rate: wholeOption(options, 'rate', { least: 0, most: RATE_MAX }) ?? DEFAULT_RATE,
    events: wholeOption(options, 'events', { least: 0, most: EVENTS_MAX }),
    fields: declared.map((column, index) => fieldOf(column, options, seed, index)),
  }
}

class DatagenLog implements GeneratedLog {
  readonly #options: DatagenOptions
  readonly #baseTime: number

  constructor(options: DatagenOptions, { baseTime }: SourceOrigin) {
    this.#options = options
    this.#baseTime = Number(baseTime)
  }

  get records(): number | undefined {
    return this.#options.events
  }

  recordsAt(micros: number): number | undefined {
    const { rate, events } = this.#options
    if (rate === 0) return events
    const passed = micros < 0 ? 0 : Math.floor((micros * rate) / 1_000_000) + 1
    return Math.min(passed, events ?? EVENTS_MAX)
  }

  timeOf(offset: number): number {
    const { rate } = this.#options
    return rate === 0 ? 0 : (offset / rate) * 1_000_000
  }

  generate(wanted: readonly number[], range: { from: number; count: number }, region: Region): readonly Column[] {
    const rate = this.#options.rate === 0 ? UNPACED_RATE : this.#options.rate
    const timeOf = (offset: number): number => this.#baseTime + Math.floor((offset / rate) * 1_000_000)
    return wanted.map((column) => generateField(this.#options.fields[column]!, { ...range, timeOf }, region))
  }
}
