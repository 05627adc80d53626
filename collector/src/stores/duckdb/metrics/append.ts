import { DuckDBDataChunk, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import type { Columns } from './schema.js';

const vectorRows = 2_048;

/** Appends rows that are given column by column, within the connection's transaction. */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  columns: Columns,
  values: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  const rows = values[0]?.length ?? 0;
  if (rows === 0) return;
  const appender = await connection.createAppender(table);
  const types = columns.map(([, type]) => type);
  for (let from = 0; from < rows; from += vectorRows) {
    const chunk = DuckDBDataChunk.create(types);
    chunk.setColumns(values.map((column) => column.slice(from, from + vectorRows)));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
