// Authentication of a fresh connection: SASL PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802), by the library's
// implementations over our connection. With SCRAM the server proves that it knows the password too; a wrong proof is an
// authentication error like a wrong password. PLAIN sends the password as it is: use it over TLS.

import type { API, Connection } from '@platformatic/kafka'
import type { SqlError } from '../../core/error.ts'
import { authenticationFailed } from './errors.ts'
import type { Library } from './library.ts'

export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export interface SaslSettings {
  readonly mechanism: (typeof SASL_MECHANISMS)[number]
  readonly username: string
  readonly password: string
}

/** What authentication needs of a connection. */
export interface SaslWire {
  readonly address: string
  readonly ended: SqlError | undefined
  version(apiKey: number, name: string, known: readonly number[]): number
  call<Arguments extends unknown[], Response>(api: API<Arguments, Response>, ...args: Arguments): Promise<Response>
}

const AUTHENTICATE_KEY = 36

export async function authenticate(connection: SaslWire, sasl: SaslSettings, library: Library): Promise<void> {
  const { mechanism, username, password } = sasl
  const { saslPlain, saslScramSha, saslAuthenticateV1, saslAuthenticateV2, saslHandshakeV1 } = library
  const wire = connection as unknown as Connection
  try {
    await connection.call(saslHandshakeV1.api, mechanism)
    const version = connection.version(AUTHENTICATE_KEY, 'SaslAuthenticate', [1, 2])
    const api = version === 2 ? saslAuthenticateV2.api : saslAuthenticateV1.api
    if (mechanism === 'PLAIN') {
      await saslPlain.authenticate(api, wire, username, password)
    } else {
      const algorithm = mechanism === 'SCRAM-SHA-256' ? 'SHA-256' : 'SHA-512'
      await saslScramSha.authenticate(api, wire, algorithm, username, password)
    }
  } catch (error) {
    throw connection.ended ?? authenticationFailed(connection.address, username, mechanism, error)
  }
}
