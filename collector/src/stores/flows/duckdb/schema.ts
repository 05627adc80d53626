import type { FlowBatch } from '@wireglass/native';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { BIGINT, UBIGINT, UINTEGER, USMALLINT, UTINYINT, VARCHAR } from '@duckdb/node-api';
import { recordColumns, type RecordColumn } from '../../../model/columns.js';
import { AppError } from '../../../model/errors.js';

/** Version of what stands in the file beside the columns; a file with a higher one is refused. */
export const schemaVersion = 1;

export const duckDbTypes: Readonly<Record<RecordColumn['type'], DuckDBType>> = {
  u8: UTINYINT,
  u16: USMALLINT,
  u32: UINTEGER,
  u64: UBIGINT,
  time: BIGINT,
  enum: UTINYINT,
  mac: UBIGINT,
  string: VARCHAR,
};

/** When the row was stored, in seconds since 1970. Retention goes by it: the packets of a file may be years old. */
export const storedAtColumn = 'stored_at_s';

/** A column in the order of the table: out of a batch, or (stored_at_s) the time, or texts made row by row. */
export interface TableColumn {
  name: string;
  type: DuckDBType;
  source: RecordColumn | 'stored_at' | ((batch: FlowBatch) => (row: number) => string);
}

/** Table columns for columns of records. */
export const tableColumns = (columns: readonly RecordColumn[]): TableColumn[] =>
  columns.map((source) => ({ name: source.name, type: duckDbTypes[source.type], source }));

const wanted: readonly TableColumn[] = [
  ...tableColumns(recordColumns),
  { name: storedAtColumn, type: UINTEGER, source: 'stored_at' },
];

const definition = ({ name, type }: TableColumn): string => `${name} ${type.toString()} NOT NULL`;

export const tableOf = (name: string, columns: readonly TableColumn[]): string =>
  `CREATE TABLE ${name} (${columns.map(definition).join(', ')})`;

/** DDL of a table with the columns of the field table. */
export const createTable = (name: string): string => tableOf(name, wanted);

/** The columns in the order that `createTable` gives them. */
export const freshColumns = (): readonly TableColumn[] => wanted;

/** What rows read that were written before a column was there: nothing seen, nothing sampled. */
function valueBefore({ name, type }: TableColumn): string {
  if (name === 'sampling_rate') return '1';
  return type === VARCHAR ? "''" : '0';
}

async function scalar(connection: DuckDBConnection, sql: string): Promise<unknown> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRows()[0]?.[0];
}

async function existingColumns(connection: DuckDBConnection): Promise<Map<string, string>> {
  const reader = await connection.runAndReadAll(
    "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() AND table_name = 'flows' ORDER BY column_index",
  );
  return new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
}

async function readVersion(connection: DuckDBConnection): Promise<number | null> {
  const present = await scalar(
    connection,
    "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND table_name = 'wireglass_schema'",
  );
  if (Number(present) === 0) return null;
  return Number(await scalar(connection, 'SELECT max(version) FROM wireglass_schema'));
}

async function create(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `BEGIN; ${createTable('flows')}; CREATE TABLE wireglass_schema (version UINTEGER NOT NULL);
     INSERT INTO wireglass_schema VALUES (${schemaVersion}); COMMIT`,
  );
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
 * Makes the tables, or adds the columns that a file of an older version lacks (see valueBefore). Returns the columns
 * in the table's order. Throws `store_incompatible` for a file of a newer version or with other types.
 */
export async function prepareSchema(
  connection: DuckDBConnection,
  path: string,
): Promise<readonly TableColumn[]> {
  const version = await readVersion(connection);
  if (version === null) await create(connection);
  else if (version > schemaVersion) {
    throw new AppError('store_incompatible', {
      reason: `${path} has schema version ${version}, this version of Wireglass knows up to ${schemaVersion}: use the newer one, or move the file away`,
      path,
    });
  }
  await migrate(connection, await existingColumns(connection), path);
  const names = [...(await existingColumns(connection)).keys()];
  return names.flatMap((name) => wanted.find((column) => column.name === name) ?? []);
}
