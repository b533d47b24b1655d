// An evaluation context whose session is UTC, whose clock stands still and whose catalog is empty.

import type { CatalogFacts, EvaluationContext } from '../../../src/functions/registry.ts'
import { defaultTextSettings } from '../../../src/functions/text/settings.ts'

const nothing = (): undefined => undefined

const catalog: CatalogFacts = {
  relationName: nothing,
  relationOid: nothing,
  typeName: nothing,
  typeOid: nothing,
  schemaName: nothing,
  schemaOid: nothing,
  isVisible: () => false,
  viewDefinition: nothing,
  functionArguments: nothing,
  functionResult: nothing,
  indexDefinition: nothing,
  constraintDefinition: nothing,
  columnDefault: nothing,
  comment: nothing,
  relationBytes: nothing,
}

/** 2024-01-01 00:00:00 UTC. */
export const NOW = 1_704_067_200_000_000n

export const testContext: EvaluationContext = {
  now: NOW,
  clock: () => NOW,
  random: () => 0.5,
  setting: nothing,
  setSetting: nothing,
  timeZone: 'UTC',
  text: defaultTextSettings(() => NOW),
  user: 'millrace',
  database: 'millrace',
  searchPath: ['public'],
  catalog,
}
