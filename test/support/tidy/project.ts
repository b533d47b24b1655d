// Rules about what is not a syntax tree: the package's pins, the lock file, and machine paths in any text file.
// Files are found by walking the tree, so that a checkout without its history is judged the same.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Violation } from './rules.ts'

const SKIPPED = new Set(['node_modules', '.git', 'dist', 'coverage', 'millrace-data'])
const TEXT = /\.(ts|mjs|js|json|md|slt|sql|sh|yml|yaml|txt|xml|java)$|^[^.]+$|(^|\/)\.ci\/|\.gitignore$/

/** Paths below `root`, with slashes, of every text file that belongs to the project. */
export function textFiles(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (SKIPPED.has(entry.name)) return []
      if (entry.isDirectory()) return textFiles(root, path)
      return entry.isFile() && TEXT.test(path) ? [path] : []
    })
}

export const readTexts = (root: string, paths: readonly string[]): Record<string, string> =>
  Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))

// Written in pieces, so that this file does not object to itself.
const MACHINE = new RegExp(`(^|[\\s'"\`(=:])/(${['work', 'root', 'home', 'farm', 'Users'].join('|')})/`)
const REGISTRY = new RegExp(['registry', 'npmjs', 'org'].join('\\.'))

export function checkMachinePaths(path: string, text: string): Violation[] {
  return text.split('\n').flatMap((line, index) => {
    const found = MACHINE.exec(line) ?? REGISTRY.exec(line)
    if (found === null) return []
    return [{ rule: 'machine-paths', path, line: index + 1, message: `${found[0].trim()}: no paths of one machine` }]
  })
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export function checkPins(path: string, manifest: Manifest): Violation[] {
  const all = { ...manifest.dependencies, ...manifest.devDependencies }
  return Object.entries(all)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => ({ rule: 'pins', path, line: 1, message: `${name} is not pinned exactly: ${version}` }))
}

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage extends Manifest {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * The lock file names the same versions as package.json, no addresses to download from, and each platform's build of a
 * package: npm leaves out those that it cannot find at the time, and `npm ci` then fails everywhere.
 */
export function checkLock(path: string, lock: Lock, manifest: Manifest): Violation[] {
  const violation = (message: string): Violation => ({ rule: 'lock', path, line: 1, message })
  const addresses = Object.entries(lock.packages)
    .filter(([name, { resolved }]) => name !== '' && resolved !== undefined)
    .map(([name]) => violation(`${name} has a download address`))
  const missing = Object.entries(lock.packages).flatMap(([owner, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !placesOf(owner, name).some((place) => place in lock.packages))
      .map((name) => violation(`${name}, optional for ${owner}, is missing`)),
  )
  const root = lock.packages['']
  const same =
    JSON.stringify([root?.dependencies, root?.devDependencies]) ===
    JSON.stringify([manifest.dependencies, manifest.devDependencies])
  const problems = [...addresses, ...missing]
  return same ? problems : [...problems, violation('does not fit package.json: run npm install')]
}

/** Where a package that `owner` needs may be installed: below it, or below any folder that it lies in. */
function placesOf(owner: string, name: string): string[] {
  const nested = owner
    .split('/node_modules/')
    .map((_, i, parts) => `${parts.slice(0, i + 1).join('/node_modules/')}/node_modules/${name}`)
  return [`node_modules/${name}`, ...nested]
}
