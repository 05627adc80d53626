import type { TurnLimits } from '../turns.js';
import type { MetricInterval } from '../../../model/metric-sample.js';
import type {
  HeaviestAnswer,
  HeaviestQuery,
  MetricSeriesAnswer,
  MetricSeriesQuery,
} from '../../metrics/metric-store.js';

/** Settings of the part that keeps metric samples. */
export interface MetricSettings {
  secondRetentionMs: number;
  minuteRetentionMs: number;
  hourRetentionMs: number;
  queries: TurnLimits & { maxRunning: number };
}

export interface MetricCalls {
  /**
   * Stores the intervals in one transaction, once: a number that was stored before is not stored again, so that one
   * whose answer got lost may be repeated. Numbers go up.
   */
  'metrics.write': { argument: { number: number; intervals: MetricInterval[] }; result: null };
  /** The number to go on from. */
  'metrics.last_write': { argument: null; result: number };
  'metrics.series': { argument: MetricSeriesQuery; result: MetricSeriesAnswer };
  'metrics.heaviest': { argument: HeaviestQuery; result: HeaviestAnswer };
  'metrics.stats': { argument: null; result: MetricTableStats };
}

export interface MetricTableStats {
  /** samples that the file holds as they were measured, or within sums per minute or hour that replace them */
  samplesWritten: number;
  series: number;
  /** why sums or the removal of old rows fail; null when they work */
  upkeepError: string | null;
}
