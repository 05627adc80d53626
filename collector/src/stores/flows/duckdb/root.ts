import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Config } from '../../../config/schema.js';
import { AppError } from '../../../model/errors.js';
import type { FlowPage, FlowQuery, FlowStore, FlowStoreStats } from '../flow-store.js';
import type { CallName, Calls, ErrorMessage, Response, WorkerSettings } from './messages.js';

export interface FlowStoreDependencies {
  /** what the store has to say beside its answers */
  log?: (level: 'info' | 'warn' | 'error', message: string) => void;
}

export type FlowStoreConfig = Pick<Config, 'data_dir' | 'flows'>;

/** The compiled worker; from the sources (tests) the one of the last build. */
function workerEntry(): string {
  const beside = join(__dirname, 'flow-worker.js');
  if (existsSync(beside)) return beside;
  const built = beside.replace(`${sep}src${sep}stores${sep}`, `${sep}dist${sep}stores${sep}`);
  if (existsSync(built)) return built;
  throw new AppError('store_not_running', { reason: 'the collector is not built: run `npm run build`' });
}

function settingsOf({ data_dir, flows }: FlowStoreConfig): WorkerSettings {
  return {
    path: join(data_dir, 'flows', 'flows.duckdb'),
    memoryLimitMb: flows.memory_limit_mb,
    threads: flows.threads,
    checkpointBytes: flows.checkpoint_bytes,
    commitIntervalMs: flows.commit_interval_ms,
    maxWaitingRows: flows.max_waiting_rows,
    retentionS: flows.retention_h * 3_600,
  };
}

function asError({ code, message, details }: ErrorMessage): Error {
  if (code === null) return new AppError('internal_error', { reason: message });
  return new AppError(code, { reason: message, ...details } as never);
}

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** Flow records in DuckDB, in a thread of its own. This side only carries requests to it. */
class DuckDbFlowStore implements FlowStore {
  private worker: Worker | null = null;
  private exited: Promise<void> = Promise.resolve();
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private down = 'the flow store was not started';

  constructor(
    private readonly dependencies: FlowStoreDependencies,
    private readonly config: FlowStoreConfig,
  ) {}

  async start(): Promise<void> {
    if (this.worker !== null) throw new AppError('store_failed', { reason: 'the flow store runs already' });
    const worker = new Worker(workerEntry(), { workerData: settingsOf(this.config) });
    this.worker = worker;
    this.exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (response: Response) => {
        if (response.kind === 'ready') resolve();
        else if (response.kind === 'failed') reject(asError(response.error));
        else this.receive(response);
      });
      worker.on('error', (error) => {
        this.down = `the flow store's thread failed: ${error.message}`;
        this.dependencies.log?.('error', this.down);
      });
      worker.on('exit', (code) => {
        if (this.worker === worker) this.end(code === 0 ? 'the flow store was stopped' : this.down);
        reject(new AppError('store_not_running', { reason: this.down }));
      });
    }).catch(async (error: unknown) => {
      await this.exited;
      throw error;
    });
  }

  async flush(): Promise<void> {
    await this.call('flush', null);
  }

  async stop(): Promise<void> {
    if (this.worker === null) return;
    try {
      await this.call('stop', null);
    } finally {
      await this.exited;
    }
  }

  query(query: FlowQuery): Promise<FlowPage> {
    return this.call('query', query);
  }

  stats(): Promise<FlowStoreStats> {
    return this.call('stats', null);
  }

  private call<Name extends CallName>(
    call: Name,
    argument: Calls[Name]['argument'],
  ): Promise<Calls[Name]['result']> {
    const { worker } = this;
    if (worker === null) return Promise.reject(new AppError('store_not_running', { reason: this.down }));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      worker.postMessage({ id, call, argument });
    });
  }

  private receive(response: Response): void {
    if (response.kind === 'log') {
      this.dependencies.log?.(response.level, response.message);
      return;
    }
    if (response.kind !== 'result' && response.kind !== 'error') return;
    const waiting = this.waiting.get(response.id);
    this.waiting.delete(response.id);
    if (response.kind === 'result') waiting?.resolve(response.result);
    else waiting?.reject(asError(response.error));
  }

  private end(reason: string): void {
    this.worker = null;
    this.down = reason;
    for (const { reject } of this.waiting.values()) reject(new AppError('store_not_running', { reason }));
    this.waiting.clear();
  }
}

/**
 * The embedded flow store: one DuckDB file below data_dir. Inert until start(), which throws `store_locked` (another
 * service has the file), `store_incompatible` (a newer version wrote it) or `store_failed`.
 */
export function createDuckDbFlowStore(
  dependencies: FlowStoreDependencies,
  config: FlowStoreConfig,
): FlowStore {
  return new DuckDbFlowStore(dependencies, config);
}
