// docs/functions.md is what the registry says: `npm run docs` writes it.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { functionsPage } from '../../../server/docs/functions.ts'

test('docs/functions.md is current', () => {
  const page = readFileSync(new URL('../../../docs/functions.md', import.meta.url), 'utf8')
  expect(page === functionsPage(), 'run `npm run docs`').toBe(true)
})
