// Trees without their positions, for comparing what was printed and read again.

export const withoutPositions = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutPositions)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'position')
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutPositions(inner)]))
}
