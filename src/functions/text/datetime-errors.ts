// What PostgreSQL says of dates and times it cannot read (DateTimeParseError).

import { SqlError } from '../../core/error.ts'

/** `monthOrDay`: another date order might have made sense of it. */
export type DatetimeFault = 'format' | 'overflow' | 'monthOrDay' | 'interval' | 'zone'

/** Thrown while decoding; `datetimeError` gives it the text and the type it was read as. */
export class DatetimeFailure extends Error {
  readonly fault: DatetimeFault
  constructor(fault: DatetimeFault) {
    super(fault)
    this.fault = fault
  }
}

/** Runs a decoder and turns its failure into what the user sees. */
export function withDatetimeErrors<T>(type: string, text: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw error instanceof DatetimeFailure ? datetimeError(error.fault, type, text) : error
  }
}

function datetimeError(fault: DatetimeFault, type: string, text: string): SqlError {
  switch (fault) {
    case 'format':
      return new SqlError({ code: '22007', message: `invalid input syntax for type ${type}: "${text}"` })
    case 'overflow':
      return new SqlError({ code: '22008', message: `date/time field value out of range: "${text}"` })
    case 'monthOrDay':
      return new SqlError({
        code: '22008',
        message: `date/time field value out of range: "${text}"`,
        hint: 'Perhaps you need a different "datestyle" setting.',
      })
    case 'interval':
      return new SqlError({ code: '22015', message: `interval field value out of range: "${text}"` })
    case 'zone':
      return new SqlError({ code: '22009', message: `time zone displacement out of range: "${text}"` })
  }
}

export const unknownTimeZone = (name: string): SqlError =>
  new SqlError({ code: '22023', message: `time zone "${name}" not recognized` })
