import type { DuckDBType } from '@duckdb/node-api';
import { BIGINT, UBIGINT, UINTEGER, USMALLINT, UTINYINT, VARCHAR } from '@duckdb/node-api';
import type { FlowBatch } from '@wireglass/native';
import type { RecordColumn } from '../../model/columns.js';

export const duckDbTypes: Readonly<Record<RecordColumn['type'], DuckDBType>> = {
  u8: UTINYINT,
  u16: USMALLINT,
  u32: UINTEGER,
  u64: UBIGINT,
  time: BIGINT,
  enum: UTINYINT,
  mac: UBIGINT,
  string: VARCHAR,
};

/** A column in the order of the table: out of a batch, or (stored_at_s) the time, or texts made row by row. */
export interface TableColumn {
  name: string;
  type: DuckDBType;
  source: RecordColumn | 'stored_at' | ((batch: FlowBatch) => (row: number) => string);
}

/** Table columns for columns of records. */
export const tableColumns = (columns: readonly RecordColumn[]): TableColumn[] =>
  columns.map((source) => ({ name: source.name, type: duckDbTypes[source.type], source }));

const definition = ({ name, type }: TableColumn): string => `${name} ${type.toString()} NOT NULL`;

export const tableOf = (name: string, columns: readonly TableColumn[]): string =>
  `CREATE TABLE ${name} (${columns.map(definition).join(', ')})`;
