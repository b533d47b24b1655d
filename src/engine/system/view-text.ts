// A view's query as catalogs show it: as PostgreSQL lays it out, from the canonical text that is kept.

import { printView } from '../../parser/print.ts'
import { parseQuery } from '../catalog-lookup.ts'

export const viewText = ({ query }: { readonly query: string }): string => printView(parseQuery(query))
