// Starts and ends one Kafka broker per folder. Every call is idempotent: starting what runs and ending what does not
// run are no errors. Only the process that the folder's pid file names, and whose command line names the folder, is
// ever ended. Options are kept in the folder: `kill` and `start` give the same broker back, with its data.

import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCertificates } from './certificates.ts'
import { classPath, javaProgram, KAFKA_VERSIONS } from './jars.ts'
import { type BrokerOptions, serverProperties, USERS } from './settings.ts'

const START_TIMEOUT_MS = 120_000
const END_TIMEOUT_MS = 30_000
const POLL_MS = 50

export const defaultFolder = (): string => join(tmpdir(), 'millrace-kafka-tests')

const propertiesFile = (dir: string): string => join(dir, 'server.properties')
export const logFile = (dir: string): string => join(dir, 'broker.log')

/** Options of the last start in the folder, overlaid with `given`. */
export function brokerOptions(dir: string, given: Partial<BrokerOptions>): BrokerOptions {
  const kept = join(dir, 'options.json')
  const before: Partial<BrokerOptions> = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {}
  const defaults = { port: 19192, version: '4', heap: '512m', sasl: false, tls: false, settings: [] }
  const options = { ...defaults, ...before, ...given, dir }
  return { ...options, version: KAFKA_VERSIONS[options.version] ?? options.version }
}

/** The pid of the folder's broker, or undefined. */
export function runningPid(dir: string): number | undefined {
  try {
    const pid = readFileSync(join(dir, 'pid'), 'utf8').trim()
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return command.includes(propertiesFile(dir)) ? Number(pid) : undefined
  } catch {
    return undefined
  }
}

/** Whether something on the port answers ApiVersions version 0 with the same correlation id. */
function answers(port: number): Promise<boolean> {
  const request = Buffer.alloc(14) // length, api key 18, version 0, correlation id, no client id
  request.writeInt32BE(10, 0)
  request.writeInt16BE(18, 4)
  request.writeInt32BE(7, 8)
  request.writeInt16BE(-1, 12)
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(2_000, () => done(false))
    socket.once('data', (bytes) => done(bytes.length >= 10 && bytes.readInt32BE(4) === 7))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
  })
}

function format(options: BrokerOptions): void {
  if (existsSync(join(options.dir, 'data', 'meta.properties'))) return
  const scram = Object.entries(USERS).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((kind) => [
      '--add-scram',
      `${kind}=[name=${name},password=${password}]`,
    ]),
  )
  const clusterId = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url')
  const file = propertiesFile(options.dir)
  runClass(options, 'kafka.tools.StorageTool', ['format', `--cluster-id=${clusterId}`, '--config', file, ...scram])
}

/** Runs one of Kafka's command-line classes to its end and returns what it printed. */
export function runClass(options: BrokerOptions, name: string, args: readonly string[], input = ''): string {
  const quick = [
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Xmx256m',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  ]
  return execFileSync(javaProgram(), [...quick, '-cp', classPath(options.version), name, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Kafka's own producer or consumer over lines: see Lines.java. */
export function runLines(
  options: BrokerOptions,
  verb: 'produce' | 'consume',
  args: readonly string[],
  input = '',
): string {
  const address = `127.0.0.1:${options.port}`
  return runClass(options, join(import.meta.dirname, 'Lines.java'), [verb, address, ...args], input)
}

function launch(options: BrokerOptions): number {
  const log = openSync(logFile(options.dir), 'w')
  const heap = [`-Xms${options.heap}`, `-Xmx${options.heap}`]
  const logging = ['-Dorg.slf4j.simpleLogger.showDateTime=true', '-Djava.awt.headless=true']
  const main = ['-cp', classPath(options.version), 'kafka.Kafka', propertiesFile(options.dir)]
  const child = spawn(javaProgram(), [...heap, ...logging, ...main], { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.unref()
  return child.pid ?? 0
}

function prepareFolder(options: BrokerOptions): void {
  const { dir, version } = options
  const made = join(dir, 'version')
  if (!existsSync(made) && existsSync(dir) && readdirSync(dir).length > 0)
    throw new Error(`${dir} is not a broker's folder`)
  if (existsSync(made) && readFileSync(made, 'utf8') !== version) {
    throw new Error(`${dir} was made by Kafka ${readFileSync(made, 'utf8')}: take another --dir, or wipe it`)
  }
  mkdirSync(dir, { recursive: true })
  writeFileSync(made, version)
  writeFileSync(join(dir, 'options.json'), JSON.stringify(options))
  if (options.tls) makeCertificates(dir)
  writeFileSync(propertiesFile(dir), serverProperties(options))
}

/** Starts the folder's broker, unless it runs, and returns when it answers. */
export async function startBroker(options: BrokerOptions): Promise<number> {
  const running = runningPid(options.dir)
  if (running !== undefined) {
    if (readFileSync(propertiesFile(options.dir), 'utf8') === serverProperties(options)) return running
    throw new Error(`runs already in ${options.dir} with other options: stop it first`)
  }
  if (await answers(options.port)) throw new Error(`port ${options.port} is taken by another program`)
  prepareFolder(options)
  format(options)
  const pid = launch(options)
  writeFileSync(join(options.dir, 'pid'), String(pid))
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const log = readFileSync(logFile(options.dir), 'utf8')
    if (log.includes('Kafka Server started') && (await answers(options.port))) return pid
    if (!existsSync(`/proc/${pid}`) || performance.now() > deadline) {
      throw new Error(`the broker did not start; the end of ${logFile(options.dir)}:\n${log.slice(-2000)}`)
    }
    await sleep(POLL_MS)
  }
}

// A process loses its command line before its sockets: only its end, or its being a zombie, says that ports are free.
function gone(pid: number): boolean {
  try {
    return /^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

/** Ends the folder's broker, in good order or as a crash would; false where none ran. Its data stay. */
export async function endBroker(dir: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  const pid = runningPid(dir)
  if (pid === undefined) return false
  process.kill(pid, signal)
  const deadline = performance.now() + END_TIMEOUT_MS
  while (!gone(pid)) {
    if (performance.now() > deadline) throw new Error(`pid ${pid} does not end`)
    await sleep(POLL_MS)
  }
  rmSync(join(dir, 'pid'), { force: true })
  return true
}

/** Kills the folder's broker and removes the folder. */
export async function wipeBroker(dir: string): Promise<void> {
  await endBroker(dir, 'SIGKILL')
  if (existsSync(dir) && !existsSync(join(dir, 'version'))) throw new Error(`${dir} is not a broker's folder`)
  rmSync(dir, { recursive: true, force: true })
}
