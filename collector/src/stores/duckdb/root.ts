import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import type { FlowStore } from '../flows/flow-store.js';
import { StoreWorker } from './client.js';
import { WorkerFlowStore } from './flows/worker-flow-store.js';
import type { CallWorker, StoreLog, WorkerSettings } from './messages.js';

export interface EmbeddedStoreDependencies {
  /** what the stores have to say beside their answers */
  log?: StoreLog;
}

export type EmbeddedStoreConfig = Pick<Config, 'data_dir' | 'flows' | 'query'>;

/** The stores of one data_dir: one DuckDB file, one thread. */
export interface EmbeddedStore {
  /** Throws `store_locked` (another service has the file), `store_incompatible` (a newer version's) or `store_failed`. */
  start(): Promise<void>;
  /** Stores what waits and closes the file. */
  stop(): Promise<void>;
  readonly flows: FlowStore;
}

function settingsOf({ data_dir, flows, query }: EmbeddedStoreConfig): WorkerSettings {
  return {
    database: {
      path: join(data_dir, 'flows', 'flows.duckdb'),
      memoryLimitMb: flows.memory_limit_mb,
      threads: flows.threads,
      checkpointBytes: flows.checkpoint_bytes,
    },
    flows: {
      commitIntervalMs: flows.commit_interval_ms,
      maxWaitingRows: flows.max_waiting_rows,
      retentionS: flows.retention_h * 3_600,
      queries: {
        maxRunning: query.max_running,
        maxWaiting: query.max_waiting,
        timeoutMs: query.timeout_s * 1_000,
      },
    },
  };
}

/** Inert until start(). */
export function createEmbeddedStore(
  dependencies: EmbeddedStoreDependencies,
  config: EmbeddedStoreConfig,
): EmbeddedStore {
  const worker = new StoreWorker(settingsOf(config), dependencies.log ?? (() => undefined));
  const call: CallWorker<never> = (...request) => worker.call(...request) as Promise<never>;
  return {
    start: () => worker.start(),
    stop: () => worker.stop(),
    flows: new WorkerFlowStore(call),
  };
}
