import type { FlowBatch } from '@wireglass/native';
import type { RowTest } from '../../query/compile-filter.js';
import { alignedLines } from './human.js';
import type { TableColumn } from './table-columns.js';
import { TopRows, type RecordOrder } from './top-rows.js';

/** The first records in an order as a table. */
export class FlowTable {
  private readonly rows: TopRows;

  constructor(
    limit: number,
    order: RecordOrder,
    private readonly columns: readonly TableColumn[],
  ) {
    this.rows = new TopRows(limit, order);
  }

  add(batch: FlowBatch, passes: RowTest | null): void {
    this.rows.add(batch, passes);
  }

  /** The table line by line, and a last line that says what it leaves out. */
  *lines(): Generator<string> {
    const rows: string[][] = [];
    for (const record of this.rows.records()) rows.push(this.columns.map(({ cell }) => cell(record)));
    const shown = [...this.columns.keys()].filter(
      (index) => this.columns[index]?.shown === 'always' || rows.some((row) => row[index] !== ''),
    );
    const header = shown.map((index) => this.columns[index]?.header ?? '');
    const right = new Set(this.columns.filter((column) => column.right).map((column) => column.header));
    yield* alignedLines(
      header,
      rows.map((row) => shown.map((index) => row[index] ?? '')),
      right,
    );
    const { seen } = this.rows;
    const more = seen - rows.length;
    if (more > 0) yield `… and ${more} more ${more === 1 ? 'record' : 'records'} (--all shows them)\n`;
    else yield `${seen} ${seen === 1 ? 'record' : 'records'}\n`;
  }
}
