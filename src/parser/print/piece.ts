// What the printer is made of: a node's text as a list of pieces, in which the nodes below are not yet expanded.
//
// Each printing function says what stands directly in its node; `print` (print.ts) expands pieces with a stack of its
// own. So no tree is too deep to print, and a function never calls another one for a child.

import type { Expression, QueryBody, TableRef, TypeName } from '../ast.ts'
import type { Name, QualifiedName } from '../ast-leaf.ts'
import type { Statement } from '../ast-statement.ts'
import { needsQuotes } from '../keywords.ts'

export type Printable = Expression | QueryBody | TableRef | TypeName | Statement
export type Piece = string | Printable | readonly Piece[]

export const sql = (texts: TemplateStringsArray, ...pieces: readonly Piece[]): Piece =>
  texts.flatMap((text, index) => (index < pieces.length ? [text, pieces[index]!] : [text]))

export const nothing: Piece = ''

export const list = (pieces: readonly Piece[], separator = ', '): Piece =>
  pieces.flatMap((piece, index) => (index === 0 ? [piece] : [separator, piece]))

export const parens = (piece: Piece): Piece => ['(', piece, ')']

export const flag = (set: boolean, word: string): Piece => (set ? word : nothing)

/** The piece made of `value`, or nothing if there is none. */
export const given = <Value>(value: Value | undefined, piece: (value: Value) => Piece): Piece =>
  value === undefined ? nothing : piece(value)

/** The same for a list that is not empty. */
export const some = <Value>(values: readonly Value[], piece: (values: readonly Value[]) => Piece): Piece =>
  values.length === 0 ? nothing : piece(values)

/** A name as it must be written: quoted if it has other characters than a–z, 0–9 and _, or is a keyword. */
export const printIdentifier = (name: string): string => (needsQuotes(name) ? `"${name.replaceAll('"', '""')}"` : name)

export const dotted = (parts: readonly string[]): string => parts.map(printIdentifier).join('.')
export const qualified = ({ parts }: QualifiedName): string => dotted(parts)
export const nameText = ({ name }: Name): string => printIdentifier(name)
export const nameList = (names: readonly Name[]): string => names.map(nameText).join(', ')
/** [(a, b)] with a blank before it. */
export const columnList = (names: readonly Name[]): string => (names.length === 0 ? '' : ` (${nameList(names)})`)

export const printString = (value: string): string => `'${value.replaceAll("'", "''")}'`
