// The list of connectors. A new one is one line here.

import type { Connector } from './source.ts'

export const connectors: readonly Connector[] = []
