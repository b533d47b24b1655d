// COPY … TO STDOUT and FROM STDIN: formats and subjects. The bytes are the server's business.

import { notSupported, SqlError } from '../../core/error.ts'
import type { Query } from '../../parser/ast.ts'
import type { Copy, CopyTable, Option } from '../../parser/ast-statement.ts'
import { relationQuery } from '../planning.ts'
import type { CopyFormat, CopyOutExecution, Execution, RowsExecution } from '../session.ts'
import type { Call, StatementSession } from '../statement-session.ts'
import { copyFrom } from './copy-from.ts'
import { optionFlag, optionText } from './options.ts'
import { select } from './select.ts'
import { closeSubscription, openSubscription } from './subscribe.ts'

export async function copy(session: StatementSession, statement: Copy, call: Call): Promise<Execution> {
  const format = copyFormat(statement)
  const { subject } = statement
  if (statement.direction === 'from') {
    if (subject.kind !== 'copyTable')
      throw new SqlError({ code: '42601', message: 'COPY FROM needs a table', position: statement.position })
    if (statement.where !== undefined) throw notSupported('COPY FROM … WHERE', { position: statement.where.position })
    return copyFrom(session, subject, format)
  }
  if (subject.kind === 'subscribe') {
    const subscription = await openSubscription(session, subject, call)
    return {
      kind: 'copyOut',
      schema: subscription.schema,
      format,
      next: () => subscription.next(),
      tag: () => 'COPY',
      close: () => closeSubscription(session, subscription),
    }
  }
  const query = subject.kind === 'copyTable' ? tableQuery(subject) : subject
  return copyRows(await select(session, query, call), format)
}

function copyRows(rows: RowsExecution, format: CopyFormat): CopyOutExecution {
  let count = 0
  return {
    kind: 'copyOut',
    schema: rows.schema,
    format,
    async next() {
      const batch = await rows.next(0)
      count += batch?.length ?? 0
      return batch
    },
    tag: () => `COPY ${count}`,
    close: () => rows.close(),
  }
}

const tableQuery = (subject: CopyTable): Query => relationQuery(subject.name, subject.columns)

/** Options of both spellings; each is used or refused. */
function copyFormat(statement: Copy): CopyFormat {
  const named = statement.options.find((option) => option.name === 'format')
  const name = named === undefined ? 'text' : optionText(named).toLowerCase()
  if (name === 'binary') throw notSupported('COPY in binary format', { position: named!.position })
  if (name !== 'text' && name !== 'csv')
    throw new SqlError({ code: '22023', message: `COPY format "${name}" not recognized`, position: named!.position })
  const csv = name === 'csv'
  const format = { name, delimiter: csv ? ',' : '\t', null: csv ? '' : '\\N', header: false, quote: '"', escape: '"' }
  for (const option of statement.options) Object.assign(format, formatOption(option, csv))
  const escapeGiven = statement.options.some((option) => option.name === 'escape')
  return { ...(format as CopyFormat), escape: escapeGiven ? format.escape : format.quote }
}

function formatOption(option: Option, csv: boolean): Partial<CopyFormat> {
  switch (option.name) {
    case 'format':
      return {}
    case 'delimiter':
      return { delimiter: oneByte(option, 'delimiter') }
    case 'null':
      return { null: optionText(option) }
    case 'header':
      return { header: optionFlag(option) }
    case 'quote':
    case 'escape':
      if (!csv)
        throw new SqlError({
          code: '0A000',
          message: `COPY ${option.name} available only in CSV mode`,
          position: option.position,
        })
      return { [option.name]: oneByte(option, option.name) }
    case 'encoding':
      if (/^utf-?8$/i.test(optionText(option))) return {}
      throw notSupported(`the encoding ${optionText(option)}`, { position: option.position })
    case 'force_quote':
    case 'force_not_null':
    case 'force_null':
    case 'freeze':
      throw notSupported(`COPY … ${option.name.toUpperCase()}`, { position: option.position })
    default:
      throw new SqlError({
        code: '42601',
        message: `option "${option.name}" not recognized`,
        hint: 'Options are FORMAT, DELIMITER, NULL, HEADER, QUOTE, ESCAPE.',
        position: option.position,
      })
  }
}

function oneByte(option: Option, what: string): string {
  const text = optionText(option)
  if (text.length === 1 && text.charCodeAt(0) < 128 && text !== '\n' && text !== '\r') return text
  throw new SqlError({
    code: '0A000',
    message: `COPY ${what} must be a single one-byte character`,
    position: option.position,
  })
}
