import type { InfluxDbStats } from '../sinks/influxdb/root.js';

type Reading = [name: string, help: string, read: (from: InfluxDbStats) => number];

export const influxDbCounters: readonly Reading[] = [
  ['offered_points', 'Points made of metric samples for InfluxDB.', (from) => from.pointsOffered],
  ['stored_points', 'Points that InfluxDB has stored.', (from) => from.pointsStored],
];

export const influxDbGauges: readonly Reading[] = [
  ['up', '1 while InfluxDB takes points.', (from) => (from.state === 'up' ? 1 : 0)],
  ['waiting_points', 'Points in memory, not in the spool.', (from) => from.pointsWaiting],
  ['spooled_points', 'Points in the spool, not stored by InfluxDB.', (from) => from.spooledPoints],
  ['spooled_bytes', 'Size of the spool.', (from) => from.spooledBytes],
  ['lag_seconds', 'Age of the oldest point in the spool.', (from) => from.lagSeconds],
  ['rollup_hours_waiting', 'Hours whose sums are to be made anew.', (from) => from.rollUpHoursWaiting],
];
