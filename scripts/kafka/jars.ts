// Kafka's jars and the Java that runs them. Maven copies the jars once per Kafka version from its repository into
// `$MILLRACE_KAFKA_CACHE` (default ~/.cache/millrace/kafka): about 45 MB, some seconds. The folder appears under its
// name only when it is complete, so an interrupted download is simply done again.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const KAFKA_VERSIONS: Readonly<Record<string, string>> = { '4': '4.3.1', '3': '3.9.2' }
const JAVA_VERSION_MIN = 17
const POM = join(import.meta.dirname, 'pom.xml')

const cacheFolder = (): string =>
  process.env.MILLRACE_KAFKA_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'millrace', 'kafka')

const jdkProgram = (name: string): string => {
  const home = process.env.JAVA_HOME
  return home === undefined ? name : join(home, 'bin', name)
}

export const javaProgram = (): string => jdkProgram('java')
export const keytoolProgram = (): string => jdkProgram('keytool')

/** Why no broker can be started here, or undefined where one can. */
export function missingTool(version: string): string | undefined {
  if (process.platform !== 'linux') return 'the start script for Kafka knows Linux only'
  try {
    const said = execFileSync(javaProgram(), ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const major = Number(/\d+/.exec(said)?.[0])
    if (!(major >= JAVA_VERSION_MIN)) return `Java ${major} is too old: ${JAVA_VERSION_MIN} or newer is needed`
  } catch {
    return `no Java found: install a JDK, ${JAVA_VERSION_MIN} or newer, or set JAVA_HOME`
  }
  if (existsSync(join(cacheFolder(), version))) return undefined
  try {
    execFileSync('mvn', ['--version'], { stdio: 'ignore' })
  } catch {
    return 'no Maven found: install it, it fetches the jars'
  }
  return undefined
}

/** The class path of Kafka `version`; fetches the jars on first use. */
export function classPath(version: string): string {
  const folder = join(cacheFolder(), version)
  if (!existsSync(folder)) {
    mkdirSync(cacheFolder(), { recursive: true })
    const partial = `${folder}.${process.pid}`
    process.stderr.write(`kafka: fetching the jars of Kafka ${version} with Maven\n`)
    const goal = ['-B', '-q', '-f', POM, `-Dkafka.version=${version}`, 'dependency:copy-dependencies']
    try {
      execFileSync('mvn', [...goal, `-DoutputDirectory=${partial}`], { stdio: ['ignore', 2, 2] })
      if (!existsSync(folder)) renameSync(partial, folder)
    } finally {
      rmSync(partial, { recursive: true, force: true })
    }
  }
  return join(folder, '*')
}
