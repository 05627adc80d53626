import { flowFields, type FlowBatch, type FlowRecord } from '@wireglass/native';
import type { FilterNode } from '../../model/filter.js';
import { batchColumns } from '../../model/columns.js';
import { flowRecord } from '../../model/flow-rows.js';
import { matchesFilter } from '../../query/evaluate.js';
import { FlowTable } from './flow-table.js';
import type { TextOutput } from './text-output.js';

export const outputFormats = ['table', 'json', 'csv'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Takes records as they come and writes them, now or at the end. */
export interface RecordWriter {
  batch(batch: FlowBatch): void;
  end(): void;
}

const names = flowFields.map(({ name }) => name);

/** A field of a CSV line, quoted where RFC 4180 section 2 demands it. */
export const csvField = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const csvLine = (values: readonly string[]): string => `${values.map(csvField).join(',')}\r\n`;

const csvRecord = (record: FlowRecord): string => csvLine(names.map((name) => String(record[name])));

/** One line per record, passed on batch by batch. */
class LineWriter implements RecordWriter {
  constructor(
    private readonly output: TextOutput,
    private readonly line: (record: FlowRecord) => string,
    private readonly filter: FilterNode | null,
  ) {}

  batch(batch: FlowBatch): void {
    const columns = batchColumns(batch);
    for (let row = 0; row < batch.rows; row++) {
      const record = flowRecord(columns, row);
      if (this.filter === null || matchesFilter(this.filter, record)) this.output.write(this.line(record));
    }
  }

  end(): void {
    this.output.flush();
  }
}

/** The table is sorted, so it is written at the end; `limit` rows are kept. */
class TableWriter implements RecordWriter {
  private readonly table: FlowTable;

  constructor(
    private readonly output: TextOutput,
    limit: number,
    private readonly filter: FilterNode | null,
  ) {
    this.table = new FlowTable(limit);
  }

  batch(batch: FlowBatch): void {
    const { filter } = this;
    this.table.add(batch, filter === null ? null : (record) => matchesFilter(filter, record));
  }

  end(): void {
    for (const line of this.table.lines()) this.output.write(line);
    this.output.flush();
  }
}

export function createRecordWriter(
  format: OutputFormat,
  output: TextOutput,
  options: { limit: number; filter: FilterNode | null },
): RecordWriter {
  switch (format) {
    case 'table':
      return new TableWriter(output, options.limit, options.filter);
    case 'json':
      return new LineWriter(output, (record) => `${JSON.stringify(record)}\n`, options.filter);
    case 'csv':
      output.write(csvLine(names));
      return new LineWriter(output, csvRecord, options.filter);
  }
}
