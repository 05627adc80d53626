import { AppError, errorMessage } from '../../../model/errors.js';
import type { MetricInterval } from '../../../model/metric-sample.js';
import type {
  HeaviestAnswer,
  HeaviestQuery,
  MetricSeriesAnswer,
  MetricSeriesQuery,
  MetricStore,
  MetricStoreStats,
} from '../../metrics/metric-store.js';
import type { CallWorker, StoreLog } from '../messages.js';
import type { MetricCalls } from './calls.js';

/** Samples wait for each other this long, so that a second makes one commit. */
const commitIntervalMs = 1_000;
/** Samples of one write at most. */
const maxSamplesPerWrite = 20_000;

/** What an interval counts for in queues: its samples and the items of its lists. */
const weightOf = ({ samples, heaviest }: MetricInterval): number =>
  samples.length + heaviest.reduce((sum, { items }) => sum + items.length, 0);

/**
 * Metric samples in the stores' worker. They wait here until they are committed there: a write that fails is repeated
 * under the same number, so that each is stored once. Beyond the limit new intervals are lost and counted.
 */
export class WorkerMetricStore implements MetricStore {
  private readonly waiting: MetricInterval[] = [];
  private waitingWeight = 0;
  /** of a write that failed: it is repeated as it was */
  private failed: { number: number; intervals: MetricInterval[] } | null = null;
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private nextNumber: number | null = null;
  private lost = 0;
  /** said so, and nothing was stored since */
  private losing = false;
  private lastError: string | null = null;
  private readonly roomAsked: (() => void)[] = [];

  constructor(
    private readonly call: CallWorker<MetricCalls>,
    private readonly maxWaiting: number,
    private readonly log: StoreLog,
  ) {}

  async start(): Promise<void> {
    this.nextNumber = (await this.call('metrics.last_write', null)) + 1;
    this.timer = setInterval(() => void this.write(), commitIntervalMs);
    this.timer.unref();
  }

  /** Stores what waits; what the store does not take now is lost and counted. */
  async stop(): Promise<void> {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    await this.flush().catch(() => undefined);
    const left = this.waitingSamples();
    if (left === 0) return;
    this.lost += left;
    this.log('error', `${left} metric samples are lost: ${this.lastError}`);
  }

  offer(interval: MetricInterval): void {
    const weight = weightOf(interval);
    if (this.waitingWeight + weight > this.maxWaiting) {
      if (!this.losing) this.log('error', 'metric samples are lost: too many wait to be stored');
      this.losing = true;
      this.lost += interval.samples.length;
      return;
    }
    this.waiting.push(interval);
    this.waitingWeight += weight;
    if (this.waitingWeight >= maxSamplesPerWrite && this.lastError === null) void this.write();
  }

  /** Half of the queue is for those that wait for nobody. While the store fails, waiting would not help. */
  room(): Promise<void> | null {
    if (this.waitingWeight <= this.maxWaiting / 2 || this.lastError !== null) return null;
    void this.write();
    return new Promise((resolve) => this.roomAsked.push(resolve));
  }

  /** Throws `store_failed` when the store does not take it now; what was offered waits on. */
  async flush(): Promise<void> {
    // one that runs already may have begun before the last was offered
    await this.writing;
    await this.write();
    if (this.waitingWeight > 0)
      throw new AppError('store_failed', { reason: `metric samples are not stored: ${this.lastError}` });
  }

  series(query: MetricSeriesQuery, signal?: AbortSignal): Promise<MetricSeriesAnswer> {
    return this.call('metrics.series', query, signal);
  }

  heaviest(query: HeaviestQuery, signal?: AbortSignal): Promise<HeaviestAnswer> {
    return this.call('metrics.heaviest', query, signal);
  }

  async stats(): Promise<MetricStoreStats> {
    const { samplesWritten, upkeepError } = await this.call('metrics.stats', null);
    return {
      samplesStored: samplesWritten,
      samplesWaiting: this.waitingSamples(),
      samplesLost: this.lost,
      lastError: this.lastError ?? upkeepError,
    };
  }

  private waitingSamples(): number {
    return [...(this.failed?.intervals ?? []), ...this.waiting].reduce(
      (sum, { samples }) => sum + samples.length,
      0,
    );
  }

  /** Writes until nothing waits or a write fails; one at a time. Never rejects. */
  private write(): Promise<void> {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = null;
      for (const resolve of this.roomAsked.splice(0)) resolve();
    });
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    for (;;) {
      const write = this.failed ?? this.nextWrite();
      if (write === null) return;
      try {
        await this.call('metrics.write', write);
      } catch (error) {
        this.failed = write;
        this.say(errorMessage(error));
        return;
      }
      this.failed = null;
      this.losing = false;
      this.say(null);
      for (const interval of write.intervals) this.waitingWeight -= weightOf(interval);
    }
  }

  private nextWrite(): { number: number; intervals: MetricInterval[] } | null {
    if (this.waiting.length === 0 || this.nextNumber === null) return null;
    let weight = 0;
    let count = 0;
    while (count < this.waiting.length && weight < maxSamplesPerWrite)
      weight += weightOf(this.waiting[count++] as MetricInterval);
    return { number: this.nextNumber++, intervals: this.waiting.splice(0, count) };
  }

  private say(reason: string | null): void {
    if (reason !== null && this.lastError === null)
      this.log('error', `metric samples wait in memory, storing failed: ${reason}`);
    if (reason === null && this.lastError !== null) this.log('info', 'metric samples are stored again');
    this.lastError = reason;
  }
}
