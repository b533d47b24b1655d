// SASL and TLS against a real broker: every mechanism over every listener reads; every wrong setting is refused with an
// error that names the remedy.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runClass } from '../../../scripts/kafka/broker.ts'
import { openReader } from '../../../src/connectors/kafka/open.ts'
import { ownKafkaMissing, startTestBroker, type TestBroker, testHost } from '../../support/kafka.ts'
import { optionsFor, readAll } from './read-all.ts'

const missing = ownKafkaMissing()
const AUTHORIZER = [
  'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users=User:ANONYMOUS;User:CN=client',
  'allow.everyone.if.no.acl.found=true',
]

describe.skipIf(missing !== undefined)(`a broker's security${missing === undefined ? '' : ` (${missing})`}`, () => {
  let broker: TestBroker
  let ca: string

  beforeAll(async () => {
    broker = await startTestBroker({ sasl: true, tls: true, settings: AUTHORIZER })
    ca = join(broker.options.dir, 'tls', 'ca.pem')
    broker.topics('--create', '--topic', 'open')
    broker.topics('--create', '--topic', 'secret')
    broker.produce('open', ['0 1 - 61'])
    const acl = ['--add', '--topic', 'secret', '--allow-principal', 'User:alice', '--operation', 'ALL']
    runClass(broker.options, 'org.apache.kafka.tools.AclCommand', ['--bootstrap-server', broker.address, ...acl])
  })
  afterAll(() => broker?.[Symbol.asyncDispose]())

  const port = (listener: keyof typeof PORTS): string => `localhost:${broker.options.port + PORTS[listener]}`
  const PORTS = { plain: 0, sasl: 2, tls: 3, both: 4 }
  const login = (mechanism = 'PLAIN', password = 'alice-secret', name = 'alice') => ({
    sasl_mechanism: mechanism,
    sasl_username: name,
    sasl_password: password,
  })
  const refusal = async (listener: keyof typeof PORTS, options: Record<string, string>, topic = 'open') => {
    const opening = openReader(optionsFor(port(listener), topic, options), '', testHost())
    return opening.then(
      () => 'opened',
      (error: { code: string; message: string; hint: string }) => ({
        code: error.code,
        message: error.message.replace(/localhost:\d+|127\.0\.0\.1:\d+/, 'BROKER'),
        hint: error.hint,
      }),
    )
  }

  describe.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('%s', (mechanism) => {
    test('reads, in clear and over TLS', async () => {
      const sasl = { security: 'sasl_plaintext', ...login(mechanism) }
      expect(await readAll(optionsFor(port('sasl'), 'open', sasl))).toEqual(['0 0 1 - 61'])
      const both = { security: 'sasl_ssl', ssl_ca: ca, ...login(mechanism) }
      expect(await readAll(optionsFor(port('both'), 'open', both))).toEqual(['0 0 1 - 61'])
    })

    test('a wrong password, an unknown user', async () => {
      const wrong = { security: 'sasl_plaintext', ...login(mechanism, 'wrong') }
      expect(await refusal('sasl', wrong)).toMatchObject({
        code: '28P01',
        message: expect.stringContaining('authentication of user "alice" at Kafka broker "BROKER" failed'),
        hint: expect.stringContaining('sasl_password'),
      })
      const stranger = { security: 'sasl_plaintext', ...login(mechanism, 'x', 'eve') }
      expect(await refusal('sasl', stranger)).toMatchObject({ code: '28P01' })
    })
  })

  test('TLS, trusting by a file or by its text', async () => {
    expect(await readAll(optionsFor(port('tls'), 'open', { security: 'ssl', ssl_ca: ca }))).toEqual(['0 0 1 - 61'])
    const text = readFileSync(ca, 'utf8')
    expect(await readAll(optionsFor(port('tls'), 'open', { security: 'ssl', ssl_ca: text }))).toEqual(['0 0 1 - 61'])
  })

  test('an unknown authority, another authority', async () => {
    const hint = expect.stringContaining('ssl_ca')
    expect(await refusal('tls', { security: 'ssl' })).toMatchObject({ code: '08001', hint })
    const other = join(broker.options.dir, 'tls', 'client.pem')
    expect(await refusal('tls', { security: 'ssl', ssl_ca: other })).toMatchObject({ code: '08001', hint })
  })

  test('the wrong kind of listener', async () => {
    const hint = expect.stringContaining('security')
    expect(await refusal('tls', {})).toMatchObject({ code: '08006', hint })
    expect(await refusal('plain', { security: 'ssl', ssl_ca: ca })).toMatchObject({ code: '08001', hint })
    expect(await refusal('sasl', {})).toMatchObject({ code: '08006', hint })
    expect(await refusal('plain', { security: 'sasl_plaintext', ...login() })).toMatchObject({ code: '28000', hint })
  })

  test('nothing listens there, no such host', async () => {
    const nobody = openReader(optionsFor('127.0.0.1:1', 'open'), '', testHost())
    await expect(nobody).rejects.toMatchObject({
      code: '08001',
      hint: expect.stringContaining('Nothing listens there'),
    })
    const nowhere = openReader(optionsFor('no-such-host.invalid:9092', 'open'), '', testHost())
    await expect(nowhere).rejects.toMatchObject({ code: '08001', hint: expect.stringContaining('brokers') })
  })

  test('a topic that the user may not read', async () => {
    const bob = { security: 'sasl_plaintext', ...login('PLAIN', 'bob-secret', 'bob') }
    expect(await refusal('sasl', bob, 'secret')).toMatchObject({
      code: '42501',
      message: 'not authorized by Kafka to access topic "secret"',
      hint: expect.stringContaining('READ and DESCRIBE'),
    })
    const alice = { security: 'sasl_plaintext', ...login() }
    expect(await readAll(optionsFor(port('sasl'), 'secret', alice))).toEqual([])
  })
})
