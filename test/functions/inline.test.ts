// Generated code agrees with the closures: where a snippet does not leave the row to them, both give the same value.

import { describe, expect, test } from 'vitest'
import { testContext } from '../../server/fuzz/functions/context.ts'
import { randomFrom } from '../../server/fuzz/functions/literals.ts'
import { defaultPhysical, numericPhysical, type Physical, type SqlType } from '../../src/core/type.ts'
import { type Numeric, numeric, type SqlValue } from '../../src/core/value.ts'
import { functionRegistry, scalarFunctions } from '../../src/functions/all.ts'
import type { InlineArg, InlineCode, ParameterType, ScalarFunction } from '../../src/functions/registry.ts'

const CALLS = 60

type Word = number | bigint
/** The result's words, or undefined where the row was left to the closures. */
type Compiled = (...words: unknown[]) => readonly Word[] | undefined

interface Argument {
  readonly type: SqlType
  readonly physical: Physical
}

/** The parameters that one argument takes in generated code. */
function parametersOf({ type, physical }: Argument, i: number): { readonly arg: InlineArg; readonly names: string[] } {
  const name = `a${i}`
  if (physical.kind === 'i128') return { arg: { physical, type, name, high: `${name}h` }, names: [name, `${name}h`] }
  if (physical.kind !== 'bytes') return { arg: { physical, type, name }, names: [name] }
  return {
    arg: { physical, type, name, offset: `${name}o`, length: `${name}l` },
    names: [name, `${name}o`, `${name}l`],
  }
}

type Write = (args: readonly InlineArg[], code: InlineCode) => string | undefined

function compile(write: Write, args: readonly Argument[], result: Physical): Compiled | undefined {
  const lines: string[] = []
  const constants: unknown[] = []
  let high: string | undefined
  const code: InlineCode = {
    result,
    local: (value) => {
      lines.push(`const v${lines.length} = ${value}`)
      return `v${lines.length - 1}`
    },
    failIf: (condition) => {
      lines.push(`if (${condition}) return undefined`)
    },
    constant: (value) => `constants[${constants.push(value) - 1}]`,
    high: (value) => {
      high = value
    },
  }
  const parameters = args.map(parametersOf)
  const expression = write(
    parameters.map(({ arg }) => arg),
    code,
  )
  if (expression === undefined) return undefined
  const names = parameters.flatMap((one) => one.names)
  const body = `${lines.join('\n')}\nreturn [${expression}${high === undefined ? '' : `, ${high}`}]`
  const compiled = new Function('constants', ...names, body)
  return (...words) => compiled(constants, ...words) as readonly Word[] | undefined
}

const utf8 = new TextEncoder()

/** A value as generated code gets it. */
function wordsOf(physical: Physical, value: SqlValue): readonly unknown[] {
  switch (physical.kind) {
    case 'i32':
    case 'f64':
      return [Number(value)]
    case 'i64':
      return [mantissa(physical, value)]
    case 'i128': {
      const whole = mantissa(physical, value)
      return [BigInt.asIntN(64, whole), whole >> 64n]
    }
    case 'bytes': {
      const bytes = typeof value === 'string' ? utf8.encode(value) : (value as Uint8Array)
      return [Uint8Array.of(7, ...bytes, 7), 1, bytes.length]
    }
  }
}

function mantissa(physical: Physical, value: SqlValue): bigint {
  if (typeof value === 'bigint' || typeof value === 'number') return BigInt(value)
  const { digits, scale } = value as Numeric
  return digits * 10n ** BigInt(('scale' in physical ? (physical.scale ?? 0) : 0) - scale)
}

/** What the loop would store, put together to one number. */
const stored = (physical: Physical, words: readonly Word[]): Word =>
  physical.kind === 'i128' ? (BigInt(words[1]!) << 64n) + BigInt.asUintN(64, BigInt(words[0]!)) : words[0]!

const expected = (physical: Physical, value: SqlValue): Word =>
  physical.kind === 'i128' || physical.kind === 'i64' ? mantissa(physical, value) : Number(value)

type Draw = (random: () => number) => SqlValue

const integer =
  (bits: number): Draw =>
  (random) => {
    const edge = 2n ** BigInt(bits - 1)
    const pick = random()
    const value =
      pick < 0.2
        ? [edge - 1n, -edge, 0n, -1n, 1n][Math.floor(random() * 5)]!
        : BigInt(Math.floor((random() * 2 - 1) * 2 ** Math.floor(random() * (bits - 1))))
    return bits === 64 ? value : Number(value)
  }

const float: Draw = (random) =>
  random() < 0.25
    ? [0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5, 5e-324, 1e308][Math.floor(random() * 7)]!
    : (random() * 2 - 1) * 10 ** (random() * 40 - 20)

const text: Draw = (random) => ['', 'a', 'ab', 'b', 'ä', '日', 'ab', 'abc'][Math.floor(random() * 8)]!

const draws: Partial<Record<ParameterType, Draw>> = {
  boolean: (random) => random() < 0.5,
  int2: integer(16),
  int4: integer(32),
  int8: integer(64),
  oid: (random) => Math.floor(random() * 5),
  date: (random) => Math.floor((random() * 2 - 1) * 2_400_000),
  time: (random) => BigInt(Math.floor(random() * 86_400_000_000)),
  timestamp: integer(60),
  timestamptz: integer(60),
  float4: (random) => Math.fround(float(random) as number),
  float8: float,
  text,
  name: text,
  bytea: (random) => utf8.encode(text(random) as string),
}

const decimal =
  (precision: number, scale: number): Draw =>
  (random) => {
    const digits = Array.from({ length: 1 + Math.floor(random() * precision) }, () => Math.floor(random() * 10)).join(
      '',
    )
    return numeric(random() < 0.4 ? -BigInt(digits) : BigInt(digits), scale)
  }

interface Case {
  readonly label: string
  readonly entry: ScalarFunction
  readonly args: readonly (Argument & { readonly draw: Draw })[]
}

const label = ({ name, args }: ScalarFunction): string => `${name}(${args.join(', ')})`

/** Mantissas narrow and wide, of equal and of different scales. */
const shapes: readonly (readonly [precision: number, scale: number])[] = [
  [4, 2],
  [9, 0],
  [12, 3],
  [17, 5],
  [25, 2],
]

function numericCases(entry: ScalarFunction): readonly Case[] {
  const combine = (count: number): (readonly (readonly [number, number])[])[] =>
    count === 0 ? [[]] : combine(count - 1).flatMap((rest) => shapes.map((shape) => [...rest, shape]))
  return combine(entry.args.length).map((chosen) => ({
    label: `${label(entry)} over ${chosen.map(([precision, scale]) => `numeric(${precision},${scale})`).join(' and ')}`,
    entry,
    args: chosen.map(([precision, scale]) => ({
      type: { kind: 'numeric' },
      physical: numericPhysical(precision, scale),
      draw: decimal(precision, scale),
    })),
  }))
}

function casesOf(entry: ScalarFunction): readonly Case[] {
  if (entry.inline === undefined) return []
  if (entry.args.every((arg) => arg === 'numeric')) return numericCases(entry)
  const args = entry.args.flatMap((arg) => {
    const type = { kind: arg } as SqlType
    const draw = draws[arg]
    return draw === undefined ? [] : [{ type, physical: defaultPhysical(type), draw }]
  })
  return args.length === entry.args.length ? [{ label: label(entry), entry, args }] : []
}

const cases = scalarFunctions.flatMap(casesOf)

interface Compared {
  readonly compiled: Compiled
  readonly result: Physical
  readonly evaluate: (...args: unknown[]) => SqlValue
  readonly args: Case['args']
}

/** How many calls the snippet decided itself; throws where it decided otherwise than the closure. */
function decided({ compiled, result, evaluate, args }: Compared): number {
  const random = randomFrom(1)
  let count = 0
  for (let i = 0; i < CALLS; i++) {
    const values = args.map(({ draw }) => draw(random))
    const words = compiled(...args.flatMap(({ physical }, k) => wordsOf(physical, values[k]!)))
    if (words === undefined) continue
    count++
    const wanted = expected(result, evaluate(...values, testContext))
    expect({ values, result: stored(result, words) }).toEqual({ values, result: wanted })
  }
  return count
}

describe('snippets of functions', () => {
  test('there are some to compare', () => expect(cases.length).toBeGreaterThan(200))

  test.each(cases)('$label', ({ entry, args }) => {
    const types = args.map(({ type }) => type)
    const type = typeof entry.result === 'function' ? entry.result(types) : ({ kind: entry.result } as SqlType)
    const result = entry.physical?.(args.map(({ physical }) => physical)) ?? defaultPhysical(type)
    const compiled = compile(entry.inline!, args, result)
    if (compiled === undefined) {
      // Nothing is claimed for these kinds; narrow ones must be done.
      expect(args.every(({ physical }) => physical.kind === 'i32')).toBe(false)
      return
    }
    expect(decided({ compiled, result, evaluate: entry.evaluate as Compared['evaluate'], args })).toBeGreaterThan(0)
  })
})

const castPairs = (['boolean', 'int2', 'int4', 'int8', 'float4', 'float8', 'date'] as const).flatMap((from) =>
  (['boolean', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'timestamp'] as const).map(
    (to) => [from, to] as const,
  ),
)

const integerDigits: Partial<Record<string, number>> = { int2: 5, int4: 10, int8: 19 }

describe('snippets of casts', () => {
  const registry = functionRegistry()
  const casts = castPairs.flatMap(([from, to]) => {
    const cast = registry.cast({ kind: from }, { kind: to })
    return cast?.inline === undefined ? [] : [{ from, to, cast }]
  })

  test('there are some to compare', () => expect(casts.length).toBeGreaterThan(15))

  test.each(casts)('$from to $to', ({ from, to, cast }) => {
    const target = { from: { kind: from }, to: { kind: to }, explicit: true } as const
    const type: SqlType = { kind: from }
    const args = [{ type, physical: defaultPhysical(type), draw: draws[from]! }]
    const result = to === 'numeric' ? numericPhysical(integerDigits[from]!, 0) : defaultPhysical({ kind: to })
    const compiled = compile(([arg], code) => cast.inline!(arg!, code, target), args, result)!
    const convert = cast.evaluate as (value: SqlValue, to: typeof target, context: typeof testContext) => SqlValue
    const evaluate = (value: unknown): SqlValue => convert(value as SqlValue, target, testContext)
    expect(decided({ compiled, result, evaluate, args })).toBeGreaterThan(0)
  })
})
