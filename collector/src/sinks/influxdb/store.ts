import type { MetricInterval } from '../../model/metric-sample.js';
import type {
  HeaviestAnswer,
  HeaviestQuery,
  MetricSeriesAnswer,
  MetricSeriesQuery,
  MetricStore,
  MetricStoreStats,
} from '../../stores/metrics/metric-store.js';
import type { MetricReader } from './reading/metric-reader.js';
import type { InfluxDbSink } from './sink.js';

/** Metric samples that InfluxDB keeps: written by the sink, read back by InfluxQL. */
export class InfluxDbMetricStore implements MetricStore {
  constructor(
    private readonly sink: InfluxDbSink,
    private readonly reader: MetricReader,
  ) {}

  start(): Promise<void> {
    return this.sink.start();
  }

  stop(): Promise<void> {
    return this.sink.stop();
  }

  offer(interval: MetricInterval): void {
    this.sink.offer(interval);
  }

  flush(): Promise<void> {
    return this.sink.flush();
  }

  room(): Promise<void> | null {
    return this.sink.room();
  }

  series(query: MetricSeriesQuery, signal?: AbortSignal): Promise<MetricSeriesAnswer> {
    return this.reader.series(query, signal);
  }

  heaviest(query: HeaviestQuery, signal?: AbortSignal): Promise<HeaviestAnswer> {
    return this.reader.heaviest(query, signal);
  }

  async stats(): Promise<MetricStoreStats> {
    const { pointsStored, spooledPoints, pointsWaiting, pointsDropped } = this.sink.stats();
    return {
      samplesStored: pointsStored,
      samplesWaiting: spooledPoints + pointsWaiting,
      samplesLost: Object.values(pointsDropped).reduce((sum, points) => sum + points, 0),
      // Whether the server takes points the sink tells.
      lastError: null,
    };
  }
}
