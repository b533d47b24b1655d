// Grouping, DISTINCT and set operations over columns whose equality is not identity. See the header of lower.ts.

import { notSupported } from '../core/error.ts'
import { type ColumnDef, columnDef, type Schema } from '../core/schema.ts'
import type { AggregateFunction } from '../functions/registry.ts'
import { equalityForm, needsEqualityForm } from './internal-functions.ts'
import { leastMember } from './least-member.ts'
import type { Aggregate, SetOperation } from './logical.ts'
import type { AggregateCall, PhysicalPlan } from './physical.ts'
import {
  aggregateNode,
  chooseColumns,
  distinctNode,
  extendColumns,
  joinNode,
  setOperationNode,
  topNode,
} from './physical-build.ts'
import { bigintType, columnOf } from './plan-build.ts'

interface WithForms {
  readonly extended: PhysicalPlan
  /** The given columns, those without identity replaced by their form's. */
  readonly columns: readonly number[]
}

/** Adds the forms that comparing these columns needs; the input itself where none does. */
export function withForms(input: PhysicalPlan, columns: readonly number[]): WithForms {
  const needed = columns.filter((column) => needsEqualityForm(input.schema[column]!))
  if (needed.length === 0) return { extended: input, columns }
  const forms = needed.map((column) => equalityForm(columnOf(input.schema, column)))
  const place = (column: number): number => {
    const at = needed.indexOf(column)
    return at < 0 ? column : input.schema.length + at
  }
  return { extended: extendColumns(input, forms, 'form'), columns: columns.map(place) }
}

export function lowerAggregate(plan: Aggregate, input: PhysicalPlan): PhysicalPlan {
  const base = distinctArguments(plan, input)
  const calls = base.calls
  const { extended, columns: keys } = withForms(base.input, plan.groupKeys)
  if (extended === base.input) return aggregateNode(plan, extended, calls)
  const replaced = plan.groupKeys.filter((key, i) => keys[i] !== key)
  const least = replaced.map((key): AggregateCall => plainCall(leastMember, key, extended.schema))
  const results = plan.schema.slice(plan.groupKeys.length)
  const schema: Schema = [
    ...keys.map((key) => extended.schema[key]!),
    ...results,
    ...replaced.map((key) => extended.schema[key]!),
  ]
  const node = aggregateNode({ groupKeys: keys, global: plan.global, schema }, extended, [...calls, ...least])
  const leastAt = (key: number): number => keys.length + results.length + replaced.indexOf(key)
  const shown = plan.groupKeys.map((key, i) => (keys[i] === key ? i : leastAt(key)))
  return chooseColumns(node, [...shown, ...results.map((_, i) => keys.length + i)], plan.schema)
}

const plainCall = (called: AggregateFunction, arg: number, schema: Schema): AggregateCall => ({
  function: called,
  args: [arg],
  argTypes: [schema[arg]!.type],
  distinct: false,
  filter: undefined,
  order: [],
  direct: [],
})

/** count(DISTINCT x) counts forms. For the other aggregates DISTINCT must keep a member of each class of equals. */
function distinctArguments(plan: Aggregate, input: PhysicalPlan): { input: PhysicalPlan; calls: AggregateCall[] } {
  const forms: number[] = []
  const calls = plan.calls.map((call): AggregateCall => {
    const { type: _, ...rest } = call
    const argTypes = call.args.map((arg) => input.schema[arg]!.type)
    const loose = call.distinct ? call.args.filter((arg) => needsEqualityForm(input.schema[arg]!)) : []
    if (loose.length === 0) return { ...rest, argTypes }
    if (call.function.state.kind === 'extremum') return { ...rest, argTypes, distinct: false }
    if (call.function.state.kind !== 'count') throw looseDistinct(call.function.name, input.schema[loose[0]!]!)
    const args = call.args.map((arg) => (loose.includes(arg) ? input.schema.length + forms.push(arg) - 1 : arg))
    return {
      ...rest,
      args,
      argTypes: args.map((arg, i) => (arg < input.schema.length ? argTypes[i]! : { kind: 'bytea' })),
    }
  })
  const exprs = forms.map((column) => equalityForm(columnOf(input.schema, column)))
  return { input: extendColumns(input, exprs, 'form'), calls }
}

const looseDistinct = (name: string, { type }: ColumnDef) =>
  notSupported(`${name}(DISTINCT …) over type ${type.kind}, whose equal values may differ,`)

/** Of the rows that are equal, the canonically first. */
export function lowerDistinct(input: PhysicalPlan): PhysicalPlan {
  const all = input.schema.map((_, i) => i)
  const { extended, columns: partition } = withForms(input, all)
  if (extended === input) return distinctNode(input)
  const { schema } = extended
  const node = topNode({ partition, order: [], limit: 1n, offset: 0n, by: 'rows', withNumber: false, schema }, extended)
  return chooseColumns(node, all)
}

export function lowerSetOperation(plan: SetOperation, left: PhysicalPlan, right: PhysicalPlan): PhysicalPlan {
  const all = plan.schema.map((_, i) => i)
  if (![left, right].some((side) => side.schema.some(needsEqualityForm))) return setOperationNode(plan, left, right)
  const [l, r] = plan.all
    ? [numbered(left, all), numbered(right, all)]
    : [withForms(lowerDistinct(left), all), withForms(right, all)]
  const node = joinNode({
    type: plan.operation === 'intersect' ? 'semi' : 'anti',
    left: l.extended,
    right: r.extended,
    keys: l.columns.map((column, i) => ({ left: column, right: r.columns[i]!, nullSafe: true })),
    residual: undefined,
    nullAware: false,
    schema: l.extended.schema,
  })
  return chooseColumns(node, all, plan.schema)
}

/** Copies of one form are numbered, so that the n-th of the left meets the n-th of the right. */
function numbered(input: PhysicalPlan, all: readonly number[]): WithForms {
  const { extended, columns: partition } = withForms(input, all)
  const schema = [...extended.schema, columnDef('row_number', bigintType, false)]
  const node = topNode(
    { partition, order: [], limit: undefined, offset: 0n, by: 'rows', withNumber: true, schema },
    extended,
  )
  return { extended: node, columns: [...partition, schema.length - 1] }
}
