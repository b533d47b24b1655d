// Window functions: signatures only. Their values come from positions in a partition, which the executor knows.

import type { WindowFunction } from '../registry.ts'

const window = (
  name: string,
  args: WindowFunction['args'],
  result: WindowFunction['result'],
  doc: string,
  example: string,
): WindowFunction => ({ kind: 'window', name, args, result, doc, example })

/** `call` over x = 10, 20, 20, 30 in order gives this array. */
const over = (call: string, expected: string): string =>
  `(select array_agg(w order by x, w) from (select x, ${call} over (order by x) as w ` +
  `from (values (10), (20), (20), (30)) as t(x)) as s) = ${expected}`

export const windowFunctions: readonly WindowFunction[] = [
  window(
    'row_number',
    [],
    'int8',
    'The number of the row in its partition, from 1.',
    over('row_number()', "'{1,2,3,4}'"),
  ),
  window('rank', [], 'int8', 'The rank with gaps: the row number of the first peer.', over('rank()', "'{1,2,2,4}'")),
  window('dense_rank', [], 'int8', 'The rank without gaps.', over('dense_rank()', "'{1,2,2,3}'")),
  window(
    'percent_rank',
    [],
    'float8',
    'The relative rank: (rank − 1) / (rows − 1).',
    over('round(percent_rank()::numeric, 2)', "'{0.00,0.33,0.33,1.00}'").replace(
      'round(percent_rank()::numeric, 2) over (order by x)',
      'round((percent_rank() over (order by x))::numeric, 2)',
    ),
  ),
  window(
    'cume_dist',
    [],
    'float8',
    'The part of the rows that precede this one or are its peers.',
    over('cume_dist()', "'{0.25,0.75,0.75,1}'"),
  ),
  window(
    'ntile',
    ['int4'],
    'int4',
    'The number of the row’s bucket among n of equal size.',
    over('ntile(2)', "'{1,1,2,2}'"),
  ),
  window(
    'lag',
    ['anyelement'],
    'anyelement',
    'The value in the row before; NULL in the first.',
    over('lag(x)', "'{NULL,10,20,20}'"),
  ),
  window(
    'lag',
    ['anyelement', 'int4'],
    'anyelement',
    'The value n rows before; NULL where there is none.',
    over('lag(x, 2)', "'{NULL,10,NULL,20}'"),
  ),
  window(
    'lag',
    ['anycompatible', 'int4', 'anycompatible'],
    'anycompatible',
    'The value n rows before, or the default where there is none.',
    over('lag(x, 1, 0)', "'{0,10,20,20}'"),
  ),
  window(
    'lead',
    ['anyelement'],
    'anyelement',
    'The value in the row after; NULL in the last.',
    over('lead(x)', "'{20,20,30,NULL}'"),
  ),
  window(
    'lead',
    ['anyelement', 'int4'],
    'anyelement',
    'The value n rows after; NULL where there is none.',
    over('lead(x, 3)', "'{30,NULL,NULL,NULL}'"),
  ),
  window(
    'lead',
    ['anycompatible', 'int4', 'anycompatible'],
    'anycompatible',
    'The value n rows after, or the default where there is none.',
    over('lead(x, 1, 0)', "'{20,20,30,0}'"),
  ),
  window(
    'first_value',
    ['anyelement'],
    'anyelement',
    'The value in the first row of the frame.',
    over('first_value(x)', "'{10,10,10,10}'"),
  ),
  window(
    'last_value',
    ['anyelement'],
    'anyelement',
    'The value in the last row of the frame.',
    over('last_value(x)', "'{10,20,20,30}'"),
  ),
  window(
    'nth_value',
    ['anyelement', 'int4'],
    'anyelement',
    'The value in the n-th row of the frame; NULL where there is none.',
    over('nth_value(x, 2)', "'{NULL,20,20,20}'"),
  ),
]
