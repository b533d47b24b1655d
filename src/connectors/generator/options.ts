// Options of generators: whole numbers within bounds, said wrong with the option's name (22023).

import { SqlError } from '../../core/error.ts'

export interface Bounds {
  readonly least: number
  readonly most: number
}

/** Undefined where the option is absent. */
export function wholeOption(
  options: Readonly<Record<string, string>>,
  name: string,
  { least, most }: Bounds,
): number | undefined {
  const text = options[name]
  if (text === undefined) return undefined
  const value = /^-?\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most))
    throw invalidOption(name, `must be a whole number from ${least} to ${most}, not '${text}'`)
  return value
}

export const invalidOption = (name: string, why: string, hint?: string): SqlError =>
  new SqlError({ code: '22023', message: `option "${name}" ${why}`, hint })
