// Rows of TPC-H's eight tables at a scale, by a generator of our own: the same rows every time, with the value ranges,
// word lists and dependences that the 22 queries' predicates look for. Rows are lines of tab-separated fields, as COPY
// reads them. Orders are made one by one from their number, so that update flows make new ones the same way.

import { type Draw, draws } from '../reference/random.ts'

export interface Sizes {
  readonly supplier: number
  readonly part: number
  readonly customer: number
  readonly orders: number
}

export const sizesOf = (scale: number): Sizes => ({
  supplier: Math.max(10, Math.round(10_000 * scale)),
  part: Math.max(40, Math.round(200_000 * scale)),
  customer: Math.max(30, Math.round(150_000 * scale)),
  orders: Math.max(300, Math.round(1_500_000 * scale)),
})

export const tables = {
  region: 'r_regionkey int PRIMARY KEY, r_name char(25) NOT NULL, r_comment varchar(152)',
  nation: 'n_nationkey int PRIMARY KEY, n_name char(25) NOT NULL, n_regionkey int NOT NULL, n_comment varchar(152)',
  supplier: `s_suppkey int PRIMARY KEY, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL,
    s_nationkey int NOT NULL, s_phone char(15) NOT NULL, s_acctbal numeric(15,2) NOT NULL, s_comment varchar(101)`,
  part: `p_partkey int PRIMARY KEY, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL, p_brand char(10) NOT NULL,
    p_type varchar(25) NOT NULL, p_size int NOT NULL, p_container char(10) NOT NULL,
    p_retailprice numeric(15,2) NOT NULL, p_comment varchar(23) NOT NULL`,
  partsupp: `ps_partkey int NOT NULL, ps_suppkey int NOT NULL, ps_availqty int NOT NULL,
    ps_supplycost numeric(15,2) NOT NULL, ps_comment varchar(199), PRIMARY KEY (ps_partkey, ps_suppkey)`,
  customer: `c_custkey int PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL,
    c_nationkey int NOT NULL, c_phone char(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL,
    c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL`,
  orders: `o_orderkey int PRIMARY KEY, o_custkey int NOT NULL, o_orderstatus char(1) NOT NULL,
    o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL,
    o_clerk char(15) NOT NULL, o_shippriority int NOT NULL, o_comment varchar(79) NOT NULL`,
  lineitem: `l_orderkey int NOT NULL, l_partkey int NOT NULL, l_suppkey int NOT NULL, l_linenumber int NOT NULL,
    l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL,
    l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL,
    l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL,
    l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL,
    PRIMARY KEY (l_orderkey, l_linenumber)`,
} as const

export type TableName = keyof typeof tables

const list = (words: string): readonly string[] => words.split(' ')

const REGIONS = list('AFRICA AMERICA ASIA EUROPE MIDDLE_EAST').map((name) => name.replace('_', ' '))
/** In the order of their keys, each with its region. */
const NATIONS = list(
  'ALGERIA:0 ARGENTINA:1 BRAZIL:1 CANADA:1 EGYPT:4 ETHIOPIA:0 FRANCE:3 GERMANY:3 INDIA:2 INDONESIA:2 IRAN:4 IRAQ:4 ' +
    'JAPAN:2 JORDAN:4 KENYA:0 MOROCCO:0 MOZAMBIQUE:0 PERU:1 CHINA:2 ROMANIA:3 SAUDI_ARABIA:4 VIETNAM:2 RUSSIA:3 ' +
    'UNITED_KINGDOM:3 UNITED_STATES:1',
).map((entry) => entry.replace('_', ' ').split(':') as [string, string])
const COLOURS = list(
  'almond antique aquamarine azure beige bisque black blanched blue blush brown burlywood chartreuse chocolate coral ' +
    'cornflower cream cyan dark deep dim dodger drab firebrick floral forest frosted gainsboro ghost green grey',
)
const TYPES = [
  list('STANDARD SMALL MEDIUM LARGE ECONOMY PROMO'),
  list('ANODIZED BURNISHED PLATED POLISHED BRUSHED'),
  list('TIN NICKEL BRASS STEEL COPPER'),
] as const
const CONTAINERS = [list('SM LG MED JUMBO WRAP'), list('CASE BOX BAG JAR PKG PACK CAN DRUM')] as const
const SEGMENTS = list('AUTOMOBILE BUILDING FURNITURE MACHINERY HOUSEHOLD')
const PRIORITIES = list('1-URGENT 2-HIGH 3-MEDIUM 4-NOT_SPECIFIED 5-LOW').map((word) => word.replace('_', ' '))
const INSTRUCTIONS = ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN']
const MODES = ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB']
const WORDS = list(
  'furiously quickly carefully slyly blithely special pending unusual express regular final bold ironic even silent ' +
    'requests packages accounts deposits foxes ideas theodolites instructions dependencies excuses platelets ' +
    'sleep wake nag haggle cajole boost detect integrate among about above along the',
)

const FIRST_DAY = Date.UTC(1992, 0, 1)
const LAST_ORDER_DAY = 2406 - 151
/** 1995-06-17, the day on which the data were taken. */
const TODAY = 1263
const DAY_MS = 86_400_000

const day = (number: number): string => new Date(FIRST_DAY + number * DAY_MS).toISOString().slice(0, 10)
const cents = (amount: number): string =>
  `${amount < 0 ? '-' : ''}${Math.trunc(Math.abs(amount) / 100)}.${digits(Math.abs(amount) % 100, 2)}`
const digits = (number: number, width: number): string => String(number).padStart(width, '0')

/** Draws with good low bits: a generator of its own for each row, so that a row depends on its number alone. */
function drawer(table: number, row: number): Draw {
  const draw = draws(Math.imul(row + 1, 2654435761) ^ Math.imul(table + 1, 40503))
  for (let i = 0; i < 3; i++) draw(2)
  return (limit) => Math.floor((draw(0x7fffffff) / 0x7fffffff) * limit)
}

const pick = (draw: Draw, words: readonly string[]): string => words[draw(words.length)]!

const text = (draw: Draw, words: number): string => Array.from({ length: words }, () => pick(draw, WORDS)).join(' ')

const phone = (draw: Draw, nation: number): string =>
  `${10 + nation}-${digits(draw(900) + 100, 3)}-${digits(draw(900) + 100, 3)}-${digits(draw(9000) + 1000, 4)}`

const retailCents = (part: number): number => 90_000 + ((Math.trunc(part / 10) % 20_001) + 100 * (part % 1000))

/** The i-th of a part's four suppliers. */
export function supplierOf(part: number, i: number, { supplier }: Sizes): number {
  return ((part + i * Math.trunc(supplier / 4) + Math.trunc((part - 1) / supplier)) % supplier) + 1
}

const row = (...fields: readonly (string | number)[]): string => fields.join('\t')

function* fixed(): Generator<readonly [TableName, string]> {
  for (const [i, name] of REGIONS.entries()) yield ['region', row(i, name, text(drawer(0, i), 8))]
  for (const [i, [name, region]] of NATIONS.entries()) yield ['nation', row(i, name, region, text(drawer(1, i), 8))]
}

function supplier(key: number): string {
  const draw = drawer(2, key)
  const nation = draw(25)
  const complains = draw(200) === 0 ? ' Customer insists Complaints' : ''
  const address = text(draw, 2)
  return row(
    key,
    `Supplier#${digits(key, 9)}`,
    address,
    nation,
    phone(draw, nation),
    cents(draw(1_099_998) - 99_999),
    text(draw, 4) + complains,
  )
}

function part(key: number): string {
  const draw = drawer(3, key)
  const maker = draw(5) + 1
  const name = Array.from({ length: 5 }, () => pick(draw, COLOURS)).join(' ')
  const type = TYPES.map((words) => pick(draw, words)).join(' ')
  const container = CONTAINERS.map((words) => pick(draw, words)).join(' ')
  const brand = `Brand#${maker}${draw(5) + 1}`
  return row(
    key,
    name,
    `Manufacturer#${maker}`,
    brand,
    type,
    draw(50) + 1,
    container,
    cents(retailCents(key)),
    pick(draw, WORDS),
  )
}

function customer(key: number): string {
  const draw = drawer(5, key)
  const nation = draw(25)
  const [address, number] = [text(draw, 2), phone(draw, nation)]
  const [balance, segment] = [cents(draw(1_099_998) - 99_999), pick(draw, SEGMENTS)]
  return row(key, `Customer#${digits(key, 9)}`, address, nation, number, balance, segment, text(draw, 9))
}

export interface Order {
  readonly key: number
  readonly order: string
  readonly lines: readonly string[]
}

/** The order of this number (from 1): customers whose number is divided by three have none. */
export function orderOf(key: number, sizes: Sizes): Order {
  const draw = drawer(6, key)
  const buyer = draw(Math.trunc((sizes.customer / 3) * 2))
  const placed = draw(LAST_ORDER_DAY)
  const lines = Array.from({ length: draw(7) + 1 }, (_, i) => lineOf(draw, { key, line: i + 1, placed }, sizes))
  const open = lines.filter((line) => line.isOpen).length
  const status = open === 0 ? 'F' : open === lines.length ? 'O' : 'P'
  const total = lines.reduce((sum, line) => sum + line.total, 0)
  const clerk = `Clerk#${digits(draw(1000) + 1, 9)}`
  const custkey = Math.trunc(buyer / 2) * 3 + (buyer % 2) + 1
  const order = row(key, custkey, status, cents(total), day(placed), pick(draw, PRIORITIES), clerk, 0, text(draw, 6))
  return { key, order, lines: lines.map((line) => line.text) }
}

function lineOf(
  draw: Draw,
  of: { readonly key: number; readonly line: number; readonly placed: number },
  sizes: Sizes,
) {
  const partKey = draw(sizes.part) + 1
  const quantity = draw(50) + 1
  const [discount, tax] = [draw(11), draw(9)]
  const price = quantity * retailCents(partKey)
  const shipped = of.placed + draw(121) + 1
  const committed = of.placed + draw(61) + 30
  const received = shipped + draw(30) + 1
  const isOpen = shipped > TODAY
  const flag = received <= TODAY ? pick(draw, ['R', 'A']) : 'N'
  const line = row(
    of.key,
    partKey,
    supplierOf(partKey, draw(4), sizes),
    of.line,
    cents(quantity * 100),
    cents(price),
    cents(discount),
    cents(tax),
    flag,
    isOpen ? 'O' : 'F',
    day(shipped),
    day(committed),
    day(received),
    pick(draw, INSTRUCTIONS),
    pick(draw, MODES),
    text(draw, 3),
  )
  return { text: line, isOpen, total: Math.round((price * (100 + tax) * (100 - discount)) / 10_000) }
}

/** All rows, each with its table. */
export function* rowsOf(sizes: Sizes): Generator<readonly [TableName, string]> {
  yield* fixed()
  for (let key = 1; key <= sizes.supplier; key++) yield ['supplier', supplier(key)]
  for (let key = 1; key <= sizes.part; key++) {
    yield ['part', part(key)]
    const draw = drawer(4, key)
    for (let i = 0; i < 4; i++) {
      const cost = cents(draw(99_901) + 100)
      yield ['partsupp', row(key, supplierOf(key, i, sizes), draw(9999) + 1, cost, text(draw, 6))]
    }
  }
  for (let key = 1; key <= sizes.customer; key++) yield ['customer', customer(key)]
  for (let key = 1; key <= sizes.orders; key++) {
    const { order, lines } = orderOf(key, sizes)
    yield ['orders', order]
    for (const line of lines) yield ['lineitem', line]
  }
}

/** An INSERT of such lines. */
export const insertOf = (table: string, lines: readonly string[]): string =>
  `INSERT INTO ${table} VALUES ${lines
    .map(
      (line) =>
        `(${line
          .split('\t')
          .map((field) => `'${field}'`)
          .join(', ')})`,
    )
    .join(', ')}`
