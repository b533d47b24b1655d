// COPY FROM STDIN: bytes of CopyData messages to rows of fields, in text and CSV format (PostgreSQL docs, COPY, "File
// Formats"). Rows may be cut anywhere between messages.
//
// State: the bytes of an unfinished row. Limit: a row of 64 MB (54000).

import { SqlError } from '../../src/core/error.ts'
import type { CopyFormat } from '../../src/engine/session.ts'

export type CopyRow = readonly (string | null)[]

const ROW_BYTES_MAX = 64 * 1024 * 1024
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class CopyDecoder {
  readonly #format: CopyFormat
  #rest = new Uint8Array(0)
  #skipHeader: boolean
  #ended = false

  constructor(format: CopyFormat) {
    this.#format = format
    this.#skipHeader = format.header
  }

  /** The rows that are whole with these bytes. */
  rows(bytes: Uint8Array): readonly CopyRow[] {
    const joined = new Uint8Array(this.#rest.length + bytes.length)
    joined.set(this.#rest)
    joined.set(bytes, this.#rest.length)
    const found: CopyRow[] = []
    let start = 0
    for (let end = this.#lineEnd(joined, start); end >= 0; end = this.#lineEnd(joined, start)) {
      this.#line(joined.subarray(start, end), found)
      start = end + 1
    }
    this.#rest = joined.slice(start)
    if (this.#rest.length > ROW_BYTES_MAX)
      throw new SqlError({ code: '54000', message: `a row of COPY data is longer than ${ROW_BYTES_MAX} bytes` })
    return found
  }

  /** What is left when the data have ended. */
  end(): readonly CopyRow[] {
    const found: CopyRow[] = []
    if (this.#rest.length > 0) this.#line(this.#rest, found)
    this.#rest = new Uint8Array(0)
    return found
  }

  /** A newline outside of quotes (CSV), or one that no backslash precedes (text). */
  #lineEnd(bytes: Uint8Array, from: number): number {
    if (this.#format.name === 'text') return bytes.indexOf(10, from)
    const quote = this.#format.quote.charCodeAt(0)
    let quoted = false
    for (let i = from; i < bytes.length; i++) {
      if (bytes[i] === quote) quoted = !quoted
      else if (bytes[i] === 10 && !quoted) return i
    }
    return -1
  }

  #line(bytes: Uint8Array, into: CopyRow[]): void {
    const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length
    if (this.#skipHeader) {
      this.#skipHeader = false
      return
    }
    const text = decode(bytes.subarray(0, end))
    if (this.#ended) return
    if (text === '\\.') {
      this.#ended = true
      return
    }
    into.push(this.#format.name === 'csv' ? csvFields(text, this.#format) : textFields(text, this.#format))
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new SqlError({ code: '22021', message: 'invalid byte sequence for encoding "UTF8"' })
  }
}

const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function textFields(line: string, format: CopyFormat): CopyRow {
  const fields: string[] = []
  let start = 0
  for (let i = 0; i <= line.length; i++) {
    if (line[i] === '\\') i++
    else if (i === line.length || line[i] === format.delimiter) {
      fields.push(line.slice(start, i))
      start = i + 1
    }
  }
  if (start <= line.length && line.endsWith('\\') && fields.length === 0) fields.push(line.slice(start))
  return fields.map((field) => (field === format.null ? null : unescaped(field)))
}

const unescaped = (field: string): string =>
  field.replace(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g, (_whole, octal, hex, letter) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal as string, 8) & 255)
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex as string, 16))
    return letters[letter as string] ?? (letter as string)
  })

function csvFields(line: string, format: CopyFormat): CopyRow {
  const { delimiter, quote, escape: escaping } = format
  const fields: (string | null)[] = []
  let field = ''
  let wasQuoted = false
  let quoted = false
  const finish = (): void => {
    fields.push(!wasQuoted && field === format.null ? null : field)
    field = ''
    wasQuoted = false
  }
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!
    if (quoted && char === escaping && (line[i + 1] === quote || line[i + 1] === escaping)) field += line[++i]
    else if (char === quote) {
      quoted = !quoted
      wasQuoted = true
    } else if (char === delimiter && !quoted) finish()
    else field += char
  }
  if (quoted) throw new SqlError({ code: '22P04', message: 'unterminated CSV quoted field' })
  finish()
  return fields
}
