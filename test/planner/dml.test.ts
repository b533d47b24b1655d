// INSERT, UPDATE and DELETE: what the plans' rows are, and what the engine is told beside them.

import { describe, expect, test } from 'vitest'
import { parseExpression, parseStatements } from '../../src/parser/parse.ts'
import type { RelationInfo } from '../../src/planner/catalog.ts'
import { bindCheck, bindGenerated, type PlannedDml, planDelete, planInsert, planUpdate } from '../../src/planner/dml.ts'
import { exprText } from '../../src/planner/explain/expr-text.ts'
import { physicalText } from '../../src/planner/explain/physical-text.ts'
import { optionsFor, table } from './support/planning.ts'

const plainTable = table('t', 'id int4!, k text, v numeric(10,2), d int8', { key: ['id'] })
const details = (index: number) => ({
  default: index === 1 ? parseExpression("'none'") : undefined,
  generated: index === 3 ? parseExpression('id * 10') : undefined,
  identity: undefined,
})
const t: RelationInfo = { ...plainTable, details: plainTable.columns.map((_, i) => details(i)) }
const s = table('s', 'tid int4, x float8')
const options = optionsFor([t, s])

function planned(sql: string): PlannedDml {
  const { statement } = parseStatements(sql)[0]!
  if (statement.kind === 'insert') return planInsert(statement, options)
  if (statement.kind === 'update') return planUpdate(statement, options)
  if (statement.kind === 'delete') return planDelete(statement, options)
  throw new Error(`not a change: ${sql}`)
}

const sourceOf = (sql: string): string => physicalText(planned(sql).source)

describe('INSERT brings whole rows', () => {
  test('defaults, conversions and generated columns', () => {
    expect(sourceOf('INSERT INTO t (v, id) SELECT x, tid FROM s')).toBe(
      "Map tid AS id, 'none' AS k, x::numeric::numeric(10,2) AS v, (tid * 10)::bigint AS d\n  Scan s [tid, x]",
    )
  })

  test('VALUES with DEFAULT', () => {
    const { source } = planned("INSERT INTO t VALUES (1, DEFAULT, 2), (2, 'b', NULL)")
    expect(source.schema.map((def) => def.name)).toEqual(['id', 'k', 'v', 'd'])
    expect(source.schema.map((def) => def.physical.kind)).toEqual(t.columns.map((def) => def.physical.kind))
  })

  test('ON CONFLICT sees the existing row, then the new one', () => {
    const plan = planned(
      'INSERT INTO t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET k = excluded.k || t.k WHERE t.id > 0',
    )
    if (plan.kind !== 'insert') throw new Error('no insert')
    const both = [...t.columns, ...t.columns.map((def) => ({ ...def, name: `new_${def.name}` }))]
    expect(plan.conflict?.keys).toEqual(t.uniqueKeys)
    expect(plan.conflict?.update?.row.map((expr) => exprText(expr, both))).toEqual([
      'id',
      '(new_k || k)',
      'v',
      '(id * 10)::bigint',
    ])
    expect(exprText(plan.conflict!.update!.where!, both)).toBe('(id > 0)')
  })

  test('a generated column takes no value', () => {
    expect(() => planned('INSERT INTO t (d) VALUES (1)')).toThrow('cannot insert a non-DEFAULT value into column "d"')
  })
})

describe('UPDATE brings old and new rows', () => {
  test('generated columns follow', () => {
    expect(sourceOf('UPDATE t SET id = id + 1 WHERE v > 2')).toBe(
      'Map id, k, v, d, (id + 1) AS id, k, v, ((id + 1) * 10)::bigint AS d where (v > 2)  {key (id#0)}\n' +
        '  Scan t [id, k, v, d]  {key (id)}',
    )
  })

  test('one partner a row where the table has a key', () => {
    const plan = planned('UPDATE t SET v = x FROM s WHERE tid = id')
    expect(physicalText(plan.source)).toContain('Top 1 per [id#0]')
    expect(plan.kind === 'update' && plan.mayRepeat).toBe(false)
  })

  test('RETURNING is over the new row and the other tables', () => {
    const plan = planned('UPDATE t SET k = NULL FROM s WHERE tid = id RETURNING t.k, x')
    const names = plan.source.schema.map((def, i) => ({ ...def, name: `c${i}` }))
    expect(plan.returning!.columns.map((expr) => exprText(expr, names))).toEqual(['c5', 'c9'])
  })
})

describe('DELETE brings old rows', () => {
  test('USING is a semi join', () => {
    expect(sourceOf('DELETE FROM t USING s WHERE tid = id AND x > 1')).toBe(
      'Join semi on id = tid  {key (id)}\n' +
        '  Scan t [id, k, v, d]  {key (id)}\n' +
        '  Map where (x > 1)\n' +
        '    Scan s [tid, x]',
    )
  })

  test('a table without key may repeat rows', () => {
    const plan = planned('DELETE FROM s USING t WHERE tid = id RETURNING k')
    expect(plan.kind === 'delete' && plan.mayRepeat).toBe(true)
  })
})

describe('definitions', () => {
  test('CHECK is a condition over the row', () => {
    expect(exprText(bindCheck(parseExpression('v > 0'), t, options), t.columns)).toBe('(v > 0)')
    expect(() => bindCheck(parseExpression('id'), t, options)).toThrow('argument of CHECK must be type boolean')
  })

  test('generated columns read no generated column, and nothing that changes', () => {
    expect(() => bindGenerated(parseExpression('d + 1'), t, 2, options)).toThrow('cannot use generated column "d"')
    expect(() => bindGenerated(parseExpression('random()'), t, 2, options)).toThrow('not immutable')
  })
})
