// What a start costs, and a server that nobody uses: `--memory`, in a process of its own, from the sources of this
// checkout and from the package as `npm pack` makes it.
//
//   readyMs        start of the process to its line that says so
//   firstQueryMs   … to the first answer to a client
//   startCpuMs     processor time by then: says the same where others load the machine
//   residentMB     after IDLE_MS without a client
//   cpuPercent     of one processor, over CPU_MS thereafter
//
// The median of several starts; one before them, unmeasured, fills the caches of the disk and of compiled code, as
// installing does.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Server } from './e2e/server.ts'
import type { Measured } from './reference/measure.ts'
import type { BenchCase } from './run.ts'

const PORT = 57_602
const STARTS = 5
const IDLE_MS = 5000
const CPU_MS = 10_000

const root = fileURLToPath(new URL('../', import.meta.url))
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

async function start(program: string): Promise<Measured> {
  await using warm = await Server.start(PORT, program)
  await sleep(2000)
  await warm[Symbol.asyncDispose]()
  const starts: { readyMs: number; answerMs: number; cpuMs: number }[] = []
  for (let i = 0; i < STARTS; i++) {
    await using server = await Server.start(PORT, program)
    const { readyMs, answerMs } = server
    starts.push({ readyMs, answerMs, cpuMs: server.usage().cpuMs })
  }
  await using idle = await Server.start(PORT, program)
  await sleep(IDLE_MS)
  const before = idle.usage()
  await sleep(CPU_MS)
  const after = idle.usage()
  const facts = {
    readyMs: Math.round(median(starts.map(({ readyMs }) => readyMs))),
    firstQueryMs: Math.round(median(starts.map(({ answerMs }) => answerMs))),
    startCpuMs: median(starts.map(({ cpuMs }) => cpuMs)),
    residentMB: Math.round(before.residentBytes / 1e6),
    cpuPercent: ((after.cpuMs - before.cpuMs) / CPU_MS) * 100,
  }
  const withinLimit = facts.firstQueryMs < 1000 && facts.residentMB < 120 && facts.cpuPercent < 1
  return { rows: 1, nsPerRow: facts.firstQueryMs * 1e6, spread: 1, facts, withinLimit }
}

/** The package's files in a directory of their own, with this checkout's dependencies. */
async function built(): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-start-'))
  try {
    const build = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
    if (build.status !== 0) throw new Error('the build failed')
    for (const part of ['bin', 'dist', 'package.json'])
      cpSync(join(root, part), join(directory, part), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
    return await start(join(directory, 'bin/millrace.mjs'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

export const cases: readonly BenchCase[] = [
  { name: 'sources', run: () => start(join(root, 'bin/millrace.mjs')) },
  { name: 'built', run: built },
]
