import type { DuckDBConnection } from '@duckdb/node-api';
import { transaction } from '../transaction.js';
import {
  cubeColumns,
  cubeTable,
  maxTopKeys,
  rollupSums,
  secondsOf,
  topTable,
  type RollupResolution,
} from './rollup-tables.js';
import type { RollupLimits } from './rollup-sql.js';

/** Intervals whose rows are merged at once. */
const intervalsAtOnce = 60;

const sums = rollupSums.map((name) => `sum(${name})::UBIGINT AS ${name}`).join(', ');
const names = rollupSums.join(', ');
const both = 'bytes + rev_bytes';

/** Rows that are looked through: of parts of these days, of intervals that ended before. */
export interface MergeRange {
  fromDay: number;
  beforeS: number;
}

interface Intervals {
  day: number;
  times: number[];
  part: number;
}

/** Closed intervals of one day that rows of several parts stand in; null where there are none. */
async function crowdedIntervals(
  connection: DuckDBConnection,
  resolution: RollupResolution,
  { fromDay, beforeS }: MergeRange,
): Promise<Intervals | null> {
  const reader = await connection.runAndReadAll(
    `SELECT stored_day, time_s, max(part) FROM ${cubeTable(resolution)}
     WHERE stored_day >= ${fromDay} AND time_s + ${secondsOf[resolution]} <= ${Math.floor(beforeS)}
     GROUP BY ALL HAVING count(DISTINCT part) > 1 ORDER BY ALL LIMIT ${intervalsAtOnce}`,
  );
  const rows = reader.getRows().map((row) => row.map(Number));
  const day = rows[0]?.[0];
  if (day === undefined) return null;
  const own = rows.filter((row) => row[0] === day);
  return {
    day,
    times: own.map((row) => row[1] ?? 0),
    part: Math.max(...own.map((row) => row[2] ?? 0)),
  };
}

const listed = (partition: string, most: number): string =>
  `CREATE OR REPLACE TEMP TABLE merge_listed AS SELECT rowid AS place FROM temp.merge_groups WHERE NOT other
   QUALIFY row_number() OVER (PARTITION BY ${partition} ORDER BY ${both} DESC) <= ${most}`;
const isListed = 'NOT other AND rowid IN (SELECT place FROM temp.merge_listed)';

function mergeCube(within: string, table: string, limits: RollupLimits, origin: string): string[] {
  const keys = cubeColumns.map(({ name }) => name).join(', ');
  const none = cubeColumns.map(({ name, type }) => `0::${type} AS ${name}`).join(', ');
  return [
    `CREATE OR REPLACE TEMP TABLE merge_groups AS SELECT time_s, flow_layer, interface, ${keys}, other, ${sums}
     FROM ${table} WHERE ${within} GROUP BY ALL`,
    listed('time_s', limits.cubeRows),
    `CREATE OR REPLACE TEMP TABLE merge_rows AS
     SELECT time_s, flow_layer, interface, ${keys}, false AS other, ${names}, ${origin} FROM temp.merge_groups WHERE ${isListed}
     UNION ALL
     SELECT time_s, flow_layer, NULL, ${none}, true, ${sums}, ${origin} FROM temp.merge_groups WHERE NOT (${isListed})
     GROUP BY time_s, flow_layer`,
  ];
}

/**
 * A value that is cut now had at most its listed sum and what the lists of the parts had already left out: the bounds add
 * up.
 */
function mergeTop(within: string, table: string, limits: RollupLimits, origin: string): string[] {
  const keys = Array.from({ length: maxTopKeys }, (_, at) => `key_${at}`).join(', ');
  const none = Array.from({ length: maxTopKeys }, () => '0::UBIGINT').join(', ');
  const bound = (name: string, counts: string): string =>
    `(sum(${name}) + max(CASE WHEN other THEN 0 ELSE ${counts} END))::UBIGINT AS ${name}`;
  const bounds = [
    bound('most_bytes', both),
    bound('most_packets', 'packets + rev_packets'),
    bound('most_records', 'records'),
  ].join(', ');
  const most =
    'sum(most_bytes)::UBIGINT AS most_bytes, sum(most_packets)::UBIGINT AS most_packets, sum(most_records)::UBIGINT AS most_records';
  return [
    `CREATE OR REPLACE TEMP TABLE merge_groups AS SELECT time_s, flow_layer, interface, dimension, ${keys}, text, other,
     ${sums}, ${most} FROM ${table} WHERE ${within} GROUP BY ALL`,
    listed('time_s, flow_layer, interface, dimension', limits.topValues),
    `CREATE OR REPLACE TEMP TABLE merge_rows AS
     SELECT time_s, flow_layer, interface, dimension, ${keys}, text, false AS other, ${names}, ${origin},
       0::UBIGINT AS most_bytes, 0::UBIGINT AS most_packets, 0::UBIGINT AS most_records
     FROM temp.merge_groups WHERE ${isListed}
     UNION ALL
     SELECT time_s, flow_layer, interface, dimension, ${none}, '', true, ${sums}, ${origin}, ${bounds}
     FROM temp.merge_groups WHERE NOT (${isListed}) GROUP BY time_s, flow_layer, interface, dimension`,
  ];
}

/**
 * Merges the rows that several parts have made for the same intervals, and cuts the
 * lists again. No sum changes. Returns whether there may be more to merge.
 */
export async function mergeRollups(
  connection: DuckDBConnection,
  resolution: RollupResolution,
  limits: RollupLimits,
  range: MergeRange,
): Promise<boolean> {
  const found = await crowdedIntervals(connection, resolution, range);
  if (found === null) return false;
  const { day, times, part } = found;
  const within = `stored_day = ${day} AND time_s BETWEEN ${Math.min(...times)} AND ${Math.max(...times)} AND time_s IN (${times.join(', ')})`;
  const origin = `${part}::UBIGINT AS part, ${day}::UINTEGER AS stored_day`;
  const replace = async (table: string, prepare: readonly string[]): Promise<void> => {
    for (const statement of prepare) await connection.run(statement);
    await transaction(connection, [
      `DELETE FROM ${table} WHERE ${within}`,
      `INSERT INTO ${table} SELECT * FROM temp.merge_rows`,
    ]);
  };
  try {
    const [cube, top] = [cubeTable(resolution), topTable(resolution)];
    // the cube last: it tells what is still to be done
    await replace(top, mergeTop(within, top, limits, origin));
    await replace(cube, mergeCube(within, cube, limits, origin));
  } finally {
    for (const table of ['merge_groups', 'merge_listed', 'merge_rows']) {
      await connection.run(`DROP TABLE IF EXISTS temp.${table}`).catch(() => undefined);
    }
  }
  return true;
}
