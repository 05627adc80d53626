import type { FlowBatch, FlowField, FlowRecord } from '@wireglass/native';
import { batchColumns, columnNamed, fieldNamed, numbersOf, type ColumnValues } from '../../model/columns.js';
import { flowRecord } from '../../model/flow-rows.js';
import type { RowTest } from '../../query/compile-filter.js';

/** What records are ordered by: a field; `bytes` and `packets` of both directions together. */
export interface RecordOrder {
  field: FlowField;
  descending: boolean;
}

type Key = number | bigint;

interface Kept {
  key: Key;
  columns: ColumnValues[];
  row: number;
}

const numeric: ReadonlySet<FlowField['type']> = new Set(['u8', 'u16', 'u32', 'u64', 'time']);

/** Whether records can be ordered by that field. */
export const isOrdered = (field: FlowField): boolean => numeric.has(field.type);

function keyReader(field: FlowField, batch: FlowBatch): (row: number) => Key {
  const values = numbersOf(batch, columnNamed(field.name).place);
  if (field.type === 'time') return (row) => values[row] ?? 0n;
  const reverse =
    field.name === 'bytes' || field.name === 'packets' ? fieldNamed(`rev_${field.name}`) : undefined;
  if (reverse === undefined) return (row) => Number(values[row] ?? 0);
  const reverseValues = numbersOf(batch, columnNamed(reverse.name).place);
  return (row) => Number(values[row] ?? 0) + Number(reverseValues[row] ?? 0);
}

/** The first records in an order; memory grows with `limit`, not with the input. */
export class TopRows {
  private kept: Kept[] = [];
  private threshold: Key | null = null;
  private passed = 0;

  constructor(
    private readonly limit: number,
    private readonly order: RecordOrder,
  ) {}

  /** Records that were offered and passed. */
  get seen(): number {
    return this.passed;
  }

  add(batch: FlowBatch, passes: RowTest | null): void {
    const key = keyReader(this.order.field, batch);
    let columns: ColumnValues[] | null = null;
    for (let row = 0; row < batch.rows; row++) {
      if (passes !== null && !passes(row)) continue;
      this.passed++;
      const value = key(row);
      if (this.threshold !== null && !this.before(value, this.threshold)) continue;
      columns ??= batchColumns(batch);
      this.kept.push(this.keep(value, columns, row));
    }
    this.shrink();
  }

  /** In order; equal ones as they came. */
  *records(): Generator<FlowRecord> {
    this.sort();
    for (const { columns, row } of this.kept.slice(0, this.limit)) yield flowRecord(columns, row);
  }

  private before(left: Key, right: Key): boolean {
    return this.order.descending ? left > right : left < right;
  }

  private keep(key: Key, columns: ColumnValues[], row: number): Kept {
    if (this.limit === Infinity) return { key, columns, row };
    // a copy of the row, so that a whole batch is not held for it
    return { key, columns: columns.map((column) => [column[row] ?? 0]), row: 0 };
  }

  private sort(): void {
    this.kept.sort((left, right) => (left.key === right.key ? 0 : this.before(left.key, right.key) ? -1 : 1));
  }

  private shrink(): void {
    if (this.kept.length <= this.limit) return;
    this.sort();
    this.kept = this.kept.slice(0, this.limit);
    this.threshold = this.kept.at(-1)?.key ?? null;
  }
}
