// The command `npm run explain -- [--init FILE] [--as KIND] SQL`: the plan of one statement, without a server. FILE
// holds the statements that make what it reads; a table that does not exist cannot be planned.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openEngineConnection } from './engine-connection.ts'
import { type EngineHost, startEngine } from './engine-start.ts'

const USAGE = `npm run explain -- [options] SQL
  --as AST|LOGICAL|OPTIMIZED|PHYSICAL|CODE   what to show   (PHYSICAL)
  --init FILE                                statements to run before`

const OPTIONS = {
  as: { type: 'string', default: 'PHYSICAL' },
  init: { type: 'string' },
} as const

export interface ExplainHost extends EngineHost {
  readonly print: (line: string) => void
}

export async function main(argv: readonly string[], host: ExplainHost): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
  const [sql] = positionals
  if (sql === undefined || positionals.length > 1 || !/^[A-Z]+$/i.test(values.as)) {
    host.print(USAGE)
    return 1
  }
  const connection = await openEngineConnection(startEngine(host, undefined))
  try {
    const before = values.init === undefined ? [] : [readFileSync(values.init, 'utf8')]
    for (const statement of [...before, `EXPLAIN (${values.as}) ${sql}`]) {
      const answer = await connection.run(statement)
      if (answer.kind === 'failed') {
        host.print(`${answer.code}: ${answer.message}`)
        return 1
      }
      if (answer.kind !== 'rows' || statement === before[0]) continue
      for (const [line] of answer.rows) host.print(line ?? '')
    }
    return 0
  } finally {
    await connection.close()
  }
}
