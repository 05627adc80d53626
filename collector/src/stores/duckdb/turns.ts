import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError, errorMessage } from '../../model/errors.js';

export interface TurnLimits {
  /** queries that wait for a connection; more are refused */
  maxWaiting: number;
  /** from the time that a query got its connection; then it is interrupted */
  timeoutMs: number;
}

export interface TurnCounters {
  running: number;
  waiting: number;
  refused: number;
  timedOut: number;
  cancelled: number;
}

interface Waiting {
  take: (connection: DuckDBConnection) => void;
  fail: (error: Error) => void;
}

const cancelled = (): AppError => new AppError('query_cancelled', { reason: 'who asked has left' });

/** Connections that queries take turns on: bounded in number, in waiting and in time, each can be interrupted. */
export class Turns {
  private readonly free: DuckDBConnection[];
  private readonly waiting: Waiting[] = [];
  private readonly counted = { refused: 0, timedOut: 0, cancelled: 0 };
  private closed = false;

  constructor(
    private readonly connections: readonly DuckDBConnection[],
    private readonly limits: TurnLimits,
  ) {
    this.free = [...connections];
  }

  counters(): TurnCounters {
    const running = this.connections.length - this.free.length;
    return { running, waiting: this.waiting.length, ...this.counted };
  }

  /**
   * Runs `use` on a connection. Throws `too_many_queries`, `query_timeout`, `query_cancelled` (signal), `query_limit`
   * (memory), or what `use` throws.
   */
  async run<Result>(
    use: (connection: DuckDBConnection) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const connection = await this.turn(signal);
    let late = false;
    const stop = (): void => connection.interrupt();
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, this.limits.timeoutMs);
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) throw cancelled();
      return await use(connection);
    } catch (error) {
      if (!(error instanceof AppError) && signal.aborted) this.counted.cancelled++;
      throw this.explain(error, signal.aborted, late);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      this.giveBack(connection);
    }
  }

  /** Who waits is refused, what runs is interrupted; a connection is closed when nothing runs on it. */
  close(): void {
    this.closed = true;
    const reason = 'the store is being closed';
    for (const { fail } of this.waiting.splice(0)) fail(new AppError('store_not_running', { reason }));
    for (const connection of this.connections) {
      if (!this.free.includes(connection)) connection.interrupt();
    }
    for (const connection of this.free.splice(0)) connection.closeSync();
  }

  private explain(error: unknown, aborted: boolean, late: boolean): unknown {
    if (error instanceof AppError) return error;
    const message = errorMessage(error);
    if (/interrupted/i.test(message)) {
      if (aborted) return cancelled();
      if (late) {
        this.counted.timedOut++;
        return new AppError('query_timeout', { limit_s: this.limits.timeoutMs / 1_000 });
      }
      return new AppError('store_not_running', { reason: 'the store is being closed' });
    }
    if (/out of memory|max_temp_directory_size/i.test(message)) {
      return new AppError('query_limit', {
        reason:
          'it needs more memory than a query may take; ask for a shorter range or fewer groups, or raise flows.memory_limit_mb',
      });
    }
    return new AppError('store_failed', { reason: message }, { cause: error });
  }

  private giveBack(connection: DuckDBConnection): void {
    if (this.closed) {
      connection.closeSync();
      return;
    }
    const next = this.waiting.shift();
    if (next === undefined) this.free.push(connection);
    else next.take(connection);
  }

  private turn(signal: AbortSignal): Promise<DuckDBConnection> {
    if (this.closed) throw new AppError('store_not_running', { reason: 'the store is being closed' });
    if (signal.aborted) throw cancelled();
    const free = this.free.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.waiting.length >= this.limits.maxWaiting) {
      this.counted.refused++;
      throw new AppError('too_many_queries', { waiting: this.waiting.length });
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const at = this.waiting.indexOf(waiting);
        if (at < 0) return;
        this.waiting.splice(at, 1);
        this.counted.cancelled++;
        reject(cancelled());
      };
      const waiting: Waiting = {
        take: (connection) => {
          signal.removeEventListener('abort', leave);
          resolve(connection);
        },
        fail: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      this.waiting.push(waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
