// has_*_privilege: whether a user may. Until there are roles, whoever is connected may do everything there is; what is
// asked about must exist, and the privilege must be one.

import { SqlError } from '../../core/error.ts'
import type { SqlValue } from '../../core/value.ts'
import type { EvaluationContext, ParameterType, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { invalidParameter } from '../string/limits.ts'

interface ObjectKind {
  readonly name: string
  readonly privileges: readonly string[]
  /** Does it exist? NULL is answered for an unknown number, error for an unknown name. */
  readonly byName: (name: string, context: EvaluationContext) => boolean
  readonly byNumber: (oid: number, context: EvaluationContext) => boolean
  readonly missing: (name: string) => SqlError
  readonly example: string
}

const unknownPrivilege = (privilege: string): SqlError =>
  invalidParameter(`unrecognized privilege type: "${privilege}"`)

const relation = {
  byName: (name: string, { text }: EvaluationContext) => text.names?.oidOf('class', name) !== undefined,
  byNumber: (oid: number, { catalog }: EvaluationContext) => catalog.relationName(oid) !== undefined,
  missing: (name: string) => new SqlError({ code: '42P01', message: `relation "${name}" does not exist` }),
}

const kinds: readonly ObjectKind[] = [
  {
    name: 'has_table_privilege',
    privileges: ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'rule'],
    ...relation,
    example: "has_table_privilege('pg_class', 'select')",
  },
  {
    name: 'has_any_column_privilege',
    privileges: ['select', 'insert', 'update', 'references'],
    ...relation,
    example: "has_any_column_privilege('pg_class', 'select')",
  },
  {
    name: 'has_schema_privilege',
    privileges: ['create', 'usage'],
    byName: (name, { catalog }) => catalog.schemaOid(name) !== undefined,
    byNumber: (oid, { catalog }) => catalog.schemaName(oid) !== undefined,
    missing: (name) => new SqlError({ code: '3F000', message: `schema "${name}" does not exist` }),
    example: "has_schema_privilege('public', 'usage')",
  },
  {
    name: 'has_database_privilege',
    privileges: ['create', 'connect', 'temporary', 'temp'],
    byName: (name, { database }) => name === database,
    byNumber: () => true,
    missing: (name) => new SqlError({ code: '3D000', message: `database "${name}" does not exist` }),
    example: "has_database_privilege(current_database()::text, 'connect')",
  },
]

/** Several privileges may be asked at once, each WITH GRANT OPTION. */
function checkPrivileges(kind: ObjectKind, list: string): void {
  for (const item of list.split(',')) {
    const privilege = item
      .trim()
      .toLowerCase()
      .replace(/ with grant option$/, '')
    if (!kind.privileges.includes(privilege)) throw unknownPrivilege(item.trim())
  }
}

function answer(kind: ObjectKind, object: SqlValue, privileges: string, context: EvaluationContext): boolean | null {
  checkPrivileges(kind, privileges)
  if (typeof object === 'number') return kind.byNumber(object, context) ? true : null
  if (!kind.byName(object as string, context)) throw kind.missing(object as string)
  return true
}

const entriesOf = (kind: ObjectKind): readonly ScalarFunction[] =>
  (['text', 'oid'] as const).flatMap((object): readonly ScalarFunction[] => {
    const entry = (users: readonly ParameterType[]): ScalarFunction =>
      strict(kind.name, [...users, object, 'text'], 'boolean', {
        doc: `Whether the ${users.length === 0 ? 'current user' : 'user'} has a privilege.`,
        ...(users.length === 0 ? { example: kind.example } : {}),
        volatility: 'stable',
        evaluate: (...args: unknown[]) => {
          const [target, privileges, context] = args.slice(users.length) as [SqlValue, string, EvaluationContext]
          return answer(kind, target, privileges, context)
        },
      })
    return [entry([]), entry(['name']), entry(['oid'])]
  })

export const privilegeFunctions: readonly ScalarFunction[] = kinds.flatMap(entriesOf)
