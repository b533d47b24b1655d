// Results for people and for programs: one line a file while it runs, the first failures in full, a table of totals,
// and a JSON file of everything, against which a later run lists what has got worse.

import { show } from './compare.ts'
import type { FileResults } from './runner.ts'
import { type Result, VERDICTS, type Verdict } from './verdict.ts'

export interface ReportOptions {
  /** How many failures are printed in full. */
  readonly failures: number
  readonly onlyWrong: boolean
}

type Totals = Record<Verdict, number>

const LINES_MAX = 12
const isFailure = ({ verdict }: Result): boolean => verdict !== 'passed' && verdict !== 'refused'
const keyOf = ({ place, check }: Result): string => `${place.file}:${place.line} ${check}`

const noTotals = (): Totals => Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Totals

const failedOf = (totals: Totals): number => totals.wrong + totals.error + totals.followOn + totals.lost

/** Totals by suite and check, in the order in which they came. */
function totalsOf(all: readonly FileResults[]): Map<string, Totals> {
  const totals = new Map<string, Totals>()
  for (const { file, results } of all) {
    for (const { check, verdict } of results) {
      const key = `${file.suite} ${check}`
      const sum = totals.get(key) ?? noTotals()
      sum[verdict]++
      totals.set(key, sum)
    }
  }
  return totals
}

const HEAD = ['suite', 'check', 'passed', 'failed', 'refused', '|', 'wrong', 'error', 'follow-on', 'lost']

function printTotals(all: readonly FileResults[]): string[] {
  const totals = totalsOf(all)
  const sum = noTotals()
  for (const each of totals.values()) for (const verdict of VERDICTS) sum[verdict] += each[verdict]
  const row = (key: string, t: Totals): string[] =>
    [...key.split(' '), t.passed, failedOf(t), t.refused, '|', t.wrong, t.error, t.followOn, t.lost].map(String)
  const rows = [HEAD, ...[...totals].map(([key, each]) => row(key, each)), row('all -', sum)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  return rows.map((cells) =>
    cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  )
}

/** A failure in full: where, what, the SQL, and both sides from a little before the first difference. */
export function printFailure(result: Result): string[] {
  const { place, check, verdict, sql, message, difference } = result
  const lines = [`${place.file}:${place.line}: ${verdict}${check === 'view' ? ' as a view' : ''}: ${message}`]
  lines.push(...sql.split('\n').map((line) => `    ${line}`))
  if (difference === undefined) return lines
  return [
    ...lines,
    ...printSide('expected', difference.expected, difference.got),
    ...printSide('got', difference.got, difference.expected),
  ]
}

/** The lines of one side from a little before the first that differs. */
function printSide(name: string, lines: readonly string[], other: readonly string[]): string[] {
  const first = lines.findIndex((line, i) => line !== other[i])
  const from = Math.max(0, (first < 0 ? lines.length : first) - 2)
  const shown = lines.slice(from, from + LINES_MAX).map((line) => `    ${show(line)}`)
  const before = from > 0 ? `, from line ${from + 1}` : ''
  return [
    `  ${name} (${lines.length} lines${before}):`,
    ...shown,
    ...(from + LINES_MAX < lines.length ? ['    ...'] : []),
  ]
}

export class Report {
  readonly #options: ReportOptions
  readonly #all: FileResults[] = []
  #printed = 0

  constructor(options: ReportOptions) {
    this.#options = options
  }

  /** What to print when a file has ended. */
  add(results: FileResults): string[] {
    this.#all.push(results)
    const chosen = results.results.filter((each) =>
      this.#options.onlyWrong ? each.verdict === 'wrong' : isFailure(each),
    )
    const shown = chosen.slice(0, Math.max(0, this.#options.failures - this.#printed))
    this.#printed += shown.length
    return shown.flatMap(printFailure)
  }

  totals(): string[] {
    return printTotals(this.#all)
  }

  get failed(): number {
    return this.#all.flatMap(({ results }) => results).filter(isFailure).length
  }

  /** Everything, for `--json` and a later `--against`. */
  toJson(): string {
    const totals = [...totalsOf(this.#all)].map(([key, each]) => {
      const [suite, check] = key.split(' ')
      return { suite, check, failed: failedOf(each), ...each }
    })
    const results = this.#all.flatMap((each) => each.results)
    const verdicts = Object.fromEntries(results.map((each) => [keyOf(each), each.verdict]))
    const details = results.filter(({ verdict }) => verdict !== 'passed')
    return `${JSON.stringify({ totals, verdicts, details }, undefined, 1)}\n`
  }

  /** What passed in an earlier run (its JSON) and does not now. */
  regressions(earlier: string): string[] {
    const before: { verdicts?: Record<string, string> } = JSON.parse(earlier)
    return this.#all
      .flatMap(({ results }) => results)
      .filter((each) => each.verdict !== 'passed' && before.verdicts?.[keyOf(each)] === 'passed')
      .map((each) => `no longer passes: ${keyOf(each)}: ${each.verdict}: ${each.message}`)
  }
}
