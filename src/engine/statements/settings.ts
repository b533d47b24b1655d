// SET, SHOW, RESET, DISCARD, SET TRANSACTION.

import { SqlError } from '../../core/error.ts'
import { fixedZone, timeZone } from '../../functions/arithmetic/time-zone.ts'
import { parseInterval } from '../../functions/text/interval-parse.ts'
import { defaultTextSettings } from '../../functions/text/settings.ts'
import type {
  Discard,
  Reset,
  SetTransaction,
  SettingValue,
  SetVariable,
  ShowVariable,
} from '../../parser/ast-statement.ts'
import { dateStyle } from '../context.ts'
import type { Execution } from '../session.ts'
import type { StatementSession } from '../statement-session.ts'
import { valuesExecution } from './rows.ts'

const text = { kind: 'text' } as const

export function set(session: StatementSession, statement: SetVariable): string {
  const { name, scope, values } = statement
  if (scope === 'local' && session.transaction === undefined)
    session.events.notice({
      severity: 'WARNING',
      code: '25P01',
      message: 'SET LOCAL can only be used in transaction blocks',
    })
  else apply(session, name, values?.map(settingText).join(', '), scope === 'local')
  return 'SET'
}

function apply(session: StatementSession, name: string, value: string | undefined, local: boolean): void {
  const key = name.toLowerCase()
  const checked = value === undefined ? undefined : checkedValue(session, key, value)
  const notice = session.settings.set(name, checked, local)
  if (notice !== undefined) session.notice(notice)
  const { settings, transaction } = session
  if (key === 'transaction_isolation') transaction?.setModes({ isolation: settings.show(key), readOnly: undefined })
  if (key === 'transaction_read_only')
    transaction?.setModes({ isolation: undefined, readOnly: settings.show(key) === 'on' })
}

/** Values that mean something beyond their form are checked, and written as they will be shown. */
function checkedValue(session: StatementSession, name: string, value: string): string {
  switch (name) {
    case 'timezone': {
      const zone = /^[+-]?\d+(\.\d+)?$/.test(value) ? fixedZone(Math.round(Number(value) * 3600)) : timeZone(value)
      if (zone === undefined)
        throw new SqlError({ code: '22023', message: `invalid value for parameter "TimeZone": "${value}"` })
      return zone.name
    }
    case 'datestyle': {
      const style = dateStyle(value, dateStyle(session.settings.show('datestyle')))
      return `${style.output}, ${style.order}`
    }
    case 'client_encoding': {
      if (!/^(utf-?8|unicode|sql_ascii)$/i.test(value))
        throw new SqlError({
          code: '22023',
          message: `invalid value for parameter "client_encoding": "${value}"`,
          hint: 'Only UTF8 is supported.',
        })
      return 'UTF8'
    }
    default:
      return value
  }
}

/** SET TIME ZONE INTERVAL '…': hours and minutes east of UTC. Throws 22023 for longer units. */
function offsetZone(value: string): string {
  const { months, days, micros } = parseInterval(
    { kind: 'interval' },
    value,
    defaultTextSettings(() => 0n),
  )
  if (months !== 0 || days !== 0)
    throw new SqlError({ code: '22023', message: 'invalid value for parameter "TimeZone"' })
  return fixedZone(Number(micros / 1_000_000n)).name
}

export function settingText(value: SettingValue): string {
  switch (value.kind) {
    case 'string':
    case 'word':
      return value.value
    case 'number':
      return value.text
    case 'cast':
      if (value.operand.kind === 'string') return offsetZone(value.operand.value)
      break
    default:
  }
  throw new SqlError({ code: '42601', message: 'a setting takes constants', position: value.position })
}

export function setTransaction(session: StatementSession, statement: SetTransaction): string {
  const { isolation, readOnly } = statement.modes
  if (statement.scope === 'transaction' && session.transaction === undefined) {
    const message = 'SET TRANSACTION can only be used in transaction blocks'
    session.events.notice({ severity: 'WARNING', code: '25P01', message })
    return 'SET'
  }
  const prefix = statement.scope === 'session' ? 'default_transaction_' : 'transaction_'
  if (isolation !== undefined) session.settings.set(`${prefix}isolation`, isolation, statement.scope === 'transaction')
  if (readOnly !== undefined)
    session.settings.set(`${prefix}read_only`, readOnly ? 'on' : 'off', statement.scope === 'transaction')
  const { transaction } = session
  if (statement.scope === 'transaction' && transaction !== undefined) transaction.setModes({ isolation, readOnly })
  return 'SET'
}

export function show(session: StatementSession, statement: ShowVariable): Execution {
  const { settings, account } = session
  if (statement.name !== undefined) {
    const name = statement.name.toLowerCase()
    const shown = shownSetting(session, name)
    return valuesExecution(account, [{ name, type: text }], [[shown]], 'SHOW')
  }
  const columns = ['name', 'setting', 'description'].map((name) => ({ name, type: text }))
  const rows = [...settings.all()].map(([definition, value]) => [definition.name, value, definition.description])
  return valuesExecution(account, columns, rows, 'SHOW')
}

const shownSetting = (session: StatementSession, name: string): string =>
  transactionSetting(session, name) ?? session.settings.show(name)

/** Those of the transaction are what it has, whoever said so. Undefined: it is another setting. */
export function transactionSetting(session: StatementSession, name: string): string | undefined {
  const { settings, transaction, isolation } = session
  if (name === 'transaction_isolation') return isolation
  if (name !== 'transaction_read_only') return undefined
  if (transaction === undefined) return settings.show('default_transaction_read_only')
  return transaction.options.readOnly ? 'on' : 'off'
}

export function reset(session: StatementSession, statement: Reset): string {
  if (statement.name === undefined) session.settings.resetAll()
  else apply(session, statement.name, undefined, false)
  return 'RESET'
}

export function discard(session: StatementSession, statement: Discard): string {
  if (statement.what === 'all') {
    if (session.transaction?.options.explicit === true)
      throw new SqlError({ code: '25001', message: 'DISCARD ALL cannot run inside a transaction block' })
    session.settings.resetAll()
    session.prepared.clear()
    for (const cursor of session.cursors.values()) cursor.close()
    session.cursors.clear()
  }
  return statement.what === 'all' ? 'DISCARD ALL' : `DISCARD ${statement.what.toUpperCase()}`
}
