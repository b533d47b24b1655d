// Whether a view or subscription can be read: errors that stand in it, or in a view that it reads, are its readers' too
// (operators spec §9). A view with delayed emission is read as of what it shows.

import { SqlError } from '../core/error.ts'
import type { RelationId } from '../core/ids.ts'
import type { LiveReader, LiveRelation, LiveView } from './live-relation.ts'

interface Relations {
  get(id: RelationId): LiveRelation | undefined
  failureIn(relation: LiveRelation | undefined): SqlError | undefined
}

/** The error that `checkReadable` or `checkRelation` throws, if any. */
export const unreadable = (graph: Relations, subject: LiveReader | LiveRelation): SqlError | undefined =>
  errorOf(() => ('plan' in subject ? checkReadable(graph, subject) : checkRelation(graph, subject)))

/** The error that stands in what the reader's query gives now, shown or not. */
export const unreadableQuery = (graph: Relations, reader: LiveReader): SqlError | undefined =>
  errorOf(() => checkQuery(graph, reader))

function errorOf(check: () => void): SqlError | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof SqlError) return error
    throw error
  }
}

/** Reading it is an error while errors stand in it or in a view it reads (operators spec §9). */
export function checkReadable(graph: Relations, reader: LiveReader): void {
  if (reader.failed !== undefined) throw reader.failed
  if (reader.held === undefined) checkQuery(graph, reader)
  else if (reader.held.unreadable !== undefined) throw reader.held.unreadable
}

/** The same of what the reader's query gives now. */
export function checkQuery(graph: Relations, reader: LiveReader): void {
  const [error] = reader.dataflow.errors.errors
  if (error !== undefined) {
    const { code, message, weight, operator } = error
    const detail = `${weight} row${weight === 1 ? '' : 's'} of ${reader.label} (${operator}).`
    throw new SqlError({
      code,
      message,
      detail,
      hint: 'It can be read again when the rows are corrected or deleted.',
    })
  }
  checkInputs(graph, reader)
}

/** The same of a view or of a view's `$errors`; any other relation can be read. */
export function checkRelation(graph: Relations, relation: LiveRelation): void {
  if (relation.kind === 'view') checkReadable(graph, relation)
  const failure = graph.failureIn(relation)
  if (failure !== undefined) throw failure
  const view = diverting(graph, relation)
  if (view !== undefined) checkInputs(graph, view)
}

function checkInputs(graph: Relations, reader: LiveReader): void {
  for (const id of reader.plan.dependencies) {
    const input = graph.get(id)
    if (input !== undefined) checkRelation(graph, input)
  }
}

/** The view whose `$errors` it is. */
export function diverting(graph: Relations, relation: LiveRelation | undefined): LiveView | undefined {
  const id = relation?.kind === 'table' ? relation.object.errorsOf : undefined
  const view = id === undefined ? undefined : graph.get(id)
  return view?.kind === 'view' ? view : undefined
}
