import type { TracingStats } from '../tracing.js';
import { figures, type MetricDefinition } from '../metric-definition.js';

export interface FeedFigures {
  samples: number;
  samplesUnderOther: number;
  packetsMadeGood: number;
  series: number;
  seriesLimit: number;
}

export const feedMetrics = (feed: () => FeedFigures): MetricDefinition[] => [
  ...figures('counter', feed, [
    ['metric_samples', 'Metric samples made.', (from) => from.samples],
    [
      'metric_other_samples',
      'Metric samples that count under "other" because of metrics.max_series.',
      (from) => from.samplesUnderOther,
    ],
    [
      'metric_made_good_packets',
      'Packets of dropped interval reports, counted under "other" when their capture ended.',
      (from) => from.packetsMadeGood,
    ],
  ]),
  ...figures('gauge', feed, [
    ['metric_series', 'Series of metric samples.', (from) => from.series],
    ['metric_series_limit', 'metrics.max_series.', (from) => from.seriesLimit],
  ]),
];

export interface AuditFigures {
  entries: number;
  failures: number;
  refusals: number;
  chainIntact: boolean;
}

export const serviceMetrics = (audit: () => AuditFigures, version: string): MetricDefinition[] => [
  ...figures('counter', audit, [
    ['audit_entries', 'Entries written to the audit log.', (from) => from.entries],
    ['audit_failures', 'Entries that could not be written.', (from) => from.failures],
    ['audit_refusals', 'Requests refused (401, 403).', (from) => from.refusals],
  ]),
  ...figures('gauge', audit, [
    ['audit_chain_intact', '0 when the audit log was found changed.', (from) => (from.chainIntact ? 1 : 0)],
  ]),
  {
    kind: 'gauge',
    name: 'build_info',
    help: 'Always 1; labels tell the version of Wireglass and of Node.js.',
    labels: ['version', 'node_version'],
    read: () => [{ labels: { version, node_version: process.versions.node }, value: 1 }],
  },
];

export const tracingMetrics = (stats: () => TracingStats): MetricDefinition[] => [
  ...figures('counter', stats, [
    ['traces_spans', 'Spans that were made for OpenTelemetry.', (from) => from.ended],
    ['traces_exported_spans', 'Spans that the collector of traces has taken.', (from) => from.exported],
    ['traces_lost_spans', 'Spans given up.', (from) => from.lost],
  ]),
  ...figures('gauge', stats, [
    ['traces_waiting_spans', 'Spans to be exported.', (from) => from.waiting],
    ['traces_up', '0 while the collector of traces takes none.', (from) => (from.lastError === null ? 1 : 0)],
  ]),
];
