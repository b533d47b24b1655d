// Texts to read as values, per type. The expected values are PostgreSQL's own, asked for when the tests run
// (postgres.test.ts).

import { datetimes } from './inputs-datetimes.ts'
import { others } from './inputs-others.ts'

export const inputs: Readonly<Record<string, readonly string[]>> = { ...datetimes, ...others }
