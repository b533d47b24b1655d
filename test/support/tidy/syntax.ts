// Syntax trees of source texts, from the TypeScript compiler itself, over an in-memory project: nothing is resolved,
// checked or read from disk, so that a fixture is treated exactly like a file of the repository.
//
// The compiler's API is marked unstable; the pinned version makes that safe, and only this file knows it.

import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import { createVirtualFileSystem } from 'typescript/unstable/fs'
import { API } from 'typescript/unstable/sync'

export type { Node } from 'typescript/unstable/ast'
export { SyntaxKind } from 'typescript/unstable/ast'

/** One source text of the repository (path relative to its root, with slashes) and its tree. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  readonly tree: SourceFile
}

export interface Import {
  readonly specifier: string
  readonly line: number
}

const ROOT = '/project/'

/** Parses several sets of files, each on its own, with one run of the compiler. */
export function parseSets(sets: readonly Readonly<Record<string, string>>[]): Source[][] {
  const files: Record<string, string> = {}
  sets.forEach((texts, number) => {
    for (const [path, text] of Object.entries(texts)) files[`${ROOT}${number}/${path}`] = text
  })
  const compilerOptions = { noLib: true, noResolve: true, types: [], allowJs: true }
  files[`${ROOT}tsconfig.json`] = JSON.stringify({ compilerOptions, files: Object.keys(files) })
  const api = new API({ cwd: ROOT, fs: createVirtualFileSystem(files) })
  try {
    using snapshot = api.updateSnapshot({ openProjects: [`${ROOT}tsconfig.json`] })
    const program = snapshot.getProjects()[0]!.program
    return sets.map((texts, number) =>
      Object.entries(texts).map(([path, text]) => {
        const tree = program.getSourceFile(`${ROOT}${number}/${path}`)
        if (tree === undefined) throw new Error(`no syntax tree for ${path}`)
        return { path, text, lines: text.split('\n'), tree }
      }),
    )
  } finally {
    api.close()
  }
}

export const parseSources = (texts: Readonly<Record<string, string>>): Source[] => parseSets([texts])[0]!

/** Calls `visit` for every node of the tree, parents first. */
export function forEachNode(root: Node, visit: (node: Node) => void): void {
  visit(root)
  root.forEachChild((child) => {
    forEachNode(child, visit)
  })
}

/** First character that belongs to the node itself, after blanks and comments. */
export const startOf = (source: Source, node: Node): number => node.getStart(source.tree)

export const textOf = (source: Source, node: Node): string => source.text.slice(startOf(source, node), node.end)

/** Line number, from 1, of an offset. */
export function lineAt(source: Source, offset: number): number {
  let line = 1
  for (let at = source.text.indexOf('\n'); at >= 0 && at < offset; at = source.text.indexOf('\n', at + 1)) line++
  return line
}

export const lineOf = (source: Source, node: Node): number => lineAt(source, startOf(source, node))

/** Every module the file names: import and export declarations (of types too), import types, and literal import(). */
export function importsOf(source: Source): Import[] {
  const imports: Import[] = []
  forEachNode(source.tree, (node) => {
    const literal = moduleLiteral(node)
    if (literal !== undefined)
      imports.push({ specifier: textOf(source, literal).slice(1, -1), line: lineOf(source, node) })
  })
  return imports
}

function moduleLiteral(node: Node): Node | undefined {
  const literals: Node[] = []
  node.forEachChild((child) => {
    if (child.kind === SyntaxKind.StringLiteral) literals.push(child)
    if (child.kind === SyntaxKind.LiteralType) child.forEachChild((inner) => void literals.push(inner))
  })
  switch (node.kind) {
    case SyntaxKind.ImportDeclaration:
    case SyntaxKind.ExportDeclaration:
    case SyntaxKind.ImportType:
      return literals[0]
    case SyntaxKind.CallExpression: {
      const call = node as Node & { readonly expression: Node }
      return call.expression.kind === SyntaxKind.ImportKeyword ? literals[0] : undefined
    }
    default:
      return undefined
  }
}
