// How rows get their time windows: TUMBLE, HOP, CUMULATE and SESSION as the planner has checked them
// (spec/windows-and-time.md §2.3–2.5), and how EXPLAIN writes them.
//
//   ticks   sizes in the column's own unit: µs for times, whatever an integer column counts
//   civil   sizes in days or months of a time zone, whose windows start at local midnights and tile time exactly

export type WindowGrid =
  | { readonly kind: 'ticks' }
  | {
      readonly kind: 'civil'
      readonly unit: 'day' | 'month'
      readonly zone: string
      /** The column holds instants (TIMESTAMPTZ), not civil times. */
      readonly instants: boolean
    }

/** Windows whose bounds do not depend on the rows. */
export interface AlignedWindows {
  readonly kind: 'tumble' | 'hop' | 'cumulate'
  readonly grid: WindowGrid
  /** Distance of the grid's points, in its unit: hop's slide, cumulate's step, tumble's size. */
  readonly step: bigint
  readonly size: bigint
  /** In the grid's unit, from the origin; of a civil grid the time of day (and day of the month) is in `shift`. */
  readonly offset: bigint
  /** µs by which the bounds of a civil grid lie behind its unit's start. */
  readonly shift: bigint
}

/** Windows around rows whose distance is less than `gap`. */
export interface SessionWindows {
  readonly kind: 'session'
  readonly gap: bigint
  /** Columns of the input. */
  readonly partition: readonly number[]
}

export type TimeWindows = AlignedWindows | SessionWindows

/** window_start, window_end and window_time (= window_end − 1). */
export type WindowBound = 'start' | 'end' | 'time'

export const windowBounds: readonly WindowBound[] = ['start', 'end', 'time']

/** The columns that decide which window an output row is in: its bounds determine each other but for CUMULATE. */
export function windowsText(windows: TimeWindows, time: string, columns: (of: readonly number[]) => string): string {
  if (windows.kind === 'session') {
    const per = windows.partition.length === 0 ? '' : ` per [${columns(windows.partition)}]`
    return `Session${per} by ${time} gap ${windows.gap}`
  }
  const { kind, grid, step, size, offset, shift } = windows
  const unit = grid.kind === 'ticks' ? '' : ` ${grid.unit}`
  const parts = [
    kind === 'tumble' ? '' : `${kind === 'hop' ? 'slide' : 'step'} ${step}${unit}`,
    `size ${size}${unit}`,
    offset === 0n ? '' : `offset ${offset}${unit}`,
    shift === 0n ? '' : `shift ${shift}`,
    grid.kind === 'civil' && grid.instants ? `in ${grid.zone}` : '',
  ]
  const name = { tumble: 'Tumble', hop: 'Hop', cumulate: 'Cumulate' }[kind]
  return `${name} by ${time} ${parts.filter((part) => part !== '').join(' ')}`
}
