import type { GroupKey } from '../../../../query/group-by.js';
import { isAdditive, type Measure } from '../../../../query/measures.js';
import type { SqlParameter } from '../../../../query/sql.js';
import type { Statement } from '../page-sql.js';
import { duckDbTypes } from '../../tables.js';
import { aggregateOf, errorNames, keyColumns, keyNames, measureNames } from './cells-sql.js';

type Shape = { keys: readonly GroupKey[]; measures: readonly Measure[]; bounded: boolean };

/** Cells of several kinds (records, roll-ups) as one. */
export const union = (cells: readonly Statement[]): Statement => ({
  sql: cells.map(({ sql }) => `(${sql})`).join(' UNION ALL '),
  parameters: cells.flatMap(({ parameters }) => parameters),
});

/**
 * The `top` groups with the most of the first measure, and behind them a row with the sums of all. Columns: whether it is
 * that row, parts of the keys, measures, what they can lack (where bounded), rows that entered, groups. Cells of no known
 * group, which lists that were cut have, come without keys.
 */
export function topStatement(cells: Statement, shape: Shape, top: number): Statement {
  const { keys, measures } = shape;
  const [key, names, errors] = [keyNames(keys), measureNames(measures), errorNames(shape)];
  const sums = [
    ...measures.map((measure, index) => `${aggregateOf(measure, `m${index}`)} AS m${index}`),
    ...errors.map((name) => `sum(${name}) AS ${name}`),
  ];
  const all = measures.map((measure, index) => (isAdditive(measure) ? `sum(m${index})` : 'NULL'));
  const order = ['m0 DESC NULLS LAST', ...key].join(', ');
  const known = `${key[0]} IS NOT NULL`;
  return {
    sql:
      `WITH sums AS MATERIALIZED (SELECT ${[...key, ...sums, 'sum(n) AS n'].join(', ')} FROM (${cells.sql}) ` +
      `GROUP BY ${key.join(', ')}) ` +
      `(SELECT ${['false AS whole', ...key, ...names, ...errors, 'n', '1 AS groups'].join(', ')} FROM sums ` +
      `WHERE ${known} ORDER BY ${order} LIMIT ${Math.trunc(top)}) UNION ALL ` +
      `(SELECT ${[
        'true',
        ...key.map(() => 'NULL'),
        ...all,
        ...errors.map((name) => `sum(${name})`),
        'sum(n)',
        `count(*) FILTER (${known})`,
      ].join(', ')} FROM sums)`,
    parameters: cells.parameters,
  };
}

/** Parts of the keys of a group, as the engine gave them. */
export type KeyParts = readonly (bigint | number | string)[];

/**
 * Values of groups by interval. Columns: number of the interval, place of the group in `shown` (their number: none of
 * them), measures as doubles, what they can lack (where bounded), rows that entered.
 */
export function seriesStatement(cells: Statement, shape: Shape, shown: readonly KeyParts[]): Statement {
  const { keys, measures } = shape;
  const names = keyNames(keys);
  const columns = keyColumns(keys);
  const sums = [
    ...measures.map((measure, index) => `${aggregateOf(measure, `m${index}`)}::DOUBLE AS m${index}`),
    ...errorNames(shape).map((name) => `sum(${name})::DOUBLE AS ${name}`),
  ];
  const select = (place: string, from: string): string =>
    `SELECT b, ${place} AS slot, ${sums.join(', ')}, sum(n)::DOUBLE AS n FROM ${from} GROUP BY b, slot`;
  if (names.length === 0 || shown.length === 0) {
    return { sql: select('0', `(${cells.sql})`), parameters: cells.parameters };
  }
  const parameters: SqlParameter[] = [];
  const rows = shown.map((parts, place) => {
    const values = parts.map((value, index) => {
      const column = columns[index];
      if (column === undefined) throw new Error('a key has more parts than columns');
      parameters.push({ column, value: typeof value === 'number' ? BigInt(value) : value });
      return `?::${duckDbTypes[column.type].toString()}`;
    });
    return `(${[...values, place].join(', ')})`;
  });
  const equal = names.map((name, index) => `cells.${name} = shown.s${index}`).join(' AND ');
  const head = names.map((_, index) => `s${index}`).join(', ');
  return {
    sql: select(
      `coalesce(shown.place, ${shown.length})`,
      `(${cells.sql}) AS cells LEFT JOIN (VALUES ${rows.join(', ')}) AS shown(${head}, place) ON ${equal}`,
    ),
    parameters: [...cells.parameters, ...parameters],
  };
}
