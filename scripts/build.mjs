// Emits dist/ for the published package: JavaScript and declarations of src/ and server/, and a package.json beside
// them, so that a module finds the version at the same relative place as in a checkout.

import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
rmSync(new URL('dist', root), { recursive: true, force: true })

const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root))
const result = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: fileURLToPath(root),
  stdio: 'inherit',
})
if (result.status !== 0) process.exit(result.status ?? 1)

const { name, version, type } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
writeFileSync(new URL('dist/package.json', root), `${JSON.stringify({ name, version, type }, undefined, 2)}\n`)
