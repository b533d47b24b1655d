// The canonically least of a group's values. It shows a group whose members are equal without being identical, and
// picks the value of a scalar subquery's row.

import type { AggregateFunction } from '../functions/registry.ts'

export const leastMember: AggregateFunction = {
  kind: 'aggregate',
  name: 'least_member',
  args: ['anyelement'],
  variadic: false,
  result: 'anyelement',
  ignoresNulls: true,
  state: { kind: 'extremum', direction: 'min' },
  physical: ([physical]) => physical!,
  doc: 'The canonically least value.',
}
