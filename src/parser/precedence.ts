// How tight operators bind, from loose to tight (PostgreSQL, gram.y's %left, %right and %nonassoc lines).

export const precedence = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  between: 6,
  escape: 7,
  operator: 8,
  sum: 9,
  product: 10,
  power: 11,
  at: 12,
  collate: 13,
  sign: 14,
  overlaps: 15,
} as const

/** `a < b < c` is an error; operators of other levels lean left. */
export const nonAssociative: readonly number[] = [
  precedence.is,
  precedence.comparison,
  precedence.between,
  precedence.escape,
]

const levels: Readonly<Record<string, number>> = {
  '+': precedence.sum,
  '-': precedence.sum,
  '*': precedence.product,
  '/': precedence.product,
  '%': precedence.product,
  '^': precedence.power,
  '<': precedence.comparison,
  '>': precedence.comparison,
  '=': precedence.comparison,
  '<=': precedence.comparison,
  '>=': precedence.comparison,
  '<>': precedence.comparison,
}

export type OperatorRef = Readonly<{ operator: string; schema: string | undefined }>

/** Of a binary operator: with a schema, or of other signs than those above, every operator has the same level. */
export const operatorLevel = ({ operator, schema }: OperatorRef): number =>
  schema === undefined ? (levels[operator] ?? precedence.operator) : precedence.operator
