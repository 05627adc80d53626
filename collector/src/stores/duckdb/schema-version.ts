import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../model/errors.js';

/** Version of what stands in the file beside the columns of records; a file with a higher one is refused. */
export const schemaVersion = 2;

export async function scalar(connection: DuckDBConnection, sql: string): Promise<unknown> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRows()[0]?.[0];
}

/** Tables of the file (those in memory beside it left out), in the order of their names. */
export async function tablesNamed(connection: DuckDBConnection, pattern: string): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    `SELECT table_name FROM duckdb_tables()
     WHERE database_name = current_database() AND regexp_full_match(table_name, '${pattern}') ORDER BY table_name`,
  );
  return reader.getRows().map(([name]) => String(name));
}

/** Throws `store_incompatible` for a file of a newer version; a new file gets this one. */
export async function checkVersion(connection: DuckDBConnection, path: string): Promise<void> {
  if ((await tablesNamed(connection, 'wireglass_schema')).length === 0) {
    await connection.run(
      `BEGIN; CREATE TABLE wireglass_schema (version UINTEGER NOT NULL);
       INSERT INTO wireglass_schema VALUES (${schemaVersion}); COMMIT`,
    );
    return;
  }
  const version = Number(await scalar(connection, 'SELECT max(version) FROM wireglass_schema'));
  if (version === schemaVersion) return;
  if (version < schemaVersion) {
    // what is to be changed shows in the tables themselves, so that it may be changed later, or again
    await connection.run(`UPDATE wireglass_schema SET version = ${schemaVersion}`);
    return;
  }
  throw new AppError('store_incompatible', {
    reason: `${path} has schema version ${version}, this version of Wireglass knows up to ${schemaVersion}: use the newer one, or move the file away`,
    path,
  });
}
