// The WITH options and FORMAT of CREATE SOURCE: aliases resolved, unknown ones refused with the nearest known name, the
// engine's own taken out, the rest left to the connector.

import type { Connector, SourceDefinition } from '../../connectors/source.ts'
import { notSupported, SqlError } from '../../core/error.ts'
import type { CreateSource, Format, Option } from '../../parser/ast-statement.ts'
import { nearest } from '../../planner/nearest.ts'
import type { SourceObject } from '../../storage/catalog.ts'
import type { StatementSession } from '../statement-session.ts'
import { optionText } from './options.ts'
import { sourceWatermarkOptions } from './watermark.ts'

/** Options that are the engine's and not the connector's. */
const ownOptions = ['connector', 'on_error', 'bad_retention', ...sourceWatermarkOptions]
/** Known, and not built. */
const laterOptions = ['max_drift']

export interface SourceOptions {
  readonly connector: Connector
  /** Without its columns. */
  readonly draft: SourceDefinition
  readonly onError: SourceObject['onError']
}

export function sourceOptions(session: StatementSession, statement: CreateSource): SourceOptions {
  const { connectors } = session.core
  const named = statement.options.find((option) => option.name === 'connector')
  if (named === undefined)
    throw new SqlError({
      code: '42601',
      message: 'CREATE SOURCE needs WITH (connector = …)',
      hint: `Known connectors: ${[...connectors.keys()].join(', ')}.`,
      position: statement.position,
    })
  const name = optionText(named)
  const connector = connectors.get(name)
  if (connector === undefined) throw unknownConnector(name, [...connectors.keys()], named)
  const given = givenOptions(statement.options, connector)
  const { on_error: onError = 'divert' } = given
  const options = Object.fromEntries(Object.entries(given).filter(([name]) => !ownOptions.includes(name)))
  if (onError !== 'divert' && onError !== 'fail' && onError !== 'skip')
    throw new SqlError({
      code: '22023',
      message: `invalid value for on_error: "${onError}"`,
      hint: "It is 'divert', 'fail' or 'skip'.",
      position: statement.options.find((option) => option.name === 'on_error')?.position,
    })
  const draft: SourceDefinition = {
    name: statement.name.parts.at(-1)!,
    columns: [],
    connector: name,
    options,
    format: formatOf(statement.format),
    encode: encodeOf(statement.format),
  }
  checkFormat(connector, draft, statement)
  return { connector, draft, onError }
}

/** By the name that the connector knows; each at most once. */
function givenOptions(options: readonly Option[], connector: Connector): Readonly<Record<string, string>> {
  const aliases = connector.aliases ?? {}
  const known = [...ownOptions, ...connector.options, ...Object.keys(aliases)]
  const given: Record<string, string> = {}
  for (const option of options) {
    if (laterOptions.includes(option.name)) throw notSupported(`option "${option.name}"`, { position: option.position })
    checkOption(option, known)
    const name = Object.hasOwn(aliases, option.name) ? aliases[option.name]! : option.name
    if (Object.hasOwn(given, name))
      throw new SqlError({
        code: '42601',
        message: 'conflicting or redundant options',
        detail: `Option "${name}" is given twice.`,
        position: option.position,
      })
    given[name] = optionText(option)
  }
  return given
}

/** `known` may stand for all names that begin alike: `fields.*`. */
const matchesOption = (known: string, name: string): boolean =>
  known.endsWith('.*') ? name.startsWith(known.slice(0, -1)) : known === name

function checkOption(option: Option, known: readonly string[]): void {
  if (known.some((name) => matchesOption(name, option.name))) return
  const near = nearest(option.name, known)
  throw new SqlError({
    code: '22023',
    message: `unrecognized parameter "${option.name}"`,
    hint: near === undefined ? `Known are ${known.join(', ')}.` : `Perhaps you meant "${near}".`,
    position: option.position,
  })
}

const optionRecord = (options: readonly Option[]): Readonly<Record<string, string>> =>
  Object.fromEntries(options.map((option) => [option.name, optionText(option)]))

const formatOf = (format: Format | undefined): SourceDefinition['format'] =>
  format === undefined ? undefined : { name: format.name.toLowerCase(), options: optionRecord(format.options) }

const encodeOf = (format: Format | undefined): SourceDefinition['encode'] =>
  format?.encode === undefined
    ? undefined
    : { name: format.encode.name.toLowerCase(), options: optionRecord(format.encode.options) }

function checkFormat(connector: Connector, definition: SourceDefinition, statement: CreateSource): void {
  const { position } = statement.format ?? statement
  if (connector.formats.length === 0) {
    if (definition.format !== undefined)
      throw new SqlError({ code: '42601', message: `connector "${connector.name}" takes no FORMAT`, position })
    return
  }
  const { format, encode } = definition
  if (format === undefined || encode === undefined)
    throw new SqlError({
      code: '42601',
      message: `connector "${connector.name}" needs FORMAT … ENCODE …`,
      hint: 'For example FORMAT PLAIN ENCODE JSON.',
      position,
    })
  if (!connector.formats.includes(`${format.name}/${encode.name}`))
    throw notSupported(`FORMAT ${format.name.toUpperCase()} ENCODE ${encode.name.toUpperCase()}`, { position })
}

/** 22023. */
function unknownConnector(name: string, known: readonly string[], at: Option): SqlError {
  const near = nearest(name, known)
  return new SqlError({
    code: '22023',
    message: `unknown connector "${name}"`,
    hint: near === undefined ? `Known connectors: ${known.join(', ')}.` : `Perhaps you meant "${near}".`,
    position: at.position,
  })
}
