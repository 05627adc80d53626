import { UINTEGER, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { recordColumns } from '../../../model/columns.js';
import { AppError } from '../../../model/errors.js';
import type { EmbeddedDatabase } from '../database.js';
import { tablesNamed } from '../schema-version.js';
import { tableColumns, tableOf, type TableColumn } from '../tables.js';

/** When the row was stored, in seconds since 1970. Retention goes by it: the packets of a file may be years old. */
export const storedAtColumn = 'stored_at_s';

const wanted: readonly TableColumn[] = [
  ...tableColumns(recordColumns),
  { name: storedAtColumn, type: UINTEGER, source: 'stored_at' },
];

/** DDL of a table with the columns of the field table. */
export const createTable = (name: string): string => tableOf(name, wanted);

/** The columns in the order that `createTable` gives them. */
export const freshColumns = (): readonly TableColumn[] => wanted;

/** What rows read that were written before a column was there: nothing seen, nothing sampled. */
function valueBefore({ name, type }: TableColumn): string {
  if (name === 'sampling_rate') return '1';
  return type === VARCHAR ? "''" : '0';
}

async function existingColumns(connection: DuckDBConnection): Promise<Map<string, string>> {
  const reader = await connection.runAndReadAll(
    "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() AND table_name = 'flows' ORDER BY column_index",
  );
  return new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
}

async function migrate(
  connection: DuckDBConnection,
  existing: Map<string, string>,
  path: string,
): Promise<void> {
  const unknown = [...existing.keys()].filter((name) => !wanted.some((column) => column.name === name));
  if (unknown.length > 0) {
    throw new AppError('store_incompatible', {
      reason: `${path} has the columns ${unknown.join(', ')}, which this version does not know: a newer version wrote it`,
      path,
    });
  }
  const missing: TableColumn[] = [];
  for (const column of wanted) {
    const type = existing.get(column.name);
    if (type === undefined) missing.push(column);
    else if (type !== column.type.toString()) {
      throw new AppError('store_incompatible', {
        reason: `${path}: column ${column.name} is ${type}, expected ${column.type.toString()}; move the file away to begin a new one`,
        path,
      });
    }
  }
  if (missing.length > 0) await addColumns(connection, missing);
}

/** All of them or, where that fails or the process ends before, none. */
async function addColumns(connection: DuckDBConnection, missing: readonly TableColumn[]): Promise<void> {
  const steps = missing.flatMap((column) => [
    `ALTER TABLE flows ADD COLUMN ${column.name} ${column.type.toString()} DEFAULT ${valueBefore(column)}`,
    `ALTER TABLE flows ALTER COLUMN ${column.name} SET NOT NULL`,
  ]);
  await connection.run(`BEGIN; ${steps.join('; ')}; COMMIT`);
}

/**
 * Makes the table, or adds the columns that one of an older version lacks (see valueBefore). Returns the columns in the
 * table's order. Throws `store_incompatible` for a table of a newer version or with other types.
 */
async function prepareSchema(connection: DuckDBConnection, path: string): Promise<readonly TableColumn[]> {
  if ((await tablesNamed(connection, 'flows')).length === 0) await connection.run(createTable('flows'));
  await migrate(connection, await existingColumns(connection), path);
  const names = [...(await existingColumns(connection)).keys()];
  return names.flatMap((name) => wanted.find((column) => column.name === name) ?? []);
}

/** Prepares the tables of flow records; see prepareSchema. */
export async function prepareFlows(database: EmbeddedDatabase): Promise<readonly TableColumn[]> {
  const { api } = await database.connect();
  try {
    return await database.explain(() => prepareSchema(api, database.path));
  } finally {
    api.closeSync();
  }
}
