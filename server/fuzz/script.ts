// A story as a script in sqllogictest form, so that what was found can become a fixed test: the expected rows are to be
// filled in by whoever knows them (`npm run slt` shows both sides).

import { createView, type Story, viewName } from './story.ts'

export function script({ tables, batches, questions, cut, rulesOff }: Story): string[] {
  const statement = (sql: string): string[] => ['statement ok', sql, '']
  const head = [`# ${cut}; without rules: ${rulesOff}`, '', ...tables.flatMap(statement)]
  const made = batches.flatMap((batch, number) => [
    ...questions.flatMap(({ sql, viewAfter }, i) => (viewAfter === number ? statement(createView(sql, i)) : [])),
    ...batch.flatMap(statement),
  ])
  const asked = questions.flatMap(({ sql }, i) => [
    ...['query T rowsort', sql, '----', ''],
    ...['query T rowsort', `SELECT * FROM ${viewName(i)}`, '----', ''],
  ])
  return [...head, ...made, ...asked]
}
