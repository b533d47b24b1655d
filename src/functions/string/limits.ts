// How large a text or bytea value may become, and the errors that say so.

import { SqlError } from '../../core/error.ts'

/** PostgreSQL's limit of one value is 1 GB; JavaScript's strings end at half of that. */
export const TEXT_BYTES_MAX = 0x1fffffe8

export const lengthTooLarge = (): SqlError => new SqlError({ code: '54000', message: 'requested length too large' })

/** 22011. */
export const negativeSubstringLength = (): SqlError =>
  new SqlError({ code: '22011', message: 'negative substring length not allowed' })

/** 22023. */
export const invalidParameter = (message: string): SqlError => new SqlError({ code: '22023', message })
