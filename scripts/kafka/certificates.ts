// Self-signed certificates for the broker's TLS listeners, made with the JDK's keytool:
//   ca.pem      trusts the broker (its own certificate, for localhost and 127.0.0.1)
//   client.p12  a certificate the broker accepts from a client, and client.pem + client.key where openssl is there

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keytoolProgram } from './jars.ts'
import { STORE_PASSWORD } from './settings.ts'

export function makeCertificates(dir: string): void {
  const folder = join(dir, 'tls')
  if (existsSync(join(folder, 'ca.pem'))) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const keytool = (...args: string[]) => {
    const options = ['-storetype', 'PKCS12', '-storepass', STORE_PASSWORD]
    execFileSync(keytoolProgram(), [...args, ...options], { cwd: folder, stdio: 'ignore' })
  }
  const keyPair = (name: string, ...more: string[]) => {
    const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '3650']
    keytool('-genkeypair', ...key, '-alias', name, '-keystore', `${name}.p12`, ...more)
  }
  keyPair('broker', '-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1')
  keyPair('client', '-dname', 'CN=client')
  keytool('-exportcert', '-rfc', '-alias', 'client', '-keystore', 'client.p12', '-file', 'client.pem')
  keytool('-importcert', '-noprompt', '-alias', 'client', '-keystore', 'trust.p12', '-file', 'client.pem')
  try {
    const args = ['pkcs12', '-in', 'client.p12', '-passin', `pass:${STORE_PASSWORD}`, '-nocerts', '-nodes']
    const stdio = ['ignore', 'pipe', 'ignore'] as const
    writeFileSync(join(folder, 'client.key'), execFileSync('openssl', args, { cwd: folder, stdio: [...stdio] }))
  } catch {
    // Without openssl there is no client.key; only tests of mutual TLS miss it, and they say so.
  }
  keytool('-exportcert', '-rfc', '-alias', 'broker', '-keystore', 'broker.p12', '-file', 'ca.pem')
}
