import type { FilterNode } from '../model/filter.js';
import { AppError } from '../model/errors.js';
import type { Measurement } from '../model/metric-sample.js';
import { protocolNumbers } from '../query/names.js';
import type { MetricSeries, MetricSeriesQuery } from '../stores/metrics/metric-store.js';
import { intervalsOf, sampledUntil } from './interval.js';
import { filterOf } from './keys.js';
import type { AnswerContext } from './query-type.js';
import type { Series, SeriesAnswer } from './timeseries.js';

// Series of bytes and packets out of the metric store: exact to the second, by few groups only.

const nsPerMs = 1_000_000n;
/** Below it `auto` prefers metrics: records are spread over their lives, which flattens what is shorter. */
const finerThanMs = 60_000;

interface MetricRequest {
  measure: string;
  group_by: readonly string[];
  filter?: string | undefined;
  top: number;
  other: boolean;
}

export interface MetricPlan {
  measurement: Measurement;
  count: string;
  /** tag of the store → name of the label */
  labels: readonly { tag: string; name: string }[];
  where: Record<string, string>;
}

const counts: Readonly<Record<string, 'bytes' | 'packets'>> = {
  total_bytes: 'bytes',
  bits_per_second: 'bytes',
  total_packets: 'packets',
  packets_per_second: 'packets',
};
const dimensions = ['protocol', 'overlay', 'dscp', 'ip_version'] as const;

/** The interface that a filter demands; null for any other filter. */
function onlyInterface(filter: FilterNode): string | null {
  const plain =
    filter.kind === 'compare_text' && (filter.field as string) === 'interface' && filter.match === 'equals';
  return plain ? filter.value : null;
}

function refusal({ measure, group_by, filter }: MetricRequest): string | null {
  if (counts[measure] === undefined) return `they have no ${measure}, only ${Object.keys(counts).join(', ')}`;
  const others = group_by.filter((name) => name !== 'interface');
  const strange = others.find((name) => !dimensions.some((known) => known === name));
  if (strange !== undefined || others.length > 1) {
    return `they can be grouped by interface and one of ${dimensions.join(', ')}`;
  }
  const tree = filterOf(filter).filter;
  if (tree !== undefined && onlyInterface(tree) === null) return 'they know no filter but interface = NAME';
  return null;
}

/**
 * How the metric store answers; null where it cannot, or where `auto` (an interval's length) prefers records. Throws
 * `bad_request` where nothing else was allowed.
 */
export function metricPlan(query: MetricRequest, autoIntervalMs: number | null = null): MetricPlan | null {
  const reason = refusal(query);
  if (reason !== null) {
    if (autoIntervalMs !== null) return null;
    throw new AppError('bad_request', { reason: `source metrics cannot answer this: ${reason}` });
  }
  if (autoIntervalMs !== null && autoIntervalMs >= finerThanMs) return null;
  const dimension = dimensions.find((name) => query.group_by.includes(name));
  const count = counts[query.measure] ?? 'bytes';
  const tree = filterOf(query.filter).filter;
  const name = tree === undefined ? null : onlyInterface(tree);
  return {
    measurement: dimension ?? 'interface',
    count: dimension !== undefined ? count : count === 'bytes' ? 'metered_ip_bytes' : 'metered_packets',
    labels: query.group_by.map((label) => ({
      tag: label === 'interface' ? 'interface' : 'value',
      name: label,
    })),
    where: name === null ? {} : { interface: name },
  };
}

/** Labels are those of flow records: protocols by number. */
function labelOf(name: string, value: string): string {
  if (name !== 'protocol') return value;
  const number = { ...protocolNumbers, ipv6: 41, icmpv6: 58 }[value.toLowerCase()];
  return number === undefined ? value : String(number);
}

function toSeries(
  { tags, points }: MetricSeries,
  { labels }: MetricPlan,
  { firstNs, lengthNs, count }: { firstNs: bigint; lengthNs: bigint; count: number },
): Series & { total: number } {
  const values = new Float64Array(count).fill(NaN);
  let total = 0;
  for (const { timeNs, value } of points) {
    const index = Number((timeNs - firstNs) / lengthNs);
    if (index < 0 || index >= count) continue;
    values[index] = (Number.isNaN(values[index] ?? NaN) ? 0 : (values[index] ?? 0)) + value;
    total += value;
  }
  const named = labels.map(({ tag, name }) => [name, labelOf(name, tags[tag] ?? '')]);
  return { labels: Object.fromEntries(named) as Record<string, string>, values, error: 0, total };
}

function addUp(into: Float64Array, values: Float64Array): void {
  values.forEach((value, index) => {
    if (Number.isNaN(value)) return;
    const before = into[index] ?? NaN;
    into[index] = Number.isNaN(before) ? value : before + value;
  });
}

/** The series with the most, and the sum of the rest. */
function heaviest(
  all: (Series & { total: number })[],
  plan: MetricPlan,
  { top, other }: MetricRequest,
): { series: Series[]; others: number } {
  const sorted = all.sort((a, b) => b.total - a.total);
  const series: Series[] = sorted.slice(0, top);
  const rest = sorted.slice(top);
  if (rest.length > 0 && other) {
    const sum = new Float64Array(rest[0]?.values.length ?? 0).fill(NaN);
    for (const { values } of rest) addUp(sum, values);
    const labels = Object.fromEntries(plan.labels.map(({ name }) => [name, 'other']));
    series.push({ labels, values: sum, error: 0 });
  }
  return { series, others: rest.length };
}

/** Answers from the metric store. */
export async function fromMetrics(
  plan: MetricPlan,
  query: MetricRequest,
  ms: number,
  context: AnswerContext,
): Promise<SeriesAnswer> {
  const { metrics } = context.sources;
  if (metrics === null) {
    throw new AppError('bad_request', {
      reason: 'source metrics: no metric store is configured (metrics.store)',
    });
  }
  const lengthNs = BigInt(ms) * nsPerMs;
  const firstNs = (context.fromNs / lengthNs) * lengthNs;
  const count = Number((context.toNs - 1n) / lengthNs - context.fromNs / lengthNs) + 1;
  const nowNs = sampledUntil(context);
  const until = nowNs < context.toNs ? nowNs : context.toNs;
  const asked: MetricSeriesQuery = {
    measurement: plan.measurement,
    count: plan.count,
    fromNs: context.fromNs,
    toNs: until,
    intervalMs: ms,
    groupBy: plan.labels.map(({ tag }) => tag),
    where: plan.where,
  };
  const answer =
    until > context.fromNs ? await metrics.series(asked, context.signal) : { series: [], resolutionMs: ms };
  const all = answer.series.map((series) => toSeries(series, plan, { firstNs, lengthNs, count }));
  const { series, others } = heaviest(all, plan, query);
  if (series.length === 0 && plan.labels.length === 0) {
    series.push({ labels: {}, values: new Float64Array(count).fill(NaN), error: 0 });
  }
  return {
    series,
    intervals: intervalsOf(firstNs, count, lengthNs, { ...context, nowNs }, []),
    custom: {
      source: 'metrics',
      resolutions: [`${answer.resolutionMs} ms`],
      interval_ms: ms,
      other_groups: others,
    },
    notices:
      answer.resolutionMs > ms
        ? [{ severity: 'info', text: `samples of this range are kept per ${answer.resolutionMs} ms only` }]
        : [],
  };
}
