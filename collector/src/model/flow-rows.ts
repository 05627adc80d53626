import { flowFields, type FlowField, type FlowRecord } from '@wireglass/native';
import { formatAddress } from './addresses.js';
import { recordColumns, type ColumnValues } from './columns.js';
import { formatMac } from './mac.js';

type JsonValue = string | number;

const maxCachedTexts = 65_536;

/** Remembers the texts of addresses, which come again and again; begins anew when it is full. */
function cached(format: (key: bigint) => string): (key: bigint) => string {
  const texts = new Map<bigint, string>();
  return (key) => {
    let text = texts.get(key);
    if (text === undefined) {
      if (texts.size >= maxCachedTexts) texts.clear();
      text = format(key);
      texts.set(key, text);
    }
    return text;
  };
}

const low64 = (1n << 64n) - 1n;
const addressText = cached((key) => formatAddress(key >> 64n, key & low64));
const macText = cached(formatMac);

function fieldReader(field: FlowField): (columns: readonly ColumnValues[], row: number) => JsonValue {
  const first = recordColumns.findIndex((column) => column.field === field.name);
  const at = (columns: readonly ColumnValues[], index: number, row: number): number | bigint | string =>
    columns[index]?.[row] ?? 0;
  switch (field.type) {
    case 'ip':
      return (columns, row) =>
        addressText((BigInt(at(columns, first, row)) << 64n) | BigInt(at(columns, first + 1, row)));
    case 'mac':
      return (columns, row) => macText(BigInt(at(columns, first, row)));
    case 'enum':
      return (columns, row) => {
        const value = Number(at(columns, first, row));
        return field.values?.[value] ?? String(value);
      };
    case 'string':
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

/** Row `row` of columns in the order of `recordColumns` as the record that the API and the command line show. */
export function flowRecord(columns: readonly ColumnValues[], row: number): FlowRecord {
  const record: Record<string, JsonValue> = {};
  for (const { name, read } of readers) record[name] = read(columns, row);
  return record as unknown as FlowRecord;
}
