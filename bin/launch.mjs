// Starts one of the project's programs: refuses a Node.js that is too old, sets V8's switches, then runs the program's
// `main(argv)` and exits with the code it resolves to.
//
// A checkout runs the TypeScript sources as they are; an installed package has only dist/, because Node.js strips no
// types below node_modules. What Node.js makes of either (stripped text, compiled code) is kept for the next start.
// This file must parse on any Node.js that knows modules, so that an old one gets a sentence.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url).href
const [major, minor] = process.versions.node.split('.').map(Number)

/** By then a server is ready and nobody waits for it. */
const SETTLED_MS = 1500

/** `program`: the module below the package's root, without its ending; `extras` go to `main` after the arguments. */
export function launch(program, extras) {
  if (major < 22 || (major === 22 && minor < 18)) {
    console.error(`millrace needs Node.js 22.18 or newer; this is ${process.versions.node}.`)
    process.exitCode = 1
    return
  }
  Promise.all([import('node:v8'), import('node:module')])
    .then(([{ setFlagsFromString }, { enableCompileCache, flushCompileCache, registerHooks }]) => {
      // V8's middle tier would turn every BigInt of a generated loop into a heap object.
      setFlagsFromString('--no-maglev')
      // Loading fills a young generation as large as it may grow, and it is never given back: 25 MB.
      setFlagsFromString('--semi-space-growth-factor=1')
      // Where the directory cannot be written, it starts without.
      enableCompileCache(fileURLToPath(new URL('node_modules/.cache/compiled', root)))
      registerHooks({ resolve })
      setTimeout(() => {
        setFlagsFromString('--semi-space-growth-factor=2')
        flushCompileCache()
      }, SETTLED_MS).unref()
      const source = new URL(`${program}.ts`, root)
      const built = new URL(`dist/${program}.js`, root)
      return import((existsSync(source) ? source : built).href)
    })
    .then((module) => module.main(process.argv.slice(2), extras))
    .then((code) => {
      process.exitCode = code
    })
}

/** Our own files name each other in full, so nothing is searched for: searching was a third of a start. */
function resolve(specifier, context, next) {
  const { parentURL } = context
  const ours = parentURL?.startsWith(root) && !parentURL.includes('/node_modules/', root.length - 1)
  if (!ours || !specifier.startsWith('.')) return next(specifier, context)
  const { href } = new URL(specifier, parentURL)
  return { url: href, format: href.endsWith('.ts') ? 'module-typescript' : 'module', shortCircuit: true }
}
