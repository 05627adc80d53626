import type { DuckDBConnection } from '@duckdb/node-api';

/** Lists and objects are JSON texts: nothing here is asked for by what is within them, but for tags (see tagText). */
export async function prepareHistoryTables(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    BEGIN;
    CREATE TABLE IF NOT EXISTS captures (
      run BIGINT PRIMARY KEY, start_ns BIGINT NOT NULL, end_ns BIGINT NOT NULL, state VARCHAR NOT NULL,
      started_by VARCHAR NOT NULL, ended_by VARCHAR, source VARCHAR NOT NULL, backend VARCHAR,
      interfaces VARCHAR NOT NULL, settings VARCHAR NOT NULL, counters VARCHAR, ledger VARCHAR,
      failures VARCHAR NOT NULL);
    CREATE TABLE IF NOT EXISTS events (
      id VARCHAR PRIMARY KEY, time_ns BIGINT NOT NULL, end_ns BIGINT, kind VARCHAR NOT NULL,
      severity INTEGER NOT NULL, title VARCHAR NOT NULL, text VARCHAR NOT NULL, tags VARCHAR NOT NULL);
    COMMIT`);
}

/**
 * A tag as it stands in the JSON text of tags. Quotes within names and values are escaped there, so that this text is
 * found for that tag only.
 */
export const tagText = (name: string, value: string): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)}`;
