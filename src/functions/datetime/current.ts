// The current time. now() and its relatives are the transaction's start in a statement and the epoch's time in a view;
// the wall clock is for statements only.

import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { print } from '../text/text.ts'

const fromNow = ['now', 'transaction_timestamp', 'statement_timestamp', 'proctime'].map((name) =>
  strict(name, [], 'timestamptz', {
    doc: 'The start of the transaction; in a materialized view the time of the epoch.',
    // proctime() is not PostgreSQL's.
    example: name === 'proctime' ? undefined : `${name}() <= clock_timestamp()`,
    volatility: 'stable',
    fails: false,
    evaluate: ({ now }: EvaluationContext) => now,
  }),
)

export const currentFunctions: readonly ScalarFunction[] = [
  ...fromNow,
  strict('clock_timestamp', [], 'timestamptz', {
    doc: 'The wall clock, which moves on within a statement.',
    example: 'clock_timestamp() >= now()',
    volatility: 'volatile',
    fails: false,
    evaluate: ({ clock }: EvaluationContext) => clock(),
  }),
  strict('timeofday', [], 'text', {
    doc: 'The wall clock as text.',
    example: 'length(timeofday()) > 20',
    volatility: 'volatile',
    fails: false,
    evaluate: ({ clock, text }: EvaluationContext) =>
      print({ kind: 'timestamptz' }, clock(), { ...text, dateStyle: { output: 'Postgres', order: 'MDY' } }),
  }),
]
