// The broker's settings. One node plays broker and controller; nothing can be replicated; internal topics are small so
// that their first use is quick; no record ever expires, because tests write records of any time.
//
// Ports: N clients, N+1 controller, N+2 SASL, N+3 TLS, N+4 SASL over TLS. Take N below 32768: above it an outgoing
// connection may hold the port.

import { join } from 'node:path'

export interface BrokerOptions {
  /** The broker's own folder: data, log, certificates, pid. One folder, one broker. */
  readonly dir: string
  readonly port: number
  /** Kafka's exact version. */
  readonly version: string
  /** Java heap, as `512m`. */
  readonly heap: string
  readonly sasl: boolean
  readonly tls: boolean
  /** `key=value` lines that win over those below. */
  readonly settings: readonly string[]
}

export const USERS: Readonly<Record<string, string>> = { alice: 'alice-secret', bob: 'bob-secret' }
export const STORE_PASSWORD = 'changeit'

const SASL_MECHANISMS = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512'
const INTERNAL_TOPICS = ['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic']
const SECURITY = 'org.apache.kafka.common.security'

export interface Listener {
  readonly name: string
  readonly protocol: string
  readonly port: number
}

export function listeners({ port, sasl, tls }: BrokerOptions): readonly Listener[] {
  const listener = (name: string, protocol: string, offset: number) => ({ name, protocol, port: port + offset })
  return [
    listener('PLAINTEXT', 'PLAINTEXT', 0),
    ...(sasl ? [listener('SASL', 'SASL_PLAINTEXT', 2)] : []),
    ...(tls ? [listener('TLS', 'SSL', 3)] : []),
    ...(sasl && tls ? [listener('SASLTLS', 'SASL_SSL', 4)] : []),
  ]
}

function loginLines(listener: string): string[] {
  const prefix = `listener.name.${listener.toLowerCase()}`
  const users = Object.entries(USERS).map(([name, password]) => `user_${name}="${password}"`)
  return [
    `${prefix}.plain.sasl.jaas.config=${SECURITY}.plain.PlainLoginModule required ${users.join(' ')};`,
    `${prefix}.scram-sha-256.sasl.jaas.config=${SECURITY}.scram.ScramLoginModule required;`,
    `${prefix}.scram-sha-512.sasl.jaas.config=${SECURITY}.scram.ScramLoginModule required;`,
  ]
}

function storeLines(dir: string): string[] {
  const store = (kind: string, file: string) => [
    `ssl.${kind}.type=PKCS12`,
    `ssl.${kind}.location=${join(dir, 'tls', file)}`,
    `ssl.${kind}.password=${STORE_PASSWORD}`,
  ]
  return [...store('keystore', 'broker.p12'), ...store('truststore', 'trust.p12'), 'ssl.client.auth=requested']
}

/** The text of server.properties. */
export function serverProperties(options: BrokerOptions): string {
  const open = listeners(options)
  const address = (name: string, port: number) => `${name}://127.0.0.1:${port}`
  const clients = open.map(({ name, port }) => address(name, port)).join(',')
  const controller = options.port + 1
  const saslListeners = open.filter(({ protocol }) => protocol.startsWith('SASL')).map(({ name }) => name)
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=${clients},${address('CONTROLLER', controller)}`,
    `advertised.listeners=${clients}`,
    'inter.broker.listener.name=PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    `listener.security.protocol.map=CONTROLLER:PLAINTEXT,${open.map((l) => `${l.name}:${l.protocol}`).join(',')}`,
    `log.dirs=${join(options.dir, 'data')}`,
    ...INTERNAL_TOPICS.flatMap((topic) => [`${topic}.replication.factor=1`, `${topic}.num.partitions=4`]),
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    // After kill -9 a broker may not register again before its old registration has lapsed (default 9 s).
    'broker.session.timeout.ms=3000',
    'broker.heartbeat.interval.ms=500',
    'log.retention.ms=-1',
    'log.message.timestamp.after.max.ms=9223372036854775807',
    'auto.create.topics.enable=false',
    'num.network.threads=2',
    'num.io.threads=4',
    'log.cleaner.dedupe.buffer.size=16777216',
    ...(saslListeners.length > 0 ? [`sasl.enabled.mechanisms=${SASL_MECHANISMS}`] : []),
    ...saslListeners.flatMap(loginLines),
    ...(options.tls ? storeLines(options.dir) : []),
    ...options.settings,
  ]
  return `${lines.join('\n')}\n`
}
