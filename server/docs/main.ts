// The command `npm run docs`: writes the pages that are made from the code. With `--check` it only says whether they
// are current, as its exit code.

import { readFileSync, writeFileSync } from 'node:fs'
import { functionsPage } from './functions.ts'

const FUNCTIONS = new URL('../../docs/functions.md', import.meta.url)

export async function main(argv: readonly string[]): Promise<number> {
  const page = functionsPage()
  if (argv.includes('--check')) return readFileSync(FUNCTIONS, 'utf8') === page ? 0 : 1
  writeFileSync(FUNCTIONS, page)
  return 0
}
