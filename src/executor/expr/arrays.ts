// Array constructors and subscripts of closures (PostgreSQL, section 8.15): multi-dimensional arrays, slices, jsonb
// keys.
//
// An element outside the bounds, or with the wrong number of subscripts, is NULL; a slice is cut to the bounds, and its
// lower bounds start at 1 again. In a subscript list with one slice, a plain index i means 1:i.

import { notSupported, SqlError } from '../../core/error.ts'
import { type JsonNode, type SqlArray, type SqlValue, sqlArray } from '../../core/value.ts'
import type { Expr, SubscriptExpr } from '../../planner/expr.ts'
import type { Closure } from './closure.ts'

const unmatchedDimensions = (): SqlError =>
  new SqlError({
    code: '2202E',
    message: 'multidimensional arrays must have array expressions with matching dimensions',
  })

/** ARRAY[…]: arrays as elements make one array of one more dimension. */
export function arrayOf(elements: readonly Closure[]): Closure {
  return (batch, row) => {
    const values = elements.map((element) => element(batch, row))
    return values.some((value) => kindOf(value) === 'array') ? nested(values) : sqlArray(values)
  }
}

function nested(values: readonly SqlValue[]): SqlArray {
  const parts = values.map((value) => {
    if (kindOf(value) !== 'array') throw unmatchedDimensions()
    return value as SqlArray
  })
  const first = parts[0]!
  const same = parts.every(
    (part) =>
      part.lengths.length === first.lengths.length && part.lengths.every((length, i) => length === first.lengths[i]),
  )
  if (!same) throw unmatchedDimensions()
  if (first.lengths.length === 0) return sqlArray([])
  return {
    kind: 'array',
    elements: parts.flatMap((part) => part.elements),
    lengths: [parts.length, ...first.lengths],
    lowerBounds: [1, ...first.lengths.map(() => 1)],
  }
}

const kindOf = (value: SqlValue): string | undefined =>
  value !== null && typeof value === 'object' && 'kind' in value ? value.kind : undefined

type Bound = { readonly isSlice: boolean; readonly lower: Closure | undefined; readonly upper: Closure | undefined }

export function subscriptOf(expr: SubscriptExpr, closureOf: (part: Expr) => Closure): Closure {
  const input = closureOf(expr.input)
  const bounds = expr.subscripts.map((bound): Bound => {
    if (bound.kind === 'index') return { isSlice: false, lower: undefined, upper: closureOf(bound.index) }
    const part = (side: Expr | undefined) => (side === undefined ? undefined : closureOf(side))
    return { isSlice: true, lower: part(bound.lower), upper: part(bound.upper) }
  })
  const slices = bounds.some((bound) => bound.isSlice)
  return (batch, row) => {
    const value = input(batch, row)
    if (value === null) return null
    const read = (side: Closure | undefined) => (side === undefined ? undefined : side(batch, row))
    const limits = bounds.map((bound) => ({ lower: read(bound.lower), upper: read(bound.upper) }))
    if (limits.some((limit) => limit.lower === null || limit.upper === null)) return null
    if (kindOf(value) === 'array') {
      const array = value as SqlArray
      if (!slices)
        return elementOf(
          array,
          limits.map((limit) => Number(limit.upper)),
        )
      return sliceOf(
        array,
        limits.map((limit, i) => ({
          lower: limit.lower === undefined ? (bounds[i]!.isSlice ? undefined : 1) : Number(limit.lower),
          upper: limit.upper === undefined ? undefined : Number(limit.upper),
        })),
      )
    }
    if (kindOf(value) === 'json' && !slices)
      return jsonAt(
        (value as { value: JsonNode }).value,
        limits.map((limit) => limit.upper!),
      )
    throw notSupported('a subscript of this type', { position: expr.position })
  }
}

function elementOf(array: SqlArray, indexes: readonly number[]): SqlValue {
  if (indexes.length !== array.lengths.length) return null
  let at = 0
  for (let d = 0; d < indexes.length; d++) {
    const offset = indexes[d]! - array.lowerBounds[d]!
    if (offset < 0 || offset >= array.lengths[d]!) return null
    at = at * array.lengths[d]! + offset
  }
  return array.elements[at] ?? null
}

interface Range {
  readonly lower: number | undefined
  readonly upper: number | undefined
}

function sliceOf(array: SqlArray, ranges: readonly Range[]): SqlArray {
  const { lengths, lowerBounds } = array
  if (ranges.length > lengths.length) return sqlArray([])
  const from: number[] = []
  const counts: number[] = []
  for (let d = 0; d < lengths.length; d++) {
    const first = lowerBounds[d]!
    const last = first + lengths[d]! - 1
    const lower = Math.max(ranges[d]?.lower ?? first, first)
    const upper = Math.min(ranges[d]?.upper ?? last, last)
    if (upper < lower) return sqlArray([])
    from.push(lower - first)
    counts.push(upper - lower + 1)
  }
  const elements: SqlValue[] = []
  const walk = (dimension: number, base: number): void => {
    if (dimension === lengths.length) {
      elements.push(array.elements[base]!)
      return
    }
    for (let i = 0; i < counts[dimension]!; i++) walk(dimension + 1, base * lengths[dimension]! + from[dimension]! + i)
  }
  walk(0, 0)
  return { kind: 'array', elements, lengths: counts, lowerBounds: counts.map(() => 1) }
}

/** doc['key'][0]: a missing key or place is NULL; a negative index counts from the end. */
function jsonAt(root: JsonNode, path: readonly SqlValue[]): SqlValue {
  let node = root
  for (const step of path) {
    if (Array.isArray(node)) {
      const index = Number(step)
      if (!Number.isInteger(index)) return null
      const found = (node as readonly JsonNode[]).at(index)
      if (found === undefined) return null
      node = found
    } else if (node !== null && typeof node === 'object' && 'kind' in node && node.kind === 'object') {
      const entry = node.entries.find(([key]) => key === String(step))
      if (entry === undefined) return null
      node = entry[1]
    } else return null
  }
  return { kind: 'json', value: node }
}
