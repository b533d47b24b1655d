// The command `npm run bench -- NAME [--only a,b] [--json]`: runs the cases of bench/NAME.ts and compares each with its
// reference loop, measured in a process of its own during the same run. `npm run bench -- reference` measures the loops
// alone, `npm run bench` lists the names. Exit code 1 if a case takes more than its limit, or is bimodal.
//
// One JSON line a case, then a table. A case is fair only if nothing else runs on the machine.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Measured } from './reference/measure.ts'
import { type ReferenceName, references } from './reference.ts'

/** What a file of bench/ exports as `cases`. */
export interface BenchCase {
  readonly name: string
  /** The loop that does the same work by hand. */
  readonly reference?: ReferenceName
  /** At most so many times the reference, or so many ns a row more than it. */
  readonly limit?: { readonly times: number } | { readonly plusNs: number }
  run(): Measured | Promise<Measured>
}

interface Outcome extends Omit<Measured, 'withinLimit'> {
  readonly name: string
  readonly referenceNs: number | undefined
  readonly ratio: number | undefined
  readonly withinLimit: boolean | undefined
}

const here = new URL('.', import.meta.url)
const NOT_BENCHES = new Set(['run.ts'])

export async function main(argv: readonly string[]): Promise<number> {
  const options = { only: { type: 'string', default: '' }, json: { type: 'boolean', default: false } } as const
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  const names = readdirSync(here).filter((file) => file.endsWith('.ts') && !NOT_BENCHES.has(file))
  const name = positionals[0]
  if (name === undefined || !names.includes(`${name}.ts`)) {
    console.log(`npm run bench -- NAME, one of ${names.map((file) => file.replace('.ts', '')).join(', ')}`)
    return 1
  }
  const only = values.only.split(',').filter((each) => each !== '')
  const cases = (await casesOf(name)).filter((each) => only.length === 0 || only.includes(each.name))
  const outcomes: Outcome[] = []
  for (const each of cases) {
    const outcome = await runCase(each)
    outcomes.push(outcome)
    console.log(JSON.stringify(outcome))
  }
  if (!values.json) printTable(outcomes)
  return outcomes.some(({ withinLimit }) => withinLimit === false) ? 1 : 0
}

async function casesOf(name: string): Promise<readonly BenchCase[]> {
  if (name === 'reference') return Object.entries(references).map(([loop, run]) => ({ name: loop, run }))
  const file: { readonly cases: readonly BenchCase[] } = await import(new URL(`${name}.ts`, here).href)
  return file.cases
}

async function runCase({ name, reference, limit, run }: BenchCase): Promise<Outcome> {
  const referenceNs = reference === undefined ? undefined : measureReference(reference)
  const measured = await run()
  const round = (value: number): number => Number(value.toFixed(2))
  const most =
    referenceNs === undefined || limit === undefined
      ? undefined
      : 'times' in limit
        ? referenceNs * limit.times
        : referenceNs + limit.plusNs
  return {
    name,
    rows: measured.rows,
    nsPerRow: round(measured.nsPerRow),
    spread: round(measured.spread),
    referenceNs,
    ratio: referenceNs === undefined ? undefined : round(measured.nsPerRow / referenceNs),
    withinLimit:
      most === undefined ? measured.withinLimit : measured.nsPerRow <= most && measured.spread <= BIMODAL_SPREAD,
    ...(measured.facts === undefined ? {} : { facts: measured.facts }),
  }
}

/**
 * Passes that differ by more come from code that falls out of the optimised tier for whole passes (engine §1): a miss,
 * whatever the median says.
 */
const BIMODAL_SPREAD = 4

const measuredReferences = new Map<ReferenceName, number>()

/** ns a row of a reference loop, measured once a run in a fresh process, so that no other code shares its types. */
function measureReference(name: ReferenceName): number {
  const known = measuredReferences.get(name)
  if (known !== undefined) return known
  const program = fileURLToPath(new URL('../bin/bench.mjs', here))
  const child = spawnSync(process.execPath, [program, 'reference', '--only', name, '--json'], { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(`the reference loop ${name} failed: ${child.stderr}`)
  const { nsPerRow }: Outcome = JSON.parse(child.stdout)
  measuredReferences.set(name, nsPerRow)
  return nsPerRow
}

function printTable(outcomes: readonly Outcome[]): void {
  const head = ['case', 'rows', 'ns/row', 'spread', 'reference', 'ratio', 'limit']
  const rows = outcomes.map(({ name, rows: count, nsPerRow, spread, referenceNs, ratio, withinLimit }) => [
    name,
    String(count),
    nsPerRow.toFixed(1),
    spread.toFixed(2),
    referenceNs?.toFixed(1) ?? '',
    ratio?.toFixed(2) ?? '',
    withinLimit === undefined ? '' : withinLimit ? 'kept' : 'MISSED',
  ])
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((cells) => cells[i]!.length)))
  for (const cells of [head, ...rows]) {
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
  }
}
