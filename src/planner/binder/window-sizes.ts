// The sizes, slides, steps, gaps and offsets of time windows: constants, checked (spec/windows-and-time.md §2.3–2.4).
//
//   integer time column      integers of the column's own unit
//   times, no months         ticks of a µs; a day is 24 hours where the column has no zone, or the zone is UTC
//   days alone, in a zone    civil days
//   months alone             civil months
//
// Days and hours of one call may be mixed only where a day is 24 hours.

import { SqlError } from '../../core/error.ts'
import type { SqlType } from '../../core/type.ts'
import { typeName } from '../../core/type-name.ts'
import type { Interval } from '../../core/value.ts'
import { zoneNamed } from '../../functions/datetime/zone.ts'
import type * as Ast from '../../parser/ast.ts'
import { datatypeMismatch, invalidColumnReference, mustBe } from '../errors.ts'
import { evaluateConstant } from '../evaluate.ts'
import type { Expr } from '../expr.ts'
import { int8, text } from '../expr-build.ts'
import { visitLevels } from '../plan-walk.ts'
import type { AlignedWindows, WindowGrid } from '../time-window.ts'
import { blame, canCoerce, coerce } from '../types/coerce.ts'
import type { Environment } from './environment.ts'

/** What a call says of its windows, in whichever spelling. */
export type WindowSizes = Pick<
  Ast.WindowTable,
  'function' | 'size' | 'slide' | 'step' | 'gap' | 'offset' | 'timeZone' | 'position'
>

type Item = WindowSizes

/** A call that gives one row more windows is refused: each would be a row of output. */
const WINDOWS_MAX = 10_000n
const DAY = 86_400_000_000n
/** Offsets of windows in months stay within the shortest one. */
const OFFSET_DAYS_MAX = 28n

/** A duration; of an integer time column all of it is `ticks`. */
interface Duration {
  readonly months: bigint
  readonly days: bigint
  readonly ticks: bigint
}

export function alignedWindows(environment: Environment, item: Item, type: SqlType): AlignedWindows {
  const zone = zoneOf(environment, item, type)
  const isCivil = zone !== undefined && !isUtc(zone)
  const kind = item.function as AlignedWindows['kind']
  const stepNode = item.slide ?? item.step ?? item.size!
  const [size, step] = [item.size!, stepNode].map((node) => ({ node, span: durationOf(environment, item, node, type) }))
  const grid = gridOf(item, [size!, step!], { isCivil, zone, type })
  const [sizeUnits, stepUnits] = [size!, step!].map(({ node, span }) => positive(item, node, units(span, grid)))
  checkSizes(item, sizeUnits!, stepUnits!)
  const offset = offsetOf(environment, item, type, grid, stepUnits!)
  return { kind, grid, step: stepUnits!, size: sizeUnits!, ...offset }
}

export function sessionGap(environment: Environment, item: Item, type: SqlType): bigint {
  const node = item.gap!
  const { months, days, ticks } = durationOf(environment, item, node, type)
  if (months !== 0n) throw wrongSize(item, 'a gap in months has no fixed length', node)
  return positive(item, node, days * DAY + ticks)
}

/** A time column: TIMESTAMP, TIMESTAMPTZ or an integer; a DATE is its midnight. `name`: the function, for errors. */
export function timeArgument(environment: Environment, name: string, node: Ast.Expression): Expr {
  const expr = environment.statement.binder.expression(environment, node)
  switch (expr.type.kind) {
    case 'date':
      return coerce(environment.statement.types, expr, { kind: 'timestamp' }, 'implicit')
    case 'timestamp':
    case 'timestamptz':
    case 'int2':
    case 'int4':
    case 'int8':
      return expr
    default:
      throw datatypeMismatch(
        `the time column of ${name} must be a timestamp, a date or an integer, not of type ${typeName(expr.type)}`,
        node,
      )
  }
}

function durationOf(environment: Environment, item: Item, node: Ast.Expression, type: SqlType): Duration {
  if (isInteger(type)) return { months: 0n, days: 0n, ticks: constantOf(environment, item, node, int8) as bigint }
  const { months, days, micros } = constantOf(environment, item, node, { kind: 'interval' }) as Interval
  return { months: BigInt(months), days: BigInt(days), ticks: micros }
}

/** 42P10 for what varies, 42804 for another type, 22023 for NULL. */
function constantOf(environment: Environment, item: Item, node: Ast.Expression, type: SqlType): unknown {
  const { types, binder, parameterValues } = environment.statement
  const given = binder.expression(environment, node)
  visitLevels(given, () => {
    throw invalidColumnReference(`a size of ${nameOf(item)} must not contain variables`, node.position)
  })
  if (!canCoerce(types.registry, given.type, type, 'assignment'))
    throw mustBe(`a size of ${nameOf(item)}`, type, given.type, node.position)
  const expr = coerce(types, given, type, 'assignment')
  const value = blame(node.position, () => evaluateConstant(expr, types, parameterValues))
  if (value === undefined) throw invalidColumnReference(`a size of ${nameOf(item)} must be a constant`, node.position)
  if (value === null) throw wrongSize(item, 'a size must not be NULL', node)
  return value
}

/** The zone that days and months are civil in; undefined: the column has none, and may not be given one. */
function zoneOf(environment: Environment, item: Item, type: SqlType): string | undefined {
  if (type.kind !== 'timestamptz') {
    if (item.timeZone === undefined) return undefined
    throw wrongSize(item, 'TIMEZONE needs a time column of type timestamp with time zone', item.timeZone)
  }
  if (item.timeZone === undefined) return 'UTC'
  const name = constantOf(environment, item, item.timeZone, text) as string
  blame(item.timeZone.position, () => zoneNamed(name))
  return name
}

const isUtc = (zone: string): boolean => /^(etc\/)?(utc|gmt|uct|zulu|universal|greenwich)$/i.test(zone)

const isInteger = (type: SqlType): boolean => type.kind === 'int2' || type.kind === 'int4' || type.kind === 'int8'

interface Sized {
  readonly node: Ast.Expression
  readonly span: Duration
}

interface Zoned {
  readonly isCivil: boolean
  readonly zone: string | undefined
  readonly type: SqlType
}

function gridOf(item: Item, sizes: readonly Sized[], { isCivil, zone, type }: Zoned): WindowGrid {
  const classes = sizes.map(({ node, span }) => classOf(item, node, span, isCivil))
  const [first] = classes
  const other = classes.findIndex((one) => one !== first)
  if (other >= 0) {
    const hint = isCivil ? "Days are civil in a time zone; write '24 hours' for a day of fixed length." : undefined
    throw wrongSize(item, 'sizes in months, days and hours cannot be mixed', sizes[other]!.node, hint)
  }
  if (first === 'ticks') return { kind: 'ticks' }
  return { kind: 'civil', unit: first!, zone: zone ?? 'UTC', instants: type.kind === 'timestamptz' }
}

function classOf(item: Item, node: Ast.Expression, span: Duration, isCivil: boolean): 'ticks' | 'day' | 'month' {
  const { months, days, ticks } = span
  if (months !== 0n && (days !== 0n || ticks !== 0n))
    throw wrongSize(item, 'months cannot be mixed with days or hours in one size', node)
  if (months !== 0n) return 'month'
  if (!isCivil || days === 0n) return 'ticks'
  if (ticks === 0n) return 'day'
  const hint = "Write '24 hours' for a day of fixed length."
  throw wrongSize(item, 'civil days cannot be mixed with hours in one size', node, hint)
}

function units({ months, days, ticks }: Duration, grid: WindowGrid): bigint {
  if (grid.kind === 'ticks') return days * DAY + ticks
  return grid.unit === 'month' ? months : days
}

function positive(item: Item, node: Ast.Expression, size: bigint): bigint {
  if (size <= 0n) throw wrongSize(item, 'a size must be greater than zero', node)
  if (size >= 2n ** 62n) throw wrongSize(item, 'a size is out of range', node)
  return size
}

function checkSizes(item: Item, size: bigint, step: bigint): void {
  if (item.function === 'cumulate' && size % step !== 0n)
    throw wrongSize(item, 'the size must be a multiple of the step', item.size!)
  if ((size + step - 1n) / step > WINDOWS_MAX)
    throw wrongSize(
      item,
      `a row would be in ${(size + step - 1n) / step} windows, more than ${WINDOWS_MAX}`,
      item.slide ?? item.step ?? item.size!,
      item.function === 'hop' ? 'Choose a longer slide or a shorter size.' : 'Choose a longer step or a shorter size.',
    )
}

/** Ticks are reduced to one step; civil grids keep whole units and the time behind them apart. */
function offsetOf(
  environment: Environment,
  item: Item,
  type: SqlType,
  grid: WindowGrid,
  step: bigint,
): Pick<AlignedWindows, 'offset' | 'shift'> {
  const node = item.offset
  if (node === undefined) return { offset: 0n, shift: 0n }
  const { months, days, ticks } = durationOf(environment, item, node, type)
  if (grid.kind === 'ticks') {
    if (months !== 0n) throw wrongSize(item, 'an offset in months needs a size in months', node)
    // CUMULATE's windows start at multiples of the size.
    const period = item.function === 'cumulate' ? units(durationOf(environment, item, item.size!, type), grid) : step
    return { offset: modulo(days * DAY + ticks, period), shift: 0n }
  }
  if (grid.unit === 'day') {
    if (months !== 0n) throw wrongSize(item, 'an offset in months needs a size in months', node)
    return { offset: days, shift: ticks }
  }
  const shift = days * DAY + ticks
  if (shift < 0n || shift >= OFFSET_DAYS_MAX * DAY)
    throw wrongSize(item, 'the offset of windows in months must be less than 28 days', node)
  return { offset: months, shift }
}

const modulo = (value: bigint, of: bigint): bigint => ((value % of) + of) % of

const nameOf = (item: Item): string => item.function.toUpperCase()

/** 22023. */
const wrongSize = (item: Item, what: string, { position }: Ast.Expression, hint?: string): SqlError =>
  new SqlError({ code: '22023', message: `${nameOf(item)}: ${what}`, position, hint })
