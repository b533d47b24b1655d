// The session settings that decide how values are read and shown as text.

import { type TimeZone, utcZone } from '../arithmetic/time-zone.ts'

export interface TextSettings {
  readonly dateStyle: DateStyle
  readonly intervalStyle: 'postgres' | 'postgres_verbose' | 'sql_standard' | 'iso_8601'
  readonly timeZone: TimeZone
  readonly extraFloatDigits: number
  readonly byteaOutput: 'hex' | 'escape'
  /** The transaction's time in µs from 1970 UTC: what the inputs 'now' and 'today' mean. */
  now(): bigint
  /** Names behind oids, for regclass and its kin; without it they read and show as numbers. */
  readonly names?: ObjectNames | undefined
}

export interface DateStyle {
  readonly output: 'ISO' | 'SQL' | 'Postgres' | 'German'
  readonly order: 'MDY' | 'DMY' | 'YMD'
}

export type RegType = 'class' | 'type' | 'proc' | 'procedure' | 'namespace' | 'role' | 'operator'

export interface ObjectNames {
  /** The name to show, quoted and qualified as needed; undefined: the number is shown. */
  nameOf(of: RegType, oid: number): string | undefined
  /** The oid that a name (as typed, maybe quoted and qualified) means; undefined: no such object. */
  oidOf(of: RegType, name: string): number | undefined
}

/** PostgreSQL's defaults, in UTC. */
export const defaultTextSettings = (now: () => bigint): TextSettings => ({
  dateStyle: { output: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  timeZone: utcZone,
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  now,
})
