// SQL's own PREPARE, EXECUTE, DEALLOCATE. The protocol's prepared statements are the server's.

import { SqlError } from '../../core/error.ts'
import type { Deallocate, Execute, Prepare } from '../../parser/ast-statement.ts'
import { evaluateArguments } from '../evaluate.ts'
import { bindTypeName } from '../planning.ts'
import type { Execution } from '../session.ts'
import type { StatementSession } from '../statement-session.ts'
import { describe } from './describe.ts'

export function prepare(session: StatementSession, statement: Prepare, text: string): string {
  if (session.prepared.has(statement.name))
    throw new SqlError({ code: '42P05', message: `prepared statement "${statement.name}" already exists` })
  const declared = statement.types.map((type) => bindTypeName(session, type))
  const { parameterTypes } = describe(session, statement.statement, text, declared)
  const named = { name: statement.name, statement: statement.statement, text, parameterTypes }
  session.prepared.set(statement.name, named)
  return 'PREPARE'
}

export async function execute(session: StatementSession, statement: Execute): Promise<Execution> {
  const prepared = session.prepared.get(statement.name)
  if (prepared === undefined) throw undefinedStatement(statement.name)
  const { parameterTypes } = prepared
  if (statement.arguments.length !== parameterTypes.length)
    throw new SqlError({
      code: '42601',
      message: `wrong number of parameters for prepared statement "${statement.name}"`,
      detail: `Expected ${parameterTypes.length} parameters but got ${statement.arguments.length}.`,
    })
  const parameters = evaluateArguments(session, statement.arguments, parameterTypes)
  return session.dispatch(prepared.statement, { text: prepared.text, parameters, parameterTypes })
}

export function deallocate(session: StatementSession, statement: Deallocate): string {
  if (statement.name === undefined) {
    session.prepared.clear()
    return 'DEALLOCATE ALL'
  }
  if (!session.prepared.delete(statement.name)) throw undefinedStatement(statement.name)
  return 'DEALLOCATE'
}

/** 26000. */
const undefinedStatement = (name: string): SqlError =>
  new SqlError({ code: '26000', message: `prepared statement "${name}" does not exist` })
