import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import type { FlowStore } from '../flows/flow-store.js';
import type { HistoryStore } from '../history/history-store.js';
import type { MetricStore } from '../metrics/metric-store.js';
import { StoreWorker } from './client.js';
import { WorkerFlowStore } from './flows/worker-flow-store.js';
import type { MetricSettings } from './metrics/calls.js';
import { WorkerHistoryStore } from './history/worker-history-store.js';
import { WorkerMetricStore } from './metrics/worker-metric-store.js';
import type { CallWorker, StoreLog, WorkerSettings } from './messages.js';

export interface EmbeddedStoreDependencies {
  /** what the stores have to say beside their answers */
  log?: StoreLog;
}

export type EmbeddedStoreConfig = Pick<Config, 'data_dir' | 'flows' | 'metrics' | 'history' | 'query'>;

/** The stores of one data_dir: one DuckDB file, one thread. */
export interface EmbeddedStore {
  /** Throws `store_locked` (another service has the file), `store_incompatible` (a newer version's) or `store_failed`. */
  start(): Promise<void>;
  /** Stores what waits and closes the file. */
  stop(): Promise<void>;
  readonly flows: FlowStore;
  /** has a start and a stop of its own, within those of the stores */
  readonly metrics: MetricStore;
  /** as metrics */
  readonly history: HistoryStore;
}

const msPerHour = 3_600_000;

/** What the worker is started with, of a configuration. */
export function settingsOf({
  data_dir,
  flows,
  metrics,
  history,
  query,
}: EmbeddedStoreConfig): WorkerSettings {
  const queries = {
    maxRunning: query.max_running,
    maxWaiting: query.max_waiting,
    timeoutMs: query.timeout_s * 1_000,
  };
  return {
    database: {
      path: join(data_dir, 'flows', 'flows.duckdb'),
      memoryLimitMb: flows.memory_limit_mb,
      threads: flows.threads,
      checkpointBytes: flows.checkpoint_bytes,
    },
    flows: {
      directory: join(data_dir, 'flows', 'records'),
      commitIntervalMs: flows.commit_interval_ms,
      upkeepIntervalMs: 1_000,
      maxWaitingRows: flows.max_waiting_rows,
      sealAgeS: flows.seal_age_s,
      sealRows: flows.seal_rows,
      compactBytes: flows.compact_bytes,
      retentionS: flows.retention_h * 3_600,
      maxTotalBytes: flows.max_total_bytes,
      topValues: flows.rollup_top_values,
      cubeRows: flows.rollup_cube_rows,
      minuteRetentionS: flows.rollup_minute_retention_h * 3_600,
      hourRetentionS: flows.rollup_hour_retention_h * 3_600,
      queries,
    },
    metrics: { ...retentionOf(metrics), queries },
    history: {
      retentionMs: history.retention_h * msPerHour,
      maxCaptures: history.max_captures,
      maxEvents: history.max_events,
      queries,
    },
  };
}

/** Coarser sums stay at least as long as what they were made of. */
function retentionOf(metrics: EmbeddedStoreConfig['metrics']): Omit<MetricSettings, 'queries'> {
  const { second_retention_h, minute_retention_h, hour_retention_h } = metrics;
  const minuteH = Math.max(second_retention_h, minute_retention_h);
  return {
    secondRetentionMs: second_retention_h * msPerHour,
    minuteRetentionMs: minuteH * msPerHour,
    hourRetentionMs: Math.max(minuteH, hour_retention_h) * msPerHour,
  };
}

/** Inert until start(). */
export function createEmbeddedStore(
  dependencies: EmbeddedStoreDependencies,
  config: EmbeddedStoreConfig,
): EmbeddedStore {
  const log: StoreLog = dependencies.log ?? (() => undefined);
  const worker = new StoreWorker(settingsOf(config), log);
  const call: CallWorker<never> = (...request) => worker.call(...request) as Promise<never>;
  return {
    start: () => worker.start(),
    stop: () => worker.stop(),
    flows: new WorkerFlowStore(call),
    history: new WorkerHistoryStore(call, log),
    metrics: new WorkerMetricStore(call, config.metrics.max_waiting_samples, log),
  };
}
