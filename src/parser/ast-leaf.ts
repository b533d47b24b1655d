// The leaves of the syntax tree: names, literals, references, and the words that other nodes choose from. See ast.ts.
//
// `position` is a 0-based offset into the text, in UTF-16 units: the place PostgreSQL blames when something is wrong
// with the node (an operator's own place, else the node's first token).

export type Node<Fields extends { kind: string }> = Readonly<Fields & { position: number }>

/** A name where only one part is possible: alias, new column, savepoint, … */
export type Name = Readonly<{ name: string; position: number }>
/** A name of one to three parts: relation, type, function, schema. */
export type QualifiedName = Readonly<{ parts: readonly string[]; position: number }>

// ---- Literals and references ----

export type NullLiteral = Node<{ kind: 'null' }>
export type BooleanLiteral = Node<{ kind: 'boolean'; value: boolean }>
/**
 * As written: `1`, `.5`, `1e3`. Integer if it is digits only. A minus before a number is part of it, as in PostgreSQL.
 */
export type NumberLiteral = Node<{ kind: 'number'; text: string }>
/** Its type is unknown until the binder gives it one. */
export type StringLiteral = Node<{ kind: 'string'; value: string }>
/** `B'101'` and `X'1f'`; the digits are checked. */
export type BitStringLiteral = Node<{ kind: 'bitString'; base: 'binary' | 'hexadecimal'; digits: string }>
/** `$1` has index 1. */
export type Parameter = Node<{ kind: 'parameter'; index: number }>
/** `c`, `t.c`, `s.t.c`, `d.s.t.c`; also a whole row (`t`) or a field of a column. */
export type ColumnRef = Node<{ kind: 'column'; parts: readonly string[] }>
/** `*` (no parts), `t.*`, `s.t.*`; only as a select item or as a function's argument. */
export type Star = Node<{ kind: 'star'; parts: readonly string[] }>
/** DEFAULT as a value of INSERT or UPDATE. */
export type DefaultValue = Node<{ kind: 'default' }>

/** The functions that are called without parentheses; `precision` only where the function takes one. */
export type CurrentValue = Node<{ kind: 'currentValue'; function: CurrentFunction; precision: number | undefined }>
export type CurrentFunction =
  | 'current_date'
  | 'current_time'
  | 'current_timestamp'
  | 'localtime'
  | 'localtimestamp'
  | 'current_role'
  | 'current_user'
  | 'session_user'
  | 'user'
  | 'current_catalog'
  | 'current_schema'
export type NormalForm = 'nfc' | 'nfd' | 'nfkc' | 'nfkd'
type TimeField = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'
export type IntervalFields =
  | TimeField
  | 'year to month'
  | `day to ${'hour' | 'minute' | 'second'}`
  | `hour to ${'minute' | 'second'}`
  | 'minute to second'

/** The expressions without expressions inside. */
export type Leaf =
  | NullLiteral
  | BooleanLiteral
  | NumberLiteral
  | StringLiteral
  | BitStringLiteral
  | Parameter
  | ColumnRef
  | Star
  | DefaultValue
  | CurrentValue
