// The syntax tree: expressions, queries and the statements that change rows. Its leaves are in ast-leaf.ts, the other
// statements in ast-statement.ts.
//
// Every node is a readonly value tagged `kind`. `position` is a 0-based offset into the text, in UTF-16 units: the
// place PostgreSQL blames when something is wrong with the node (an operator's own place, else the node's first token).
// Names are folded already ("Ab" stays Ab, Ab becomes ab). Nothing here knows a catalog: `a.b` may be a column or a
// field. Special syntaxes that PostgreSQL defines as functions are functions here too: EXTRACT, TRIM, OVERLAPS, TABLE t
// …
//
// Depth: the grammar bounds nesting, so a tree may be walked recursively, with four exceptions. Chains are as long as
// the text: AND/OR and set operations are flat lists; `Binary.left` and `Join.left` are spines to be walked by a loop.

import type { ColumnRef, IntervalFields, Leaf, Name, Node, NormalForm, QualifiedName } from './ast-leaf.ts'

// ---- Operators and tests ----

/** `- a`, `@ a`; `schema` from OPERATOR(schema.-). */
export type Unary = Node<{ kind: 'unary'; operator: string; schema: string | undefined; operand: Expression }>
/** `!=` is `<>`. A chain a + b + c leans left and may be as long as the text. */
export type Binary = Node<{
  kind: 'binary'
  operator: string
  schema: string | undefined
  left: Expression
  right: Expression
}>
export type And = Node<{ kind: 'and'; operands: readonly Expression[] }>
export type Or = Node<{ kind: 'or'; operands: readonly Expression[] }>
export type Not = Node<{ kind: 'not'; operand: Expression }>
export type IsTest = Node<{
  kind: 'isTest'
  operand: Expression
  test: 'null' | 'true' | 'false' | 'unknown'
  negated: boolean
}>
export type IsDistinct = Node<{ kind: 'isDistinct'; left: Expression; right: Expression; negated: boolean }>
export type IsNormalized = Node<{ kind: 'isNormalized'; operand: Expression; form: NormalForm; negated: boolean }>
export type Between = Node<{
  kind: 'between'
  operand: Expression
  low: Expression
  high: Expression
  symmetric: boolean
  negated: boolean
}>
export type InList = Node<{ kind: 'inList'; operand: Expression; items: readonly Expression[]; negated: boolean }>
export type InSubquery = Node<{ kind: 'inSubquery'; operand: Expression; query: Query; negated: boolean }>
export type Like = Node<{
  kind: 'like'
  operator: 'like' | 'ilike' | 'similar'
  operand: Expression
  pattern: Expression
  escape: Expression | undefined
  negated: boolean
}>
/** `a = ANY (array)`; LIKE ANY has the operator `~~`, ILIKE `~~*`, NOT LIKE `!~~`. SOME is ANY. */
export type Quantified = Node<{
  kind: 'quantified'
  operator: string
  schema: string | undefined
  quantifier: 'any' | 'all'
  left: Expression
  array: Expression
}>
export type QuantifiedSubquery = Node<{
  kind: 'quantifiedSubquery'
  operator: string
  schema: string | undefined
  quantifier: 'any' | 'all'
  left: Expression
  query: Query
}>

// ---- Other expressions ----

export type ScalarSubquery = Node<{ kind: 'scalarSubquery'; query: Query }>
export type Exists = Node<{ kind: 'exists'; query: Query }>
export type ArraySubquery = Node<{ kind: 'arraySubquery'; query: Query }>
/** The inner lists of ARRAY[[1,2],[3,4]] are `array` nodes too. */
export type ArrayConstructor = Node<{ kind: 'array'; items: readonly Expression[] }>
/** `ROW(a, b)` is explicit, `(a, b)` is not. */
export type RowConstructor = Node<{ kind: 'row'; items: readonly Expression[]; explicit: boolean }>
/** `chained`: it continues the subscripts of its operand, as in a[1][2], and does not begin again, as in (a[1])[2]. */
export type Subscript = Node<{ kind: 'subscript'; operand: Expression; chained: boolean; index: Expression }>
export type Slice = Node<{
  kind: 'slice'
  operand: Expression
  chained: boolean
  lower: Expression | undefined
  upper: Expression | undefined
}>
/** `(x).f` */
export type FieldSelect = Node<{ kind: 'field'; operand: Expression; field: string }>
/** `(x).*` */
export type FieldStar = Node<{ kind: 'fieldStar'; operand: Expression }>
/** `x::t`, `CAST(x AS t)`, `t 'literal'`, `INTERVAL '1' DAY`. */
export type Cast = Node<{ kind: 'cast'; operand: Expression; type: TypeName }>
export type Collate = Node<{ kind: 'collate'; operand: Expression; collation: QualifiedName }>
export type AtTimeZone = Node<{ kind: 'atTimeZone'; operand: Expression; zone: Expression }>
export type Case = Node<{
  kind: 'case'
  operand: Expression | undefined
  whens: readonly When[]
  otherwise: Expression | undefined
}>
export type When = Node<{ kind: 'when'; condition: Expression; result: Expression }>
export type Coalesce = Node<{ kind: 'coalesce'; arguments: readonly Expression[] }>
export type NullIf = Node<{ kind: 'nullif'; left: Expression; right: Expression }>
export type Extremum = Node<{ kind: 'extremum'; function: 'greatest' | 'least'; arguments: readonly Expression[] }>
export type Grouping = Node<{ kind: 'grouping'; arguments: readonly Expression[] }>
export type FunctionCall = Node<{
  kind: 'call'
  name: readonly string[]
  arguments: readonly Argument[]
  /** `count(*)`; then there are no arguments. */
  star: boolean
  distinct: boolean
  /** Inside the parentheses: string_agg(a, ',' ORDER BY b). */
  orderBy: readonly OrderItem[]
  /** WITHIN GROUP (ORDER BY …); empty if there is none. */
  withinGroup: readonly OrderItem[]
  filter: Expression | undefined
  nulls: 'ignore' | 'respect' | undefined
  over: WindowSpec | WindowName | undefined
}>
/** `name => value`; VARIADIC only on the last one. */
export type Argument = Node<{ kind: 'argument'; name: string | undefined; variadic: boolean; value: Expression }>

export type Expression =
  | Leaf
  | Unary
  | Binary
  | And
  | Or
  | Not
  | IsTest
  | IsDistinct
  | IsNormalized
  | Between
  | InList
  | InSubquery
  | Like
  | Quantified
  | QuantifiedSubquery
  | ScalarSubquery
  | Exists
  | ArraySubquery
  | ArrayConstructor
  | RowConstructor
  | Subscript
  | Slice
  | FieldSelect
  | FieldStar
  | Cast
  | Collate
  | AtTimeZone
  | Case
  | Coalesce
  | NullIf
  | Extremum
  | Grouping
  | FunctionCall

// ---- Types ----

/**
 * SQL's spellings of several words are one part: `double precision`, `character varying`, `timestamp with time zone`.
 * INT is `integer`, INT4 is `int4`: as written, folded; what a name means is the type resolver's business. FLOAT(n) is
 * `real` or `double precision`, DEC and DECIMAL `numeric`, CHAR without a length has the modifier 1.
 */
export type TypeName = Node<{
  kind: 'type'
  name: readonly string[]
  /** numeric(10, 2), varchar(3), interval(3). */
  modifiers: readonly Expression[]
  intervalFields: IntervalFields | undefined
  /** One entry a dimension: `int[3][]` is [3, undefined]; ARRAY<T> and T ARRAY are [undefined]. */
  arrayBounds: readonly (number | undefined)[]
  /** STRUCT<a int, b text>; the name is then `struct`. */
  fields: readonly StructField[] | undefined
}>
export type StructField = Readonly<{ name: string; type: TypeName; position: number }>
// ---- Windows and ordering ----

export type OrderItem = Node<{
  kind: 'orderItem'
  value: Expression
  direction: 'asc' | 'desc' | undefined
  /** ORDER BY x USING <. */
  using: Readonly<{ operator: string; schema: string | undefined }> | undefined
  nulls: 'first' | 'last' | undefined
}>
/** OVER w */
export type WindowName = Node<{ kind: 'windowName'; name: string }>
/** OVER ([existing] PARTITION BY … ORDER BY … frame) */
export type WindowSpec = Node<{
  kind: 'window'
  existing: string | undefined
  partitionBy: readonly Expression[]
  orderBy: readonly OrderItem[]
  frame: Frame | undefined
}>
export type NamedWindow = Readonly<{ name: string; window: WindowSpec; position: number }>
/** `ROWS 1 PRECEDING` has the end CURRENT ROW. Bounds that can never hold a row were refused (42P20). */
export type Frame = Node<{
  kind: 'frame'
  unit: 'rows' | 'range' | 'groups'
  start: FrameBound
  end: FrameBound
  exclude: 'current row' | 'group' | 'ties' | undefined
}>
export type FrameBound =
  | Node<{ kind: 'unboundedPreceding' | 'currentRow' | 'unboundedFollowing' }>
  | Node<{ kind: 'preceding' | 'following'; offset: Expression }>

// ---- Queries ----

/** A parenthesised query without clauses of its own is merged with what stands around it, as in PostgreSQL. */
export type Query = Node<{
  kind: 'query'
  with: With | undefined
  body: QueryBody
  orderBy: readonly OrderItem[]
  /** LIMIT ALL and no LIMIT are undefined. */
  limit: Expression | undefined
  /** FETCH FIRST n ROWS WITH TIES */
  withTies: boolean
  offset: Expression | undefined
  locking: readonly Locking[]
}>
/** `query` is a parenthesised operand with WITH, ORDER BY, LIMIT … of its own. */
export type QueryBody = Select | Values | SetOperation | Query
/** TABLE t is SELECT * FROM t. */
export type Select = Node<{
  kind: 'select'
  /** DISTINCT ON (…) is a list. */
  distinct: boolean | readonly Expression[]
  items: readonly SelectItem[]
  /** Cross-joined from left to right. */
  from: readonly TableRef[]
  where: Expression | undefined
  groupBy: GroupBy | undefined
  having: Expression | undefined
  windows: readonly NamedWindow[]
  qualify: Expression | undefined
}>
export type Values = Node<{ kind: 'values'; rows: readonly (readonly Expression[])[] }>
/** `first` then each of `rest`, applied from left to right: a EXCEPT b EXCEPT c is (a − b) − c. */
export type SetOperation = Node<{ kind: 'setOperation'; first: QueryBody; rest: readonly SetOperand[] }>
export type SetOperand = Node<{
  kind: 'setOperand'
  operator: 'union' | 'intersect' | 'except'
  all: boolean
  body: QueryBody
}>
export type With = Node<{ kind: 'with'; recursive: boolean; tables: readonly CommonTable[] }>
export type CommonTable = Node<{
  kind: 'commonTable'
  name: Name
  columns: readonly Name[]
  materialized: boolean | undefined
  statement: Query | Insert | Update | Delete
}>
export type SelectItem = Node<{ kind: 'selectItem'; value: Expression; alias: Name | undefined }>
export type GroupBy = Node<{ kind: 'groupBy'; distinct: boolean; items: readonly GroupItem[] }>
/** `groupingSet` is `()` or `(a, b)`; a bare expression is itself. Only groupingSets may nest. */
export type GroupItem =
  | Expression
  | Node<{ kind: 'groupingSet'; items: readonly Expression[] }>
  | Node<{ kind: 'rollup' | 'cube'; sets: readonly GroupItem[] }>
  | Node<{ kind: 'groupingSets'; sets: readonly GroupItem[] }>
export type Locking = Node<{
  kind: 'locking'
  strength: 'update' | 'no key update' | 'share' | 'key share'
  of: readonly QualifiedName[]
  wait: 'nowait' | 'skip locked' | undefined
}>

// ---- FROM ----

export type TableRef = RelationRef | DerivedTable | FunctionTable | WindowTable | Join
export type TableAlias = Readonly<{ name: string; columns: readonly Name[]; position: number }>
export type RelationRef = Node<{
  kind: 'relation'
  name: QualifiedName
  /** FROM ONLY t */
  only: boolean
  /** FOR SYSTEM_TIME AS OF e */
  asOf: Expression | undefined
  alias: TableAlias | undefined
}>
/** The alias may be absent, unlike in PostgreSQL. */
export type DerivedTable = Node<{ kind: 'derived'; query: Query; lateral: boolean; alias: TableAlias | undefined }>
/** `f(x)`, `f(x) AS t(a int)`, ROWS FROM (f(x), g(y) AS (a int)). Several functions are zipped. */
export type FunctionTable = Node<{
  kind: 'functionTable'
  functions: readonly TableFunction[]
  lateral: boolean
  ordinality: boolean
  alias: TableAlias | undefined
}>
/** `call` is mostly a FunctionCall, but COALESCE and its like may stand in FROM too. `columns`: the definition list. */
export type TableFunction = Readonly<{ call: Expression; columns: readonly StructField[]; position: number }>
/** TUMBLE, HOP, CUMULATE, SESSION in whichever spelling; which arguments are needed the grammar has checked. */
export type WindowTable = Node<{
  kind: 'windowTable'
  function: 'tumble' | 'hop' | 'cumulate' | 'session'
  /** A relation or a derived table, without alias. */
  input: RelationRef | DerivedTable
  time: ColumnRef
  /** SESSION only. */
  partitionBy: readonly Expression[]
  /** tumble, hop, cumulate */
  size: Expression | undefined
  /** hop */
  slide: Expression | undefined
  /** cumulate */
  step: Expression | undefined
  /** session */
  gap: Expression | undefined
  offset: Expression | undefined
  timeZone: Expression | undefined
  alias: TableAlias | undefined
}>
export type Join = Node<{
  kind: 'join'
  type: 'inner' | 'left' | 'right' | 'full' | 'cross'
  asof: boolean
  /** A chain of joins leans left and may be as long as the text. */
  left: TableRef
  right: TableRef
  condition: JoinCondition | undefined
  /** Of a parenthesised join: (a JOIN b …) AS j. */
  alias: TableAlias | undefined
}>
export type JoinCondition =
  | Node<{ kind: 'on'; predicate: Expression }>
  | Node<{ kind: 'using'; columns: readonly Name[]; alias: Name | undefined }>
  | Node<{ kind: 'natural' }>

// ---- Changing rows ----

/** RETURNING is empty if there is none. */
export type Insert = Node<{
  kind: 'insert'
  with: With | undefined
  table: QualifiedName
  alias: Name | undefined
  columns: readonly Name[]
  overriding: 'system' | 'user' | undefined
  source: Query | Node<{ kind: 'defaultValues' }>
  onConflict: OnConflict | undefined
  returning: readonly SelectItem[]
}>
export type OnConflict = Node<{
  kind: 'onConflict'
  target: ConflictTarget | undefined
  /** DO UPDATE SET …; undefined is DO NOTHING. */
  update: Readonly<{ set: readonly Assignment[]; where: Expression | undefined }> | undefined
}>
export type ConflictTarget =
  | Node<{ kind: 'conflictColumns'; elements: readonly IndexElement[]; where: Expression | undefined }>
  | Node<{ kind: 'conflictConstraint'; name: Name }>
/** One key of an index or of a conflict target. */
export type IndexElement = Node<{
  kind: 'indexElement'
  value: Expression
  collation: QualifiedName | undefined
  operatorClass: QualifiedName | undefined
  direction: 'asc' | 'desc' | undefined
  nulls: 'first' | 'last' | undefined
}>
export type Update = Node<{
  kind: 'update'
  with: With | undefined
  table: QualifiedName
  only: boolean
  alias: Name | undefined
  set: readonly Assignment[]
  from: readonly TableRef[]
  where: Expression | undefined
  returning: readonly SelectItem[]
}>
/** SET a = e has one column; SET (a, b) = … has a row constructor or a scalar subquery as its value. */
export type Assignment = Node<{ kind: 'assignment'; columns: readonly Name[]; multiple: boolean; value: Expression }>
export type Delete = Node<{
  kind: 'delete'
  with: With | undefined
  table: QualifiedName
  only: boolean
  alias: Name | undefined
  using: readonly TableRef[]
  where: Expression | undefined
  returning: readonly SelectItem[]
}>
