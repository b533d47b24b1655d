// The list of connectors. A new one is one line here.

import { nexmarkConnector } from './nexmark/connector.ts'
import type { Connector } from './source.ts'

export const connectors: readonly Connector[] = [nexmarkConnector()]
