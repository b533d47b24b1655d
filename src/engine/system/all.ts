// The list of system relations. A new one is an entry of its family's list.

import type { SystemRelation } from './relation.ts'

export const systemRelations: readonly SystemRelation[] = []
