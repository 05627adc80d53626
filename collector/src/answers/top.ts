import { Type } from '@sinclair/typebox';
import { AppError } from '../model/errors.js';
import { strictObject, stringEnum } from '../model/shapes.js';
import { parseMeasure, type Measure } from '../query/measures.js';
import type { AggregateAnswer, AggregateGroup } from '../stores/flows/flow-aggregate.js';
import { factsOf, noticesOf } from './facts.js';
import type { Frame, FrameField } from './frame.js';
import { exactKey, filterKey, filterOf, groupByKey, groupNames } from './keys.js';
import { queryType } from './query-type.js';

const schema = strictObject({
  measures: Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
    minItems: 1,
    maxItems: 8,
    default: ['total_bytes'],
    description: 'the first decides the order; format numeric takes one',
  }),
  group_by: groupByKey(['src_addr']),
  filter: filterKey,
  top: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 10,
    description: 'groups; the rest comes as other',
  }),
  other: Type.Boolean({ default: true, description: 'whether the rest is shown' }),
  format: stringEnum(['table', 'numeric'], {
    default: 'table',
    description:
      'numeric: one number per group, as alert rules take it; table: all measures and error bounds',
  }),
  exact: exactKey,
});

const refuse = (reason: string): AppError => new AppError('bad_request', { reason });

function check(query: (typeof schema)['static']): void {
  const measures = query.measures.map(parseMeasure);
  if (groupNames(query.group_by).length === 0) throw refuse('group_by is empty; expected one field at least');
  if (query.format === 'numeric' && measures.length > 1) {
    throw refuse(`measures has ${measures.length} members; format numeric takes one`);
  }
  filterOf(query.filter);
}

/** Totals as measures have them: rates are means over the range. */
const scaled = (value: number | null, { perSecond }: Measure, seconds: number): number | null =>
  value === null || perSecond === null ? value : (value * perSecond) / seconds;

function columns(
  groups: readonly AggregateGroup[],
  names: readonly string[],
  measures: readonly Measure[],
  seconds: number,
): { keys: FrameField[]; values: FrameField[]; errors: FrameField[] } {
  return {
    keys: names.map((name, index) => ({
      name,
      type: 'string',
      values: groups.map(({ keys }) => (keys === null ? 'other' : String(keys[index]))),
    })),
    values: measures.map((measure, index) => ({
      name: measure.name,
      type: 'float64',
      config: { unit: measure.unit },
      values: groups.map(({ totals }) => scaled(totals[index] ?? null, measure, seconds)),
    })),
    errors: measures.map((measure, index) => ({
      name: measures.length === 1 ? 'error_at_most' : `${measure.name}_error_at_most`,
      type: 'float64',
      config: { unit: measure.unit },
      values: groups.map(({ errors }) => scaled(errors[index] ?? 0, measure, seconds)),
    })),
  };
}

function toFrame(query: (typeof schema)['static'], answer: AggregateAnswer, seconds: number): Frame {
  const measures = query.measures.map(parseMeasure);
  const groups = answer.groups.filter(({ keys }) => keys !== null || query.other);
  const { keys, values, errors } = columns(groups, groupNames(query.group_by), measures, seconds);
  const numeric = query.format === 'numeric';
  const notices = noticesOf(answer);
  return {
    name: 'top',
    meta: {
      type: numeric ? 'numeric-long' : 'table',
      typeVersion: [0, 1],
      ...(numeric ? {} : { preferredVisualisationType: 'table' }),
      custom: {
        ...factsOf('flows', answer.facts),
        other_groups: answer.otherGroups,
        other_groups_counted: answer.othersCounted,
        others_at_most: answer.othersAtMost,
        errors_at_most: groups.map((group) => group.errors[0] ?? 0),
      },
      ...(notices.length === 0 ? {} : { notices }),
    },
    fields: numeric ? [...keys, ...values] : [...keys, ...values, ...errors],
  };
}

export const top = queryType({
  name: 'top',
  summary: 'the groups with the most of a measure over the range, and what the rest has',
  schema,
  check,
  answer: async (query, context) => {
    check(query);
    if (query.top > context.limits.maxRows) {
      throw new AppError('query_limit', {
        reason: `top is ${query.top}; query.max_rows allows ${context.limits.maxRows}`,
      });
    }
    const { fromNs, toNs, nowNs } = context;
    const answer = await context.sources.flows.aggregate(
      {
        fromNs,
        toNs,
        intervalNs: null,
        measures: query.measures.map(parseMeasure),
        groupBy: query.group_by.join(','),
        top: query.top,
        exact: query.exact,
        ...filterOf(query.filter),
      },
      context.signal,
    );
    const end = nowNs > fromNs && nowNs < toNs ? nowNs : toNs;
    return [toFrame(query, answer, Number(end - fromNs) / 1e9)];
  },
});
