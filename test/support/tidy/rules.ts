// The rules of the house as functions: sources in, violations out. Each names the file and line it objects to, and says
// what to do. Rules over single nodes are a table from what the syntax tree may not contain; the others stand alone.
//
// Exceptions are data (`Exceptions`), so that the list of them, with reasons, is read in one place: tidy.test.ts.

import { posix } from 'node:path'
import { forEachNode, importsOf, lineOf, type Node, type Source, SyntaxKind, startOf, textOf } from './syntax.ts'

export interface Violation {
  readonly rule: string
  readonly path: string
  readonly line: number
  readonly message: string
}

/** Room names from left to right: each imports from itself and from those before it. */
export const ROOMS = [
  'core',
  'parser',
  'functions',
  'storage',
  'planner',
  'executor',
  'connectors',
  'engine',
  'server',
] as const

const MAY_WAIT = new Set<string | undefined>(['connectors', 'engine', 'server'])
const DOES_IO = new Set<string | undefined>(['storage', 'connectors', 'engine', 'server'])
const IO_MODULES = /^node:(fs|net|tls|https?|http2|dgram|dns|child_process|worker_threads|readline|os)(\/.*)?$/
const ONLY_HERE: Readonly<Record<string, string>> = {
  'better-sqlite3': 'storage',
  chevrotain: 'parser',
  '@platformatic/kafka': 'connectors',
  pino: 'server',
}

export const FILE_LINES_MAX = 400
export const FUNCTION_LINES_MAX = 60
export const LINE_LENGTH_MAX = 120
/** A sentence. How much more a header needs depends on the file: 3 to 8 lines are usual. */
const HEADER_LENGTH_MIN = 40

export const roomOf = (path: string): string | undefined =>
  /^(?:src\/([^/]+)|(server))\//.exec(path)?.slice(1).find(Boolean)

const isProduct = (path: string): boolean => path.startsWith('src/') || path.startsWith('server/')

/** Where a relative import leads; undefined for packages. */
const resolveImport = (path: string, specifier: string): string | undefined =>
  specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined

export function checkRooms(source: Source): Violation[] {
  const room = roomOf(source.path)
  if (room === undefined) return []
  const from = (ROOMS as readonly string[]).indexOf(room)
  if (from < 0) return [{ rule: 'rooms', path: source.path, line: 1, message: `there is no room "${room}"` }]
  return importsOf(source).flatMap(({ specifier, line }) => {
    const target = resolveImport(source.path, specifier)
    if (target === undefined) return []
    const to = (ROOMS as readonly (string | undefined)[]).indexOf(roomOf(target))
    if (to >= 0 && to <= from) return []
    return [{ rule: 'rooms', path: source.path, line, message: `${room} must not import ${target}` }]
  })
}

/**
 * Packages: only declared dependencies, each only in the room that wraps it; no I/O left of storage but by argument.
 */
export function checkPackages(source: Source, dependencies: ReadonlySet<string>): Violation[] {
  const room = roomOf(source.path)
  if (room === undefined) return []
  return importsOf(source).flatMap(({ specifier, line }) => {
    if (specifier.startsWith('.')) return []
    const violation = (message: string) => [{ rule: 'packages', path: source.path, line, message }]
    if (specifier.startsWith('node:')) {
      return IO_MODULES.test(specifier) && !DOES_IO.has(room) ? violation(`${room} must not use ${specifier}`) : []
    }
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
    if (!dependencies.has(name)) return violation(`"${name}" is not among the dependencies`)
    const owner = ONLY_HERE[name]
    return owner !== undefined && owner !== room ? violation(`"${name}" is used in ${owner} only`) : []
  })
}

/** Each cycle once, as the path that closes it. Type imports count. */
export function checkCycles(sources: readonly Source[]): Violation[] {
  const edges = new Map<string, string[]>()
  for (const source of sources) {
    const targets = importsOf(source).map(({ specifier }) => resolveImport(source.path, specifier))
    edges.set(
      source.path,
      targets.filter((target) => target !== undefined),
    )
  }
  const violations: Violation[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      const cycle = [...trail.slice(start), path].join(' -> ')
      violations.push({ rule: 'cycles', path, line: 1, message: `imports itself: ${cycle}` })
    }
    if (start >= 0 || done.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return violations
}

export function checkHeader(source: Source): Violation[] {
  if (!isProduct(source.path)) return []
  const end = source.lines.findIndex((line) => !line.startsWith('//'))
  const header = source.lines.slice(0, end).map((line) => line.slice(2).trim())
  if (header.join(' ').length >= HEADER_LENGTH_MIN) return []
  const message = 'a file opens with a comment: what it is for, its state, invariants and cost'
  return [{ rule: 'header', path: source.path, line: 1, message }]
}

export function checkNames(source: Source): Violation[] {
  const name = posix.basename(source.path)
  const violation = (message: string) => [{ rule: 'names', path: source.path, line: 1, message }]
  if (name === 'index.ts') return violation('no index.ts: import from the file that defines the thing')
  return /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config))?\.(ts|mjs)$/.test(name) ? [] : violation('file names are kebab-case')
}

export function checkSizes(source: Source): Violation[] {
  const { path, lines } = source
  const violations: Violation[] = []
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length
  if (count > FILE_LINES_MAX)
    violations.push({ rule: 'file-size', path, line: 1, message: `${count} lines; split it by idea` })
  lines.forEach((text, index) => {
    if (text.length > LINE_LENGTH_MAX) {
      violations.push({ rule: 'line-length', path, line: index + 1, message: `${text.length} characters` })
    }
  })
  forEachNode(source.tree, (node) => {
    if (!isFunction(node) || isTestBlock(source, node)) return
    const text = textOf(source, node)
    const length = text.split('\n').length
    if (length > FUNCTION_LINES_MAX) {
      const message = `a function of ${length} lines: ${text.slice(0, 40).split('\n')[0]}`
      violations.push({ rule: 'function-size', path, line: lineOf(source, node), message })
    }
  })
  return violations
}

function isFunction(node: Node): boolean {
  switch (node.kind) {
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.Constructor:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor:
      return true
    default:
      return false
  }
}

/** The body of a `describe(…)`: a list of tests rather than a function. */
function isTestBlock(source: Source, node: Node): boolean {
  const caller = node.parent
  return (
    source.path.endsWith('.test.ts') &&
    caller?.kind === SyntaxKind.CallExpression &&
    /^describe\b/.test(source.text.slice(startOf(source, caller), node.pos))
  )
}

interface Ban {
  readonly rule: string
  readonly message: string
  readonly applies: (path: string) => boolean
  readonly matches: (node: Node, source: Source) => boolean
}

const is =
  (...kinds: readonly SyntaxKind[]) =>
  (node: Node): boolean =>
    kinds.includes(node.kind)

const PROPERTY_GLOBALS = new Set(['Date.now', 'Math.random', 'performance.now', 'process.env'])
const NAME_GLOBALS = new Set(['console', 'setTimeout', 'setInterval', 'setImmediate'])

/** A reference to the global, not a property or declaration that happens to have its name. */
function isGlobalReference(node: Node, source: Source): boolean {
  if (node.kind === SyntaxKind.PropertyAccessExpression) return PROPERTY_GLOBALS.has(textOf(source, node))
  if (node.kind === SyntaxKind.NewExpression) return /^new Date(\(\s*\))?$/.test(textOf(source, node))
  if (node.kind !== SyntaxKind.Identifier || !NAME_GLOBALS.has(textOf(source, node))) return false
  const { parent } = node
  if (parent.kind === SyntaxKind.PropertyAccessExpression) {
    return startOf(source, parent) === startOf(source, node) || textOf(source, parent).startsWith('globalThis.')
  }
  return !is(SyntaxKind.PropertySignature, SyntaxKind.PropertyAssignment, SyntaxKind.MethodSignature)(parent)
}

function isModuleVariable(node: Node, source: Source): boolean {
  if (node.kind !== SyntaxKind.VariableDeclarationList) return false
  const statement = node.parent
  return statement.parent?.kind === SyntaxKind.SourceFile && /^(let|var)\b/.test(textOf(source, node))
}

function isInheritance(node: Node, source: Source): boolean {
  const owner = node.kind === SyntaxKind.HeritageClause ? node.parent.kind : undefined
  const inherits = owner === SyntaxKind.ClassDeclaration || owner === SyntaxKind.ClassExpression
  return inherits && /^extends (?!Error\b)/.test(textOf(source, node))
}

/** `Promise` but in an interface or type, which may describe what engine and server await. */
function isPromise(node: Node, source: Source): boolean {
  if (node.kind !== SyntaxKind.Identifier || textOf(source, node) !== 'Promise') return false
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    if (at.kind === SyntaxKind.InterfaceDeclaration || at.kind === SyntaxKind.TypeAliasDeclaration) return false
  }
  return true
}

const isRelativeWithoutEnding = (node: Node, source: Source): boolean =>
  is(SyntaxKind.ImportDeclaration, SyntaxKind.ExportDeclaration)(node) &&
  /from\s+'\.[^']*(?<!\.(ts|mjs|json))'$/.test(textOf(source, node))

const everywhere = (): boolean => true
const mustNotWait = (path: string): boolean => path.startsWith('src/') && !MAY_WAIT.has(roomOf(path))

export const BANS: readonly Ban[] = [
  { rule: 'any', message: 'no `any`; `unknown` at the edge', applies: everywhere, matches: is(SyntaxKind.AnyKeyword) },
  {
    rule: 'erasable',
    message: 'no enums and namespaces: unions and modules',
    applies: everywhere,
    matches: is(SyntaxKind.EnumDeclaration, SyntaxKind.ModuleDeclaration),
  },
  {
    rule: 'default-export',
    message: 'named exports only',
    applies: everywhere,
    matches: (node) =>
      node.kind === SyntaxKind.ExportAssignment ||
      (node.kind === SyntaxKind.DefaultKeyword && node.parent.kind !== SyntaxKind.DefaultClause),
  },
  { rule: 'endings', message: 'relative imports end in .ts', applies: everywhere, matches: isRelativeWithoutEnding },
  { rule: 'inheritance', message: 'no inheritance', applies: isProduct, matches: isInheritance },
  { rule: 'module-let', message: 'no variables at module level', applies: isProduct, matches: isModuleVariable },
  {
    rule: 'globals',
    message: 'time, randomness, environment and output come in as arguments',
    applies: isProduct,
    matches: isGlobalReference,
  },
  {
    rule: 'async',
    message: 'runs to completion when called: async exists in connectors, engine and server',
    applies: mustNotWait,
    matches: (node, source) =>
      is(SyntaxKind.AsyncKeyword, SyntaxKind.AwaitExpression, SyntaxKind.AwaitKeyword)(node) || isPromise(node, source),
  },
]

export function checkBans(source: Source): Violation[] {
  const bans = BANS.filter((ban) => ban.applies(source.path))
  const violations: Violation[] = []
  forEachNode(source.tree, (node) => {
    for (const { rule, message, matches } of bans) {
      if (!matches(node, source)) continue
      const found = textOf(source, node).split('\n')[0]!.slice(0, 40)
      violations.push({ rule, path: source.path, line: lineOf(source, node), message: `${found}: ${message}` })
    }
  })
  return violations
}
