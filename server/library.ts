// The library's entry point: what a program needs to open an engine of its own, in its own process.
//
//   const engine = await openEngine({
//     directory: memoryDirectory(), registry: functionRegistry(), connectors, systemRelations,
//     host, memoryBytes, nextTurn,
//   })
//   const session = engine.openSession({ user, database, settings: {}, events })
//   for await (const execution of session.simpleQuery('SELECT 1')) …
//
// `host` brings clock, timers, chance and log; `nextTurn` resolves in a later turn of the event loop. Data on disk:
// `openDataDirectory(realFiles, path)`. Run Node.js with --no-maglev, as bin/launch.mjs does: loops over 64-bit numbers
// are several times as fast.

export { connectors } from '../src/connectors/registry.ts'
export { SqlError } from '../src/core/error.ts'
export { memoryDirectory, openDataDirectory } from '../src/engine/data-directory.ts'
export { openEngine } from '../src/engine/engine.ts'
export { systemRelations } from '../src/engine/system/all.ts'
export { functionRegistry } from '../src/functions/all.ts'
export { realFiles } from './files.ts'
