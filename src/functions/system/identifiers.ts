// gen_random_uuid: a version 4 UUID from the session's source of randomness.

import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

function randomUuid({ random }: EvaluationContext): Uint8Array {
  const bytes = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}

export const identifierFunctions: readonly ScalarFunction[] = [
  strict('gen_random_uuid', [], 'uuid', {
    doc: 'A random UUID (version 4).',
    example: "gen_random_uuid()::text like '________-____-4___-____-____________'",
    volatility: 'volatile',
    fails: false,
    evaluate: randomUuid,
  }),
]
