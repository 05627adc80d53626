import { TIMESTAMP_NS, UBIGINT, VARCHAR, type DuckDBAppender, type DuckDBType } from '@duckdb/node-api';
import { DuckDBTimestampNanosecondsValue } from '@duckdb/node-api';
import type { FlowBatch, FlowField } from '@wireglass/native';
import { columnsOf, type RecordColumn } from '../../../model/columns.js';
import type { FilterNode } from '../../../model/filter.js';
import { addressText } from '../../../model/number-text.js';
import { filterFields, filterToSql } from '../../../query/sql.js';
import { ColumnWriter } from '../column-writer.js';
import type { Connection } from '../database.js';
import { bindings, ScratchDatabase } from '../scratch.js';
import { duckDbTypes, tableColumns, tableOf, type TableColumn } from '../tables.js';

const batchesPerWrite = 16;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** COPY of what `select` gives to a Parquet file. */
const copyTo = (select: string, path: string): string =>
  `COPY (${select}) TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`;

const wordsOf = (batch: FlowBatch, { place }: RecordColumn): Uint32Array =>
  new Uint32Array(batch.columns, place.offset, 2 * batch.rows);

/** The texts of an address field, made here because the engine has no function for them. */
function addressColumn({ name }: FlowField): TableColumn {
  const [high, low] = columnsOf(name);
  if (high === undefined || low === undefined) throw new Error(`${name} is no address`);
  return {
    name: `${name}_text`,
    type: VARCHAR,
    source: (batch) => {
      const [highWords, lowWords] = [wordsOf(batch, high), wordsOf(batch, low)];
      return (row) => addressText(highWords, lowWords, row);
    },
  };
}

/** SQL that gives a field as the file has it: times as TIMESTAMP_NS, names as texts, numbers in their width. */
function fileExpression({ name, type, values = [] }: FlowField): string {
  switch (type) {
    case 'ip':
      return `${name}_text`;
    case 'time':
      return `make_timestamp_ns(${name})`;
    case 'enum':
      return `coalesce([${values.map(quoted).join(', ')}][${name} + 1], ${name}::VARCHAR)`;
    case 'mac': {
      const octets = [1, 3, 5, 7, 9, 11].map((at) => `substr(lpad(lower(hex(${name})), 12, '0'), ${at}, 2)`);
      return `concat_ws(':', ${octets.join(', ')})`;
    }
    default:
      return name;
  }
}

/** Flow records into a Parquet file (ZSTD): gathered in a scratch database, written at the end. */
export class ParquetRecords {
  private waiting: FlowBatch[] = [];

  private constructor(
    private readonly fields: readonly FlowField[],
    private readonly filter: FilterNode | null,
    private readonly columns: readonly TableColumn[],
    private readonly scratch: ScratchDatabase,
    private readonly connection: Connection,
  ) {}

  static async open(fields: readonly FlowField[], filter: FilterNode | null): Promise<ParquetRecords> {
    const plain = fields.filter(({ type }) => type !== 'ip').map(({ name }) => name);
    const needed = new Set([...plain, ...(filter === null ? [] : filterFields(filter))]);
    const columns = [
      ...tableColumns([...needed].flatMap(columnsOf)),
      ...fields.filter(({ type }) => type === 'ip').map(addressColumn),
    ];
    const scratch = await ScratchDatabase.open();
    const connection = await scratch.connect();
    await connection.api.run(tableOf('records', columns));
    return new ParquetRecords(fields, filter, columns, scratch, connection);
  }

  /** Throws what the engine throws when neither memory nor disk takes more. */
  add(batch: FlowBatch): void {
    if (batch.rows === 0) return;
    this.waiting.push(batch);
    if (this.waiting.length >= batchesPerWrite) this.write();
  }

  async finish(path: string): Promise<void> {
    this.write();
    const { sql, parameters } =
      this.filter === null ? { sql: 'true', parameters: [] } : filterToSql(this.filter);
    const { values, types } = bindings(parameters);
    const selected = this.fields.map((field) => `${fileExpression(field)} AS ${field.name}`);
    const select = `SELECT ${selected.join(', ')} FROM records WHERE ${sql}`;
    await this.connection.api.run(copyTo(select, path), values, types);
  }

  close(): void {
    this.scratch.close();
  }

  private write(): void {
    new ColumnWriter(this.connection.raw, this.columns, 'records').write(this.waiting.splice(0), 0);
  }
}

export type CellType = FlowField['type'] | 'double';
type Cell = string | number | null;

function cellType(type: CellType): DuckDBType | 'double' {
  if (type === 'double') return 'double';
  if (type === 'time') return TIMESTAMP_NS;
  if (type === 'ip' || type === 'mac' || type === 'enum') return VARCHAR;
  return duckDbTypes[type];
}

function append(appender: DuckDBAppender, type: DuckDBType | 'double', cell: Cell): void {
  if (cell === null) appender.appendNull();
  else if (type === 'double') appender.appendDouble(Number(cell));
  else if (type === TIMESTAMP_NS)
    appender.appendTimestampNanoseconds(new DuckDBTimestampNanosecondsValue(BigInt(cell)));
  else if (type === VARCHAR) appender.appendVarchar(String(cell));
  else appender.appendUBigInt(BigInt(cell));
}

/** Rows of cells into a Parquet file. */
export async function writeParquetRows(
  path: string,
  columns: readonly { name: string; type: CellType }[],
  rows: AsyncIterable<readonly Cell[]>,
): Promise<void> {
  const scratch = await ScratchDatabase.open();
  try {
    const { api } = await scratch.connect();
    const types = columns.map(({ type }) => cellType(type));
    // numbers are appended as the widest and cast by the file's query
    const stored = types.map((type) =>
      type === 'double'
        ? 'DOUBLE'
        : type === VARCHAR || type === TIMESTAMP_NS
          ? type.toString()
          : UBIGINT.toString(),
    );
    await api.run(
      `CREATE TABLE rows (${columns.map(({ name }, index) => `"${name}" ${stored[index]}`).join(', ')})`,
    );
    const appender = await api.createAppender('rows');
    for await (const row of rows) {
      types.forEach((type, index) => append(appender, type, row[index] ?? null));
      appender.endRow();
    }
    appender.closeSync();
    const selected = columns.map(
      ({ name }, index) =>
        `"${name}"::${types[index] === 'double' ? 'DOUBLE' : types[index]?.toString()} AS "${name}"`,
    );
    await api.run(copyTo(`SELECT ${selected.join(', ')} FROM rows`, path));
  } finally {
    scratch.close();
  }
}
