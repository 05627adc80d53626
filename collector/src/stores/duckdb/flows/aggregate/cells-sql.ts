import type { FlowRecord } from '@wireglass/native';
import { columnNamed, columnsOf, type RecordColumn } from '../../../../model/columns.js';
import type { FilterNode } from '../../../../model/filter.js';
import { groupColumns, type GroupKey } from '../../../../query/group-by.js';
import type { Aggregate, Measure } from '../../../../query/measures.js';
import { filterFields, filterToSql, type SqlCondition, type SqlParameter } from '../../../../query/sql.js';
import type { LiveSource, Statement } from '../page-sql.js';
import { spreadWithin } from './spread.js';

/** Where records of a range lie. A record stands in one of them only, but for live ones that were closed meanwhile. */
export interface RecordSources {
  /** what may stand behind FROM, of our own making; each has the columns of the field table */
  stored: readonly string[];
  live: LiveSource | null;
  /** those of `stored` that a live flow's record can have got into since the snapshot */
  closedInto: readonly string[];
}

/** What is counted, how finely. */
export interface CellsPlan {
  fromNs: bigint;
  toNs: bigint;
  intervalNs: bigint | null;
  measures: readonly Measure[];
  keys: readonly GroupKey[];
  filter: FilterNode | undefined;
  /** some cells come from lists that were cut: each has, beside its measures, what they can lack at most (e0, e1 …) */
  bounded: boolean;
}

/** Statements of other files name a key's parts and the measures like this. */
export const keyNames = (keys: readonly GroupKey[]): string[] =>
  keys.flatMap(({ expressions }, key) => expressions.map((_, part) => `k${key}_${part}`));
export const errorNames = ({ measures, bounded }: Pick<CellsPlan, 'measures' | 'bounded'>): string[] =>
  bounded ? measures.map((_, index) => `e${index}`) : [];
export const measureNames = (measures: readonly Measure[]): string[] =>
  measures.map((_, index) => `m${index}`);

const noneSeen = (field: keyof FlowRecord): string => (/dscp/.test(field) ? field : `nullif(${field}, 0)`);

/** The tunnel's own flow carries the bytes of the flows in it: no sum holds both. */
function innermost({ filter, keys }: CellsPlan): string {
  const named = filter !== undefined && filterFields(filter).includes('flow_layer');
  return named || keys.some(({ field }) => field.name === 'flow_layer') ? 'true' : 'flow_layer = 0';
}

export function planFilter(plan: CellsPlan): SqlCondition {
  const own = innermost(plan);
  if (plan.filter === undefined) return { sql: own, parameters: [] };
  const { sql, parameters } = filterToSql(plan.filter);
  return { sql: `${own} AND ${sql}`, parameters };
}

const measured = (fields: readonly (keyof FlowRecord)[]): string =>
  fields.length === 1 ? `${fields[0]}` : `(${fields.join(' + ')})`;

const timesRate = (expression: string, estimated: boolean): string =>
  estimated ? `${expression}::HUGEINT * sampling_rate` : expression;

/** A measure of a record that lies within one interval. */
function wholeValue({ what }: Measure): string {
  switch (what.kind) {
    case 'sum':
      return timesRate(measured(what.fields), what.estimated);
    case 'flows':
      return '(record_index = 0)::INTEGER';
    case 'records':
      return '1';
    case 'value':
      return noneSeen(what.field);
  }
}

/** A measure's part in [begin, end) of a record that reaches into it. */
function partValue({ what }: Measure, begin: string, end: string): string {
  switch (what.kind) {
    case 'sum':
      return timesRate(
        what.fields
          .map((field) => spreadWithin(field, begin, end))
          .join(' + ')
          .replace(/^(.*)$/s, '($1)'),
        what.estimated,
      );
    case 'flows':
      return `(record_index = 0 AND start_ns >= ${begin})::INTEGER`;
    case 'records':
      return `(start_ns >= ${begin})::INTEGER`;
    case 'value':
      return `CASE WHEN end_ns < ${end} THEN ${noneSeen(what.field)} END`;
  }
}

const quantiles: Partial<Record<Aggregate, string>> = { p50: '0.5', p90: '0.9', p95: '0.95', p99: '0.99' };

/** How values of cells become the group's. */
export function aggregateOf({ what }: Measure, name: string): string {
  if (what.kind !== 'value') return `sum(${name})`;
  const quantile = quantiles[what.aggregate];
  if (quantile !== undefined) return `quantile_disc(${name}, ${quantile})`;
  return what.aggregate === 'mean' ? `avg(${name})` : `${what.aggregate}(${name})`;
}

function measureColumns({ what }: Measure): (keyof FlowRecord)[] {
  switch (what.kind) {
    case 'sum':
      return what.estimated ? [...what.fields, 'sampling_rate'] : [...what.fields];
    case 'flows':
      return ['record_index'];
    case 'records':
      return [];
    case 'value':
      return [what.field];
  }
}

/** Fields that are read of a record. */
export function neededFields({
  keys,
  measures,
  filter,
}: Pick<CellsPlan, 'keys' | 'measures' | 'filter'>): (keyof FlowRecord)[] {
  const fields = new Set<keyof FlowRecord>([
    'start_ns',
    'end_ns',
    'flow_layer',
    ...groupColumns(keys),
    ...measures.flatMap(measureColumns),
    ...(filter === undefined ? [] : filterFields(filter)),
  ]);
  return [...fields];
}

const neededColumns = (plan: CellsPlan): string[] =>
  neededFields(plan).flatMap((field) => columnsOf(field).map(({ name }) => name));

/** All records of the sources, each once, with the columns given. */
export function recordsOf({ stored, live, closedInto }: RecordSources, columns: readonly string[]): string {
  const list = columns.join(', ');
  const parts = stored.map((relation) => `SELECT ${list} FROM ${relation}`);
  if (live?.minFlowId != null) {
    const closed = closedInto.map(
      (relation) =>
        `NOT EXISTS (SELECT 1 FROM ${relation} AS closed WHERE closed.flow_id >= ${live.minFlowId} ` +
        'AND closed.flow_id = alive.flow_id AND closed.record_index = alive.record_index)',
    );
    const where = closed.length === 0 ? '' : ` WHERE ${closed.join(' AND ')}`;
    parts.push(`SELECT ${list} FROM ${live.table} AS alive${where}`);
  }
  return parts.join(' UNION ALL ');
}

/** Of no record: the sources of a range that nothing is kept of. */
export const isEmpty = ({ stored, live }: RecordSources): boolean =>
  stored.length === 0 && (live === null || live.minFlowId === null);

/**
 * Cells of records: for each record and interval that it reaches into, the number of the interval (b), the parts of the
 * keys, the measures, and 1 in the record's first cell (n). Most records lie within one interval: they are no work but
 * a division, and only the others are unfolded.
 */
export function recordCells(sources: RecordSources, plan: CellsPlan): Statement {
  const { fromNs: from, toNs: to, intervalNs: interval } = plan;
  const filter = planFilter(plan);
  const records = recordsOf(sources, neededColumns(plan));
  const names = [...keyNames(plan.keys), ...measureNames(plan.measures), ...errorNames(plan)];
  const expressions = plan.keys.flatMap((key) => key.expressions);
  const exact = errorNames(plan).map(() => '0');
  const select = (bucket: string, values: readonly string[], counted: string, from: string): string => {
    const columns = [...expressions, ...values, ...exact].map(
      (expression, index) => `${expression} AS ${names[index]}`,
    );
    return `SELECT ${[`${bucket} AS b`, ...columns, `${counted} AS n`].join(', ')} FROM ${from}`;
  };
  const inside = `start_ns >= ${from} AND end_ns < ${to}`;
  const touches = `end_ns >= ${from} AND start_ns < ${to}`;
  if (interval === null) {
    const values = plan.measures.map(
      (measure) =>
        `CASE WHEN ${inside} THEN ${wholeValue(measure)} ELSE ${partValue(measure, `${from}`, `${to}`)} END`,
    );
    return {
      sql: `${select('0', values, '1', `(${records})`)} WHERE ${touches} AND ${filter.sql}`,
      parameters: filter.parameters,
    };
  }
  const within = `(${inside} AND start_ns // ${interval} = end_ns // ${interval})`;
  const whole = select(
    `start_ns // ${interval}`,
    plan.measures.map(wholeValue),
    '1',
    `(${records}) WHERE ${touches} AND ${within} AND ${filter.sql}`,
  );
  const first = `greatest(start_ns, ${from}) // ${interval}`;
  const unfolded =
    `(SELECT *, unnest(range(${first}, least(end_ns, ${to - 1n}) // ${interval} + 1)) AS bucket FROM (${records}) ` +
    `WHERE ${touches} AND NOT ${within} AND ${filter.sql})`;
  // the range cuts its first and last interval
  const begin = `greatest(bucket * ${interval}, ${from})`;
  const end = `least((bucket + 1) * ${interval}, ${to})`;
  const parts = select(
    'bucket',
    plan.measures.map((measure) => partValue(measure, begin, end)),
    `(bucket = ${first})::INTEGER`,
    unfolded,
  );
  return { sql: `${whole} UNION ALL ${parts}`, parameters: [...filter.parameters, ...filter.parameters] };
}

/** The columns of a key's parts, which give their types. */
export const keyColumns = (keys: readonly GroupKey[]): RecordColumn[] =>
  keys.flatMap(({ field, expressions }) => {
    const columns = columnsOf(field.name);
    return expressions.map((_, part) => columns[part] ?? columnNamed(field.name));
  });

export type { SqlParameter };
