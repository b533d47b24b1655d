// What the runner must know about a statement's text: whether a query can stand as a view, which statements may move,
// what a statement makes, and how an INSERT of many rows is cut. It reads tokens, not grammar, so that it also judges
// what the parser does not know yet.

import { type Token, tokenize } from './tokens.ts'

/** Their values depend on when or by whom they are called. */
const VOLATILE = new Set(
  `now random nextval currval lastval setval setseed clock_timestamp statement_timestamp transaction_timestamp timeofday
  current_timestamp current_date current_time localtime localtimestamp current_user session_user user current_role
  current_catalog current_schema current_schemas current_database current_setting set_config version txid_current
  gen_random_uuid inet_client_addr proctime pg_catalog information_schema`.split(/\s+/),
)
const MOMENTS = /^'(now|today|tomorrow|yesterday)'$/i
const CHANGES = new Set(['insert', 'update', 'delete', 'merge', 'into'])

const wordsOf = (tokens: readonly Token[]): string[] => tokens.map(({ word }) => word)

/** The statement without its closing semicolon. */
export const withoutSemicolon = (sql: string): string => sql.trimEnd().replace(/;$/, '')

/** Whether the same SELECT must be possible as a maintained view with the same rows (suites' README §4.2). */
export function canBeView(sql: string): boolean {
  const tokens = tokenize(sql)
  const words = wordsOf(tokens)
  const first = words.find((word) => word !== '(')
  if (first !== 'select' && first !== 'with' && first !== 'values') return false
  if (first !== 'values' && !words.includes('from')) return false
  if (words.some((word) => VOLATILE.has(word) || word.startsWith('pg_') || CHANGES.has(word))) return false
  if (tokens.some(({ text }) => MOMENTS.test(text))) return false
  return limitsAreOrdered(words) && patternsAreOrdered(words)
}

/** Every LIMIT, FETCH and OFFSET stands after an ORDER BY of the same level of parentheses. */
function limitsAreOrdered(words: readonly string[]): boolean {
  const ordered = [false]
  return words.every((word, i) => {
    if (word === '(') ordered.push(false)
    else if (word === ')') ordered.pop()
    else if (word === 'order' && words[i + 1] === 'by') ordered[ordered.length - 1] = true
    else if (word === 'union' || word === 'except' || word === 'intersect') ordered[ordered.length - 1] = false
    else if (word === 'limit' || word === 'fetch' || word === 'offset') return ordered.at(-1)
    return true
  })
}

/** Every MATCH_RECOGNIZE has an ORDER BY directly in its parentheses. */
function patternsAreOrdered(words: readonly string[]): boolean {
  return words.every((word, start) => {
    if (word !== 'match_recognize') return true
    let depth = 0
    for (let i = start + 1; i < words.length; i++) {
      if (words[i] === '(') depth++
      else if (words[i] === ')' && --depth === 0) return false
      else if (depth === 1 && words[i] === 'order' && words[i + 1] === 'by') return true
    }
    return false
  })
}

/** `front`: a CREATE that may move before the changes; `barrier`: nothing moves across it (§4.3). */
export function moving(sql: string): 'front' | 'barrier' | 'stays' {
  const words = wordsOf(tokenize(sql))
  if (/^(drop|alter|set|reset)$/.test(words[0] ?? '')) return 'barrier'
  if (words[0] !== 'create') return 'stays'
  const isTable = words.slice(1, 4).includes('table')
  return isTable && /^create [^(]*\bas\b|\) as (select|with|values|table|execute|\()/.test(words.join(' '))
    ? 'barrier'
    : 'front'
}

/** The name that a statement makes, changes or drops, as written but folded; undefined if it has none. */
export function targetOf(sql: string): string | undefined {
  const tokens = tokenize(sql)
  const head = tokens[0]?.word ?? ''
  if (!/^(create|drop|alter|insert|update|delete|truncate|copy|prepare|declare|savepoint|merge)$/.test(head))
    return undefined
  return tokens.find(({ isName }) => isName)?.name
}

export const namesIn = (sql: string): ReadonlySet<string> =>
  new Set(tokenize(sql).flatMap(({ isName, name }) => (isName ? [name] : [])))

/** An INSERT … VALUES of several rows as statements of at most `size` rows each; undefined if it must stay whole. */
export function cutInsert(sql: string, size: number): string[] | undefined {
  const tokens = tokenize(withoutSemicolon(sql))
  const words = wordsOf(tokens)
  const values = words.indexOf('values')
  if (words[0] !== 'insert' || values < 0 || /\b(select|with|returning|nextval|random)\b/.test(words.join(' ')))
    return undefined
  const rows: string[] = []
  let depth = 0
  let start = 0
  let end = values
  for (let i = values + 1; i < tokens.length; i++) {
    if (words[i] === '(' && depth++ === 0) start = tokens[i]!.start
    if (words[i] === ')' && --depth === 0) {
      rows.push(sql.slice(start, tokens[i]!.end))
      end = i
      if (words[i + 1] !== ',') break
    }
  }
  if (rows.length <= size) return undefined
  const before = sql.slice(0, tokens[values]!.end)
  const after = tokens[end + 1] === undefined ? '' : ` ${withoutSemicolon(sql).slice(tokens[end + 1]!.start)}`
  const cuts = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size))
  return cuts.map((cut) => `${before} ${cut.join(', ')}${after}`)
}
