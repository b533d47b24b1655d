// TPC-H's refresh functions as statements: RF1 adds orders with their lines, RF2 takes old ones away. One flow is a
// batch of each in a transaction; prices and customers change as well, so that retractions reach every table.

import { insertOf, orderOf, type Sizes } from './data.ts'

/** The statements of the n-th flow (from 0), `batch` orders added and taken away. */
export function flowOf(n: number, batch: number, sizes: Sizes): readonly string[] {
  const added = Array.from({ length: batch }, (_, i) => orderOf(sizes.orders + n * batch + i + 1, sizes))
  const [from, to] = [n * batch + 1, (n + 1) * batch]
  const one = (n % 25) + 1
  return [
    'BEGIN',
    insertOf(
      'orders',
      added.map(({ order }) => order),
    ),
    insertOf(
      'lineitem',
      added.flatMap(({ lines }) => lines),
    ),
    `DELETE FROM lineitem WHERE l_orderkey BETWEEN ${from} AND ${to}`,
    `DELETE FROM orders WHERE o_orderkey BETWEEN ${from} AND ${to}`,
    `UPDATE supplier SET s_acctbal = s_acctbal + 10 WHERE s_suppkey = ${one}`,
    `UPDATE customer SET c_acctbal = -c_acctbal, c_mktsegment = 'BUILDING' WHERE c_custkey = ${one}`,
    `UPDATE partsupp SET ps_supplycost = ps_supplycost / 2, ps_availqty = ps_availqty + 9000 WHERE ps_partkey = ${one}`,
    `UPDATE part SET p_size = 15, p_type = 'SMALL PLATED BRASS' WHERE p_partkey = ${one}`,
    'COMMIT',
  ]
}
