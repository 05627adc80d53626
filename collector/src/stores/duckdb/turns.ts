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

/** An interrupt that comes just before a statement begins is lost, as is one between two statements: it is repeated. */
const interruptAgainMs = 20;

interface Running {
  connection: DuckDBConnection;
  late: boolean;
  interrupts: NodeJS.Timeout | null;
}

function interrupt(run: Running): void {
  run.connection.interrupt();
  run.interrupts ??= setInterval(() => run.connection.interrupt(), interruptAgainMs);
}

/** The end of a transaction may have been interrupted, too. */
async function afterInterrupts({ connection, interrupts }: Running): Promise<void> {
  if (interrupts === null) return;
  clearInterval(interrupts);
  await connection.run('ROLLBACK').catch(() => undefined);
}

const closing = (): AppError => new AppError('store_not_running', { reason: 'the store is being closed' });
const cancelled = (): AppError => new AppError('query_cancelled', { reason: 'who asked has left' });

/** Connections that queries take turns on: bounded in number, in waiting and in time, each can be interrupted. */
export class Turns {
  private readonly free: DuckDBConnection[];
  private readonly waiting: Waiting[] = [];
  private readonly counted = { refused: 0, timedOut: 0, cancelled: 0 };
  private readonly running = new Set<Running>();
  private taken = 0;
  private closed = false;

  constructor(
    connections: readonly DuckDBConnection[],
    private readonly limits: TurnLimits,
  ) {
    this.free = [...connections];
  }

  counters(): TurnCounters {
    return { running: this.taken, waiting: this.waiting.length, ...this.counted };
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
    const run: Running = { connection, late: false, interrupts: null };
    this.running.add(run);
    const timer = setTimeout(() => {
      run.late = true;
      interrupt(run);
    }, this.limits.timeoutMs);
    const leave = (): void => interrupt(run);
    signal.addEventListener('abort', leave);
    try {
      if (this.closed) throw closing();
      if (signal.aborted) throw cancelled();
      return await use(connection);
    } catch (error) {
      if (!(error instanceof AppError) && signal.aborted) this.counted.cancelled++;
      throw this.explain(error, signal.aborted, run.late);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      this.running.delete(run);
      await afterInterrupts(run);
      this.giveBack(connection);
    }
  }

  /** Who waits is refused, what runs is interrupted; a connection is closed when nothing runs on it. */
  close(): void {
    this.closed = true;
    for (const { fail } of this.waiting.splice(0)) fail(closing());
    for (const run of this.running) interrupt(run);
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
      return closing();
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
    const next = this.waiting.shift();
    if (next !== undefined) {
      next.take(connection);
      return;
    }
    this.taken--;
    if (this.closed) connection.closeSync();
    else this.free.push(connection);
  }

  private turn(signal: AbortSignal): Promise<DuckDBConnection> {
    if (this.closed) throw closing();
    if (signal.aborted) throw cancelled();
    const free = this.free.pop();
    if (free !== undefined) {
      this.taken++;
      return Promise.resolve(free);
    }
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
