import { AppError, errorMessage } from '../../../model/errors.js';
import type { MetricInterval } from '../../../model/metric-sample.js';
import type {
  HeaviestAnswer,
  HeaviestQuery,
  MetricSeriesAnswer,
  MetricSeriesQuery,
} from '../../metrics/metric-store.js';
import { isFatal, type Connection, type EmbeddedDatabase } from '../database.js';
import type { DatabaseHost, DatabaseUser } from '../database-host.js';
import type { StoreLog } from '../messages.js';
import { Turns } from '../turns.js';
import type { MetricSettings, MetricTableStats } from './calls.js';
import { readHeaviest, readSeries } from './metric-reader.js';
import { MetricWriter } from './metric-writer.js';
import { removeExpired, sumHours, sumMinutes } from './roll-up.js';
import { prepareMetricTables } from './schema.js';

const upkeepIntervalMs = 15_000;
/** Without a write for so long the rows so far are summed up although their minute may go on. */
const idleMs = 65_000;

interface Session {
  database: EmbeddedDatabase;
  write: Connection;
  turns: Turns;
  writer: MetricWriter;
  /** what uses the connection for writing now */
  busy: Promise<unknown> | null;
}

/** A connection is closed when nothing uses it any more: the engine does not bear it earlier. */
function closeSession({ write, turns, busy }: Session): void {
  turns.close();
  if (busy === null) write.api.closeSync();
  else void busy.finally(() => write.api.closeSync());
}

/** Metric samples within the stores' thread: writing, sums per minute and hour, removal, reading. */
export class MetricStorage implements DatabaseUser {
  private current: Session | null = null;
  /** the one connection for writing does one thing after the other */
  private queue: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private upkeepError: string | null = null;

  private constructor(
    private readonly host: DatabaseHost,
    private readonly settings: MetricSettings,
    private readonly log: StoreLog,
    private readonly clock: () => number,
  ) {}

  /** Throws `store_incompatible` or `store_failed`. */
  static async open(
    host: DatabaseHost,
    settings: MetricSettings,
    log: StoreLog,
    clock: () => number = Date.now,
  ): Promise<MetricStorage> {
    const storage = new MetricStorage(host, settings, log, clock);
    await host.attach(storage);
    storage.timer = setInterval(() => void storage.upkeep(), upkeepIntervalMs);
    return storage;
  }

  async opened(database: EmbeddedDatabase): Promise<void> {
    this.current = await database.explain(async () => {
      const write = await database.connect();
      await prepareMetricTables(write.api);
      const { queries } = this.settings;
      const reading = await Promise.all(Array.from({ length: queries.maxRunning }, () => database.connect()));
      const turns = new Turns(
        reading.map(({ api }) => api),
        queries,
      );
      const writer = await MetricWriter.open(write.api, this.clock());
      return { database, write, turns, writer, busy: null };
    });
  }

  closing(): void {
    if (this.current !== null) closeSession(this.current);
    this.current = null;
  }

  get lastWrite(): Promise<number> {
    return this.alone(async ({ writer }) => writer.lastWrite);
  }

  /** See metrics.write. Throws `store_failed`, or what the engine says. */
  write(number: number, intervals: readonly MetricInterval[]): Promise<void> {
    return this.alone(({ writer }) => writer.write(number, intervals, this.clock()));
  }

  series(query: MetricSeriesQuery, signal: AbortSignal): Promise<MetricSeriesAnswer> {
    return this.read((connection) => readSeries(connection, query), signal);
  }

  heaviest(query: HeaviestQuery, signal: AbortSignal): Promise<HeaviestAnswer> {
    return this.read((connection) => readHeaviest(connection, query), signal);
  }

  /** Throws `store_not_running` while the file is being opened again. */
  stats(): MetricTableStats {
    if (this.current === null)
      throw new AppError('store_not_running', { reason: 'the database is being opened again' });
    return { ...this.current.writer.stats(), upkeepError: this.upkeepError };
  }

  /** Sums up and removes what is due; a failure is said once and tried again. */
  async upkeep(): Promise<void> {
    try {
      await this.alone(async ({ write, writer }) => {
        const now = this.clock();
        await sumMinutes(write.api, writer.summable(now, idleMs));
        await sumHours(write.api, now);
        const { secondRetentionMs, minuteRetentionMs, hourRetentionMs } = this.settings;
        const retention = {
          secondMs: secondRetentionMs,
          minuteMs: minuteRetentionMs,
          hourMs: hourRetentionMs,
        };
        await removeExpired(write.api, retention, now);
      });
      if (this.upkeepError !== null) this.log('info', 'metric samples are summed up again');
      this.upkeepError = null;
    } catch (error) {
      const reason = errorMessage(error);
      if (this.upkeepError === null) this.log('warn', `metric samples are not summed up: ${reason}`);
      this.upkeepError = reason;
    }
  }

  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.queue;
  }

  private async read<Answer>(
    use: (connection: Connection['api']) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    return (await this.session()).turns.run(use, signal);
  }

  /** Runs one after the other; where the engine has given the file up, it is opened again for the next. */
  private alone<Result>(use: (session: Session) => Promise<Result>): Promise<Result> {
    const result = this.queue.then(async () => {
      const session = await this.session();
      const running = use(session);
      session.busy = running.catch(() => undefined);
      try {
        return await running;
      } catch (error) {
        session.busy = null;
        if (isFatal(error)) await this.host.reopen(session.database);
        throw error;
      } finally {
        session.busy = null;
      }
    });
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async session(): Promise<Session> {
    if (this.current === null) await this.host.reopen(null);
    if (this.current === null) throw new Error('the database was opened without the part of metrics');
    return this.current;
  }
}
