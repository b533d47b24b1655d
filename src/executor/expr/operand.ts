// What a compiled expression is: names of locals that hold its value, and whether it is NULL.

import type { Physical, SqlType } from '../../core/type.ts'
import type { InlineArg, InlineCode } from '../../functions/registry.ts'
import type { CodeText } from './code-text.ts'

export interface Operand extends InlineArg {
  /** Text of a boolean expression without side effects; undefined: never NULL in this variant. */
  readonly isNull: string | undefined
}

export interface Typed {
  readonly physical: Physical
  readonly type: SqlType
}

/** Text of "some operand is NULL"; undefined: none ever is. */
export function anyNull(operands: readonly Operand[]): string | undefined {
  const tests = [...new Set(operands.flatMap(({ isNull }) => (isNull === undefined ? [] : [isNull])))]
  return tests.length === 0 ? undefined : tests.join(' || ')
}

/** Conditions on a BOOLEAN operand. */
export const isTrue = ({ isNull, name }: Operand): string =>
  isNull === undefined ? `${name} !== 0` : `!(${isNull}) && ${name} !== 0`

export const isFalse = ({ isNull, name }: Operand): string =>
  isNull === undefined ? `${name} === 0` : `!(${isNull}) && ${name} === 0`

/** A variable operand that blocks assign to; never of kind bytes. */
export function declare(code: CodeText, { physical, type }: Typed, nullable: boolean): Operand {
  const isNull = nullable ? code.flag(false) : undefined
  const name = code.variable(physical.kind)
  const operand = { physical, type, name, isNull }
  return physical.kind === 'i128' ? { ...operand, high: code.variable('i128') } : operand
}

export function assign(code: CodeText, target: Operand, value: Operand): void {
  code.line(`${target.name} = ${value.name}`)
  if (target.high !== undefined) code.line(`${target.high} = ${value.high}`)
  if (target.isNull !== undefined) code.line(`${target.isNull} = ${value.isNull ?? 'false'}`)
}

/** Runs a snippet of the function library over arguments that are not NULL; undefined where it has no code for them. */
export function snippet(
  code: CodeText,
  { physical, type }: Typed,
  write: (inline: InlineCode) => string | undefined,
): Operand | undefined {
  let high: string | undefined
  const value = write({
    result: physical,
    local: (text) => code.local(text),
    failIf: (condition) => code.line(`if (${condition}) { state[0] = i; return k }`),
    constant: (outside) => code.outside(outside),
    high: (text) => {
      high = code.local(text)
    },
  })
  if (value === undefined || physical.kind === 'bytes') return undefined
  if (physical.kind !== 'i128') return { physical, type, name: code.local(value), isNull: undefined }
  return high === undefined ? undefined : { physical, type, name: code.local(value), high, isNull: undefined }
}

/**
 * As `snippet`, in a block that is skipped where an argument is NULL: NULL arguments have arbitrary values, which must
 * neither fail nor divide by zero.
 */
export function strictSnippet(
  code: CodeText,
  typed: Typed,
  args: readonly Operand[],
  write: (inline: InlineCode) => string | undefined,
): Operand | undefined {
  const isNull = anyNull(args)
  if (isNull === undefined) return snippet(code, typed, write)
  const nothing = code.local(isNull)
  const target = declare(code, typed, false)
  code.line(`if (!${nothing}) {`)
  const value = snippet(code, typed, write)
  if (value === undefined) return undefined
  assign(code, target, value)
  code.line('}')
  return { ...target, isNull: nothing }
}
