// The words of SQL, and where each may stand as a name: PostgreSQL 15's kwlist.h, then our own.
//
//   unreserved   any name                              colName   not a function or type
//   typeFunc     a function or type, not a column      reserved  only after AS
//
// Those of the list `asLabel` name an output column only after AS, since they could go on with the expression before
// them. Our own words are unreserved, so that no statement of PostgreSQL's changes its meaning, but for two:
// MATCH_RECOGNIZE is reserved, and QUALIFY is no alias without AS.

const unreserved = [
  'abort absolute access action add admin after aggregate also alter always asensitive assertion assignment at atomic',
  'attach attribute backward before begin breadth by cache call called cascade cascaded catalog chain characteristics',
  'checkpoint class close cluster columns comment comments commit committed compression configuration conflict',
  'connection constraints content continue conversion copy cost csv cube current cursor cycle data database day',
  'deallocate declare defaults deferred definer delete delimiter delimiters depends depth detach dictionary disable',
  'discard document domain double drop each enable encoding encrypted enum escape event exclude excluding exclusive',
  'execute explain expression extension external family filter finalize first following force forward function',
  'functions generated global granted groups handler header hold hour identity if immediate immutable implicit import',
  'include including increment index indexes inherit inherits inline input insensitive insert instead invoker',
  'isolation key label language large last leakproof level listen load local location lock locked logged mapping match',
  'matched materialized maxvalue merge method minute minvalue mode month move name names new next nfc nfd nfkc nfkd no',
  'normalized nothing notify nowait nulls object of off oids old operator option options ordinality others over',
  'overriding owned owner parallel parameter parser partial partition passing password plans policy preceding prepare',
  'prepared preserve prior privileges procedural procedure procedures program publication quote range read reassign',
  'recheck recursive ref referencing refresh reindex relative release rename repeatable replace replica reset restart',
  'restrict return returns revoke role rollback rollup routine routines rows rule savepoint schema schemas scroll',
  'search second security sequence sequences serializable server session set sets share show simple skip snapshot sql',
  'stable standalone start statement statistics stdin stdout storage stored strict strip subscription support sysid',
  'system tables tablespace temp template temporary text ties transaction transform trigger truncate trusted type',
  'types uescape unbounded uncommitted unencrypted unknown unlisten unlogged until update vacuum valid validate',
  'validator value varying version view views volatile whitespace within without work wrapper write xml year yes zone',
] as const

const colName = [
  'between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int',
  'integer interval least national nchar none normalize nullif numeric out overlay position precision real row setof',
  'smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest',
  'xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable',
] as const

const typeFunc = [
  'authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like',
  'natural notnull outer overlaps right similar tablesample verbose',
] as const

const reserved = [
  'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create',
  'current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc',
  'distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral',
  'leading limit localtime localtimestamp not null offset on only or order placing primary references returning select',
  'session_user some symmetric table then to trailing true union unique user using variadic when where window with',
] as const

const unreservedHere = [
  'advance append asof changes cumulate debezium describe descriptor emit encode envelope epoch every flush format',
  'headers hop ignore respect sink sinks source sources struct subscribe subscriptions system_time tumble up upsert',
  'watermark watermarks qualify',
] as const

const asLabel = [
  'array as char character create day except fetch filter for from grant group having hour intersect into isnull limit',
  'minute month notnull offset on order over overlaps precision qualify returning second to union varying where window',
  'with within without year',
] as const

const reservedHere = ['match_recognize'] as const

type Split<Line extends string> = Line extends `${infer First} ${infer Rest}` ? First | Split<Rest> : Line
export type Keyword = Split<
  | (typeof unreserved)[number]
  | (typeof colName)[number]
  | (typeof typeFunc)[number]
  | (typeof reserved)[number]
  | (typeof unreservedHere)[number]
  | (typeof reservedHere)[number]
>
export type Reservedness = 'unreserved' | 'colName' | 'typeFunc' | 'reserved'

const split = (lines: readonly string[]): Keyword[] => lines.flatMap((line) => line.split(' ')) as Keyword[]

const pairs = (lines: readonly string[], kind: Reservedness): [Keyword, Reservedness][] =>
  split(lines).map((word) => [word, kind])

export const keywords: ReadonlyMap<Keyword, Reservedness> = new Map([
  ...pairs(unreserved, 'unreserved'),
  ...pairs(colName, 'colName'),
  ...pairs(typeFunc, 'typeFunc'),
  ...pairs(reserved, 'reserved'),
  ...pairs(unreservedHere, 'unreserved'),
  ...pairs(reservedHere, 'reserved'),
])

/** Not an output column's name without AS. */
export const asLabelOnly: ReadonlySet<Keyword> = new Set(split(asLabel))

/** Keywords that people use as names and that are special nowhere a name may stand. */
const plainNames: ReadonlySet<string> = new Set(
  [
    'action category class comment content data day domain event format hour index key label level location method',
    'minute mode month name number object owner policy role rule second sequence source status text type value',
    'version view views year zone',
  ].flatMap((line) => line.split(' ')),
)

/** Must the printer quote this name to have it read back as a name, wherever it stands? */
export const needsQuotes = (name: string): boolean =>
  !/^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*$/.test(name) ||
  (keywords.has(name as Keyword) && !plainNames.has(name))
