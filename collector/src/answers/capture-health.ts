import { Type } from '@sinclair/typebox';
import { AppError } from '../model/errors.js';
import { lossCauses, measurementShapes } from '../model/metric-sample.js';
import { strictObject, stringEnum } from '../model/shapes.js';
import { parseMeasure, type Measure } from '../query/measures.js';
import type { MetricSeries } from '../stores/metrics/metric-store.js';
import type { Frame } from './frame.js';
import { intervalMs, intervalsOf, sampledUntil } from './interval.js';
import { queryType, type AnswerContext, type AnswerSources } from './query-type.js';
import { seriesFrames, type Series } from './timeseries.js';

const nsPerMs = 1_000_000n;

const schema = strictObject({
  view: stringEnum(['loss', 'ledger'], {
    default: 'loss',
    description: 'loss: packets per second by cause, over time; ledger: where all packets of the range went',
  }),
  interval_ms: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_592_000_000,
      description: 'absent: by the range and maxDataPoints',
    }),
  ),
});

/** Rates of packets, as seriesFrames gives them. */
const lost: Measure = { ...parseMeasure('packets_per_second'), name: 'lost_packets_per_second' };

function metricsOf({ sources }: AnswerContext): NonNullable<AnswerSources['metrics']> {
  if (sources.metrics === null) {
    throw new AppError('bad_request', { reason: 'no metric store is configured (metrics.store)' });
  }
  return sources.metrics;
}

const totalOf = (series: readonly MetricSeries[]): number =>
  series.reduce((sum, { points }) => sum + points.reduce((part, { value }) => part + value, 0), 0);

async function loss(asked: number | undefined, context: AnswerContext): Promise<Frame[]> {
  const { fromNs, toNs, signal, limits } = context;
  const ms = intervalMs(asked, context);
  const lengthNs = BigInt(ms) * nsPerMs;
  const firstNs = (fromNs / lengthNs) * lengthNs;
  const count = Number((toNs - 1n) / lengthNs - fromNs / lengthNs) + 1;
  if (count > limits.maxPoints) {
    throw new AppError('query_limit', {
      reason: `intervals of ${ms} ms give ${count} points, at most ${limits.maxPoints} are allowed; ask for a longer interval_ms`,
    });
  }
  const answer = await metricsOf(context).series(
    { measurement: 'loss', count: 'packets', fromNs, toNs, intervalMs: ms, groupBy: ['cause'], where: {} },
    signal,
  );
  // a cause that never came has a series of zeros, so that a rule on it has data
  const series = lossCauses.map((cause): Series => {
    const values = new Float64Array(count).fill(NaN);
    for (const { tags, points } of answer.series) {
      if (tags['cause'] !== cause) continue;
      for (const { timeNs, value } of points) {
        const index = Number((timeNs - firstNs) / lengthNs);
        if (index >= 0 && index < count) values[index] = (values[index] || 0) + value;
      }
    }
    return { labels: { cause }, values, error: 0 };
  });
  return seriesFrames(lost, {
    series,
    intervals: intervalsOf(firstNs, count, lengthNs, { ...context, nowNs: sampledUntil(context) }, []),
    custom: { source: 'metrics', resolutions: [`${answer.resolutionMs} ms`], interval_ms: ms },
    notices: [],
  });
}

async function ledger(context: AnswerContext): Promise<Frame[]> {
  const { fromNs, toNs, signal } = context;
  const metrics = metricsOf(context);
  const range = { fromNs, toNs, intervalMs: null, groupBy: [], where: {} };
  const rows: [name: string, packets: number][] = [];
  for (const count of measurementShapes.capture.counts.filter((name) => name.includes('packets'))) {
    const { series } = await metrics.series({ ...range, measurement: 'capture', count }, signal);
    rows.push([count, totalOf(series)]);
  }
  const causes = await metrics.series(
    { ...range, measurement: 'loss', count: 'packets', groupBy: ['cause'] },
    signal,
  );
  for (const cause of lossCauses) {
    rows.push([`lost: ${cause}`, totalOf(causes.series.filter(({ tags }) => tags['cause'] === cause))]);
  }
  return [
    {
      name: 'ledger',
      meta: { type: 'numeric-long', typeVersion: [0, 1], custom: { source: 'metrics' } },
      fields: [
        { name: 'term', type: 'string', values: rows.map(([name]) => name) },
        {
          name: 'packets',
          type: 'float64',
          values: rows.map(([, packets]) => packets),
          config: { unit: 'short' },
        },
      ],
    },
  ];
}

export const captureHealth = queryType({
  name: 'capture_health',
  summary: 'loss by cause over time, or where all packets of the range went',
  schema,
  answer: async (query, context) =>
    query.view === 'loss' ? loss(query.interval_ms, context) : ledger(context),
});
