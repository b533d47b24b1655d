// Integer arithmetic in generated code.
//
// i32 results are computed as doubles and checked against `| 0`; i64 results under asIntN(64), with overflow seen by
// the signs (sum, difference) or by dividing back (product; skipped where both factors have 32 bits). A failing row is
// left to the closures, which raise the error, so that no snippet contains one.

import type { InlineArg, InlineCode } from '../registry.ts'
import type { IntegerKind } from './integer-kind.ts'

type OperatorName = '+' | '-' | '*' | '/' | '%'

export function inlineIntegerOperator(
  operator: OperatorName,
  result: IntegerKind,
  args: readonly InlineArg[],
  code: InlineCode,
): string | undefined {
  const [a, b] = args as readonly [InlineArg, InlineArg]
  if (result === 'int8') {
    const x = asBigInt(a, code)
    const y = asBigInt(b, code)
    return x === undefined || y === undefined ? undefined : bigOperator(operator, x, y, code)
  }
  if (a.physical.kind !== 'i32' || b.physical.kind !== 'i32') return undefined
  return checked(smallOperator(operator, a.name, b.name, code), result, code)
}

/** An i32 or i64 argument as a BigInt local. */
export function asBigInt(arg: InlineArg, code: InlineCode): string | undefined {
  if (arg.physical.kind === 'i64') return arg.name
  return arg.physical.kind === 'i32' ? code.local(`BigInt.asIntN(64, BigInt(${arg.name}))`) : undefined
}

function smallOperator(operator: OperatorName, a: string, b: string, code: InlineCode): string {
  switch (operator) {
    case '+':
    case '-':
    case '*':
      return `${a} ${operator} ${b}`
    case '/':
      code.failIf(`${b} === 0`)
      return `Math.trunc(${a} / ${b})`
    case '%':
      code.failIf(`${b} === 0`)
      return `${a} % ${b}`
  }
}

/** The double `value` as an int2 or int4; −0 becomes 0. */
function checked(value: string, kind: 'int2' | 'int4', code: InlineCode): string {
  const wide = code.local(value)
  const narrow = code.local(kind === 'int4' ? `${wide} | 0` : `(${wide} << 16) >> 16`)
  code.failIf(`${narrow} !== ${wide}`)
  return narrow
}

function bigOperator(operator: OperatorName, a: string, b: string, code: InlineCode): string {
  switch (operator) {
    case '+': {
      const sum = code.local(`BigInt.asIntN(64, ${a} + ${b})`)
      code.failIf(`BigInt.asIntN(64, (${a} ^ ${sum}) & (${b} ^ ${sum})) < 0n`)
      return sum
    }
    case '-': {
      const difference = code.local(`BigInt.asIntN(64, ${a} - ${b})`)
      code.failIf(`BigInt.asIntN(64, (${a} ^ ${b}) & (${a} ^ ${difference})) < 0n`)
      return difference
    }
    case '*':
      return product(a, b, code)
    case '/': {
      code.failIf(`${b} === 0n`)
      const quotient = code.local(`BigInt.asIntN(64, ${a} / ${b})`)
      code.failIf(`${b} === -1n && ${a} === -9223372036854775808n`)
      return quotient
    }
    case '%':
      code.failIf(`${b} === 0n`)
      return code.local(`BigInt.asIntN(64, ${a} % ${b})`)
  }
}

function product(a: string, b: string, code: InlineCode): string {
  const result = code.local(`BigInt.asIntN(64, ${a} * ${b})`)
  const small = `BigInt.asIntN(32, ${a}) === ${a} && BigInt.asIntN(32, ${b}) === ${b}`
  const least = `(${a} === -1n && ${b} === -9223372036854775808n)`
  const lost = `${a} !== 0n && (BigInt.asIntN(64, ${result} / ${a}) !== ${b} || ${least})`
  code.failIf(`!(${small}) && ${lost}`)
  return result
}

/** − a; the least value of the type has no negative. */
export function inlineNegation(kind: IntegerKind, a: InlineArg, code: InlineCode): string | undefined {
  if (kind === 'int8') {
    if (a.physical.kind !== 'i64') return undefined
    code.failIf(`${a.name} === -9223372036854775808n`)
    return code.local(`BigInt.asIntN(64, -${a.name})`)
  }
  return a.physical.kind === 'i32' ? checked(`0 - ${a.name}`, kind, code) : undefined
}
