import type { InfluxDbStats } from '../../sinks/influxdb/root.js';
import { figures, rowsBy, type MetricDefinition } from '../metric-definition.js';

export const influxDbMetrics = (stats: () => InfluxDbStats): MetricDefinition[] => [
  ...figures('counter', stats, [
    ['influxdb_offered_points', 'Points made of metric samples for InfluxDB.', (from) => from.pointsOffered],
    ['influxdb_stored_points', 'Points that InfluxDB has stored.', (from) => from.pointsStored],
  ]),
  ...figures('gauge', stats, [
    ['influxdb_up', '1 while InfluxDB takes points.', (from) => (from.state === 'up' ? 1 : 0)],
    ['influxdb_waiting_points', 'Points in memory, not in the spool.', (from) => from.pointsWaiting],
    ['influxdb_spooled_points', 'Points in the spool, not stored by InfluxDB.', (from) => from.spooledPoints],
    ['influxdb_spooled_bytes', 'Size of the spool.', (from) => from.spooledBytes],
    ['influxdb_lag_seconds', 'Age of the oldest point in the spool.', (from) => from.lagSeconds],
    ['influxdb_waiting_rollups', 'Hours whose sums are to be made anew.', (from) => from.rollUpHoursWaiting],
  ]),
  {
    kind: 'counter',
    name: 'influxdb_dropped_points',
    help: 'Points that InfluxDB will not have.',
    labels: ['reason'],
    read: () => rowsBy('reason', stats().pointsDropped),
  },
  {
    kind: 'counter',
    name: 'influxdb_requests',
    help: 'Requests to write, by what became of them.',
    labels: ['outcome'],
    read: () => rowsBy('outcome', stats().requests),
  },
];
