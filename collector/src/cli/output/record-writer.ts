import { flowFields, type FlowBatch, type FlowField, type FlowRecord } from '@wireglass/native';
import { fieldNamed } from '../../model/columns.js';
import type { FilterNode } from '../../model/filter.js';
import { compileFilter, type RowTest } from '../../query/compile-filter.js';
import { ParquetRecords, writeParquetRows } from '../../stores/duckdb/flows/parquet-file.js';
import { FlowTable } from './flow-table.js';
import { csvLine, csvLineOf, jsonLine, LineText } from './line-text.js';
import { OutputFile } from './output-file.js';
import { fieldColumn, standardColumns } from './table-columns.js';
import { TextOutput } from './text-output.js';
import { TopRows, type RecordOrder } from './top-rows.js';

export const outputFormats = ['table', 'json', 'csv', 'parquet'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Takes records as they come and writes them, now or at the end. */
export interface RecordWriter {
  batch(batch: FlowBatch): void;
  /** Writes what is left; a file has its name from then on. */
  end(): Promise<void>;
  /** Gives up: of a file nothing is left. */
  discard(): void;
}

export interface RecordOptions {
  format: OutputFormat;
  /** standard output without one */
  path?: string | undefined;
  filter: FilterNode | null;
  /** fields to write, null for the standard ones: all, or what the table shows */
  fields: readonly FlowField[] | null;
  wide: boolean;
  /** so many records in this order; Infinity and null: all as they come */
  top: number;
  order: RecordOrder | null;
}

const bytesField = fieldNamed('bytes');
if (bytesField === undefined) throw new Error('the field table has no bytes');
export const mostBytes: RecordOrder = { field: bytesField, descending: true };

abstract class FilteringWriter implements RecordWriter {
  constructor(private readonly filter: FilterNode | null) {}

  batch(batch: FlowBatch): void {
    this.take(batch, this.filter === null ? null : compileFilter(this.filter, batch));
  }

  protected abstract take(batch: FlowBatch, passes: RowTest | null): void;
  abstract end(): Promise<void>;
  abstract discard(): void;
}

/** One line per record, passed on batch by batch. */
class LineWriter extends FilteringWriter {
  constructor(
    private readonly output: TextOutput,
    private readonly lines: LineText,
    filter: FilterNode | null,
  ) {
    super(filter);
  }

  protected take(batch: FlowBatch, passes: RowTest | null): void {
    const line = this.lines.of(batch);
    for (let row = 0; row < batch.rows; row++) {
      if (passes === null || passes(row)) this.output.write(line(row));
    }
  }

  async end(): Promise<void> {
    this.output.close();
  }

  discard(): void {
    this.output.discard();
  }
}

/** The table is sorted, so it is written at the end. */
class TableWriter extends FilteringWriter {
  constructor(
    private readonly output: TextOutput,
    private readonly table: FlowTable,
    filter: FilterNode | null,
  ) {
    super(filter);
  }

  protected take(batch: FlowBatch, passes: RowTest | null): void {
    this.table.add(batch, passes);
  }

  async end(): Promise<void> {
    for (const line of this.table.lines()) this.output.write(line);
    this.output.close();
  }

  discard(): void {
    this.output.discard();
  }
}

/** The first records in an order, as lines. */
class TopWriter extends FilteringWriter {
  private readonly rows: TopRows;

  constructor(
    private readonly output: TextOutput,
    private readonly line: (record: FlowRecord) => string,
    top: number,
    order: RecordOrder,
    filter: FilterNode | null,
  ) {
    super(filter);
    this.rows = new TopRows(top, order);
  }

  protected take(batch: FlowBatch, passes: RowTest | null): void {
    this.rows.add(batch, passes);
  }

  async end(): Promise<void> {
    for (const record of this.rows.records()) this.output.write(this.line(record));
    this.output.close();
  }

  discard(): void {
    this.output.discard();
  }
}

/** Records in a Parquet file, as they come. */
class ParquetWriter implements RecordWriter {
  constructor(
    private readonly file: OutputFile,
    private readonly records: ParquetRecords,
  ) {}

  batch(batch: FlowBatch): void {
    this.records.add(batch);
  }

  async end(): Promise<void> {
    await this.records.finish(this.file.writePath);
    this.records.close();
    this.file.finish();
  }

  discard(): void {
    this.records.close();
    this.file.discard();
  }
}

/** The first records in an order, in a Parquet file. */
class ParquetTopWriter extends FilteringWriter {
  private readonly rows: TopRows;

  constructor(
    private readonly file: OutputFile,
    private readonly fields: readonly FlowField[],
    top: number,
    order: RecordOrder,
    filter: FilterNode | null,
  ) {
    super(filter);
    this.rows = new TopRows(top, order);
  }

  protected take(batch: FlowBatch, passes: RowTest | null): void {
    this.rows.add(batch, passes);
  }

  async end(): Promise<void> {
    await writeParquetRows(this.file.writePath, this.fields, this.cells());
    this.file.finish();
  }

  discard(): void {
    this.file.discard();
  }

  private async *cells(): AsyncGenerator<(string | number)[]> {
    for (const record of this.rows.records()) yield this.fields.map(({ name }) => record[name]);
  }
}

function lineOf(format: 'json' | 'csv', fields: readonly FlowField[]): (record: FlowRecord) => string {
  if (format === 'csv') return (record) => csvLineOf(fields.map(({ name }) => String(record[name])));
  return (record) =>
    `${JSON.stringify(Object.fromEntries(fields.map(({ name }) => [name, record[name]])))}\n`;
}

/** Opens the output. Throws what opening throws. */
export async function createRecordWriter(options: RecordOptions): Promise<RecordWriter> {
  const { format, path, filter, top } = options;
  const order = options.order ?? mostBytes;
  const fields = options.fields ?? flowFields;
  const inOrder = top !== Infinity || options.order !== null;
  if (format === 'parquet') {
    const file = OutputFile.create(path ?? '');
    if (inOrder) return new ParquetTopWriter(file, fields, top, order, filter);
    return new ParquetWriter(file, await ParquetRecords.open(fields, filter));
  }
  const output = TextOutput.open(path);
  if (format === 'table') {
    const columns = options.fields?.map(fieldColumn) ?? standardColumns(options.wide);
    return new TableWriter(output, new FlowTable(top, order, columns), filter);
  }
  if (format === 'csv') output.write(csvLineOf(fields.map(({ name }) => name)));
  if (inOrder) return new TopWriter(output, lineOf(format, fields), top, order, filter);
  return new LineWriter(output, new LineText(fields, format === 'csv' ? csvLine : jsonLine), filter);
}
