import { describe, test } from 'vitest'
import { columnDef } from '../../../src/core/schema.ts'
import { tableFunctions } from '../../../src/functions/all.ts'
import type { TableFunctionNode } from '../../../src/planner/physical.ts'
import { checkIncremental } from '../../support/incremental.ts'
import { column, constant, int4, int8, scan, schemaOf } from '../../support/plans.ts'

const schema = schemaOf(int4, int4)
const input = scan('t', schema)
const domain = [
  [1, 3, null],
  [0, 4, null],
]
const series = tableFunctions.find((entry) => entry.name === 'generate_series' && entry.args.join() === 'int4,int4')!
const stepped = tableFunctions.find(
  (entry) => entry.name === 'generate_series' && entry.args.join() === 'int4,int4,int4',
)!

function node(calls: TableFunctionNode['calls'], ordinality: boolean, outer: boolean): TableFunctionNode {
  const added = calls.map((_, i) => columnDef(`s${i}`, int4))
  const number = ordinality ? [columnDef('ordinality', int8)] : []
  return {
    kind: 'tableFunction',
    input,
    calls,
    ordinality,
    outer,
    insertOnly: false,
    uniqueKeys: [],
    schema: [...schema, ...added, ...number],
  }
}

const upTo = { function: series, args: [column(schema, 0), column(schema, 1)] }
const fixed = { function: series, args: [constant(1, int4), constant(2, int4)] }
/** A step of 0 is an error. */
const byFirst = { function: stepped, args: [constant(0, int4), constant(4, int4), column(schema, 1)] }

describe('table functions', () => {
  test('a set per row', () => {
    checkIncremental(node([upTo], false, false), [{ scan: input, domain }])
  })

  test('outer and with ordinality', () => {
    checkIncremental(node([upTo], true, true), [{ scan: input, domain }])
  })

  test('rows from several functions', () => {
    checkIncremental(node([upTo, fixed], true, false), [{ scan: input, domain }])
  })

  test('an error takes the row', () => {
    checkIncremental(node([byFirst], false, false), [{ scan: input, domain }])
  })
})
