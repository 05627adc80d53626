import {
  BIGINT,
  DuckDBDataChunk,
  INTEGER,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { Columns } from './schema.js';

const vectorRows = 2_048;

/** Numbers of a column as the engine has them in memory; null for a column of another type. */
function numbersOf(type: DuckDBType, values: readonly DuckDBValue[]): ArrayBuffer | null {
  if (type === BIGINT) return BigInt64Array.from(values as readonly bigint[]).buffer;
  if (type === INTEGER) return Int32Array.from(values as readonly number[]).buffer;
  return null;
}

/** Appends rows that are given column by column, within the connection's transaction. Numbers are never NULL. */
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
    const count = Math.min(vectorRows, rows - from);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [place, type] of types.entries()) {
      const part = (values[place] ?? []).slice(from, from + count);
      const numbers = numbersOf(type, part);
      if (numbers === null) chunk.setColumnValues(place, part);
      else {
        const vector = duckdb.data_chunk_get_vector(chunk.chunk, place);
        duckdb.copy_data_to_vector(vector, 0, numbers, 0, numbers.byteLength);
      }
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
