// The engine's facts as Prometheus text (exposition format 0.0.4).

import type { EngineStatus } from '../../src/engine/system/relation.ts'

interface Sample {
  readonly labels?: Readonly<Record<string, string | number>>
  readonly value: number
}

export function metricsText(
  status: EngineStatus,
  process: { readonly connections: () => number; readonly residentBytes: () => number },
): string {
  const sources = status.sources()
  const views = status.views()
  const partitions = sources.flatMap((source) =>
    source.partitions.map((partition) => ({
      labels: { source: source.id, partition: partition.partition },
      partition,
    })),
  )
  return [
    metric('millrace_epoch', 'counter', 'Newest visible epoch.', [{ value: status.epoch.number }]),
    metric('millrace_connections', 'gauge', 'Open client connections.', [{ value: process.connections() }]),
    metric('millrace_resident_bytes', 'gauge', 'Resident memory of the process.', [{ value: process.residentBytes() }]),
    metric(
      'millrace_source_records_total',
      'counter',
      'Records taken by sealed epochs.',
      partitions.map(({ labels, partition }) => ({ labels, value: partition.records })),
    ),
    metric(
      'millrace_source_bad_records_total',
      'counter',
      'Bad records since the process started.',
      partitions.map(({ labels, partition }) => ({ labels, value: partition.bad })),
    ),
    metric(
      'millrace_source_lag_records',
      'gauge',
      'Offsets between the sealed position and the known end of the log.',
      partitions.map(({ labels, partition }) => ({
        labels,
        value: Math.max(0, (partition.end ?? partition.offset) - partition.offset),
      })),
    ),
    metric(
      'millrace_view_rows',
      'gauge',
      'Rows of a materialized view.',
      views.map((view) => ({ labels: { view: view.id }, value: Number(view.rows) })),
    ),
    metric(
      'millrace_view_bytes',
      'gauge',
      'Bytes of a materialized view: operator state and contents.',
      views.map((view) => ({ labels: { view: view.id }, value: view.stateBytes + view.storeBytes })),
    ),
  ].join('')
}

function metric(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

function labelText(labels: Sample['labels']): string {
  if (labels === undefined) return ''
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`
}
