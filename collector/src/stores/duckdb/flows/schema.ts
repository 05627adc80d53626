import { UINTEGER, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { recordColumns } from '../../../model/columns.js';
import { AppError } from '../../../model/errors.js';
import type { EmbeddedDatabase } from '../database.js';
import { tablesNamed } from '../schema-version.js';
import { tableColumns, tableOf, type TableColumn } from '../tables.js';
import { transaction } from '../transaction.js';
import { createManifest, hotTableName, hotTables, type HotTable } from './manifest.js';
import { createRollupTables } from './rollup-tables.js';

/** When the row was stored, in seconds since 1970. Retention goes by it: the packets of a file may be years old. */
export const storedAtColumn = 'stored_at_s';

/** The columns of a record as every new table has them, in order. */
export const wantedColumns: readonly TableColumn[] = [
  ...tableColumns(recordColumns),
  { name: storedAtColumn, type: UINTEGER, source: 'stored_at' },
];

/** DDL of a table with those columns. */
export const createTable = (name: string): string => tableOf(name, wantedColumns);

/** What rows read that were written before a column was there: nothing seen, nothing sampled. */
export function valueBefore({ name, type }: TableColumn): string {
  if (name === 'sampling_rate') return '1';
  return type === VARCHAR ? "''" : '0';
}

async function existingColumns(connection: DuckDBConnection, table: string): Promise<Map<string, string>> {
  const reader = await connection.runAndReadAll(
    `SELECT column_name, data_type FROM duckdb_columns()
     WHERE database_name = current_database() AND table_name = '${table}' ORDER BY column_index`,
  );
  return new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
}

/** Adds the columns that a table of an older version lacks. Returns whether it has all of them in their order now. */
async function migrate(connection: DuckDBConnection, table: string, path: string): Promise<boolean> {
  const existing = await existingColumns(connection, table);
  const unknown = [...existing.keys()].filter(
    (name) => !wantedColumns.some((column) => column.name === name),
  );
  if (unknown.length > 0) {
    throw new AppError('store_incompatible', {
      reason: `${path}: ${table} has the columns ${unknown.join(', ')}, which this version does not know: a newer version wrote it`,
      path,
    });
  }
  const missing: TableColumn[] = [];
  for (const column of wantedColumns) {
    const type = existing.get(column.name);
    if (type === undefined) missing.push(column);
    else if (type !== column.type.toString()) {
      throw new AppError('store_incompatible', {
        reason: `${path}: ${table}: column ${column.name} is ${type}, expected ${column.type.toString()}; move the file away to begin a new one`,
        path,
      });
    }
  }
  if (missing.length > 0) await addColumns(connection, table, missing);
  return missing.length === 0 && [...existing.keys()].join() === wantedColumns.map(({ name }) => name).join();
}

/** All of them or, where that fails or the process ends before, none. */
async function addColumns(
  connection: DuckDBConnection,
  table: string,
  missing: readonly TableColumn[],
): Promise<void> {
  const steps = missing.flatMap((column) => [
    `ALTER TABLE ${table} ADD COLUMN ${column.name} ${column.type.toString()} DEFAULT ${valueBefore(column)}`,
    `ALTER TABLE ${table} ALTER COLUMN ${column.name} SET NOT NULL`,
  ]);
  await transaction(connection, steps);
}

/** Begins a hot table, in a transaction of its own. */
export async function beginHotTable(
  connection: DuckDBConnection,
  sequence: number,
  nowS: number,
): Promise<HotTable> {
  const table = hotTableName(sequence);
  await transaction(connection, [
    createTable(table),
    `INSERT INTO flow_hot VALUES (${sequence}, ${Math.floor(nowS)})`,
  ]);
  return { table, sequence, begunAtS: Math.floor(nowS) };
}

/** The highest sequence that anything in the file has. */
async function lastSequence(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll(
    'SELECT coalesce(max(sequence), 0) FROM (SELECT sequence FROM flow_hot UNION ALL SELECT sequence FROM flow_parts)',
  );
  return Number(reader.getRows()[0]?.[0]);
}

/** Versions before had one table, `flows`. It becomes a hot table, to be sealed like any other. */
async function takeOverOldTable(connection: DuckDBConnection): Promise<void> {
  if ((await tablesNamed(connection, 'flows')).length === 0) return;
  const sequence = (await lastSequence(connection)) + 1;
  const table = hotTableName(sequence);
  await transaction(connection, [
    `INSERT INTO flow_hot SELECT ${sequence}, coalesce(min(${storedAtColumn}), 0) FROM flows`,
    `ALTER TABLE flows RENAME TO ${table}`,
  ]);
}

export interface FlowTables {
  /** the last one is to be written, and has `wantedColumns` in their order */
  hot: HotTable[];
  nextSequence: number;
}

async function prepare(connection: DuckDBConnection, path: string): Promise<FlowTables> {
  for (const statement of [...createManifest, ...createRollupTables]) await connection.run(statement);
  await takeOverOldTable(connection);
  const hot = await hotTables(connection);
  let writable = false;
  for (const { table } of hot) writable = await migrate(connection, table, path);
  let nextSequence = (await lastSequence(connection)) + 1;
  if (!writable) hot.push(await beginHotTable(connection, nextSequence++, Date.now() / 1_000));
  return { hot, nextSequence };
}

/**
 * Makes the tables of flow records, or brings those of an older version up to date (see valueBefore). Throws
 * `store_incompatible` for tables of a newer version or with other types, `store_failed`.
 */
export async function prepareFlows(database: EmbeddedDatabase): Promise<FlowTables> {
  const { api } = await database.connect();
  try {
    return await database.explain(() => prepare(api, database.path));
  } finally {
    api.closeSync();
  }
}
