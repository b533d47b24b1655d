// The runner against a scripted database: what it sends in each mode, and what it makes of answers, refusals and
// losses.

import { describe, expect, test } from 'vitest'
import { type Answer, type Backend, type Connection, Lost } from '../../../server/slt/connection.ts'
import { Report } from '../../../server/slt/report.ts'
import { Runner, type RunOptions } from '../../../server/slt/runner.ts'
import type { Timers } from '../../../src/core/clock.ts'

type Script = (sql: string) => Answer | 'hangs' | 'dies'

const done = (tag: string): Answer => ({ kind: 'done', tag })
const rows = (...values: string[]): Answer => ({
  kind: 'rows',
  columns: ['x'],
  rows: values.map((value) => [value]),
  tag: `SELECT ${values.length}`,
})
const failed = (code: string, message = 'no'): Answer => ({ kind: 'failed', code, message })

class Scripted implements Backend {
  readonly name = 'scripted'
  readonly #script: Script
  /** Everything that was sent, each new database marked. */
  readonly sent: string[] = []

  constructor(script: Script) {
    this.#script = script
  }

  async open(): Promise<Connection> {
    this.sent.push('--')
    let open = false
    return {
      run: async (sql) => {
        this.sent.push(sql)
        if (sql === 'BEGIN') open = true
        if (sql === 'COMMIT') open = false
        const answer = this.#script(sql)
        if (answer === 'dies') throw new Lost('it died')
        return answer === 'hangs' ? new Promise(() => {}) : answer
      },
      inTransaction: () => open,
      restart: async () => void this.sent.push('restart'),
      close: async () => {},
    }
  }
}

/** Time passes only where nothing else happens any more. */
const impatient: Timers = {
  after(_delayMs, run) {
    const timer = setTimeout(run, 5)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

const PLAIN: RunOptions = { mode: 'plain', insertRows: 0, restart: 'never', timeoutMs: 1000, jobs: 1 }

async function run(text: string, script: Script, options: Partial<RunOptions> = {}) {
  const backend = new Scripted(script)
  const runner = new Runner(backend, { ...PLAIN, ...options }, { read: () => text, timers: impatient })
  const results = await runner.runFile({ path: 'a.slt', suite: 'a', style: 'exact' })
  const verdicts = results.map(({ place, check, verdict }) => `${place.line} ${check} ${verdict}`)
  return { sent: backend.sent, results, verdicts }
}

const statements = (...all: string[]): string => all.map((sql) => `statement ok\n${sql}\n`).join('\n')
const query = (sql: string, ...lines: string[]): string => `\nquery I\n${[sql, '----', ...lines].join('\n')}\n\n`

describe('verdicts', () => {
  const one = async (record: string, answer: Answer) => (await run(`${record}\n`, () => answer)).results[0]!.verdict

  test.each<[string, string, Answer]>([
    ['passed', 'statement ok\nX', done('CREATE TABLE')],
    ['refused', 'statement ok\nX', failed('0A000')],
    ['error', 'statement ok\nX', failed('42P01')],
    ['passed', 'statement count 2\nX', done('INSERT 0 2')],
    ['wrong', 'statement count 2\nX', done('INSERT 0 3')],
    ['passed', 'statement error (22012)\nX', failed('22012')],
    ['passed', 'statement error\nX', failed('0A000')],
    ['refused', 'statement error (22012)\nX', failed('0A000')],
    ['error', 'statement error (22012)\nX', failed('22003')],
    ['error', 'statement error 22012 division by\nX', failed('22012', 'other words')],
    ['wrong', 'statement error (22012)\nX', done('SELECT 1')],
    ['passed', 'query I\nX\n----\n1', rows('1')],
    ['wrong', 'query I\nX\n----\n1', rows('2')],
    ['passed', 'query I\nX\n----\n', done('INSERT 0 1')],
    ['refused', 'query I\nX\n----\n1', failed('0A000')],
  ])('%s: %s', async (verdict, record, answer) => {
    expect(await one(record, answer)).toBe(verdict)
  })

  test('what follows from a refusal is told apart', async () => {
    const views = statements('CREATE VIEW v AS X', 'CREATE VIEW w AS TABLE v')
    const text = views + query('TABLE w', '1') + query('TABLE t', '1')
    const answers = (sql: string): Answer => {
      if (sql === 'CREATE VIEW v AS X') return failed('0A000')
      return failed('42P01')
    }
    expect((await run(text, answers)).verdicts).toEqual([
      '1 record refused',
      '4 record followOn',
      '7 record followOn',
      '13 record error',
    ])
  })

  test('queries with one label give the same values', async () => {
    const text = ['1', '2'].map((n) => `query I rowsort same\nSELECT ${n}\n----\n${n}\n`).join('\n')
    const backend = new Scripted((sql) => rows(sql.slice(-1)))
    const runner = new Runner(backend, PLAIN, { read: () => text, timers: impatient })
    const results = await runner.runFile({ path: 'a.test', suite: 'sqlite', style: 'sqlite' })
    expect(results.map(({ verdict }) => verdict)).toEqual(['passed', 'wrong'])
  })

  test('rules are looked for in the plan', async () => {
    const text = `expect fold\nexpect-not push\n${query('SELECT 1', '1').trimStart()}`
    const verdict = async (line: string) =>
      (await run(text, (sql) => (sql.startsWith('EXPLAIN') ? rows('Project', line) : rows('1')))).verdicts[0]
    expect(await verdict('rules: prune, fold')).toBe('3 record passed')
    expect(await verdict('rules: prune')).toBe('3 record wrong')
    expect(await verdict('rules: fold, push')).toBe('3 record wrong')
  })
})

describe('modes', () => {
  const ok = (sql: string): Answer => (/^SELECT/.test(sql) ? rows('1') : done('OK'))
  const text = [
    statements('CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1)'),
    query('SELECT a FROM t', '1'),
    query('SELECT 1', '1'),
    statements('CREATE TABLE u (a int)', 'DROP TABLE t'),
  ].join('')

  test('mv: a view beside each query that can be one', async () => {
    const { sent, verdicts } = await run(text, ok, { mode: 'mv' })
    expect(sent.slice(3, 8)).toEqual([
      'SELECT a FROM t',
      'CREATE MATERIALIZED VIEW slt_view (c1) AS SELECT a FROM t',
      'SELECT * FROM slt_view',
      'DROP MATERIALIZED VIEW slt_view',
      'SELECT 1',
    ])
    expect(verdicts.filter((each) => each.includes('view'))).toEqual(['7 view passed'])
  })

  test('mv: no view for a query that failed, nor inside a transaction', async () => {
    const block = statements('BEGIN') + query('SELECT a FROM t', '1') + statements('COMMIT')
    const inside = block + query('SELECT b FROM t', '7')
    expect((await run(inside, ok, { mode: 'mv' })).verdicts.filter((each) => each.includes('view'))).toEqual([])
  })

  test('mv: another content of the view is wrong, and the view is dropped all the same', async () => {
    const { sent, verdicts } = await run(
      query('SELECT a FROM t', '1').trimStart(),
      (sql) => (sql.endsWith('slt_view') && sql.startsWith('SELECT') ? rows('1', '1') : ok(sql)),
      { mode: 'mv' },
    )
    expect(verdicts).toEqual(['1 record passed', '1 view wrong'])
    expect(sent.at(-1)).toBe('DROP MATERIALIZED VIEW slt_view')
  })

  test('mv-first: CREATE, views, then changes, up to the next DROP', async () => {
    const { sent, verdicts } = await run(text, ok, { mode: 'mv-first' })
    expect(sent.slice(sent.lastIndexOf('--'))).toEqual([
      '--',
      'CREATE TABLE t (a int)',
      'CREATE TABLE u (a int)',
      'CREATE MATERIALIZED VIEW slt_view_0 (c1) AS SELECT a FROM t',
      'INSERT INTO t VALUES (1)',
      'SELECT * FROM slt_view_0',
      'SELECT 1',
      'DROP MATERIALIZED VIEW slt_view_0',
      'DROP TABLE t',
    ])
    expect(verdicts.filter((each) => each.includes('view'))).toEqual(['7 view passed'])
  })

  test('INSERTs are cut, restarts happen, but not inside a transaction', async () => {
    const insert = 'INSERT INTO t VALUES (1), (2)'
    const history = `statement count 2\n${insert}\n\n${statements('BEGIN', insert, 'COMMIT')}`
    const answers = (sql: string): Answer => done(/^INSERT/.test(sql) ? 'INSERT 0 1' : 'OK')
    const { sent, verdicts } = await run(history, answers, { insertRows: 1, restart: 'statements' })
    expect(sent).toEqual([
      '--',
      'restart',
      'INSERT INTO t VALUES (1)',
      'INSERT INTO t VALUES (2)',
      'restart',
      'BEGIN',
      insert,
      'COMMIT',
    ])
    expect(verdicts[0]).toBe('1 record passed')
  })
})

describe('losses', () => {
  test.each(['hangs', 'dies'] as const)('a record that %s is left out of a second try', async (loss) => {
    const { sent, verdicts } = await run(statements('A', 'B', 'C'), (sql) => (sql === 'B' ? loss : done('OK')))
    expect(sent).toEqual(['--', 'A', 'B', '--', 'A', 'C'])
    expect(verdicts.toSorted()).toEqual(['1 record passed', '4 record lost', '7 record passed'])
  })

  test('a view that dies leaves its query passed', async () => {
    const { verdicts } = await run(
      query('SELECT a FROM t', '1').trimStart(),
      (sql) => (sql.startsWith('CREATE') ? 'dies' : rows('1')),
      { mode: 'mv' },
    )
    expect(verdicts.toSorted()).toEqual(['1 record passed', '1 view lost'])
  })

  test('after three the rest of the file is lost', async () => {
    const { sent, verdicts } = await run(statements('A', 'B', 'C', 'D', 'E'), (sql) =>
      sql === 'A' ? done('OK') : 'dies',
    )
    expect(sent.filter((each) => each === '--').length).toBe(3)
    expect(verdicts.toSorted()).toEqual(['1 record passed', ...[10, 13, 4, 7].map((line) => `${line} record lost`)])
  })
})

test('the report: failures in full, totals, regressions', async () => {
  const text = `${query('SELECT 1', '1').trimStart()}${query('SELECT 2', '2')}${statements('X')}`
  const runOnce = async (script: Script) => {
    const report = new Report({ failures: 1, onlyWrong: false })
    const { results } = await run(text, script)
    const lines = report.add({ file: { path: 'a.slt', suite: 'pg', style: 'exact' }, results })
    return { report, lines }
  }
  const before = await runOnce((sql) => rows(sql.slice(-1)))
  const after = await runOnce((sql) => (sql === 'X' ? failed('0A000', 'X is not supported') : rows('1')))
  expect(before.report.failed).toBe(0)
  expect(after.lines).toEqual([
    'a.slt:7: wrong: other rows',
    '    SELECT 2',
    '  expected (1 lines):',
    '    2',
    '  got (1 lines):',
    '    1',
  ])
  expect(after.report.totals()).toEqual([
    'suite  check   passed  failed  refused  |  wrong  error  follow-on  lost',
    'pg     record       1       1        1  |      1      0          0     0',
    'all    -            1       1        1  |      1      0          0     0',
  ])
  expect(after.report.regressions(before.report.toJson())).toEqual([
    'no longer passes: a.slt:7 record: wrong: other rows',
    'no longer passes: a.slt:12 record: refused: 0A000 X is not supported',
  ])
})
