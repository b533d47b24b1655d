// Equality of rows by identity: all values the same, NULL the same as NULL, bytes by their canonical encoding.

import type { Column } from '../batch.ts'
import { type ColumnCode, type ColumnShape, columnCode, compiled, type Source, shapeOf, shapesKey } from '../codegen.ts'

export interface ChosenRows {
  readonly columns: readonly Column[]
  /** Row numbers; absent: row i itself. */
  readonly rows?: Int32Array | undefined
}

type Compiled = (
  left: readonly Column[],
  right: readonly Column[],
  leftRows: Int32Array | undefined,
  rightRows: Int32Array | undefined,
  length: number,
  out: Uint8Array,
  same: typeof sameBytes,
) => void

/** `out[i]` = 1 if row `left.rows[i]` of `left` is row `right.rows[i]` of `right`, else 0. */
export function equalRows(left: ChosenRows, right: ChosenRows, length: number, out: Uint8Array): void {
  const chosen = `${left.rows === undefined ? 'i' : 'r'}${right.rows === undefined ? 'i' : 'r'}`
  const key = `equal ${chosen} ${shapesKey(left.columns)} ${shapesKey(right.columns)}`
  const run = compiled<Compiled>(key, () =>
    equalSource(
      left.columns.map(shapeOf),
      right.columns.map(shapeOf),
      left.rows !== undefined,
      right.rows !== undefined,
    ),
  )
  run(left.columns, right.columns, left.rows, right.rows, length, out, sameBytes)
}

/** Whether two byte strings of equal length are the same. */
export function sameBytes(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, length: number): boolean {
  for (let k = 0; k < length; k++) if (a[aOffset + k] !== b[bOffset + k]) return false
  return true
}

function equalSource(
  left: readonly ColumnShape[],
  right: readonly ColumnShape[],
  leftChosen: boolean,
  rightChosen: boolean,
): Source {
  const pairs = left.map((shape, k) => ({
    a: columnCode(`a${k}`, `left[${k}]`, shape),
    b: columnCode(`b${k}`, `right[${k}]`, right[k]!),
  }))
  const tests = pairs.map(({ a, b }) => `if (!(${sameValue(a, 'x', b, 'y')})) { out[i] = 0; continue }\n`)
  return {
    parameters: ['left', 'right', 'leftRows', 'rightRows', 'length', 'out', 'sameBytes'],
    body: `${pairs.map(({ a, b }) => a.prologue + b.prologue).join('')}
for (let i = 0; i < length; i++) {
  const x = ${leftChosen ? 'leftRows[i]' : 'i'}, y = ${rightChosen ? 'rightRows[i]' : 'i'}
  ${tests.join('')}out[i] = 1
}`,
  }
}

/** Text: value of `a` in row `x` is the value of `b` in row `y`, NULL being one value. `sameBytes` must be in scope. */
export function sameValue(a: ColumnCode, x: string, b: ColumnCode, y: string): string {
  const value = sameNonNull(a, x, b, y)
  if (!a.shape.nulls && !b.shape.nulls) return value
  const nullA = `(${a.isNull(x)})`
  const nullB = `(${b.isNull(y)})`
  return `${nullA} ? ${nullB} : !${nullB} && (${value})`
}

function sameNonNull(a: ColumnCode, x: string, b: ColumnCode, y: string): string {
  if (a.shape.kind === 'bytes' || a.shape.kind === 'dict')
    return (
      `${a.byteLength(x)} === ${b.byteLength(y)} && ` +
      `sameBytes(${a.arena}, ${a.offset(x)}, ${b.arena}, ${b.offset(y)}, ${a.byteLength(x)})`
    )
  const words = b.words(y)
  return a
    .words(x)
    .map((word, k) => `${word} === ${words[k]}`)
    .join(' && ')
}
