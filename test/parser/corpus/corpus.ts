// The SQL of the suites and captures that lie beside the project, where they do.
//
// Suites are sqllogictest files (their README says how a record looks); captures hold statements parted by semicolons.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url))

export interface Entry {
  /** File and line. */
  readonly place: string
  readonly directive: string
  readonly sql: string
}

const isFile = (name: string, endings: readonly string[]): boolean => endings.some((ending) => name.endsWith(ending))

/** The files of a folder beside the project, or undefined if it is not there. */
const filesOf = (folder: string, endings: readonly string[]): string[] | undefined => {
  const root = `${shared}${folder}`
  if (!existsSync(root)) return undefined
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => isFile(name, endings))
  return names.map((name) => `${root}/${name}`)
}

export const suites = (): Entry[] | undefined =>
  filesOf('suites', ['.slt', '.test', '.part'])?.flatMap((path) => entriesOf(path))

export const captures = (): string[] | undefined =>
  filesOf('captures', ['.sql'])?.map((path) => readFileSync(path, 'utf8'))

const entriesOf = (path: string): Entry[] => {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, index): Entry[] => {
    if (!/^(statement|query)\b/.test(line)) return []
    const rest = lines.slice(index + 1)
    const end = rest.findIndex((each) => each === '' || each === '----')
    const sql = (end < 0 ? rest : rest.slice(0, end)).join('\n')
    return [{ place: `${path.slice(shared.length)}:${index + 1}`, directive: line, sql }]
  })
}
