import type { FlowRecord } from '@wireglass/native';
import { columnNamed, columnsOf, recordColumns, type RecordColumn } from '../../../model/columns.js';
import { filterFields, filterToSql, type SqlParameter } from '../../../query/sql.js';
import type { FlowQuery } from '../../flows/flow-store.js';
import type { CursorKey } from './cursor.js';
import { duckDbTypes } from '../tables.js';
import { records, recordsSince } from './records-sql.js';
import type { LiveSource, SourceSet } from './sources.js';

export type { LiveSource } from './sources.js';

export interface Statement {
  sql: string;
  parameters: SqlParameter[];
}

const everything = recordColumns.map(({ name }) => name).join(', ');
const storedRow = `${everything}, -1 AS live_row`;

const nothingOf = ({ type }: RecordColumn): string =>
  type === 'string' ? "''" : `0::${duckDbTypes[type].toString()}`;

/** What the table of live flows lacks the reader takes from the snapshot itself, by the row's number. */
const liveRow = ({ columns }: LiveSource): string =>
  [
    ...recordColumns.map((column) =>
      columns.has(column.name) ? column.name : `${nothingOf(column)} AS ${column.name}`,
    ),
    'rowid AS live_row',
  ].join(', ');
const identity = ['flow_id', 'record_index'] as const;

/** Columns that a page is ordered by: the field's own, then the record's identity, so that ties have an order. */
export function sortColumns(field: keyof FlowRecord): RecordColumn[] {
  const own = columnsOf(field);
  return [...own, ...identity.filter((name) => name !== field).map(columnNamed)];
}

/** Fields that a page's statement reads of live flows. */
export const pageFields = ({ sort, filter }: FlowQuery): (keyof FlowRecord)[] => [
  'start_ns',
  'end_ns',
  sort.field,
  ...(filter === undefined ? [] : filterFields(filter)),
];

function whereOf(
  query: FlowQuery,
  after: CursorKey | null,
  what: 'keys' | { upTo: bigint | string },
): Statement {
  const conditions: string[] = [];
  const parameters: SqlParameter[] = [];
  const bind = (column: RecordColumn, value: bigint | string): string => {
    parameters.push({ column, value });
    return '?';
  };
  if (query.fromNs !== undefined) conditions.push(`end_ns >= ${bind(columnNamed('end_ns'), query.fromNs)}`);
  if (query.toNs !== undefined) conditions.push(`start_ns <= ${bind(columnNamed('start_ns'), query.toNs)}`);
  if (query.filter !== undefined) {
    const filter = filterToSql(query.filter);
    conditions.push(filter.sql);
    parameters.push(...filter.parameters);
  }
  const [first] = sortColumns(query.sort.field);
  if (what !== 'keys' && first !== undefined) {
    conditions.push(`${first.name} ${query.sort.descending ? '>=' : '<='} ${bind(first, what.upTo)}`);
  }
  if (after !== null) {
    const columns = sortColumns(query.sort.field);
    const beyond = query.sort.descending ? '<' : '>';
    const step = (index: number): string => {
      const column = columns[index];
      const value = after[index];
      if (column === undefined || value === undefined) return 'false';
      const strictly = `${column.name} ${beyond} ${bind(column, value)}`;
      if (index === columns.length - 1) return `(${strictly})`;
      return `(${strictly} OR (${column.name} = ${bind(column, value)} AND ${step(index + 1)}))`;
    };
    conditions.push(step(0));
  }
  return { sql: conditions.length === 0 ? 'true' : conditions.join(' AND '), parameters };
}

/**
 * What tells that a live flow (alias `alive`) was closed and stored after its snapshot was taken: its record then stands in
 * both, and the stored one, which is final, counts. One `?`: the smallest flow id of the snapshot.
 */
export function closedSince(sources: SourceSet, live: LiveSource): string {
  return (
    `EXISTS (SELECT 1 FROM ${recordsSince(sources, live)} AS stored WHERE stored.flow_id >= ? ` +
    'AND stored.flow_id = alive.flow_id AND stored.record_index = alive.record_index)'
  );
}

/** What a page is read from. */
export interface PageSources {
  /** stored rows are read from these */
  sources: SourceSet;
  /** everything that a live flow may have been stored in */
  all: SourceSet;
  live: LiveSource | null;
}

/**
 * SQL of one page: the rows of each source that pass, ordered and cut, then both together. `what` keys: the columns that
 * a page is ordered by, no others. Else all columns of records, and live_row, the number of a live flow's row, -1 for
 * stored ones; `upTo` is the value in the first sort column that no row of the page lies beyond. Records have many columns:
 * so they are read of few rows only.
 */
export function pageStatement(
  query: FlowQuery,
  after: CursorKey | null,
  { sources, all, live }: PageSources,
  what: 'keys' | { upTo: bigint | string },
): Statement {
  const columns = sortColumns(query.sort.field);
  const keys = columns.map(({ name }) => name).join(', ');
  const stored = what === 'keys' ? keys : storedRow;
  const order = columns.map(({ name }) => `${name} ${query.sort.descending ? 'DESC' : 'ASC'}`).join(', ');
  // one row more than asked for tells whether there is a next page
  const cut = `ORDER BY ${order} LIMIT ${Math.trunc(query.limit) + 1}`;
  const parts: Statement[] = [];
  if (query.scope !== 'live') {
    const where = whereOf(query, after, what);
    parts.push({
      sql: `SELECT ${stored} FROM ${records(sources)} AS stored WHERE ${where.sql} ${cut}`,
      parameters: where.parameters,
    });
  }
  if (query.scope !== 'stored' && live?.minFlowId != null) {
    const where = whereOf(query, after, what);
    parts.push({
      sql:
        `SELECT ${what === 'keys' ? keys : liveRow(live)} FROM ${live.table} AS alive ` +
        `WHERE ${where.sql} AND NOT ${closedSince(all, live)} ${cut}`,
      parameters: [...where.parameters, { column: columnNamed('flow_id'), value: live.minFlowId }],
    });
  }
  const [first, second] = parts;
  if (first === undefined) {
    const nothing = records({ ...sources, hot: [], parts: [] });
    return { sql: `SELECT ${stored} FROM ${nothing} AS nothing`, parameters: [] };
  }
  if (second === undefined) return first;
  return {
    sql: `SELECT * FROM ((${first.sql}) UNION ALL (${second.sql})) ${cut}`,
    parameters: [...first.parameters, ...second.parameters],
  };
}
