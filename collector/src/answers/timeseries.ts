import { Type } from '@sinclair/typebox';
import { AppError } from '../model/errors.js';
import { strictObject, stringEnum } from '../model/shapes.js';
import { isAdditive, parseMeasure, type Measure } from '../query/measures.js';
import type { AggregateAnswer, AggregateGroup } from '../stores/flows/flow-aggregate.js';
import { factsOf, noticesOf } from './facts.js';
import type { Frame, FrameMeta } from './frame.js';
import { intervalMs, intervalsOf, type Intervals } from './interval.js';
import { exactKey, filterKey, filterOf, groupByKey, groupNames, measureKey } from './keys.js';
import { fromMetrics, metricPlan } from './metric-series.js';
import { queryType, type AnswerContext } from './query-type.js';

const nsPerMs = 1_000_000n;

const schema = strictObject({
  measure: measureKey('bits_per_second'),
  group_by: groupByKey([]),
  filter: filterKey,
  top: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    default: 10,
    description: 'series; the rest comes as other',
  }),
  other: Type.Boolean({ default: true, description: 'whether the rest is shown' }),
  interval_ms: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_592_000_000,
      description: 'absent: by the range and maxDataPoints',
    }),
  ),
  source: stringEnum(['auto', 'flows', 'metrics'], {
    default: 'auto',
    description:
      'metrics: counts per interval as the packets came, by few groups and without filter; flows: records, spread over their lives; auto: metrics where they can answer and the interval is below a minute',
  }),
  exact: exactKey,
});

export interface Series {
  labels: Record<string, string>;
  /** one per interval, NaN where there is none */
  values: Float64Array;
  /** how much more the sum over the range may be */
  error: number;
}

/** What series share, however they came about. */
export interface SeriesAnswer {
  series: Series[];
  intervals: Intervals;
  custom: Record<string, unknown>;
  notices: NonNullable<FrameMeta['notices']>;
}

/** Counts that nothing came for are 0, so that rates fall to zero; what cannot be known stays null. */
function shownValues(
  values: Float64Array,
  measure: Measure,
  { seconds, possible }: Intervals,
): (number | null)[] {
  return Array.from(values, (value, index) => {
    if (Number.isNaN(value)) return isAdditive(measure) && possible[index] === true ? 0 : null;
    const duration = seconds[index] ?? 0;
    if (measure.perSecond === null) return value;
    return duration > 0 ? (value * measure.perSecond) / duration : null;
  });
}

/** One frame per series, as alert rules take them: time, then a number with labels. */
export function seriesFrames(measure: Measure, answer: SeriesAnswer): Frame[] {
  return answer.series.map(({ labels, values, error }, index) => {
    const names = Object.values(labels);
    const name = names.length === 0 ? measure.name : names.join(' ');
    return {
      name,
      meta: {
        type: 'timeseries-multi',
        typeVersion: [0, 1],
        custom: { ...answer.custom, ...(error > 0 ? { error_at_most: error } : {}) },
        // once: Grafana shows each
        ...(index > 0 || answer.notices.length === 0 ? {} : { notices: answer.notices }),
      },
      fields: [
        { name: 'time', type: 'time', values: answer.intervals.times },
        {
          name: measure.name,
          type: 'float64',
          labels,
          config: { displayNameFromDS: name, unit: measure.unit, interval: answer.custom['interval_ms'] },
          values: shownValues(values, measure, answer.intervals),
        },
      ],
    };
  });
}

const otherLabel = 'other';

function seriesOf(
  { groups, intervals }: AggregateAnswer,
  names: readonly string[],
  withOther: boolean,
): Series[] {
  const shown = groups.filter(({ keys }) => keys !== null || withOther);
  if (names.length === 0 && groups.length === 0) {
    // without groups there always is a series: of nothing, where nothing came
    return [{ labels: {}, values: new Float64Array(intervals).fill(NaN), error: 0 }];
  }
  return shown.map(({ keys, series, errors }: AggregateGroup) => ({
    labels: Object.fromEntries(names.map((name, index) => [name, String(keys?.[index] ?? otherLabel)])),
    values: series[0] ?? new Float64Array(intervals).fill(NaN),
    error: errors[0] ?? 0,
  }));
}

async function fromFlows(
  query: (typeof schema)['static'],
  measure: Measure,
  ms: number,
  context: AnswerContext,
): Promise<SeriesAnswer> {
  const { fromNs, toNs, sources, signal } = context;
  const lengthNs = BigInt(ms) * nsPerMs;
  const names = groupNames(query.group_by);
  const answer = await sources.flows.aggregate(
    {
      fromNs,
      toNs,
      intervalNs: lengthNs,
      measures: [measure],
      groupBy: query.group_by.join(','),
      top: query.top,
      exact: query.exact,
      ...filterOf(query.filter),
    },
    signal,
  );
  return {
    series: seriesOf(answer, names, query.other),
    intervals: intervalsOf(answer.firstNs, answer.intervals, lengthNs, context, answer.facts.expired),
    custom: {
      ...factsOf('flows', answer.facts),
      interval_ms: ms,
      other_groups: answer.otherGroups,
      ...(answer.othersAtMost.some((most) => most > 0) ? { others_at_most: answer.othersAtMost[0] } : {}),
    },
    notices: noticesOf(answer),
  };
}

function check(query: (typeof schema)['static']): void {
  parseMeasure(query.measure);
  filterOf(query.filter);
  // metrics know dscp, which records do not
  if (query.source === 'metrics') metricPlan(query);
  else groupNames(query.group_by);
}

export const timeseries = queryType({
  name: 'timeseries',
  summary: 'a measure over time, by groups: one frame per series, as alert rules take them',
  schema,
  check,
  answer: async (query, context) => {
    const measure = parseMeasure(query.measure);
    const { maxSeries, maxPoints } = context.limits;
    if (query.top > maxSeries) {
      throw new AppError('query_limit', {
        reason: `top is ${query.top}; query.max_series allows ${maxSeries}`,
      });
    }
    const ms = intervalMs(query.interval_ms, context);
    const points = Math.ceil(Number(context.toNs - context.fromNs) / 1e6 / ms);
    if (points > maxPoints) {
      throw new AppError('query_limit', {
        reason: `intervals of ${ms} ms give ${points} points, at most ${maxPoints} are allowed; ask for a longer interval_ms`,
      });
    }
    const plan = query.source === 'flows' ? null : metricPlan(query, query.source === 'auto' ? ms : null);
    const answer =
      plan !== null && (query.source === 'metrics' || context.sources.metrics !== null)
        ? await fromMetrics(plan, query, ms, context)
        : await fromFlows(query, measure, ms, context);
    return seriesFrames(measure, answer);
  },
});
