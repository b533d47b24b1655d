// The server in this process, spoken to byte by byte: start-up, both query protocols, COPY, cancel, hostile bytes.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Listener, listen } from '../../server/pgwire/listener.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { Client } from '../support/client.ts'
import { openTestEngine } from '../support/engine.ts'
import {
  bind,
  cstring,
  Dialogue,
  errorFields,
  execute,
  flush,
  i16,
  i32,
  message,
  parse,
  query,
  shown,
  startup,
  sync,
} from './dialogue.ts'

let engine: Engine
let server: Listener

beforeEach(async () => {
  engine = await openTestEngine()
  server = await listen({ host: '127.0.0.1', port: 0, engine, log: () => {}, random: () => 0.5, maxConnections: 5 })
  await new Client(engine).run('CREATE TABLE t (a int PRIMARY KEY, b text)')
})

afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

describe('the start-up', () => {
  test('declines SSL and GSS with N, then goes on', async () => {
    const dialogue = new Dialogue(server.port)
    dialogue.send(message('', i32(80877103)))
    expect(await dialogue.byte()).toBe('N')
    dialogue.send(message('', i32(80877104)))
    expect(await dialogue.byte()).toBe('N')
    dialogue.send(startup({ user: 'tester', application_name: 'test', TimeZone: 'Europe/Berlin' }))
    const messages = await dialogue.until('Z')
    expect(messages[0]).toEqual({ type: 'R', body: Uint8Array.from([0, 0, 0, 0]) })
    const parameters = messages.filter(({ type }) => type === 'S').map(({ body }) => new TextDecoder().decode(body))
    expect(parameters).toContain('application_name\0test\0')
    expect(parameters).toContain('TimeZone\0Europe/Berlin\0')
    expect(parameters).toContain('client_encoding\0UTF8\0')
    expect(parameters.some((one) => one.startsWith('server_version\0'))).toBe(true)
    expect(messages.at(-2)!.type).toBe('K')
  })

  test('in pieces of one byte', async () => {
    const dialogue = new Dialogue(server.port)
    for (const byte of [...startup({ user: 'tester' }), ...query('SELECT 1')])
      dialogue.socket.write(Uint8Array.of(byte))
    await dialogue.until('Z')
    expect(await dialogue.lines()).toEqual(['T', 'D 1', 'C SELECT 1', 'Z I'])
  })

  test.each([
    ['without a user', startup({ database: 'x' }), '28000'],
    ['of protocol 2', message('', i32(131072), [0]), '08P01'],
    ['of HTTP', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'), '08P01'],
    ['cut short', message('', i32(196608), [117, 115]), '08P01'],
    ['for replication', startup({ user: 'x', replication: 'true' }), '0A000'],
  ])('%s is refused', async (_what, bytes, code) => {
    const dialogue = new Dialogue(server.port)
    dialogue.send(bytes)
    const [answer, end] = [await dialogue.next(), await dialogue.next()]
    expect(errorFields(answer!.body)).toMatchObject({ C: code, S: 'FATAL' })
    expect(end).toBeUndefined()
  })

  test('of one client too many: 53300', async () => {
    await Promise.all(Array.from({ length: 5 }, () => Dialogue.open(server.port)))
    const sixth = new Dialogue(server.port)
    expect(shown((await sixth.next())!)).toContain('53300')
  })
})

describe('a client that says nothing', () => {
  test.each([
    ['idle_session_timeout', '', '57P05'],
    ['idle_in_transaction_session_timeout', 'BEGIN; ', '25P03'],
  ])('for longer than %s is told so, and its connection is closed', async (setting, begin, code) => {
    const dialogue = await Dialogue.open(server.port)
    dialogue.send(query(`SET ${setting} = '100ms'; ${begin}SELECT 1`))
    await dialogue.until('Z')
    const [reason, end] = [await dialogue.next(), await dialogue.next()]
    expect(errorFields(reason!.body)).toMatchObject({ C: code, S: 'FATAL' })
    expect(end).toBeUndefined()
    const others = await Dialogue.open(server.port)
    others.send(query('SELECT 2'))
    expect(await others.lines()).toContain('D 2')
  })
})

describe('hostile bytes', () => {
  test.each([
    ['an unknown type', message('!', [1, 2, 3])],
    ['a negative length', Uint8Array.from([81, 255, 255, 255, 255])],
    ['a string without an end', message('Q', [65, 66])],
    ['bytes after the end', message('Q', [65, 0, 66])],
    ['no UTF-8', message('Q', [0xff, 0xfe, 0])],
    ['a Bind whose value is longer than itself', message('B', [0, 0], i16(0), i16(1), i32(99), [1])],
    ['a password nobody asked for', message('p', cstring('x'))],
  ])('%s ends the connection with 08P01; others go on', async (_what, bytes) => {
    const other = await Dialogue.open(server.port)
    const hostile = await Dialogue.open(server.port)
    hostile.send(bytes, query('SELECT 1'))
    const lines = await hostile.lines('never')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^E 08P01 /)
    expect(await other.ask(query('SELECT 2'))).toEqual(['T', 'D 2', 'C SELECT 1', 'Z I'])
  })
})

describe('a simple query', () => {
  test('of several statements is one transaction; the first error ends it', async () => {
    const dialogue = await Dialogue.open(server.port)
    const lines = await dialogue.ask(query("INSERT INTO t VALUES (1, 'x'); SELECT 1/0; SELECT 2"))
    expect(lines).toEqual(['C INSERT 0 1', 'E 22012 division by zero', 'Z I'])
    expect(await dialogue.ask(query('SELECT * FROM t'))).toEqual(['T', 'C SELECT 0', 'Z I'])
  })

  test('of nothing is answered so', async () => {
    const dialogue = await Dialogue.open(server.port)
    expect(await dialogue.ask(query(' ; -- nothing\n'))).toEqual(['I', 'Z I'])
  })

  test('tells its errors with position, and the state of the block', async () => {
    const dialogue = await Dialogue.open(server.port)
    dialogue.send(query("SELECT 'ä😀', nope FROM t"))
    const [error] = await dialogue.until('Z')
    expect(errorFields(error!.body)).toMatchObject({ S: 'ERROR', V: 'ERROR', C: '42703', P: '14' })
    expect(await dialogue.ask(query('BEGIN'))).toEqual(['C BEGIN', 'Z T'])
    expect((await dialogue.ask(query('SELEC'))).at(-1)).toBe('Z E')
    expect(await dialogue.ask(query('SELECT 1'))).toEqual([expect.stringMatching(/^E 25P02/), 'Z E'])
    expect(await dialogue.ask(query('COMMIT'))).toEqual(['C ROLLBACK', 'Z I'])
  })

  test('tells constraint, table, schema and detail', async () => {
    const dialogue = await Dialogue.open(server.port)
    dialogue.send(query('INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)'))
    const error = (await dialogue.until('Z')).find(({ type }) => type === 'E')!
    expect(errorFields(error.body)).toMatchObject({
      C: '23505',
      D: 'Key (a)=(1) already exists.',
      s: 'public',
      t: 't',
      n: 't_pkey',
    })
  })

  test('sends notices, and new values of reported settings, before its end', async () => {
    const dialogue = await Dialogue.open(server.port)
    expect(await dialogue.ask(query('DROP TABLE IF EXISTS nope'))).toEqual(['N', 'C DROP TABLE', 'Z I'])
    dialogue.send(query("SET application_name = 'other'"))
    const messages = await dialogue.until('Z')
    const parameter = messages.find(({ type }) => type === 'S')!
    expect(new TextDecoder().decode(parameter.body)).toBe('application_name\0other\0')
  })

  test('several queries in one chunk are answered in order', async () => {
    const dialogue = await Dialogue.open(server.port)
    const all = Array.from({ length: 50 }, (_, i) => query(`INSERT INTO t VALUES (${i}, 'x')`))
    dialogue.send(...all, query('SELECT count(*) FROM t'))
    for (let i = 0; i < 50; i++) expect(await dialogue.lines()).toEqual(['C INSERT 0 1', 'Z I'])
    expect(await dialogue.lines()).toEqual(['T', 'D 50', 'C SELECT 1', 'Z I'])
  })
})

describe('the extended protocol', () => {
  test('a portal gives its rows in pieces and keeps its place', async () => {
    const dialogue = await Dialogue.open(server.port)
    const text = 'SELECT i FROM generate_series(1, $1::int) AS i ORDER BY i'
    dialogue.send(parse(text), bind(['5']), execute(2), execute(2), execute(2), execute(2), sync)
    const lines = await dialogue.lines()
    expect(lines).toEqual(['1', '2', 'D 1', 'D 2', 's', 'D 3', 'D 4', 's', 'D 5', 'C SELECT 1', 'C SELECT 0', 'Z I'])
  })

  test('a portal in a block outlives Sync, and does not outlive the block', async () => {
    const dialogue = await Dialogue.open(server.port)
    await dialogue.ask(query('BEGIN'))
    dialogue.send(
      parse('SELECT i FROM generate_series(1, 3) AS i ORDER BY i', 's'),
      bind([], 'p', 's'),
      execute(1, 'p'),
    )
    expect(await dialogue.ask(sync)).toEqual(['1', '2', 'D 1', 's', 'Z T'])
    expect(await dialogue.ask(execute(1, 'p'), sync)).toEqual(['D 2', 's', 'Z T'])
    await dialogue.ask(query('COMMIT'))
    expect(await dialogue.ask(execute(1, 'p'), sync)).toEqual([expect.stringMatching(/^E 34000/), 'Z I'])
    expect(await dialogue.ask(bind([], '', 's'), execute(), sync)).toEqual([
      '2',
      'D 1',
      'D 2',
      'D 3',
      'C SELECT 3',
      'Z I',
    ])
  })

  test('after an error everything up to Sync is skipped', async () => {
    const dialogue = await Dialogue.open(server.port)
    dialogue.send(parse('SELECT 1/0'), bind(), execute(), parse('SELECT 1'), bind(), execute(), query('SELECT 3'), sync)
    expect(await dialogue.lines()).toEqual(['1', '2', 'E 22012 division by zero', 'Z I'])
    expect(await dialogue.ask(parse('SELECT 4'), bind(), execute(), sync)).toEqual([
      '1',
      '2',
      'D 4',
      'C SELECT 1',
      'Z I',
    ])
  })

  test('what lies between two Syncs is one transaction', async () => {
    const dialogue = await Dialogue.open(server.port)
    const insert = (a: number) => [parse(`INSERT INTO t VALUES (${a}, 'x')`), bind(), execute()]
    dialogue.send(...insert(1), ...insert(2), parse('SELECT count(*) FROM t'), bind(), execute(), ...insert(1), sync)
    const lines = await dialogue.lines()
    expect(lines.filter((line) => !/^[12]$/.test(line))).toEqual([
      'C INSERT 0 1',
      'C INSERT 0 1',
      'D 2',
      'C SELECT 1',
      expect.stringMatching(/^E 23505/),
      'Z I',
    ])
    expect(await dialogue.ask(query('SELECT * FROM t'))).toEqual(['T', 'C SELECT 0', 'Z I'])
    dialogue.send(...insert(1), ...insert(2), sync)
    await dialogue.lines()
    expect(await dialogue.ask(query('SELECT a FROM t ORDER BY a'))).toEqual(['T', 'D 1', 'D 2', 'C SELECT 2', 'Z I'])
  })

  test('a change that is flushed is not committed before Sync', async () => {
    const dialogue = await Dialogue.open(server.port)
    const other = await Dialogue.open(server.port)
    dialogue.send(parse("INSERT INTO t VALUES (1, 'x')"), bind(), execute(), flush)
    expect(await dialogue.lines('C')).toEqual(['1', '2', 'C INSERT 0 1'])
    expect(await other.ask(query('SELECT * FROM t'))).toEqual(['T', 'C SELECT 0', 'Z I'])
    expect(await dialogue.ask(sync)).toEqual(['Z I'])
    expect(await other.ask(query('SELECT a FROM t'))).toEqual(['T', 'D 1', 'C SELECT 1', 'Z I'])
  })

  test('names: unknown, taken, closed', async () => {
    const dialogue = await Dialogue.open(server.port)
    expect((await dialogue.ask(bind([], '', 'no'), sync))[0]).toMatch(/^E 26000/)
    expect((await dialogue.ask(execute(0, 'no'), sync))[0]).toMatch(/^E 34000/)
    expect(await dialogue.ask(parse('SELECT 1', 's'), sync)).toEqual(['1', 'Z I'])
    expect((await dialogue.ask(parse('SELECT 1', 's'), sync))[0]).toMatch(/^E 42P05/)
    expect(await dialogue.ask(message('C', [83], cstring('s')), sync)).toEqual(['3', 'Z I'])
    expect((await dialogue.ask(bind([], '', 's'), sync))[0]).toMatch(/^E 26000/)
    expect((await dialogue.ask(parse('SELECT 1; SELECT 2'), sync))[0]).toMatch(/^E 42601/)
    expect((await dialogue.ask(parse('SELECT $1::int'), bind([]), sync))[1]).toMatch(/^E 08P01/)
  })

  test('Describe tells parameters and columns', async () => {
    const dialogue = await Dialogue.open(server.port)
    const describeStatement = message('D', [83], cstring(''))
    const lines = await dialogue.ask(parse('SELECT a, b FROM t WHERE a = $1'), describeStatement, sync)
    expect(lines).toEqual(['1', 't', 'T', 'Z I'])
    expect(await dialogue.ask(parse('DELETE FROM t'), describeStatement, sync)).toEqual(['1', 't', 'n', 'Z I'])
  })
})

const copyData = (text: string): Uint8Array => message('d', [...new TextEncoder().encode(text)])

describe('COPY', () => {
  test.each([
    ['', '1\tx\n2\t\\N\n3\ta\\tb\\\\c\n\\.\n', ['1|x', '2|∅', '3|a\tb\\c']],
    ['(FORMAT csv, HEADER)', 'a,b\n1,x\n2,\n3,"a ""b"",\nc"\n', ['1|x', '2|∅', '3|a "b",\nc']],
    ["(FORMAT csv, DELIMITER ';', NULL 'nil')", '1;x\r\n2;nil\r\n3;', ['1|x', '2|∅', '3|']],
  ])('FROM STDIN %s, cut anywhere', async (options, text, rows) => {
    const client = new Client(engine)
    const dialogue = await Dialogue.open(server.port)
    for (const size of [1, 7, 1000]) {
      await client.run('DELETE FROM t')
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      )
      dialogue.send(query(`COPY t FROM STDIN ${options}`), ...pieces.map(copyData), message('c'))
      expect(await dialogue.lines()).toEqual(['G', 'C COPY 3', 'Z I'])
      expect(await client.sorted('SELECT * FROM t')).toEqual(rows)
    }
  })

  test('FROM STDIN that fails leaves nothing; the connection goes on', async () => {
    const dialogue = await Dialogue.open(server.port)
    const copy = query('COPY t FROM STDIN')
    const done = message('c')
    expect(await dialogue.ask(copy, copyData('1\tx\n2\n3\tz\n'), done)).toEqual([
      'G',
      'E 22P04 missing data for column "b"',
      'Z I',
    ])
    expect((await dialogue.ask(copy, copyData('1\tx\tz\n'), done))[1]).toMatch(/^E 22P04 extra data/)
    expect((await dialogue.ask(copy, copyData('1\tx\nq\tz\n'), done))[1]).toMatch(/^E 22P02/)
    expect((await dialogue.ask(copy, copyData('1\tx\n1\tz\n'), done))[1]).toMatch(/^E 23505/)
    expect((await dialogue.ask(copy, copyData('1\tx\n'), message('f', cstring('why'))))[1]).toBe(
      'E 57014 COPY from stdin failed: why',
    )
    expect(await dialogue.ask(query('SELECT * FROM t'))).toEqual(['T', 'C SELECT 0', 'Z I'])
  })

  test('TO STDOUT in text and CSV', async () => {
    await new Client(engine).run("INSERT INTO t VALUES (1, E'a\\tb\\\\'), (2, NULL), (3, 'x,\"y\"')")
    const dialogue = await Dialogue.open(server.port)
    expect(await dialogue.ask(query('COPY (SELECT * FROM t ORDER BY a) TO STDOUT'))).toEqual([
      'H',
      'd 1\ta\\tb\\\\',
      'd 2\t\\N',
      'd 3\tx,"y"',
      'c',
      'C COPY 3',
      'Z I',
    ])
    expect(await dialogue.ask(query('COPY (SELECT * FROM t ORDER BY a) TO STDOUT (FORMAT csv, HEADER)'))).toEqual([
      'H',
      'd a,b',
      'd 1,a\tb\\',
      'd 2,',
      'd 3,"x,""y"""',
      'c',
      'C COPY 3',
      'Z I',
    ])
  })

  test('of a subscription ends with 57014 when it is cancelled', async () => {
    const dialogue = new Dialogue(server.port)
    dialogue.send(startup({ user: 'tester' }))
    const key = (await dialogue.until('Z')).find(({ type }) => type === 'K')!.body
    dialogue.send(query('COPY (SUBSCRIBE t) TO STDOUT'))
    expect((await dialogue.next())!.type).toBe('H')
    await new Client(engine).run("INSERT INTO t VALUES (1, 'x')")
    expect(shown((await dialogue.next())!)).toMatch(/^d \d+\t[^\t]+\t1\t1\tx$/)
    const wrong = new Dialogue(server.port)
    wrong.send(message('', i32(80877102), [...key.subarray(0, 4)], i32(0)))
    expect(await wrong.next()).toBeUndefined()
    await new Client(engine).run("INSERT INTO t VALUES (2, 'y')")
    expect(shown((await dialogue.next())!)).toMatch(/\t2\ty$/)
    const cancel = new Dialogue(server.port)
    cancel.send(message('', i32(80877102), [...key]))
    expect(await cancel.next()).toBeUndefined()
    expect(await dialogue.lines()).toEqual(['E 57014 canceling statement due to user request', 'Z I'])
    expect(await dialogue.ask(query('SELECT 1'))).toEqual(['T', 'D 1', 'C SELECT 1', 'Z I'])
  })
})

test('a client that does not read pauses its own query and nobody else', async () => {
  const slow = await Dialogue.open(server.port)
  slow.socket.pause()
  slow.send(query("SELECT i, repeat('x', 1000) FROM generate_series(1, 50000) AS i"))
  const other = await Dialogue.open(server.port)
  for (let i = 0; i < 20; i++) expect((await other.ask(query(`SELECT ${i}`)))[1]).toBe(`D ${i}`)
  expect(
    await other.ask(query("SELECT count(*) FROM millrace.sessions WHERE query LIKE '%repeat%generate_series%'")),
  ).toContain('D 2')
  slow.socket.destroy()
  expect((await other.ask(query('SELECT 1')))[1]).toBe('D 1')
})

test('an engine that goes tells its clients, and ends', async () => {
  const dialogue = await Dialogue.open(server.port)
  await server[Symbol.asyncDispose]()
  expect(await dialogue.lines('never')).toEqual([expect.stringMatching(/^E 57P01/)])
})
