import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../model/errors.js';
import type { ErrorMessage, Request, Response, StoreLog, WorkerSettings } from './messages.js';

/** The compiled worker; from the sources (tests) the one of the last build. */
function workerEntry(): string {
  const beside = join(__dirname, 'worker.js');
  if (existsSync(beside)) return beside;
  const built = beside.replace(`${sep}src${sep}stores${sep}`, `${sep}dist${sep}stores${sep}`);
  if (existsSync(built)) return built;
  throw new AppError('store_not_running', { reason: 'the collector is not built: run `npm run build`' });
}

function asError({ code, message, details }: ErrorMessage): Error {
  if (code === null) return new AppError('internal_error', { reason: message });
  return new AppError(code, { reason: message, ...details } as never);
}

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** The main thread's side of the stores' worker: it only carries requests. */
export class StoreWorker {
  private worker: Worker | null = null;
  private exited: Promise<void> = Promise.resolve();
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private down = 'the stores were not started';

  constructor(
    private readonly settings: WorkerSettings,
    private readonly log: StoreLog,
  ) {}

  async start(): Promise<void> {
    if (this.worker !== null) throw new AppError('store_failed', { reason: 'the stores run already' });
    const worker = new Worker(workerEntry(), { workerData: this.settings });
    this.worker = worker;
    this.exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (response: Response) => {
        if (response.kind === 'ready') resolve();
        else if (response.kind === 'failed') reject(asError(response.error));
        else this.receive(response);
      });
      worker.on('error', (error) => {
        this.down = `the stores' thread failed: ${error.message}`;
        this.log('error', this.down);
      });
      worker.on('exit', (code) => {
        if (this.worker === worker) this.end(code === 0 ? 'the stores were stopped' : this.down);
        reject(new AppError('store_not_running', { reason: this.down }));
      });
    }).catch(async (error: unknown) => {
      await this.exited;
      throw error;
    });
  }

  /** Stores what waits, closes the file and ends the thread. */
  async stop(): Promise<void> {
    if (this.worker === null) return;
    try {
      await this.request((id) => ({ kind: 'stop', id }));
    } finally {
      await this.exited;
    }
  }

  /** See CallWorker in messages.ts. Errors keep their code; an aborted call ends as its handler says. */
  call(call: string, argument: unknown, signal?: AbortSignal): Promise<unknown> {
    let abort: (() => void) | null = null;
    const answer = this.request((id) => {
      abort = () => this.worker?.postMessage({ kind: 'abort', id } satisfies Request);
      return { kind: 'call', id, call, argument };
    });
    if (signal === undefined || abort === null) return answer;
    const leave: () => void = abort;
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    return answer.finally(() => signal.removeEventListener('abort', leave));
  }

  private request(make: (id: number) => Request): Promise<unknown> {
    const { worker } = this;
    if (worker === null) return Promise.reject(new AppError('store_not_running', { reason: this.down }));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.waiting.set(id, { resolve, reject });
      worker.postMessage(make(id));
    });
  }

  private receive(response: Response): void {
    if (response.kind === 'log') {
      this.log(response.level, response.message);
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
