import type { DuckDBValue } from '@duckdb/node-api';
import type { HeavySample, MetricInterval, MetricSample } from '../../../model/metric-sample.js';
import { measurementShapes } from '../../../model/metric-sample.js';
import { stepNs } from './schema.js';

/** Items that are kept of one list as measured. */
export const maxItemsAsMeasured = 32;

/** A series of one count: measurement, count, tags in the order of the measurement's shape. */
export interface SeriesKey {
  measurement: string;
  count: string;
  tags: readonly (string | null)[];
}

/** Numbers series; the number of an unknown one is new. */
export type NumberSeries = (key: SeriesKey) => number;

/** The rows of one write, column by column, and the numbers of the batches in it. */
export interface MetricRows {
  samples: DuckDBValue[][];
  heaviest: DuckDBValue[][];
  sampleCount: number;
  lastBatch: bigint;
  /** the last batch in front of the first sample of a minute later than all before; null: there is no such minute */
  minuteClosed: bigint | null;
  latestMinute: bigint;
}

/**
 * Rows of intervals in their order. Each minute begins a batch of its own, so that sums per minute can be made of whole
 * ones. `firstBatch` is beyond all that were written.
 */
export function metricRows(
  intervals: readonly MetricInterval[],
  firstBatch: bigint,
  latestMinute: bigint,
  numberSeries: NumberSeries,
): MetricRows {
  const samples: DuckDBValue[][] = [[], [], [], [], []];
  const heaviest: DuckDBValue[][] = Array.from({ length: 11 }, () => []);
  const rows: MetricRows = {
    samples,
    heaviest,
    sampleCount: 0,
    lastBatch: firstBatch,
    minuteClosed: null,
    latestMinute,
  };
  let minute: bigint | null = null;
  for (const interval of intervals) {
    const timeNs = interval.samples[0]?.timeNs ?? interval.heaviest[0]?.timeNs;
    if (timeNs === undefined) continue;
    const its = timeNs / stepNs.minute;
    if (minute !== null && its !== minute) rows.lastBatch += 1n;
    minute = its;
    if (its > rows.latestMinute) {
      rows.latestMinute = its;
      rows.minuteClosed = rows.lastBatch - 1n;
    }
    rows.sampleCount += interval.samples.length;
    for (const sample of interval.samples) addSample(samples, sample, rows.lastBatch, numberSeries);
    for (const list of interval.heaviest) addList(heaviest, list, rows.lastBatch);
  }
  return rows;
}

function addSample(
  columns: DuckDBValue[][],
  sample: MetricSample,
  batch: bigint,
  number: NumberSeries,
): void {
  const { measurement, timeNs, intervalMs } = sample;
  const tags = measurementShapes[measurement].tags.map((name) => sample.tags[name] ?? null);
  for (const [count, value] of Object.entries(sample.counts)) {
    const series = number({ measurement, count, tags });
    [timeNs, intervalMs, series, BigInt(value), batch].forEach((cell, place) => columns[place]?.push(cell));
  }
}

function addList(columns: DuckDBValue[][], list: HeavySample, batch: bigint): void {
  const { dimension, timeNs, intervalMs } = list;
  const kept = list.items.slice(0, maxItemsAsMeasured);
  const left = list.items.slice(maxItemsAsMeasured).map(({ bytes }) => bytes);
  const othersAtMost = BigInt(Math.max(list.othersAtMost, ...left));
  const add = (place: number, value: string | null, peer: string | null, numbers: number[]): void => {
    const counts = numbers.map((number) => BigInt(number));
    [timeNs, intervalMs, dimension, place, value, peer, ...counts, othersAtMost, batch].forEach((cell, at) =>
      columns[at]?.push(cell),
    );
  };
  for (const [place, { value, peer, bytes, packets, error }] of kept.entries())
    add(place, value, peer, [bytes, packets, error]);
  if (kept.length === 0) add(0, null, null, [0, 0, 0]);
}
