// The syntax tree of statements; expressions, queries, INSERT, UPDATE and DELETE are in ast.ts.
//
// What the grammar knows but Millrace does not do arrives here in one of two ways: a clause fails at once with 0A000, a
// whole statement becomes `Unsupported`, which the engine refuses when its turn comes, as PostgreSQL would.

import type { Cast, Delete, Expression, IndexElement, Insert, Query, RelationRef, TypeName, Update } from './ast.ts'
import type { Name, Node, NumberLiteral, QualifiedName, StringLiteral } from './ast-leaf.ts'

export type Statement =
  | Query
  | Insert
  | Update
  | Delete
  | Truncate
  | CreateTable
  | CreateTableAs
  | CreateSource
  | CreateView
  | CreateMaterializedView
  | CreateIndex
  | CreateSchema
  | CreateType
  | AlterType
  | DropType
  | Alter
  | Drop
  | Comment
  | Explain
  | Begin
  | Commit
  | Rollback
  | Savepoint
  | SetVariable
  | SetTransaction
  | ShowVariable
  | ShowObjects
  | ShowColumns
  | ShowCreate
  | Reset
  | Prepare
  | Execute
  | Deallocate
  | DeclareCursor
  | FetchCursor
  | CloseCursor
  | Subscribe
  | Copy
  | Flush
  | Discard
  | Unsupported

/** A statement that is known and not there. `feature` names it (`GRANT`, `CREATE SINK`), `text` is the whole of it. */
export type Unsupported = Node<{ kind: 'unsupported'; feature: string; text: string }>

// ---- Options ----

/** `name = value`, `name value`, `name`. Dotted names are one name: properties.bootstrap.server. Names are folded. */
export type Option = Node<{ kind: 'option'; name: string; value: OptionValue | undefined }>
export type OptionValue = StringLiteral | NumberLiteral | OptionWord | OptionStar | OptionList
/** `true`, `on`, `json`: a bare word, folded. Negative numbers are NumberLiterals with a sign. */
export type OptionWord = Node<{ kind: 'word'; value: string }>
export type OptionStar = Node<{ kind: 'optionStar' }>
export type OptionList = Node<{ kind: 'optionList'; items: readonly OptionValue[] }>

// ---- Tables and sources ----

export type CreateTable = Node<{
  kind: 'createTable'
  name: QualifiedName
  ifNotExists: boolean
  columns: readonly ColumnDefinition[]
  constraints: readonly TableConstraint[]
  watermark: Watermark | undefined
  appendOnly: boolean
  include: readonly IncludeColumn[]
  options: readonly Option[]
  format: Format | undefined
}>
export type CreateSource = Node<{
  kind: 'createSource'
  name: QualifiedName
  ifNotExists: boolean
  columns: readonly ColumnDefinition[]
  constraints: readonly TableConstraint[]
  watermark: Watermark | undefined
  include: readonly IncludeColumn[]
  options: readonly Option[]
  format: Format | undefined
}>
/** WATERMARK FOR column AS value */
export type Watermark = Node<{ kind: 'watermark'; column: Name; value: Expression }>
/** INCLUDE KEY AS k */
export type IncludeColumn = Node<{ kind: 'include'; what: IncludeField; alias: Name | undefined }>
export type IncludeField = 'key' | 'partition' | 'offset' | 'timestamp' | 'headers'
/** FORMAT PLAIN (options) ENCODE JSON (options); names are upper case. */
export type Format = Node<{ kind: 'format'; name: string; options: readonly Option[]; encode: Encode | undefined }>
export type Encode = Node<{ kind: 'encode'; name: string; options: readonly Option[] }>

export type ColumnDefinition = Node<{
  kind: 'columnDefinition'
  name: string
  /** Absent only for a computed column: `total AS (price * amount)`. */
  type: TypeName | undefined
  collation: QualifiedName | undefined
  constraints: readonly ColumnConstraint[]
}>
type Constrained = Readonly<{ name: Name | undefined; deferrable: Deferrable | undefined }>
export type Deferrable = 'not deferrable' | 'initially immediate' | 'initially deferred'
export type ColumnConstraint =
  | Node<{ kind: 'null' | 'notNull' | 'primaryKey' } & Constrained>
  | Node<{ kind: 'unique'; nullsNotDistinct: boolean } & Constrained>
  | Node<{ kind: 'default'; value: Expression } & Constrained>
  /** GENERATED ALWAYS AS (value) STORED */
  | Node<{ kind: 'generated'; value: Expression } & Constrained>
  /** `AS (value)`: computed when a row is read from its source. */
  | Node<{ kind: 'computed'; value: Expression } & Constrained>
  | Node<{ kind: 'identity'; always: boolean; options: readonly Option[] } & Constrained>
  | Node<{ kind: 'check'; predicate: Expression } & Constrained>
  | Node<{ kind: 'references'; references: References } & Constrained>
export type TableConstraint =
  | Node<{ kind: 'primaryKey'; columns: readonly Name[] } & Constrained>
  | Node<{ kind: 'unique'; columns: readonly Name[]; nullsNotDistinct: boolean } & Constrained>
  | Node<{ kind: 'check'; predicate: Expression } & Constrained>
  | Node<{ kind: 'foreignKey'; columns: readonly Name[]; references: References } & Constrained>
export type References = Readonly<{
  table: QualifiedName
  columns: readonly Name[]
  match: 'simple' | 'full' | undefined
  onDelete: ReferentialAction | undefined
  onUpdate: ReferentialAction | undefined
}>
export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

export type CreateTableAs = Node<{
  kind: 'createTableAs'
  name: QualifiedName
  ifNotExists: boolean
  columns: readonly Name[]
  options: readonly Option[]
  query: Query
  /** WITH NO DATA is false. */
  withData: boolean
}>

// ---- Views, indexes, schemas ----

export type CreateView = Node<{
  kind: 'createView'
  name: QualifiedName
  orReplace: boolean
  ifNotExists: boolean
  columns: readonly Name[]
  options: readonly Option[]
  query: Query
}>
export type CreateMaterializedView = Node<{
  kind: 'createMaterializedView'
  name: QualifiedName
  orReplace: boolean
  ifNotExists: boolean
  columns: readonly Name[]
  options: readonly Option[]
  query: Query
  emit: Emit | undefined
  withData: boolean
}>
/** EMIT CHANGES [EVERY d | AFTER d], EMIT ON WINDOW CLOSE [AND CHANGES EVERY d] */
export type Emit = Node<{
  kind: 'emit'
  onWindowClose: boolean
  delay: Readonly<{ unit: 'every' | 'after'; duration: Expression }> | undefined
}>
export type CreateIndex = Node<{
  kind: 'createIndex'
  name: Name | undefined
  table: QualifiedName
  unique: boolean
  concurrently: boolean
  ifNotExists: boolean
  method: string | undefined
  elements: readonly IndexElement[]
  include: readonly Name[]
  nullsNotDistinct: boolean
  options: readonly Option[]
  where: Expression | undefined
}>
export type CreateSchema = Node<{ kind: 'createSchema'; name: Name; ifNotExists: boolean }>

export type CompositeField = Readonly<{ name: Name; type: TypeName }>
export type CreateType = Node<{
  kind: 'createType'
  name: QualifiedName
  definition:
    | Readonly<{ kind: 'enum'; labels: readonly string[] }>
    | Readonly<{ kind: 'composite'; fields: readonly CompositeField[] }>
}>
/** ADD VALUE; without `place` at the end. */
export type AlterType = Node<{
  kind: 'alterType'
  name: QualifiedName
  label: string
  ifNotExists: boolean
  place: Readonly<{ side: 'before' | 'after'; label: string }> | undefined
}>
export type DropType = Node<{
  kind: 'dropType'
  names: readonly QualifiedName[]
  ifExists: boolean
  cascade: boolean
}>

export type ObjectType = 'table' | 'source' | 'view' | 'materialized view' | 'index' | 'schema' | 'sink'
export type Drop = Node<{
  kind: 'drop'
  type: ObjectType
  names: readonly QualifiedName[]
  ifExists: boolean
  cascade: boolean
}>
export type Alter = Node<{
  kind: 'alter'
  type: ObjectType
  name: QualifiedName
  ifExists: boolean
  actions: readonly AlterAction[]
}>
export type AlterAction =
  | Node<{ kind: 'renameTo'; to: Name }>
  | Node<{ kind: 'renameColumn'; column: Name; to: Name }>
  | Node<{ kind: 'renameConstraint'; constraint: Name; to: Name }>
  | Node<{ kind: 'setSchema'; schema: Name }>
  | Node<{ kind: 'addColumn'; column: ColumnDefinition; ifNotExists: boolean }>
  | Node<{ kind: 'dropColumn'; column: Name; ifExists: boolean; cascade: boolean }>
  | Node<{ kind: 'setDefault'; column: Name; value: Expression }>
  | Node<{ kind: 'dropDefault' | 'setNotNull' | 'dropNotNull'; column: Name }>
  | Node<{ kind: 'setType'; column: Name; type: TypeName; using: Expression | undefined }>
  | Node<{ kind: 'addConstraint'; constraint: TableConstraint }>
  | Node<{ kind: 'dropConstraint'; constraint: Name; ifExists: boolean; cascade: boolean }>
  | Node<{ kind: 'setOptions'; options: readonly Option[] }>
  | Node<{ kind: 'advanceWatermark'; to: Expression }>
/** On a column, `name` is that of its relation. A text of undefined removes the comment. */
export type Comment = Node<{
  kind: 'comment'
  type: ObjectType | 'column'
  name: QualifiedName
  column: string | undefined
  text: string | undefined
}>
export type Truncate = Node<{
  kind: 'truncate'
  tables: readonly QualifiedName[]
  restartIdentity: boolean
  cascade: boolean
}>

// ---- Transactions and settings ----

export type TransactionModes = Readonly<{
  isolation: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable' | undefined
  readOnly: boolean | undefined
  deferrable: boolean | undefined
}>
/** BEGIN, START TRANSACTION */
export type Begin = Node<{ kind: 'begin'; modes: TransactionModes }>
/** COMMIT, END */
export type Commit = Node<{ kind: 'commit'; chain: boolean }>
/** ROLLBACK, ABORT */
export type Rollback = Node<{ kind: 'rollback'; chain: boolean }>
export type Savepoint = Node<{ kind: 'savepoint' | 'release' | 'rollbackTo'; name: string }>
/** Of this transaction, or the session's default. */
export type SetTransaction = Node<{ kind: 'setTransaction'; scope: 'transaction' | 'session'; modes: TransactionModes }>
/**
 * `values` undefined is DEFAULT. SET TIME ZONE sets `timezone`, SET NAMES `client_encoding`, SET SCHEMA `search_path`.
 */
export type SetVariable = Node<{
  kind: 'set'
  scope: 'session' | 'local'
  name: string
  values: readonly SettingValue[] | undefined
}>
/** A Cast is SET TIME ZONE INTERVAL '…'. */
export type SettingValue = StringLiteral | NumberLiteral | OptionWord | Cast
/** `name` undefined is ALL. */
export type ShowVariable = Node<{ kind: 'show'; name: string | undefined }>
export type Reset = Node<{ kind: 'reset'; name: string | undefined }>
export type ShowObjects = Node<{
  kind: 'showObjects'
  objects:
    | 'sources'
    | 'tables'
    | 'views'
    | 'materialized views'
    | 'sinks'
    | 'indexes'
    | 'schemas'
    | 'subscriptions'
    | 'watermarks'
  /** FROM schema; for indexes FROM relation or ON relation. */
  from: QualifiedName | undefined
  like: string | undefined
}>
/** SHOW COLUMNS FROM x, DESCRIBE x */
export type ShowColumns = Node<{ kind: 'showColumns'; name: QualifiedName }>
export type ShowCreate = Node<{ kind: 'showCreate'; type: ObjectType; name: QualifiedName }>
export type Discard = Node<{ kind: 'discard'; what: 'all' | 'plans' | 'sequences' | 'temp' }>
export type Flush = Node<{ kind: 'flush' }>

// ---- Prepared statements, cursors, subscriptions ----

export type Prepare = Node<{ kind: 'prepare'; name: string; types: readonly TypeName[]; statement: Statement }>
export type Execute = Node<{ kind: 'execute'; name: string; arguments: readonly Expression[] }>
/** `name` undefined is ALL, here and in CLOSE. */
export type Deallocate = Node<{ kind: 'deallocate'; name: string | undefined }>
export type DeclareCursor = Node<{
  kind: 'declare'
  name: string
  binary: boolean
  insensitive: boolean
  scroll: boolean | undefined
  hold: boolean
  query: Query | Subscribe
}>
export type FetchCursor = Node<{ kind: 'fetch' | 'move'; name: string; direction: FetchDirection }>
/** NEXT is forward 1, FIRST absolute 1, LAST absolute −1, PRIOR backward 1; a count of ALL is Infinity. */
export type FetchDirection = Readonly<{ kind: 'forward' | 'backward' | 'absolute' | 'relative'; count: number }>
export type CloseCursor = Node<{ kind: 'close'; name: string | undefined }>
export type Subscribe = Node<{
  kind: 'subscribe'
  target: RelationRef | Query
  emit: Emit | undefined
  options: readonly Option[]
  asOf: Readonly<{ epoch: Expression; atLeast: boolean }> | undefined
  upTo: Expression | undefined
  envelope: Readonly<{ kind: 'upsert' | 'debezium'; key: readonly Name[] }> | undefined
  /** WITHIN EPOCH ORDER BY … */
  orderBy: Query['orderBy']
}>
export type Copy = Node<{
  kind: 'copy'
  subject: CopyTable | Query | Subscribe
  direction: 'to' | 'from'
  /** The older spelling CSV HEADER … is here as options too. */
  options: readonly Option[]
  where: Expression | undefined
}>
export type CopyTable = Node<{ kind: 'copyTable'; name: QualifiedName; columns: readonly Name[] }>
/**
 * EXPLAIN ANALYZE VERBOSE has the options analyze and verbose. A bare name is a view to explain; WATERMARK FOR name
 * asks how far time has come in it.
 */
export type Explain = Node<{
  kind: 'explain'
  options: readonly Option[]
  subject:
    | Statement
    | Node<{ kind: 'explainView'; name: QualifiedName }>
    | Node<{ kind: 'explainWatermark'; name: QualifiedName }>
}>
