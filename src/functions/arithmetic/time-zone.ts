/** A set of rules that maps instants to civil time. */
export interface TimeZone {
  readonly name: string
  /** Seconds east of UTC in force at an instant (µs from 1970 UTC). */
  offsetAt(instant: bigint): number
  /** What the zone calls itself at an instant (`CET`); a numeric offset where it has no name. */
  abbreviationAt(instant: bigint): string
}
