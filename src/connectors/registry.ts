// The list of connectors. A new one is one line here, and so is a format.

import { datagenConnector } from './datagen/connector.ts'
import { jsonFormat } from './format/json.ts'
import { kafkaConnector } from './kafka/connector.ts'
import { nexmarkConnector } from './nexmark/connector.ts'
import type { Connector } from './source.ts'

export const connectors: readonly Connector[] = [
  kafkaConnector({ 'plain/json': jsonFormat }),
  nexmarkConnector(),
  datagenConnector,
]
