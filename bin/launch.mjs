// Starts one of the project's programs: refuses a Node.js that is too old, switches V8's middle tier off before
// anything is compiled (it would turn every BigInt of a generated loop into a heap object), then runs the program's
// `main(argv)` and exits with the code it resolves to.
//
// A checkout runs the TypeScript sources as they are; an installed package has only dist/, because Node.js strips no
// types below node_modules. This file must parse on any Node.js that knows modules, so that an old one gets a sentence.

import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)

/** `program`: the module below the package's root, without its ending; `extras` go to `main` after the arguments. */
export function launch(program, extras) {
  if (major < 22 || (major === 22 && minor < 18)) {
    console.error(`millrace needs Node.js 22.18 or newer; this is ${process.versions.node}.`)
    process.exitCode = 1
    return
  }
  import('node:v8')
    .then((v8) => {
      v8.setFlagsFromString('--no-maglev')
      const source = new URL(`../${program}.ts`, import.meta.url)
      const built = new URL(`../dist/${program}.js`, import.meta.url)
      return import((existsSync(source) ? source : built).href)
    })
    .then((module) => module.main(process.argv.slice(2), extras))
    .then((code) => {
      process.exitCode = code
    })
}
