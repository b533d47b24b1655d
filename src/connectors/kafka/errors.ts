// What can be wrong with a Kafka cluster, in words that name the remedy. Errors of sockets, TLS and of the codec
// library come nested (`cause`, `errors`); `brokerCode` and `rootCause` walk down to what was said first.
//
// SQLSTATE: 08001 cannot connect, 08006 connection lost, 28P01 wrong password, 28000 authentication refused, 42501 not
// authorised, 42P01 no such topic, 55000 the log is not what it was, XX001 broken bytes, 0A000 what we do not read.

import { SqlError } from '../../core/error.ts'

interface Nested {
  readonly message?: string
  readonly code?: string
  readonly apiId?: string
  readonly serverErrorMessage?: string | null
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

/** The error and all that it carries, outermost first. */
function* nested(error: unknown, depth = 0): Generator<Nested> {
  if (typeof error !== 'object' || error === null || depth > 8) return
  const known = error as Nested
  yield known
  yield* nested(known.cause, depth + 1)
  for (const inner of known.errors ?? []) yield* nested(inner, depth + 1)
}

/** The name of the broker's error, as `NOT_LEADER_OR_FOLLOWER`, if a broker's answer is behind it. */
export function brokerCode(error: unknown): string | undefined {
  for (const { apiId } of nested(error)) if (apiId !== undefined) return apiId
  return undefined
}

/** The system's or OpenSSL's code, as `ECONNREFUSED`, of the innermost error that has one. */
function systemCode(error: unknown): string | undefined {
  return [...nested(error)].findLast(({ code }) => code !== undefined && !code.startsWith('PLT_'))?.code
}

function rootMessage(error: unknown): string {
  const all = [...nested(error)]
  const said = all.findLast(({ serverErrorMessage }) => serverErrorMessage)?.serverErrorMessage
  return said ?? all.findLast(({ message }) => message)?.message ?? String(error)
}

const CONNECT_HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: check the option "brokers", and that the broker runs.',
  ENOTFOUND: 'The host name is not known here: check the option "brokers" and the broker\'s advertised.listeners.',
  EAI_AGAIN: 'The host name could not be resolved: check the option "brokers" and the name server.',
  ETIMEDOUT: 'No answer: check the option "brokers", and firewalls between here and there.',
  EHOSTUNREACH: 'There is no route to that host: check the option "brokers".',
  SELF_SIGNED_CERT_IN_CHAIN: 'Give the certificate authority that signed it in the option "ssl_ca".',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Give the broker\'s certificate, or who signed it, in the option "ssl_ca".',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Give the certificate authority that signed it in the option "ssl_ca".',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Give the certificate authority that signed it in the option "ssl_ca".',
  CERT_SIGNATURE_FAILURE: 'The option "ssl_ca" holds another authority than the one that signed it.',
  CERT_HAS_EXPIRED: "The broker's certificate must be renewed.",
  ERR_TLS_CERT_ALTNAME_INVALID: 'Name the broker in "brokers" as its certificate does.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'That port does not speak TLS: set the option "security" to \'plaintext\' or'.concat(
    " 'sasl_plaintext', or take the TLS port.",
  ),
}

/** 08001. */
export function cannotConnect(address: string, cause: unknown, hint?: string): SqlError {
  const code = systemCode(cause)
  return new SqlError({
    code: '08001',
    message: `could not connect to Kafka broker "${address}": ${rootMessage(cause)}`,
    hint: hint ?? CONNECT_HINTS[code ?? ''] ?? 'Check the options "brokers" and "security".',
  })
}

/** 08006. */
export const connectionLost = (address: string, why: string, hint?: string): SqlError =>
  new SqlError({ code: '08006', message: `connection to Kafka broker "${address}" ended: ${why}`, hint })

/** 08006: a broker that took the connection and then says nothing, or nothing we understand. */
export const wrongProtocol = (address: string, why: string): SqlError =>
  connectionLost(address, why, 'The options "security" and "brokers" must match the broker\'s listener.')

/** 54000: an answer larger than the limit on one. */
export const responseTooLarge = (address: string, bytes: number, limit: number): SqlError =>
  new SqlError({
    code: '54000',
    message: `Kafka broker "${address}" sent a response of ${bytes} bytes, more than the limit of ${limit}`,
    hint: "Check that the port is Kafka's, and that no batch of the topic is larger.",
  })

/** 28P01 or 28000. */
export function authenticationFailed(address: string, user: string, mechanism: string, cause: unknown): SqlError {
  const code = brokerCode(cause)
  if (code === 'UNSUPPORTED_SASL_MECHANISM') {
    const message = `Kafka broker "${address}" does not offer SASL mechanism ${mechanism}`
    return new SqlError({ code: '28000', message, hint: 'Set "sasl_mechanism" to one that its listener has enabled.' })
  }
  if (code === 'ILLEGAL_SASL_STATE') {
    const message = `Kafka broker "${address}" expects no authentication on that port`
    return new SqlError({
      code: '28000',
      message,
      hint: "Set \"security\" to 'plaintext' or 'ssl', or take its SASL port.",
    })
  }
  if (code !== undefined && code !== 'SASL_AUTHENTICATION_FAILED') return brokerRefused(address, cause)
  return new SqlError({
    code: '28P01',
    message: `authentication of user "${user}" at Kafka broker "${address}" failed: ${rootMessage(cause)}`,
    hint: 'Check the options "sasl_username", "sasl_password" and "sasl_mechanism".',
  })
}

/** 0A000: a broker that lacks a request we need in a version we know. */
export const brokerTooOld = (address: string, request: string): SqlError =>
  new SqlError({
    code: '0A000',
    message: `Kafka broker "${address}" does not support ${request} in a version known here`,
    hint: 'Kafka 2.4 or newer is needed.',
  })

/** 42501. */
export const notAuthorized = (what: string): SqlError =>
  new SqlError({
    code: '42501',
    message: `not authorized by Kafka to access ${what}`,
    hint: 'The user in "sasl_username" needs the ACL operations READ and DESCRIBE on it.',
  })

/** 42P01. */
export const unknownTopic = (topic: string): SqlError =>
  new SqlError({
    code: '42P01',
    message: `Kafka topic "${topic}" does not exist`,
    hint: 'Create it, or check the option "topic"; a user without the right to see it gets the same answer.',
  })

/** 55000: the topic was deleted and created again, so our offsets mean nothing in it. */
export const topicRecreated = (topic: string): SqlError =>
  new SqlError({
    code: '55000',
    message: `Kafka topic "${topic}" was deleted and created again: it is not the log this source was reading`,
    hint: 'Drop the source and create it again to read the new topic.',
  })

/** 55000: the topic this source was reading is gone. */
export const topicDeleted = (topic: string): SqlError =>
  new SqlError({
    code: '55000',
    message: `Kafka topic "${topic}" was deleted`,
    hint: 'Drop the source, or create it again when the topic is back.',
  })

interface Lost {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** 55000: what comes next was deleted by retention or by hand before it was read. */
export function offsetsDeleted({ topic, partition, offset }: Lost, first: number): SqlError {
  const gone = `offsets ${offset} to ${first - 1} (${first - offset} in number)`
  return new SqlError({
    code: '55000',
    message: `Kafka topic "${topic}" partition ${partition}: ${gone} were deleted before they were read`,
    hint: "Raise the topic's retention, then create the source again to go on without them.",
  })
}

/** 55000: the log is shorter than what was read of it, as after an unclean election or a restored broker. */
export const logTruncated = ({ topic, partition, offset }: Lost, end: number): SqlError =>
  new SqlError({
    code: '55000',
    message: `Kafka topic "${topic}" partition ${partition} ends at offset ${end}, before position ${offset}`,
    hint: 'The broker has lost records that were read already. Create the source again to read what is left.',
  })

/** 0A000: batches of message format 0 or 1, written before Kafka 0.11. */
export const legacyBatch = (magic: number): SqlError =>
  new SqlError({
    code: '0A000',
    message: `Kafka record batches of message format v${magic} are not supported`,
    hint: 'Copy the topic with a producer of Kafka 0.11 or newer.',
  })

/** XX001. */
export const corruptBatch = (offset: number, why: string): SqlError =>
  new SqlError({ code: 'XX001', message: `Kafka record batch at offset ${offset} is corrupt: ${why}` })

/** XX001: an answer that does not keep to the protocol. */
export const corruptResponse = (address: string, why: string): SqlError =>
  new SqlError({ code: 'XX001', message: `Kafka broker "${address}" sent a malformed response: ${why}` })

/** 54000: a batch that would take more memory than one may. */
export const batchTooLarge = (offset: number, limit: number): SqlError =>
  new SqlError({
    code: '54000',
    message: `Kafka record batch at offset ${offset} holds more than ${limit} bytes uncompressed`,
  })

/** What a broker answered with an error code that has no meaning of its own above. */
export function brokerRefused(address: string, cause: unknown): SqlError {
  const code = brokerCode(cause)
  if (code?.endsWith('AUTHORIZATION_FAILED')) return notAuthorized(`broker "${address}" (${code})`)
  const message = `Kafka broker "${address}" refused a request: ${code ?? 'no code'}: ${rootMessage(cause)}`
  return new SqlError({ code: '08006', message })
}

/** The error as it is if it is one of ours, else as a refusal of that broker. */
export const asSqlError = (address: string, error: unknown): SqlError =>
  error instanceof SqlError ? error : brokerRefused(address, error)

const PASSING_FETCH_CODES: Readonly<Record<number, string>> = {
  1: 'OFFSET_OUT_OF_RANGE',
  2: 'CORRUPT_MESSAGE',
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  8: 'BROKER_NOT_AVAILABLE',
  9: 'REPLICA_NOT_AVAILABLE',
  56: 'KAFKA_STORAGE_ERROR',
  74: 'FENCED_LEADER_EPOCH',
  75: 'UNKNOWN_LEADER_EPOCH',
  78: 'OFFSET_NOT_AVAILABLE',
  100: 'UNKNOWN_TOPIC_ID',
  103: 'INCONSISTENT_TOPIC_ID',
}
const TOPIC_AUTHORIZATION_FAILED = 29

/** An error code in a Fetch response: 08006 where another try, perhaps elsewhere, may go better. */
export function fetchRefused(address: string, topic: string, code: number): SqlError {
  if (code === TOPIC_AUTHORIZATION_FAILED) return notAuthorized(`topic "${topic}"`)
  const name = PASSING_FETCH_CODES[code]
  const message = `Kafka broker "${address}" refused to read topic "${topic}": ${name ?? `error code ${code}`}`
  return new SqlError({ code: name === undefined ? '58000' : '08006', message })
}

/** 08006: no broker leads the partition, or the topic has no such partition. */
export const noLeader = (topic: string, partition: number): SqlError =>
  new SqlError({ code: '08006', message: `Kafka topic "${topic}" partition ${partition} has no leader now` })

/** XX000: a mistake of ours, in the words it came with. */
export const internalFailure = (cause: unknown): SqlError =>
  new SqlError({ code: 'XX000', message: `reading from Kafka failed: ${rootMessage(cause)}` })

/** 22023: `start` names a partition that the topic does not have. */
export const startWithoutPartition = (topic: string, partition: number): SqlError =>
  new SqlError({ code: '22023', message: `option "start": Kafka topic "${topic}" has no partition ${partition}` })

/** 22023: `start` names an offset that is not there yet. */
export const startBeyondEnd = ({ topic, partition, offset }: Lost, end: number): SqlError =>
  new SqlError({
    code: '22023',
    message: `option "start": Kafka topic "${topic}" partition ${partition} ends at ${end}, before ${offset}`,
  })

/** 0A000: FORMAT … ENCODE … that the connector does not take. */
export const unknownFormat = (name: string, known: readonly string[]): SqlError => {
  const [format = '', encode = ''] = name.toUpperCase().split('/')
  const hint = `Known are ${known.map((each) => `FORMAT ${each.toUpperCase().replace('/', ' ENCODE ')}`).join(', ')}.`
  if (encode === '') return new SqlError({ code: '42601', message: 'a Kafka source needs FORMAT … ENCODE …', hint })
  return new SqlError({ code: '0A000', message: `FORMAT ${format} ENCODE ${encode} is not supported`, hint })
}
