import { BIGINT, INTEGER, VARCHAR, type DuckDBConnection, type DuckDBType } from '@duckdb/node-api';

/**
 * Rows of samples lie in three tables of the same columns: as measured, summed per minute, summed per hour. `batch` is
 * a number of the write that grows with time (about milliseconds since 1970); a row of sums has the last number that
 * went into it. So it is known of every sample which tables have it (see `views`), and each sum has it once, however
 * late it comes.
 */
export const resolutions = ['second', 'minute', 'hour'] as const;
export type Resolution = (typeof resolutions)[number];

export const stepNs: Readonly<Record<Resolution, bigint>> = {
  second: 1n,
  minute: 60_000_000_000n,
  hour: 3_600_000_000_000n,
};

export const seriesTable = 'metric_series';
export const stateTable = 'metric_state';
export const sampleTable = (resolution: Resolution): string => `metric_${resolution}`;
export const heaviestTable = (resolution: Resolution): string => `heaviest_${resolution}`;

export type Columns = readonly (readonly [name: string, type: DuckDBType])[];

export const seriesColumns: Columns = [
  ['id', INTEGER],
  ['measurement', VARCHAR],
  ['count_name', VARCHAR],
  ['tag_1', VARCHAR],
  ['tag_2', VARCHAR],
];

export const sampleColumns: Columns = [
  ['time_ns', BIGINT],
  ['interval_ms', INTEGER],
  ['series', INTEGER],
  ['value', BIGINT],
  ['batch', BIGINT],
];

/** An item of a list. The first has place 0; a list without items has one with the value NULL. */
export const heaviestColumns: Columns = [
  ['time_ns', BIGINT],
  ['interval_ms', INTEGER],
  ['dimension', VARCHAR],
  ['place', INTEGER],
  ['value', VARCHAR],
  ['peer', VARCHAR],
  ['bytes', BIGINT],
  ['packets', BIGINT],
  ['error', BIGINT],
  ['others_at_most', BIGINT],
  ['batch', BIGINT],
];

/** What is known of the rows; numbers are those of batches. */
export interface MetricState {
  /** of metrics.write */
  lastWrite: bigint;
  lastBatch: bigint;
  /** rows as measured up to here are in the sums per minute, those up to the second one are removed */
  minuteUntil: bigint;
  secondGone: bigint;
  /** the same for sums per minute and per hour */
  hourUntil: bigint;
  minuteGone: bigint;
  samplesWritten: bigint;
}

const stateNames = [
  'lastWrite',
  'lastBatch',
  'minuteUntil',
  'secondGone',
  'hourUntil',
  'minuteGone',
  'samplesWritten',
] as const satisfies (keyof MetricState)[];

const createTable = (name: string, columns: Columns): string =>
  `CREATE TABLE IF NOT EXISTS ${name} (${columns.map(([column, type]) => `${column} ${type.toString()}`).join(', ')})`;

export async function prepareMetricTables(connection: DuckDBConnection): Promise<void> {
  const statements = [
    createTable(seriesTable, seriesColumns),
    `CREATE TABLE IF NOT EXISTS ${stateTable} (name VARCHAR PRIMARY KEY, value BIGINT NOT NULL)`,
    ...resolutions.flatMap((resolution) => [
      createTable(sampleTable(resolution), sampleColumns),
      createTable(heaviestTable(resolution), heaviestColumns),
    ]),
    ...stateNames.map((name) => `INSERT OR IGNORE INTO ${stateTable} VALUES ('${name}', 0)`),
  ];
  await connection.run(`BEGIN; ${statements.join('; ')}; COMMIT`);
}

export async function readState(connection: DuckDBConnection): Promise<MetricState> {
  const reader = await connection.runAndReadAll(`SELECT name, value FROM ${stateTable}`);
  const values = new Map(reader.getRows().map(([name, value]) => [String(name), value as bigint]));
  return Object.fromEntries(
    stateNames.map((name) => [name, values.get(name) ?? 0n]),
  ) as unknown as MetricState;
}

/** Statements that change the state; for use within a transaction. */
export const stateUpdate = (change: Partial<MetricState>): string =>
  Object.entries(change)
    .map(([name, value]) => `UPDATE ${stateTable} SET value = ${value} WHERE name = '${name}'`)
    .join('; ');
