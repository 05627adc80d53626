import {
  flowColumns,
  flowFields,
  type FlowBatch,
  type FlowColumn,
  type FlowField,
  type FlowRecord,
} from '@wireglass/native';
import { formatAddress } from './addresses.js';

/** A column's values, whether they lie in a batch of the core or came out of a store. */
export type ColumnValues = ArrayLike<number | bigint>;

/** The columns of a batch as views on its memory, in the order of `flowColumns`. */
export function batchColumns(batch: Pick<FlowBatch, 'columns' | 'rows'>): ColumnValues[] {
  return flowColumns.map(({ type, width, offset }) => {
    if (type === 'time') return new BigInt64Array(batch.columns, offset, batch.rows);
    if (width === 8) return new BigUint64Array(batch.columns, offset, batch.rows);
    if (width === 4) return new Uint32Array(batch.columns, offset, batch.rows);
    if (width === 2) return new Uint16Array(batch.columns, offset, batch.rows);
    return new Uint8Array(batch.columns, offset, batch.rows);
  });
}

type JsonValue = string | number;

const maxCachedAddresses = 65_536;
const addressTexts = new Map<bigint, string>();

function addressText(hi: bigint, lo: bigint): string {
  const key = (hi << 64n) | lo;
  let text = addressTexts.get(key);
  if (text === undefined) {
    if (addressTexts.size >= maxCachedAddresses) addressTexts.clear();
    text = formatAddress(hi, lo);
    addressTexts.set(key, text);
  }
  return text;
}

function fieldReader(field: FlowField): (columns: readonly ColumnValues[], row: number) => JsonValue {
  const first = flowColumns.findIndex((column) => column.field === field.name);
  const at = (columns: readonly ColumnValues[], index: number, row: number): number | bigint =>
    columns[index]?.[row] ?? 0;
  switch (field.type) {
    case 'ip':
      return (columns, row) =>
        addressText(BigInt(at(columns, first, row)), BigInt(at(columns, first + 1, row)));
    case 'enum':
      return (columns, row) => {
        const value = Number(at(columns, first, row));
        return field.values?.[value] ?? String(value);
      };
    case 'time':
      return (columns, row) => at(columns, first, row).toString();
    case 'u64':
      if (field.role === 'identity') return (columns, row) => at(columns, first, row).toString();
      return (columns, row) => Number(at(columns, first, row));
    default:
      return (columns, row) => Number(at(columns, first, row));
  }
}

const readers = flowFields.map((field) => ({ name: field.name, read: fieldReader(field) }));

/** Row `row` of columns in the order of `flowColumns` as the record that the API and the command line show. */
export function flowRecord(columns: readonly ColumnValues[], row: number): FlowRecord {
  const record: Record<string, JsonValue> = {};
  for (const { name, read } of readers) record[name] = read(columns, row);
  return record as unknown as FlowRecord;
}

/** The columns that a field takes: two for an address, one otherwise. */
export const columnsOf = (field: keyof FlowRecord): FlowColumn[] =>
  flowColumns.filter((column) => column.field === field);
