// The WITH options of a Kafka source, from text to settings. What is wrong is said with the option's name (22023); what
// we know and do not do, with 0A000.
//
//   brokers = 'host:port, …'   topic = 'name'   start = 'earliest' | 'latest' | a timestamp | '{"0": 120, "1": 7}'
//   security = 'plaintext' | 'ssl' | 'sasl_plaintext' | 'sasl_ssl'   ssl_ca, ssl_cert, ssl_key = PEM or a path
//   on_data_loss = 'error': records that retention deleted before they were read stop the source
//   sasl_mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'   sasl_username, sasl_password

import { readFileSync } from 'node:fs'
import { notSupported, SqlError } from '../../core/error.ts'
import { parseTimestampTz } from '../../functions/text/datetime-parse.ts'
import { defaultTextSettings } from '../../functions/text/settings.ts'
import type { Security } from './connection.ts'
import type { Address, TlsSettings } from './dial.ts'
import { SASL_MECHANISMS, type SaslSettings } from './sasl.ts'

export const KAFKA_OPTIONS = [
  'brokers',
  'topic',
  'topic_pattern',
  'start',
  'security',
  'sasl_mechanism',
  'sasl_username',
  'sasl_password',
  'ssl_ca',
  'ssl_cert',
  'ssl_key',
  'on_data_loss',
] as const

/** Spelled as librdkafka and RisingWave do. */
export const KAFKA_ALIASES = {
  'properties.bootstrap.server': 'brokers',
  'properties.bootstrap.servers': 'brokers',
  'scan.startup.mode': 'start',
  'properties.security.protocol': 'security',
  'properties.sasl.mechanism': 'sasl_mechanism',
  'properties.sasl.username': 'sasl_username',
  'properties.sasl.password': 'sasl_password',
} as const

export interface KafkaOptions {
  readonly brokers: readonly Address[]
  readonly topic: string
  readonly start: StartOption
  readonly security: Security
}

export type StartOption =
  | { readonly kind: 'earliest' | 'latest' }
  | { readonly kind: 'timestamp'; readonly milliseconds: number }
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<number, number> }

type Given = Readonly<Record<string, string>>

const DEFAULT_PORT = 9092

export function parseOptions(given: Given): KafkaOptions {
  if (given.topic_pattern !== undefined)
    throw notSupported('option "topic_pattern"', { hint: 'Create a source for each topic, and a view with UNION ALL.' })
  if (given.on_data_loss === 'skip') throw notSupported(`on_data_loss = 'skip'`)
  if ((given.on_data_loss ?? 'error') !== 'error') throw invalidOption('on_data_loss', "must be 'error' or 'skip'")
  return {
    brokers: required(given, 'brokers').split(',').map(parseAddress),
    topic: required(given, 'topic'),
    start: parseStart(given.start),
    security: parseSecurity(given),
  }
}

function required(given: Given, name: string): string {
  const value = given[name]
  if (value === undefined || value === '') throw invalidOption(name, 'must be given for a Kafka source')
  return value
}

function parseAddress(text: string): Address {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text.trim())
  const host = parts?.[1] ?? parts?.[2]
  const port = Number(parts?.[3] ?? DEFAULT_PORT)
  if (host === undefined || port < 1 || port > 65_535) {
    throw invalidOption('brokers', `has "${text.trim()}", which is not host:port`)
  }
  return { host, port }
}

function parseStart(text = 'earliest'): StartOption {
  if (text === 'earliest' || text === 'earliest-offset') return { kind: 'earliest' }
  if (text === 'latest' || text === 'latest-offset') return { kind: 'latest' }
  if (text.startsWith('{')) return { kind: 'offsets', offsets: parseOffsets(text) }
  // 'now' and its kin would mean another moment at each start; the settings' clock is never asked for the others.
  const settings = defaultTextSettings(() => {
    throw badStart(text)
  })
  try {
    return { kind: 'timestamp', milliseconds: Math.ceil(Number(parseTimestampTz(text, undefined, settings)) / 1000) }
  } catch (error) {
    throw error instanceof SqlError ? badStart(text) : error
  }
}

function parseOffsets(text: string): ReadonlyMap<number, number> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw badStart(text)
  }
  const offsets = new Map<number, number>()
  for (const [partition, offset] of Object.entries(parsed as Record<string, unknown>)) {
    if (!/^\d+$/.test(partition) || !Number.isSafeInteger(offset) || (offset as number) < 0) throw badStart(text)
    offsets.set(Number(partition), offset as number)
  }
  return offsets
}

function parseSecurity(given: Given): Security {
  const security = (given.security ?? 'plaintext').toLowerCase()
  if (!['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'].includes(security)) {
    throw invalidOption('security', 'must be plaintext, ssl, sasl_plaintext or sasl_ssl')
  }
  const usesTls = security.endsWith('ssl')
  const usesSasl = security.startsWith('sasl')
  for (const name of KAFKA_OPTIONS) {
    const idle = (name.startsWith('ssl_') && !usesTls) || (name.startsWith('sasl_') && !usesSasl)
    if (idle && given[name] !== undefined) throw invalidOption(name, `has no meaning with security = '${security}'`)
  }
  return { tls: usesTls ? parseTls(given) : undefined, sasl: usesSasl ? parseSasl(given) : undefined }
}

function parseTls(given: Given): TlsSettings {
  return { ca: pem(given, 'ssl_ca'), cert: pem(given, 'ssl_cert'), key: pem(given, 'ssl_key') }
}

function pem(given: Given, name: string): string | undefined {
  const value = given[name]
  if (value === undefined || value.includes('-----BEGIN ')) return value
  let text: string
  try {
    text = readFileSync(value, 'utf8')
  } catch {
    throw invalidOption(name, 'is neither PEM text nor the path of a readable file')
  }
  if (!text.includes('-----BEGIN ')) throw invalidOption(name, 'names a file that is not in PEM form')
  return text
}

function parseSasl(given: Given): SaslSettings {
  const name = (given.sasl_mechanism ?? 'PLAIN').toUpperCase()
  const mechanism = SASL_MECHANISMS.find((known) => known === name)
  if (mechanism === undefined) throw notSupported(`SASL mechanism "${name}"`, { hint: SASL_MECHANISMS.join(', ') })
  return { mechanism, username: required(given, 'sasl_username'), password: required(given, 'sasl_password') }
}

const invalidOption = (name: string, why: string): SqlError =>
  new SqlError({ code: '22023', message: `option "${name}" ${why}` })

const badStart = (text: string): SqlError =>
  new SqlError({
    code: '22023',
    message: `option "start" cannot be '${text}'`,
    hint: `It is 'earliest', 'latest', a timestamp, or offsets a partition as '{"0": 120}'.`,
  })
