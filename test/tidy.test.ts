// The rules of the house that a machine can check: who may import whom, headers, sizes, names, what the language and
// the libraries have that this code does not use. Exceptions stand here, each with its reason. Every rule also has a
// small text that it must object to, so that a rule which has stopped working is noticed.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkLock, checkMachinePaths, checkPins, readTexts, textFiles } from './support/tidy/project.ts'
import {
  checkBans,
  checkCycles,
  checkHeader,
  checkNames,
  checkPackages,
  checkRooms,
  checkSizes,
  type Violation,
} from './support/tidy/rules.ts'
import { parseSets, parseSources, type Source } from './support/tidy/syntax.ts'

interface Exception {
  readonly rule: string
  readonly path: string
  readonly reason: string
}

/** What the rules may find all the same. `path` is a file, or a folder when it ends in a slash. */
const EXCEPTIONS: readonly Exception[] = [
  { rule: 'globals', path: 'server/cli.ts', reason: 'the one place that knows the process it runs in' },
  { rule: 'inheritance', path: 'src/parser/grammar/', reason: 'chevrotain grammars are split by a chain of classes' },
  { rule: 'default-export', path: 'vitest.config.ts', reason: 'vitest asks for it' },
  { rule: 'packages', path: 'server/slt/', reason: 'a tool of the checkout, left out of the published package' },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
const dependencies = new Set(Object.keys(manifest.dependencies))

const isExcepted = (violation: Violation): boolean =>
  EXCEPTIONS.some(
    ({ rule, path }) =>
      rule === violation.rule && (path.endsWith('/') ? violation.path.startsWith(path) : violation.path === path),
  )

const checkSource = (source: Source): Violation[] => [
  ...checkRooms(source),
  ...checkPackages(source, dependencies),
  ...checkHeader(source),
  ...checkNames(source),
  ...checkSizes(source),
  ...checkBans(source),
]

const checkSources = (sources: readonly Source[]): Violation[] => [
  ...sources.flatMap(checkSource),
  ...checkCycles(sources),
]

const print = (violations: readonly Violation[]): string[] =>
  violations.map(({ rule, path, line, message }) => `${path}:${line} [${rule}] ${message}`)

describe('the repository', () => {
  const paths = textFiles(root)
  const texts = readTexts(root, paths)

  test('sources keep the rules', () => {
    const isSource = ([path]: [string, string]) => /\.(ts|mjs)$/.test(path)
    const sources = parseSources(Object.fromEntries(Object.entries(texts).filter(isSource)))
    expect(sources.length).toBeGreaterThan(20)
    expect(print(checkSources(sources).filter((violation) => !isExcepted(violation)))).toEqual([])
  })

  test('no text names a path of one machine', () => {
    const violations = Object.entries(texts).flatMap(([path, text]) => checkMachinePaths(path, text))
    expect(print(violations)).toEqual([])
  })

  test('versions are pinned, and the lock file names them and no addresses', () => {
    const violations = [...checkPins('package.json', manifest), ...checkLock('package-lock.json', lock, manifest)]
    expect(print(violations)).toEqual([])
  })
})

const header = '// What this file is for.\n// The state it has, its invariants, and what it costs.\n'

/** Which rules object, each once. */
const rulesBroken = (sources: readonly Source[]): string[] =>
  [...new Set(checkSources(sources).map(({ rule }) => rule))].toSorted()

const core = (body: string): Record<string, string> => ({ 'src/core/thing.ts': `${header}${body}\n` })
const long = (lines: number): string => 'x()\n'.repeat(lines)

const FORBIDDEN: readonly (readonly [rule: string, files: Record<string, string>])[] = [
  ['rooms', core("import { a } from '../parser/ast.ts'")],
  ['rooms', core("import type { A } from '../parser/ast.ts'")],
  ['rooms', core("export type B = import('../parser/ast.ts').A")],
  ['rooms', core("export * from '../../test/support/a.ts'")],
  ['rooms', { 'src/utils/thing.ts': header }],
  ['rooms', { 'src/engine/thing.ts': `${header}export const a = () => import('../../server/cli.ts')\n` }],
  ['packages', core("import { test } from 'vitest'")],
  ['packages', core("import Database from 'better-sqlite3'")],
  ['packages', core("import { readFileSync } from 'node:fs'")],
  ['header', { 'src/core/thing.ts': '// Only one line.\nexport const a = 1\n' }],
  ['names', { 'src/core/someThing.ts': header }],
  ['names', { 'src/core/index.ts': header }],
  ['file-size', core(long(400))],
  ['function-size', core(`export function f() {\n${long(59)}}`)],
  ['function-size', core(`export const a = { f() {\n${long(59)}} }`)],
  ['line-length', core(`// ${'x'.repeat(118)}`)],
  ['any', core('export const f = (a: any) => a')],
  ['erasable', core('export enum A { b }')],
  ['erasable', core('export namespace A { export const b = 1 }')],
  ['default-export', core('export default 1')],
  ['default-export', core('export default function f() {}')],
  ['endings', core("import { a } from './a'")],
  ['inheritance', core('export class A extends B {}')],
  ['module-let', core('let count = 0')],
  ['globals', core('export const now = () => Date.now()')],
  ['globals', core('export const now = () => new Date()')],
  ['globals', core('export const f = () => { setTimeout(g, 1) }')],
  ['globals', core('export const f = () => globalThis.setTimeout')],
  ['globals', core('export const home = process.env.HOME')],
  ['globals', { 'server/thing.ts': `${header}export const f = () => { console.log(1) }\n` }],
  ['async', core('export const f = async () => 1')],
  ['async', core('export const f = (): Promise<void> => g()')],
]

describe('each rule objects to what it forbids', () => {
  const sets = parseSets(FORBIDDEN.map(([, files]) => files))
  FORBIDDEN.forEach(([rule, files], number) => {
    const shown = Object.entries(files)[0]!.join(': ').replace(header, '').slice(0, 80).replaceAll('\n', ' ')
    test(`${rule}: ${shown}`, () => {
      expect(rulesBroken(sets[number]!)).toEqual([rule])
    })
  })

  test('cycles, of types too', () => {
    const files = {
      'src/core/a.ts': `${header}import type { B } from './b.ts'\nexport type A = B\n`,
      'src/core/b.ts': `${header}import { c } from './c.ts'\nexport type B = typeof c\n`,
      'src/core/c.ts': `${header}export { A } from './a.ts'\nexport const c = 1\n`,
    }
    const cycle = 'imports itself: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts'
    expect(checkCycles(parseSources(files)).map(({ message }) => message)).toEqual([cycle])
  })

  test('but not to what only looks like it', () => {
    const text = `${header}import { b } from './b.ts'
import { createHash } from 'node:crypto'
// let console = setTimeout; any enum; Date.now()
export const words = 'async console Date.now() import("../server/cli.ts")'
export const pattern = /setTimeout\\/ let \`/
export class Problem extends Error {}
export interface Host { wait(): Promise<void>; setTimeout(run: () => void): void; console: string }
export function f(host: Host): Date {
  let at = 1
  at += host.console.length + b
  host.setTimeout(() => createHash(\`\${at} \${words}\`))
  switch (at) {
    default:
      return new Date(at)
  }
}
`
    const files = { 'src/core/a.ts': text, 'src/core/b.ts': `${header}export const b = 1\n` }
    expect(rulesBroken(parseSources(files))).toEqual([])
  })

  test('machine paths, pins and lock files', () => {
    const rules = (violations: readonly Violation[]) => violations.map(({ rule }) => rule)
    expect(rules(checkMachinePaths('a.md', `see ${['', 'home', 'me', 'a.ts'].join('/')}`))).toEqual(['machine-paths'])
    expect(rules(checkMachinePaths('a.md', 'see src/home/a.ts and https://example.org/work/'))).toEqual([])
    expect(rules(checkPins('package.json', { dependencies: { a: '^1.2.3' } }))).toEqual(['pins'])
    expect(rules(checkPins('package.json', { devDependencies: { a: '1.2.3' } }))).toEqual([])
    const packages = { '': { dependencies: { a: '1.2.3' } }, 'node_modules/a': { resolved: 'https://example.org/a' } }
    expect(rules(checkLock('lock', { packages }, { dependencies: { a: '1.2.3' } }))).toEqual(['lock'])
    const optional = { '': {}, 'node_modules/a': { optionalDependencies: { b: '1.0.0', c: '1.0.0' } } }
    const nested = { 'node_modules/a/node_modules/b': {}, 'node_modules/c': {} }
    expect(rules(checkLock('lock', { packages: optional }, {}))).toEqual(['lock', 'lock'])
    expect(rules(checkLock('lock', { packages: { ...optional, ...nested } }, {}))).toEqual([])
    expect(rules(checkLock('lock', { packages: { '': {} } }, { dependencies: { a: '1.2.3' } }))).toEqual(['lock'])
  })
})
