import { errorMessage } from '../../../model/errors.js';
import type { MetricInterval } from '../../../model/metric-sample.js';
import type {
  HeaviestAnswer,
  HeaviestQuery,
  MetricSeriesAnswer,
  MetricSeriesQuery,
} from '../../metrics/metric-store.js';
import type { DatabaseHost } from '../database-host.js';
import type { StoreLog } from '../messages.js';
import { SerialWriter } from '../serial-writer.js';
import type { MetricSettings, MetricTableStats } from './calls.js';
import { readHeaviest, readSeries } from './metric-reader.js';
import { MetricWriter } from './metric-writer.js';
import { removeExpired, sumHours, sumMinutes } from './roll-up.js';
import { prepareMetricTables } from './schema.js';

const upkeepIntervalMs = 15_000;
/** Without a write for so long the rows so far are summed up although their minute may go on. */
const idleMs = 65_000;

/** Metric samples within the stores' thread: writing, sums per minute and hour, removal, reading. */
export class MetricStorage {
  private readonly timer: NodeJS.Timeout;
  private upkeepError: string | null = null;

  private constructor(
    private readonly tables: SerialWriter<MetricWriter>,
    private readonly settings: MetricSettings,
    private readonly log: StoreLog,
    private readonly clock: () => number,
  ) {
    this.timer = setInterval(() => void this.upkeep(), upkeepIntervalMs);
  }

  /** Throws `store_incompatible` or `store_failed`. */
  static async open(
    host: DatabaseHost,
    settings: MetricSettings,
    log: StoreLog,
    clock: () => number = Date.now,
  ): Promise<MetricStorage> {
    const tables = await SerialWriter.open(host, settings.queries, async ({ api }) => {
      await prepareMetricTables(api);
      return MetricWriter.open(api, clock());
    });
    return new MetricStorage(tables, settings, log, clock);
  }

  get lastWrite(): Promise<number> {
    return this.tables.write(async (_, writer) => writer.lastWrite);
  }

  /** See metrics.write. */
  write(number: number, intervals: readonly MetricInterval[]): Promise<void> {
    return this.tables.write((_, writer) => writer.write(number, intervals, this.clock()));
  }

  series(query: MetricSeriesQuery, signal: AbortSignal): Promise<MetricSeriesAnswer> {
    return this.tables.read((connection) => readSeries(connection, query), signal);
  }

  heaviest(query: HeaviestQuery, signal: AbortSignal): Promise<HeaviestAnswer> {
    return this.tables.read((connection) => readHeaviest(connection, query), signal);
  }

  /** Throws `store_not_running` while the file is being opened again. */
  stats(): MetricTableStats {
    return { ...this.tables.state.stats(), upkeepError: this.upkeepError };
  }

  /** Sums up and removes what is due; a failure is said once and tried again. */
  async upkeep(): Promise<void> {
    const { secondRetentionMs, minuteRetentionMs, hourRetentionMs } = this.settings;
    const retention = { secondMs: secondRetentionMs, minuteMs: minuteRetentionMs, hourMs: hourRetentionMs };
    try {
      await this.tables.write(async (connection, writer) => {
        const now = this.clock();
        await sumMinutes(connection, writer.summable(now, idleMs));
        await sumHours(connection, now);
        await removeExpired(connection, retention, now);
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
    clearInterval(this.timer);
    await this.tables.settled();
  }
}
