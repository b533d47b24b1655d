// SQLite holds what must be transactional and small and does not change per epoch: the catalog's versions. (The
// manifest of state files will stand beside them.) This is the only file that opens it.
//
// Every object and schema has one row per version that changed it, null contents where it was dropped; version v is the
// newest row ≤ v of each. Rows are written before an epoch record names their version, so recovery takes the version of
// the last valid record and deletes greater ones (engine §5). The connection holds an exclusive lock for as long as it
// lives: a second process on the directory is refused.

import Database from 'better-sqlite3'
import { type EnumLabel, EnumLabels } from '../core/enum-labels.ts'
import { SqlError } from '../core/error.ts'
import { type CatalogVersion, catalogVersion } from '../core/ids.ts'
import type { EnumType } from '../core/type.ts'
import { type Catalog, type CatalogObject, emptyCatalog, type SchemaObject, type TypeObject } from './catalog.ts'

/** Grows with every change of the tables below; older directories are migrated, newer ones refused. */
const FORMAT = 1

const TABLES = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE version (version INTEGER PRIMARY KEY, next_id INTEGER NOT NULL) STRICT;
  CREATE TABLE entry (kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, contents TEXT,
                      PRIMARY KEY (kind, name, version)) STRICT;`

export interface CatalogDatabase extends Disposable {
  /** Makes a version durable before any record names it. `previous` is what it was made from. */
  save(previous: Catalog, next: Catalog): void
  /** The catalog as of a version; rows of greater versions are deleted. */
  load(version: CatalogVersion): Catalog
  /** Deletes the rows of greater versions, which no record names. */
  forgetAfter(version: CatalogVersion): void
  /** Deletes rows that only versions below this one need. */
  forgetBefore(version: CatalogVersion): void
}

/** `path`: a file, or ':memory:'. */
export function openDatabase(path: string): CatalogDatabase {
  const database = connect(path)
  const insertVersion = database.prepare('INSERT INTO version VALUES (?, ?)')
  const insertEntry = database.prepare('INSERT INTO entry VALUES (?, ?, ?, ?)')
  return {
    save: database.transaction((previous: Catalog, next: Catalog) => {
      insertVersion.run(next.version, next.nextId)
      for (const [kind, name, contents] of changes(previous, next)) insertEntry.run(kind, name, next.version, contents)
    }),
    load(version) {
      forgetAfter(database, version)
      return load(database, version)
    },
    forgetAfter: (version) => forgetAfter(database, version),
    forgetBefore(version) {
      const statement = `DELETE FROM entry WHERE version < ? AND EXISTS (SELECT 1 FROM entry AS newer
        WHERE newer.kind = entry.kind AND newer.name = entry.name
          AND newer.version > entry.version AND newer.version <= ?)`
      database.prepare(statement).run(version, version)
      database.prepare('DELETE FROM version WHERE version < ?').run(version)
    },
    [Symbol.dispose]: () => database.close(),
  }
}

function connect(path: string): Database.Database {
  const database = new Database(path, { timeout: 0 })
  try {
    database.pragma('locking_mode = EXCLUSIVE')
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.exec('BEGIN IMMEDIATE; COMMIT')
  } catch (error) {
    database.close()
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY')
      throw new SqlError({ code: '55006', message: 'another process is using the data directory' })
    throw error
  }
  prepareTables(database)
  return database
}

function prepareTables(database: Database.Database): void {
  const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'").get() !== undefined
  if (!known) {
    database.exec(`BEGIN; ${TABLES} INSERT INTO meta VALUES ('format', '${FORMAT}'); COMMIT`)
    return
  }
  const row = database.prepare("SELECT value FROM meta WHERE key = 'format'").get() as { value: string }
  if (Number(row.value) > FORMAT) {
    database.close()
    throw new SqlError({ code: '0A000', message: `the data were written by a newer Millrace (format ${row.value})` })
  }
}

type Entry = readonly [kind: 'object' | 'schema' | 'type', name: string, contents: string | null]

function* changes(previous: Catalog, next: Catalog): Generator<Entry> {
  for (const [id, object] of next.objects)
    if (previous.objects.get(id) !== object) yield ['object', String(id), toJson(object)]
  for (const id of previous.objects.keys()) if (!next.objects.has(id)) yield ['object', String(id), null]
  for (const [name, schema] of next.schemas)
    if (previous.schemas.get(name) !== schema) yield ['schema', name, toJson(schema)]
  for (const [key, type] of next.types) if (previous.types.get(key) !== type) yield ['type', key, toJson(type)]
  for (const key of previous.types.keys()) if (!next.types.has(key)) yield ['type', key, null]
  for (const name of previous.schemas.keys()) if (!next.schemas.has(name)) yield ['schema', name, null]
}

function forgetAfter(database: Database.Database, version: CatalogVersion): void {
  database.prepare('DELETE FROM entry WHERE version > ?').run(version)
  database.prepare('DELETE FROM version WHERE version > ?').run(version)
}

function load(database: Database.Database, version: CatalogVersion): Catalog {
  const empty = emptyCatalog()
  const newest = database.prepare('SELECT next_id FROM version ORDER BY version DESC LIMIT 1').get()
  const rows = database
    .prepare(
      `SELECT kind, name, contents FROM entry WHERE version =
         (SELECT max(version) FROM entry AS newer WHERE newer.kind = entry.kind AND newer.name = entry.name)
       ORDER BY kind, CAST(name AS INTEGER)`,
    )
    .all() as { kind: string; name: string; contents: string | null }[]
  const objects = new Map<CatalogObject['id'], CatalogObject>()
  const schemas = new Map(empty.schemas)
  const types = new Map<string, TypeObject>()
  const enums = new Map<number, EnumType>()
  const read = (text: string): unknown => fromJson(text, enums)
  for (const { kind, name, contents } of rows)
    if (kind === 'type' && contents !== null) types.set(name, read(contents) as TypeObject)
  for (const { kind, name, contents } of rows) {
    if (kind === 'schema' && contents === null) schemas.delete(name)
    else if (kind === 'schema') schemas.set(name, read(contents!) as SchemaObject)
    else if (kind === 'object' && contents !== null) {
      const object = read(contents) as CatalogObject
      objects.set(object.id, object)
    }
  }
  const nextId = (newest as { next_id: number } | undefined)?.next_id ?? empty.nextId
  return { version: catalogVersion(version), types, objects, schemas, nextId }
}

/** JSON with BigInts as {"$int": "…"}: offsets and base times of sources. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? { $int: String(part) } : part))

/**
 * Every mention of an enumerated type is the same type again, so that all share its labels (`enums`, filled as they are
 * met). A type's own entry is the newest and stands first.
 */
const fromJson = (text: string, enums: Map<number, EnumType>): unknown =>
  JSON.parse(text, (_key, part: unknown) => {
    if ((part as { kind?: unknown } | null)?.kind === 'enum') return sharedEnum(part as StoredEnum, enums)
    const digits = (part as { $int?: unknown } | null)?.$int
    return typeof digits === 'string' ? BigInt(digits) : part
  })

type StoredEnum = Omit<EnumType, 'labels'> & { readonly labels: readonly EnumLabel[] }

function sharedEnum(stored: StoredEnum, enums: Map<number, EnumType>): EnumType {
  const known = enums.get(stored.oid)
  if (known !== undefined) return known
  const type = { ...stored, labels: new EnumLabels(stored.labels) }
  enums.set(stored.oid, type)
  return type
}
