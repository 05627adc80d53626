import type { DuckDBConnection } from '@duckdb/node-api';
import { ipv4Range } from '../../../model/addresses.js';
import { recordBegin, recordEnd, spreadWithin } from './aggregate/spread.js';
import {
  cubeColumns,
  cubeTable,
  maxInterfaces,
  maxTopKeys,
  resolutions,
  rollupSums,
  secondsOf,
  spreadCounts,
  topDimensions,
  topTable,
  type RollupResolution,
  type TopDimension,
} from './rollup-tables.js';

export interface RollupLimits {
  topValues: number;
  cubeRows: number;
}

/** What marks the rows that come from a part. */
export interface RollupOrigin {
  part: number;
  storedDay: number;
}

const minuteNs = 60_000_000_000n;
const groups = 'temp.roll_groups';
const listed = 'temp.roll_listed';
export const cubeRows = (resolution: RollupResolution): string => `temp.roll_cube_${resolution}`;
export const topRows = (resolution: RollupResolution): string => `temp.roll_top_${resolution}`;

const sums = rollupSums.map((name) => `sum(${name})::UBIGINT AS ${name}`).join(', ');
const names = rollupSums.join(', ');
const bothWays = { bytes: 'bytes + rev_bytes', packets: 'packets + rev_packets' } as const;

const ipVersion = `CASE WHEN src_addr_hi = ${ipv4Range.firstHi} AND src_addr_lo BETWEEN ${ipv4Range.firstLo} AND ${ipv4Range.lastLo} THEN 4 ELSE 6 END::UTINYINT`;

/** The columns `key`s of a record in every minute that it touches, with what of its counts lies there. */
function perMinute(table: string, keys: readonly string[], interfaces: string): string {
  const outer = ['flow_layer', `${interfaces} AS interface`, ...keys.map((key) => `${key}`)].join(', ');
  const inMinute = (edge: bigint): string => `(minute + ${edge}) * ${minuteNs}`;
  const whole = spreadCounts.map((name) => `${name}::UBIGINT AS ${name}`);
  const part = spreadCounts.map(
    (name) => `${spreadWithin(name, inMinute(0n), inMinute(1n))}::UBIGINT AS ${name}`,
  );
  const first = 'minute = first_minute';
  const last = 'minute = last_minute';
  const rest = [
    `(${first} AND record_index = 0)::UBIGINT AS flows`,
    `(${first})::UBIGINT AS records`,
    `CASE WHEN ${last} THEN tcp_rtt_us ELSE 0 END::UBIGINT AS tcp_rtt_us_sum`,
    `(${last} AND tcp_rtt_us > 0)::UBIGINT AS tcp_rtt_us_count`,
  ];
  const select = (counts: string[], from: string): string =>
    `SELECT minute, ${outer}, ${[...counts, ...rest].join(', ')} FROM ${from}`;
  const lives = `(SELECT *, ${recordBegin} // ${minuteNs} AS first_minute, ${recordEnd} // ${minuteNs} AS last_minute FROM ${table})`;
  const within = `(SELECT *, first_minute AS minute FROM ${lives} WHERE first_minute = last_minute)`;
  const across = `(SELECT *, unnest(range(first_minute, last_minute + 1)) AS minute FROM ${lives} WHERE first_minute < last_minute)`;
  return `(${select(whole, within)} UNION ALL ${select(part, across)})`;
}

const grouped = (resolution: RollupResolution, from: string, keys: readonly string[]): string =>
  `SELECT time_s // ${secondsOf[resolution]} * ${secondsOf[resolution]} AS time_s, flow_layer, interface, ` +
  `${keys.map((key) => `${key}, `).join('')}${sums} FROM ${from} GROUP BY ALL`;

/** Marks in `listed` the groups that are kept one by one: the `most` heaviest of each partition. */
const mark = (partition: string, most: number): string =>
  `CREATE OR REPLACE TEMP TABLE roll_listed AS SELECT rowid AS place FROM ${groups}
   QUALIFY row_number() OVER (PARTITION BY ${partition} ORDER BY ${bothWays.bytes} DESC, ${bothWays.packets} DESC) <= ${most}`;
const isListed = `rowid IN (SELECT place FROM ${listed})`;

const origin = ({ part, storedDay }: RollupOrigin): string =>
  `${part}::UBIGINT AS part, ${storedDay}::UINTEGER AS stored_day`;

function cubeOut(resolution: RollupResolution, limits: RollupLimits, from: RollupOrigin): string[] {
  const keys = cubeColumns.map(({ name }) => name).join(', ');
  const none = cubeColumns.map(({ name, type }) => `0::${type} AS ${name}`).join(', ');
  return [
    mark('time_s', limits.cubeRows),
    `INSERT INTO ${cubeRows(resolution)}
     SELECT time_s, flow_layer, interface, ${keys}, false, ${names}, ${origin(from)} FROM ${groups} WHERE ${isListed}
     UNION ALL
     SELECT time_s, flow_layer, NULL, ${none}, true, ${sums}, ${origin(from)} FROM ${groups} WHERE NOT ${isListed}
     GROUP BY time_s, flow_layer`,
  ];
}

/** The columns key_0 … key_3 and text of a dimension's rows. */
function topKeys(keys: readonly string[], text: string | null): string {
  const all = Array.from({ length: maxTopKeys }, (_, at) => `${keys[at] ?? '0'}::UBIGINT AS key_${at}`);
  return [...all, `${text ?? "''"} AS text`].join(', ');
}

function topOut(
  { name, keys, text }: TopDimension,
  resolution: RollupResolution,
  limits: RollupLimits,
  from: RollupOrigin,
): string[] {
  const own = keys.map((column) => column.name);
  const dimension = `'${name}' AS dimension`;
  return [
    mark('time_s, flow_layer, interface', limits.topValues),
    `INSERT INTO ${topRows(resolution)}
     SELECT time_s, flow_layer, interface, ${dimension}, ${topKeys(own, text?.name ?? null)}, false, ${names},
       ${origin(from)}, 0, 0, 0
     FROM ${groups} WHERE ${isListed}
     UNION ALL
     SELECT time_s, flow_layer, interface, ${dimension}, ${topKeys([], null)}, true, ${sums}, ${origin(from)},
       max(${bothWays.bytes}), max(${bothWays.packets}), max(records)
     FROM ${groups} WHERE NOT ${isListed} GROUP BY time_s, flow_layer, interface`,
  ];
}

const emptyRows: readonly string[] = resolutions.flatMap((resolution) => [
  `CREATE OR REPLACE TEMP TABLE roll_cube_${resolution} AS SELECT * FROM ${cubeTable(resolution)} LIMIT 0`,
  `CREATE OR REPLACE TEMP TABLE roll_top_${resolution} AS SELECT * FROM ${topTable(resolution)} LIMIT 0`,
]);

const hours = (keys: readonly string[]): string =>
  `CREATE OR REPLACE TEMP TABLE roll_groups AS ${grouped('hour', groups, keys)}`;

const dimensionColumns = [
  ...new Set(topDimensions.flatMap(({ keys, text }) => [...keys, ...(text === null ? [] : [text])])),
].map(({ name }) => name);

/**
 * Columns of dimensions that have one value in all of a table: those of tunnels and applications, where there are none.
 * Their lists cost nothing.
 */
export async function constantColumns(connection: DuckDBConnection, table: string): Promise<Set<string>> {
  const same = dimensionColumns.map((name) => `min(${name}) = max(${name})`).join(', ');
  const reader = await connection.runAndReadAll(`SELECT ${same} FROM ${table}`);
  const row = reader.getRows()[0] ?? [];
  return new Set(dimensionColumns.filter((_, index) => row[index] === true));
}

/**
 * Statements that fill cubeRows() and topRows(), temporary tables, with the roll-ups of a table of records. An hour's sums
 * are those of its minutes, before lists were cut.
 */
export function rollUp(
  table: string,
  limits: RollupLimits,
  from: RollupOrigin,
  constant: ReadonlySet<string>,
): string[] {
  const heaviest = `CREATE OR REPLACE TEMP TABLE roll_interfaces AS SELECT interface FROM ${table}
    GROUP BY interface ORDER BY sum(bytes::HUGEINT + rev_bytes) DESC, interface LIMIT ${maxInterfaces}`;
  const interfaces = 'CASE WHEN interface IN (SELECT interface FROM temp.roll_interfaces) THEN interface END';
  const cube = cubeColumns.map(({ name }) => (name === 'ip_version' ? `${ipVersion} AS ip_version` : name));
  const minutes = (keys: readonly string[], out: readonly string[]): string =>
    `CREATE OR REPLACE TEMP TABLE roll_groups AS SELECT minute * 60 AS time_s, flow_layer, interface,
     ${out.map((key) => `${key}, `).join('')}${sums} FROM ${perMinute(table, keys, interfaces)} GROUP BY ALL`;
  const cubeNames = cubeColumns.map(({ name }) => name);
  const oneValue = (keys: readonly string[]): string =>
    `CREATE OR REPLACE TEMP TABLE roll_groups AS SELECT totals.*, record.*
     FROM temp.roll_totals AS totals, (SELECT ${keys.join(', ')} FROM ${table} LIMIT 1) AS record`;
  return [
    heaviest,
    ...emptyRows,
    minutes(cube, cubeNames),
    `CREATE OR REPLACE TEMP TABLE roll_totals AS ${grouped('minute', groups, [])}`,
    ...cubeOut('minute', limits, from),
    hours(cubeNames),
    ...cubeOut('hour', limits, from),
    ...topDimensions.flatMap((dimension) => {
      const keys = [...dimension.keys, ...(dimension.text === null ? [] : [dimension.text])].map(
        ({ name }) => name,
      );
      return [
        keys.every((key) => constant.has(key)) ? oneValue(keys) : minutes(keys, keys),
        ...topOut(dimension, 'minute', limits, from),
        hours(keys),
        ...topOut(dimension, 'hour', limits, from),
      ];
    }),
  ];
}

/** Statements that move those rows into the roll-ups, within the caller's transaction. */
export const keepRollups: readonly string[] = resolutions.flatMap((resolution) => [
  `INSERT INTO ${cubeTable(resolution)} SELECT * FROM ${cubeRows(resolution)}`,
  `INSERT INTO ${topTable(resolution)} SELECT * FROM ${topRows(resolution)}`,
]);

/** Statements that give back what rollUp() took. */
export const forgetRollups: readonly string[] = [
  'DROP TABLE IF EXISTS temp.roll_groups',
  'DROP TABLE IF EXISTS temp.roll_totals',
  'DROP TABLE IF EXISTS temp.roll_listed',
  'DROP TABLE IF EXISTS temp.roll_interfaces',
  ...resolutions.flatMap((resolution) => [
    `DROP TABLE IF EXISTS ${cubeRows(resolution)}`,
    `DROP TABLE IF EXISTS ${topRows(resolution)}`,
  ]),
];
