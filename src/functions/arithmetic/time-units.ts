// The names of units of time: in intervals ('3 hrs'), EXTRACT, date_trunc. PostgreSQL's deltatktbl and its relatives.

export type TimeUnit =
  | 'microsecond'
  | 'millisecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'quarter'
  | 'year'
  | 'decade'
  | 'century'
  | 'millennium'

/** What EXTRACT knows beyond the units. */
export type DateField =
  | TimeUnit
  | 'dow'
  | 'isodow'
  | 'doy'
  | 'isoyear'
  | 'julian'
  | 'epoch'
  | 'timezone'
  | 'timezone_hour'
  | 'timezone_minute'

const unitNames = {
  microsecond: 'us usec usecs usecond useconds microsecon',
  millisecond: 'ms msec msecs msecond mseconds millisecon',
  second: 's sec secs second seconds',
  minute: 'm min mins minute minutes',
  hour: 'h hr hrs hour hours',
  day: 'd day days',
  week: 'w week weeks',
  month: 'mon mons month months',
  quarter: 'qtr quarter',
  year: 'y yr yrs year years',
  decade: 'dec decs decade decades',
  century: 'c cent century centuries',
  millennium: 'mil mils millennia millennium',
} satisfies Record<TimeUnit, string>

const fieldNames = {
  dow: 'dow',
  isodow: 'isodow',
  doy: 'doy',
  isoyear: 'isoyear',
  julian: 'j jd julian',
  epoch: 'epoch',
  timezone: 'timezone',
  timezone_hour: 'timezone_h',
  timezone_minute: 'timezone_m',
} satisfies Record<Exclude<DateField, TimeUnit>, string>

const byName = <T extends string>(names: Record<T, string>): [string, T][] =>
  Object.entries<string>(names).flatMap(([unit, words]) =>
    words.split(' ').map((word): [string, T] => [word, unit as T]),
  )

const units: ReadonlyMap<string, TimeUnit> = new Map(byName(unitNames))
const fields: ReadonlyMap<string, DateField> = new Map<string, DateField>([...byName(fieldNames), ...units])

/** Words are told apart by their first ten letters. */
const WORD_LENGTH = 10
const key = (name: string): string => name.toLowerCase().slice(0, WORD_LENGTH)

export const timeUnit = (name: string): TimeUnit | undefined => units.get(key(name))
export const dateField = (name: string): DateField | undefined => fields.get(key(name))
