// COLLATE in expressions and column definitions. Order here is by code point: "C" and what equals it is accepted, any
// other collation is refused.

import { notSupported, type SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { notCollatable, undefinedCollation } from '../errors.ts'

const byCodePoint: ReadonlySet<string> = new Set(['C', 'POSIX', 'default', 'ucs_basic'])

/** Throws 42804 for a type that has no collation, 42704 for an unknown one, 0A000 for one of a language. */
export function checkCollation(type: SqlType, name: string, position: number): void {
  if (type.kind !== 'unknown' && !isCollatable(type)) throw notCollatable(type, position)
  if (!byCodePoint.has(name)) throw noSuchCollation(name, position)
}

const isCollatable = (type: SqlType): boolean =>
  type.kind === 'array' ? isCollatable(type.element) : ['text', 'varchar', 'bpchar', 'name'].includes(type.kind)

const noSuchCollation = (name: string, position: number): SqlError =>
  /^[a-z]{2}(_[A-Z]{2}.*|-x-icu)$/.test(name)
    ? notSupported(`collation "${name}"`, { position })
    : undefinedCollation(name, position)
