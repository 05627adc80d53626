import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import { heavyDimensions } from '../../model/metric-sample.js';
import type { Log } from '../../model/log.js';
import { accessOf } from './http/endpoints.js';
import { HttpClient } from './http/http-client.js';
import { MetricReader } from './reading/metric-reader.js';
import { QueryClient } from './reading/query-client.js';
import { InfluxDbSink } from './sink.js';
import { InfluxDbMetricStore } from './store.js';

export type { InfluxDbSink } from './sink.js';
export type { InfluxDbStats } from './sink-stats.js';

/** A question may take longer than a write. */
const queryTimeoutMs = 60_000;

/** The sink of the configuration; null when it has none. Error: `bad_config` (secrets that cannot be read). */
export function createInfluxDbSink(config: Config, log: Log): InfluxDbSink | null {
  if (config.influxdb.url === '') return null;
  const lists = heavyDimensions.length * (config.intervals.top_count + 1);
  const directory = join(config.data_dir, 'spool', 'influxdb');
  return new InfluxDbSink(config.influxdb, directory, log, config.metrics.max_series + lists);
}

/** What a sink sends, read back. */
export function influxDbMetricStore({ influxdb }: Config, sink: InfluxDbSink): InfluxDbMetricStore {
  const http = new HttpClient({
    url: influxdb.url,
    timeoutMs: Math.max(queryTimeoutMs, influxdb.request_timeout_ms),
    caFile: influxdb.ca_file,
    authorization: accessOf(influxdb).authorization,
  });
  const client = new QueryClient(http, influxdb.database);
  const reader = new MetricReader(influxdb, client, () => sink.spanSettings());
  return new InfluxDbMetricStore(sink, reader);
}
