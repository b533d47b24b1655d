// The launcher of the commands: an old Node.js gets one sentence, a new one runs with V8's middle tier off.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const launcher = new URL('../../bin/launch.mjs', import.meta.url).href

/** Runs `launch` of a program in a process that believes to be of another version of Node.js. */
function launchAs(version: string, program: string) {
  const script = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })
    const { launch } = await import('${launcher}')
    launch('${program}', { print: console.log })`
  const options = { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)) } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], options)
  return { status, stdout, stderr }
}

test.each(['20.20.2', '22.17.9', '18.0.0'])('Node.js %s is refused in one sentence', (version) => {
  expect(launchAs(version, 'server/slt/main')).toEqual({
    status: 1,
    stdout: '',
    stderr: `millrace needs Node.js 22.18 or newer; this is ${version}.\n`,
  })
})

test.each(['22.18.0', '24.0.0', '25.1.0'])('Node.js %s runs the program and ends with its code', (version) => {
  const { status, stdout } = launchAs(version, 'server/slt/main')
  expect(stdout).toMatch(/^npm run slt/) // without files the tool prints how it is used
  expect(status).toBe(1)
})
