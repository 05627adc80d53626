import type { HeavyItem, HeavySample, Measurement, MetricSink } from '../../model/metric-sample.js';

export interface MetricSeriesQuery {
  measurement: Measurement;
  /** one of the measurement's counts */
  count: string;
  /** [fromNs, toNs) */
  fromNs: bigint;
  toNs: bigint;
  /** length of the answer's intervals, which begin at its multiples since 1970; null: one sum of the whole range */
  intervalMs: number | null;
  /** tags that series are told apart by; the others are summed over */
  groupBy: readonly string[];
  /** values that a tag must have */
  where: Readonly<Record<string, string>>;
}

export interface MetricSeries {
  tags: Readonly<Record<string, string>>;
  /** intervals without a sample are absent */
  points: { timeNs: bigint; value: number }[];
}

export interface MetricSeriesAnswer {
  series: MetricSeries[];
  /** of the samples that were read, the coarsest */
  resolutionMs: number;
}

export interface HeaviestQuery {
  dimension: HeavySample['dimension'];
  fromNs: bigint;
  toNs: bigint;
  limit: number;
}

export interface HeaviestAnswer {
  items: HeavyItem[];
  /** bytes that a value which is not listed can have had */
  othersAtMost: number;
  totalBytes: number;
  resolutionMs: number;
}

export interface MetricStoreStats {
  samplesStored: number;
  samplesWaiting: number;
  samplesLost: number;
  lastError: string | null;
}

/** Keeps metric samples and reads them back, at the finest resolution that the range still has. */
export interface MetricStore extends MetricSink {
  start(): Promise<void>;
  stop(): Promise<void>;
  series(query: MetricSeriesQuery, signal?: AbortSignal): Promise<MetricSeriesAnswer>;
  heaviest(query: HeaviestQuery, signal?: AbortSignal): Promise<HeaviestAnswer>;
  stats(): Promise<MetricStoreStats>;
}
