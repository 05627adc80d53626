import type { FlowBatch, FlowRecord } from '@wireglass/native';
import { columnNamed, columnsOf, numbersOf, rowColumns, type RecordColumn } from '../../../model/columns.js';
import { AppError, errorMessage } from '../../../model/errors.js';
import { flowRecord } from '../../../model/flow-rows.js';
import { ColumnWriter, maxRowsPerWrite } from '../column-writer.js';
import type { Connection } from '../database.js';
import type { Serial } from '../../../model/serial.js';
import { tableColumns, tableOf } from '../tables.js';
import type { LiveSource } from './sources.js';

const identity = ['flow_id', 'record_index'] as const;
const batchesPerWrite = Math.floor(maxRowsPerWrite / 2_048);

interface Table {
  name: string;
  columns: ReadonlySet<string>;
  source: Promise<LiveSource>;
}

/**
 * One snapshot of the live flows. A record has many columns and a query reads few of them: tables are made with the
 * columns of a query, and shared by those that read no others.
 */
export class LiveView {
  /** queries that read it */
  users = 0;
  /** no further query shall read it */
  stale = false;
  private readonly tables: Table[] = [];
  private readonly minFlowId: bigint | null;
  /** number of the first row of each batch */
  private readonly firstRows: number[] = [];

  constructor(
    private readonly connection: Connection,
    /** whoever uses the connection does */
    private readonly serial: Serial,
    private readonly name: string,
    private readonly batches: readonly FlowBatch[],
    private readonly fromSequence: number,
  ) {
    this.minFlowId = minFlowId(batches);
    let first = 0;
    for (const { rows } of batches) {
      this.firstRows.push(first);
      first += rows;
    }
  }

  /** A table with the columns of these fields at least. Throws `store_failed`. */
  with(fields: readonly (keyof FlowRecord)[]): Promise<LiveSource> {
    const wanted = [...new Set([...identity, ...fields])].flatMap(columnsOf);
    const known = this.tables.find(({ columns }) => wanted.every(({ name }) => columns.has(name)));
    if (known !== undefined) return known.source;
    const name = `${this.name}_${this.tables.length}`;
    const columns = new Set(wanted.map((column) => column.name));
    const source = this.serial
      .run(() => this.make(name, wanted))
      .then(() => ({
        table: `live.${name}`,
        columns,
        minFlowId: this.minFlowId,
        fromSequence: this.fromSequence,
        recordAt: (row: number) => this.recordAt(row),
      }));
    this.tables.push({ name, columns, source });
    return source;
  }

  async drop(): Promise<void> {
    for (const { name } of this.tables.splice(0)) {
      await this.serial.run(() => this.connection.api.run(`DROP TABLE IF EXISTS live.${name}`));
    }
  }

  private async make(name: string, columns: readonly RecordColumn[]): Promise<void> {
    const table = tableColumns(columns);
    try {
      await this.connection.api.run(tableOf(`live.${name}`, table));
      const writer = new ColumnWriter(this.connection.raw, table, name, 'live');
      for (let start = 0; start < this.batches.length; start += batchesPerWrite) {
        writer.write(this.batches.slice(start, start + batchesPerWrite), 0);
      }
    } catch (error) {
      throw new AppError('store_failed', { reason: `live flows: ${errorMessage(error)}` }, { cause: error });
    }
  }

  private recordAt(row: number): FlowRecord {
    const index = this.firstRows.findLastIndex((first) => first <= row);
    const batch = this.batches[index];
    if (batch === undefined) throw new RangeError(`row ${row} of the live flows`);
    return flowRecord(rowColumns(batch, row - (this.firstRows[index] ?? 0)), 0);
  }
}

function minFlowId(batches: readonly FlowBatch[]): bigint | null {
  let least: bigint | null = null;
  for (const batch of batches) {
    for (const id of numbersOf(batch, columnNamed('flow_id').place)) {
      if (least === null || id < least) least = BigInt(id);
    }
  }
  return least;
}
