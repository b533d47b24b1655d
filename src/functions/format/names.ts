// Names that templates print and read: months, days, Roman months, halves of the day, eras; ordinals of numbers.
//
// English only, as PostgreSQL's without TM, and with TM in its "C" locale.

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

export const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

export const romanMonths = ['XII', 'XI', 'X', 'IX', 'VIII', 'VII', 'VI', 'V', 'IV', 'III', 'II', 'I'] as const

/** The name in the case of its field: MONTH, Month, month. */
export function inCaseOf(name: string, field: string): string {
  if (field[0] === field[0]!.toLowerCase()) return name.toLowerCase()
  return field[1] === field[1]?.toUpperCase() ? name.toUpperCase() : name
}

/** st, nd, rd, th by the last digits. */
export function ordinalOf(number: string, suffix: 'th' | 'TH'): string {
  const digits = number.trim()
  const teen = /1\d$/.test(digits)
  const ending = teen ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[digits.at(-1)!] ?? 'th')
  return suffix === 'TH' ? ending.toUpperCase() : ending
}
