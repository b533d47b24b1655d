// Statements of PostgreSQL and of the dialect that are not there yet, known by their first words.
//
// They are read to their end and refused by name when their turn comes (Unsupported in ast-statement.ts). What begins
// with none of these words, and is no statement of the grammar either, is a syntax error.

/** Whole statements: the words that tell them. */
const statements = new Set([
  ...['analyse', 'analyze', 'call', 'checkpoint', 'cluster', 'do', 'grant', 'import foreign schema', 'listen', 'load'],
  ...['lock', 'merge', 'notify', 'reassign owned', 'refresh materialized view', 'reindex', 'revoke', 'security label'],
  ...['unlisten', 'vacuum', 'prepare transaction', 'commit prepared', 'rollback prepared', 'set constraints'],
  ...['set role', 'set session authorization', 'set session role', 'set local role', 'reset role'],
  ...['reset session authorization', 'set transaction snapshot', 'set xml option'],
])

/** What CREATE, ALTER, DROP and COMMENT ON know besides the grammar's objects. */
const objects = new Set([
  ...['access method', 'aggregate', 'cast', 'collation', 'connection', 'constraint', 'conversion', 'database'],
  ...['default conversion', 'default privileges', 'domain', 'event trigger', 'extension', 'foreign data wrapper'],
  ...['foreign table', 'function', 'group', 'language', 'large object', 'operator', 'owned', 'policy'],
  ...['procedural language', 'procedure', 'publication', 'recursive view', 'role', 'routine', 'rule', 'secret'],
  ...['sequence', 'server', 'sink', 'statistics', 'subscription', 'system', 'tablespace', 'temp recursive view'],
  ...['temp sequence', 'temp table', 'temp view', 'temporary recursive view', 'temporary sequence'],
  ...['temporary table', 'temporary view', 'text search', 'transform', 'trigger', 'trusted language'],
  ...['trusted procedural language', 'unlogged table', 'user', 'user mapping', 'local temp table'],
  ...['local temporary table', 'global temp table', 'global temporary table', 'unlogged sequence'],
  ...['constraint trigger', 'materialized view concurrently'],
])
const verbs = new Set(['create', 'create or replace', 'alter', 'drop', 'comment on'])

const wordsMax = 6

/**
 * The name of the unsupported statement that begins with these words (`word(1)` is the first, in lower case; undefined
 * for what is no word), as in `CREATE FUNCTION`; undefined if there is none.
 */
export const unsupportedFeature = (word: (ahead: number) => string | undefined): string | undefined => {
  let phrase = ''
  let verb = ''
  let found: string | undefined
  for (let ahead = 1; ahead <= wordsMax; ahead++) {
    const next = word(ahead)
    if (next === undefined) break
    phrase = phrase === '' ? next : `${phrase} ${next}`
    if (verbs.has(phrase)) verb = phrase
    const object = verb === '' ? '' : phrase.slice(verb.length + 1)
    if (statements.has(phrase)) found = phrase
    else if (objects.has(object)) found = `${verb === 'create or replace' ? 'create' : verb} ${object}`
  }
  return found?.toUpperCase()
}
