import { flowColumns, flowFields, flowHeapOffset, type FlowBatch, type FlowColumn } from '@wireglass/native';
import type { FlowField, FlowRecord } from '@wireglass/native';

/** A column of flow records as a store keeps it: as in a batch, but a string is one column. */
export interface RecordColumn {
  readonly name: string;
  readonly field: keyof FlowRecord;
  readonly type: FlowColumn['type'] | 'string';
  /** where a batch has it; of a string: where its bytes begin in the heap */
  readonly place: FlowColumn;
  /** of a string: where a batch has its length */
  readonly length: FlowColumn | null;
}

/** A column's values, whether they lie in a batch of the core or came out of a store. */
export type ColumnValues = ArrayLike<number | bigint | string>;

const placeOf = (name: string): FlowColumn | undefined => flowColumns.find((place) => place.name === name);

function columnsOfField({ name, type }: FlowField): RecordColumn[] {
  if (type !== 'string') {
    return flowColumns
      .filter(({ field }) => field === name)
      .map((place) => ({ name: place.name, field: name, type: place.type, place, length: null }));
  }
  const [place, length] = [placeOf(`${name}_at`), placeOf(`${name}_length`)];
  if (place === undefined || length === undefined) throw new Error(`no columns of the string ${name}`);
  return [{ name, field: name, type, place, length }];
}

/** The columns of a record in the order of the field table. */
export const recordColumns: readonly RecordColumn[] = flowFields.flatMap(columnsOfField);

const columnsByName = new Map(recordColumns.map((column) => [column.name, column]));
const fieldsByName = new Map<string, FlowField>(flowFields.map((field) => [field.name, field]));

export function columnNamed(name: string): RecordColumn {
  const column = columnsByName.get(name);
  if (column === undefined) throw new Error(`no column ${name} in the field table`);
  return column;
}

export const fieldNamed = (name: string): FlowField | undefined => fieldsByName.get(name);

/** The columns that a field takes: two for an address, one otherwise. */
export const columnsOf = (field: keyof FlowRecord): RecordColumn[] =>
  recordColumns.filter((column) => column.field === field);

type Rows = Pick<FlowBatch, 'columns' | 'rows'>;

/** A numeric column of a batch as a view on its memory. */
export function numbersOf({ columns, rows }: Rows, { type, width, offset }: FlowColumn) {
  if (type === 'time') return new BigInt64Array(columns, offset, rows);
  if (width === 8) return new BigUint64Array(columns, offset, rows);
  if (width === 4) return new Uint32Array(columns, offset, rows);
  if (width === 2) return new Uint16Array(columns, offset, rows);
  return new Uint8Array(columns, offset, rows);
}

/**
 * Calls `use` with the UTF-8 bytes of every string of a batch's column that is not empty. The bytes came from packets:
 * whoever needs valid UTF-8 checks it.
 */
export function eachString(
  batch: Rows,
  column: RecordColumn,
  use: (row: number, bytes: Buffer) => void,
): void {
  if (column.length === null) throw new Error(`${column.name} holds no strings`);
  const lengths = new Uint8Array(batch.columns, column.length.offset, batch.rows);
  const starts = new Uint32Array(batch.columns, column.place.offset, batch.rows);
  for (let row = 0; row < batch.rows; row++) {
    const length = lengths[row] ?? 0;
    if (length > 0) use(row, Buffer.from(batch.columns, flowHeapOffset + (starts[row] ?? 0), length));
  }
}

function stringAt({ columns, rows }: Rows, column: RecordColumn, row: number): string {
  if (column.length === null) throw new Error(`${column.name} holds no strings`);
  const length = new Uint8Array(columns, column.length.offset, rows)[row] ?? 0;
  const start = new Uint32Array(columns, column.place.offset, rows)[row] ?? 0;
  return Buffer.from(columns, flowHeapOffset + start, length).toString('utf8');
}

/** A column of a batch: a view on its memory, strings as texts (what is no UTF-8 becomes U+FFFD). */
export function batchColumn(batch: Rows, column: RecordColumn): ColumnValues {
  if (column.type !== 'string') return numbersOf(batch, column.place);
  const texts = new Array<string>(batch.rows).fill('');
  eachString(batch, column, (row, bytes) => (texts[row] = bytes.toString('utf8')));
  return texts;
}

/** One row of a batch: its columns, of one value each, in the order of `recordColumns`. */
export const rowColumns = (batch: Rows, row: number): ColumnValues[] =>
  recordColumns.map((column) =>
    column.type === 'string'
      ? [stringAt(batch, column, row)]
      : numbersOf(batch, column.place).subarray(row, row + 1),
  );

/** All columns of a batch in the order of `recordColumns`. */
export const batchColumns = (batch: Rows): ColumnValues[] =>
  recordColumns.map((column) => batchColumn(batch, column));
