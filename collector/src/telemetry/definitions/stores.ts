import type { PacketTotals } from '@wireglass/native';
import type { FlowStoreStats } from '../../stores/flows/flow-store.js';
import type { HistoryStats } from '../../stores/history/history-store.js';
import type { MetricStoreStats } from '../../stores/metrics/metric-store.js';
import { figures, shared, type MetricDefinition } from '../metric-definition.js';

export function flowStoreMetrics(read: () => Promise<FlowStoreStats>): MetricDefinition[] {
  const stats = shared(read);
  return [
    ...figures('counter', stats, [
      [
        'flow_store_rows',
        'Flow records committed, those found at the start included.',
        (from) => from.rowsStored + from.rowsRemoved,
      ],
      ['flow_store_removed_rows', 'Flow records removed by retention.', (from) => from.rowsRemoved],
      ['flow_store_lost_rows', 'Flow records given up.', (from) => from.rowsLost],
      [
        'flow_store_refused_queries',
        'Queries refused because too many waited.',
        (from) => from.queries.refused,
      ],
      ['flow_store_timed_out_queries', 'Queries ended for their time.', (from) => from.queries.timedOut],
      ['flow_store_cancelled_queries', 'Queries whose asker left.', (from) => from.queries.cancelled],
    ]),
    ...figures('gauge', stats, [
      [
        'flow_store_hot_rows',
        'Flow records in the database, not yet in a file of their own.',
        (from) => from.hotRows,
      ],
      ['flow_store_sealed_rows', 'Flow records in Parquet files.', (from) => from.sealedRows],
      ['flow_store_sealed_files', 'Parquet files of flow records.', (from) => from.sealedFiles],
      ['flow_store_sealed_bytes', 'Size of those files.', (from) => from.sealedBytes],
      [
        'flow_store_sealing_lag_seconds',
        'Time that the oldest full table has waited to become a file.',
        (from) => from.sealingLagS,
      ],
      ['flow_store_running_queries', 'Queries that run.', (from) => from.queries.running],
      ['flow_store_waiting_queries', 'Queries that wait for their turn.', (from) => from.queries.waiting],
      ['flow_store_waiting_batches', 'Batches to be stored.', (from) => from.batchesWaiting],
      ['flow_store_file_bytes', 'Size of the database and of the files.', (from) => from.fileBytes],
      ['flow_store_up', '0 while flow records are not stored.', (from) => (from.lastError === null ? 1 : 0)],
    ]),
  ];
}

export function metricStoreMetrics(read: () => Promise<MetricStoreStats>): MetricDefinition[] {
  const stats = shared(read);
  return [
    ...figures('counter', stats, [
      ['metric_store_samples', 'Metric samples stored.', (from) => from.samplesStored],
      ['metric_store_lost_samples', 'Metric samples given up.', (from) => from.samplesLost],
    ]),
    ...figures('gauge', stats, [
      ['metric_store_waiting_samples', 'Metric samples to be stored.', (from) => from.samplesWaiting],
      [
        'metric_store_up',
        '0 while metric samples are not stored, or not summed up.',
        (from) => (from.lastError === null ? 1 : 0),
      ],
    ]),
  ];
}

export function historyMetrics(read: () => Promise<HistoryStats>): MetricDefinition[] {
  const stats = shared(read);
  return [
    ...figures('counter', stats, [
      ['history_lost_entries', 'Entries of the history given up.', (from) => from.lost],
    ]),
    ...figures('gauge', stats, [
      ['history_captures', 'Captures remembered.', (from) => from.captures],
      ['history_events', 'Events remembered.', (from) => from.events],
      ['history_waiting_entries', 'Entries of the history to be stored.', (from) => from.waiting],
    ]),
  ];
}

export const packetStoreMetrics = (read: () => Promise<PacketTotals>): MetricDefinition[] =>
  figures('gauge', shared(read), [
    ['packet_store_segments', 'Segments on disk.', (from) => from.segments],
    ['packet_store_packets', 'Packets on disk.', (from) => from.packets],
    ['packet_store_file_bytes', 'Size of the segments.', (from) => from.file_bytes],
  ]);
