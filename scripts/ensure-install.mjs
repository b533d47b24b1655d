// Runs `npm ci` when the dependencies are missing or are not those of the lock file, so that `npm start` and `npm test`
// alone work on a fresh clone. npm runs it as the `pre…` step of the scripts that need them.
//
// It runs on whatever Node.js the system has (18 or newer); the step after it gets the pinned one, because npm puts
// node_modules/.bin first on the PATH of every step. What is installed is read from npm's own record of node_modules:
// time stamps say nothing after a checkout. Packages of other platforms (optional ones) may be missing.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, root), 'utf8')).packages
  } catch {
    return undefined // missing or torn: not installed
  }
}

function isInstalled() {
  const wanted = packagesOf('package-lock.json')
  const installed = packagesOf('node_modules/.package-lock.json')
  if (wanted === undefined || installed === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = installed[path]
    return found === undefined ? entry.optional === true : found.version === entry.version
  })
}

if (!isInstalled()) {
  console.log('installing the dependencies named in package-lock.json (first run, or the lock file changed)')
  const options = { cwd: fileURLToPath(root), stdio: ['ignore', 'ignore', 'inherit'] }
  const npmArguments = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  // npm tells its children where it is; without that (run by hand) the one on the PATH has to do.
  const npm = process.env.npm_execpath
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...npmArguments], options)
    : spawnSync('npm', npmArguments, { ...options, shell: process.platform === 'win32' })
  if (result.status !== 0) {
    console.error('npm ci failed; its messages are above')
    process.exit(result.status ?? 1)
  }
  // Compiles the sources once (bin/launch.mjs keeps the result), so that not the first start is the one that waits.
  spawnSync(fileURLToPath(new URL('node_modules/.bin/node', root)), ['bin/millrace.mjs', '--version'], options)
}
