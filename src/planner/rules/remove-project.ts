// A projection that passes all columns on as they are, under their names, is its input.

import { rule } from '../rule.ts'

export const removeProject = rule('remove-project', (node) => {
  if (node.kind !== 'project') return undefined
  const { input, columns, schema } = node
  const isSame =
    columns.length === input.schema.length &&
    columns.every((expr, i) => expr.kind === 'column' && expr.index === i && schema[i]!.name === input.schema[i]!.name)
  return isSame ? input : undefined
})
