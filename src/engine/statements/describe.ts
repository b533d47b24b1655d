// What a prepared statement takes and returns, without running it (extended protocol, Describe; SQL's PREPARE).

import type { SqlType } from '../../core/type.ts'
import type { Statement } from '../../parser/ast-statement.ts'
import { describeQuery } from '../../planner/plan.ts'
import { planOptions } from '../planning.ts'
import type { PreparedStatement, ResultColumn } from '../session.ts'
import type { StatementSession } from '../statement-session.ts'
import { describeChange, describePlan, planFresh } from './dml.ts'
import { modifiesInWith, planParts } from './modifying-with.ts'
import { resultColumns } from './select.ts'
import { shownColumns } from './show.ts'

const textColumn = (name: string): ResultColumn => ({ name, type: { kind: 'text' }, tableOid: 0, columnNumber: 0 })

export function describe(
  session: StatementSession,
  statement: Statement,
  text: string,
  types: readonly (SqlType | undefined)[],
): PreparedStatement {
  switch (statement.kind) {
    case 'query': {
      const returned = modifiesInWith(statement) ? planParts(session, statement, { types }).returned : undefined
      const described = describeQuery(statement, { ...planOptions(session, 'adhoc', { types }), returned })
      return { text, parameterTypes: described.parameters, columns: resultColumns(session, described) }
    }
    case 'insert':
    case 'update':
    case 'delete':
      if (modifiesInWith(statement)) {
        const { returned } = planParts(session, statement, { types })
        return {
          text,
          ...describePlan(session, planFresh(statement, { ...planOptions(session, 'adhoc', { types }), returned })),
        }
      }
      return { text, ...describeChange(session, statement, types) }
    case 'execute': {
      const named = session.prepared.get(statement.name)
      if (named === undefined) break
      return { ...describe(session, named.statement, named.text, named.parameterTypes), text, parameterTypes: [] }
    }
    case 'fetch':
      return { text, parameterTypes: [], columns: session.cursors.get(statement.name)?.columns }
    default:
  }
  return { text, parameterTypes: [], columns: columnsOf(statement) }
}

function columnsOf(statement: Statement): readonly ResultColumn[] | undefined {
  switch (statement.kind) {
    case 'show':
      return statement.name === undefined
        ? ['name', 'setting', 'description'].map(textColumn)
        : [textColumn(statement.name.toLowerCase())]
    case 'showObjects':
      return shownColumns(statement.objects).map(textColumn)
    case 'showColumns':
      return ['name', 'type', 'nullable'].map(textColumn)
    case 'showCreate':
      return ['name', 'create_sql'].map(textColumn)
    case 'explain':
      return [textColumn('QUERY PLAN')]
    default:
      return undefined
  }
}
