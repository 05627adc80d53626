import { isUtf8 } from 'node:buffer';
import duckdb from '@duckdb/node-bindings';
import type { FlowBatch } from '@wireglass/native';
import { eachString, type RecordColumn } from '../../model/columns.js';
import type { TableColumn } from './tables.js';

/** Rows that one write() takes at most: the engine commits by itself at 204 800, and a write is to be all or nothing. */
export const maxRowsPerWrite = 131_072;

const vectorRows = 2_048;
/** The engine's string of a row: its length and its bytes or where they are. All zero it is the empty string. */
const stringBytes = 16;
const emptyStrings = new ArrayBuffer(vectorRows * stringBytes);

/** Copies batches column by column into a table, without making a JavaScript value per row. */
export class ColumnWriter {
  private readonly chunk: duckdb.DataChunk;
  private readonly storedAt = new Uint32Array(vectorRows);

  /** `catalog` null is the file itself. */
  constructor(
    private readonly connection: duckdb.Connection,
    private readonly columns: readonly TableColumn[],
    private readonly table: string,
    private readonly catalog: string | null = null,
  ) {
    this.chunk = duckdb.create_data_chunk(columns.map(({ type }) => type.toLogicalType().logical_type));
  }

  /**
   * Appends the rows of all batches in one transaction of its own and commits it. Blocks while the disk does. After an
   * error nothing was stored, unless the engine failed after the commit itself (see FlowWriter.recover).
   */
  write(batches: readonly FlowBatch[], storedAtS: number): void {
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    if (rows > maxRowsPerWrite) throw new RangeError(`${rows} rows in one write, at most ${maxRowsPerWrite}`);
    this.storedAt.fill(storedAtS);
    const appender = duckdb.appender_create_ext(this.connection, this.catalog, null, this.table);
    try {
      for (const batch of batches) this.append(appender, batch);
      duckdb.appender_flush_sync(appender);
      duckdb.appender_close_sync(appender);
    } catch (error) {
      // an appender that still holds rows would try once more to store them when it is collected
      duckdb.appender_clear(appender);
      throw error;
    }
  }

  private append(appender: duckdb.Appender, batch: FlowBatch): void {
    if (batch.rows === 0) return;
    duckdb.data_chunk_reset(this.chunk);
    this.columns.forEach(({ source }, index) => {
      const vector = duckdb.data_chunk_get_vector(this.chunk, index);
      if (source === 'stored_at')
        duckdb.copy_data_to_vector(vector, 0, this.storedAt.buffer, 0, batch.rows * 4);
      else if (typeof source === 'function') copyTexts(vector, batch.rows, source(batch));
      else if (source.type === 'string') copyStrings(vector, batch, source);
      else {
        const { offset, width } = source.place;
        duckdb.copy_data_to_vector(vector, 0, batch.columns, offset, batch.rows * width);
      }
    });
    duckdb.data_chunk_set_size(this.chunk, batch.rows);
    duckdb.append_data_chunk(appender, this.chunk);
  }
}

/** Most strings are empty: those are copied at once, the others one by one. */
function copyStrings(vector: duckdb.Vector, batch: FlowBatch, column: RecordColumn): void {
  duckdb.copy_data_to_vector(vector, 0, emptyStrings, 0, batch.rows * stringBytes);
  eachString(batch, column, (row, bytes) => {
    // the engine takes what is no UTF-8 for NULL
    const valid = isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8'));
    duckdb.vector_assign_string_element_len(vector, row, valid);
  });
}

/** Texts up to this length the engine keeps in the row itself. */
const maxInlineBytes = 12;

/** Texts of ASCII characters, such as addresses. */
function copyTexts(vector: duckdb.Vector, rows: number, text: (row: number) => string): void {
  const inline = new Uint8Array(rows * stringBytes);
  const longer: number[] = [];
  const texts = Array.from({ length: rows }, (_, row) => text(row));
  texts.forEach((value, row) => {
    if (value.length > maxInlineBytes) longer.push(row);
    else {
      inline[row * stringBytes] = value.length;
      for (let at = 0; at < value.length; at++) inline[row * stringBytes + 4 + at] = value.charCodeAt(at);
    }
  });
  duckdb.copy_data_to_vector(vector, 0, inline.buffer, 0, inline.length);
  for (const row of longer) duckdb.vector_assign_string_element(vector, row, texts[row] ?? '');
}
