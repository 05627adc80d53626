import type { FlowBatch } from '@wireglass/native';
import { columnsOf } from '../../../model/columns.js';
import type { FilterNode } from '../../../model/filter.js';
import { groupColumns, type GroupKey } from '../../../query/group-by.js';
import { filterFields, filterToSql } from '../../../query/sql.js';
import { ColumnWriter } from '../column-writer.js';
import type { Connection } from '../database.js';
import { bindings, ScratchDatabase } from '../scratch.js';
import { tableColumns, tableOf, type TableColumn } from '../tables.js';

/** Records are summed up as soon as so many wait; what is kept beside them grows with the groups only. */
export const rowsPerMerge = 1_048_576;
const batchesPerWrite = 16;

const measures = ['flows', 'packets', 'bytes', 'estimated_packets', 'estimated_bytes'] as const;
export type Measure = (typeof measures)[number];
export type Sums = Record<Measure, number>;

/** A group, or what --top leaves out (`otherGroups` > 0, no keys). */
export interface FlowGroup {
  layer: number;
  keys: (string | number)[] | null;
  sums: Sums;
  otherGroups: number;
}

export interface GroupOrder {
  /** what decides: a measure, or the place of a key */
  by: Measure | number;
  descending: boolean;
  /** groups of each layer that are given one by one; the rest comes as one */
  top: number;
}

/** Both directions: what people mean by the bytes of a flow. */
const bothWays = (name: string): string => `(${name}::HUGEINT + rev_${name})`;
const sumExpressions: Record<Measure, string> = {
  flows: 'count(*)::HUGEINT',
  packets: `sum(${bothWays('packets')})`,
  bytes: `sum(${bothWays('bytes')})`,
  estimated_packets: `sum(${bothWays('packets')} * sampling_rate)`,
  estimated_bytes: `sum(${bothWays('bytes')} * sampling_rate)`,
};
const summedFields = ['flow_layer', 'packets', 'bytes', 'rev_packets', 'rev_bytes', 'sampling_rate'] as const;
const sumList = measures.map((name) => `${sumExpressions[name]} AS ${name}`).join(', ');
const sumAgain = measures.map((name) => `sum(${name}) AS ${name}`).join(', ');

/**
 * Sums over groups of records, outer and innermost flows apart. Batches are appended as columns; the engine groups
 * them, in steps, so that only groups are kept, in memory or (beyond scratchMemoryMb) in temporary files.
 */
export class FlowGroups {
  private readonly keyNames: string[];
  private readonly columns: TableColumn[];
  private waiting: FlowBatch[] = [];
  private stagedRows = 0;
  private stage = 0;
  private merging: Promise<void> = Promise.resolve();
  private mergeRuns = false;
  private rowsAfterCompaction = 0;

  private constructor(
    private readonly keys: readonly GroupKey[],
    private readonly filter: FilterNode | null,
    private readonly scratch: ScratchDatabase,
    private readonly writing: Connection,
    private readonly reading: Connection,
    private readonly mergeRows: number,
  ) {
    this.keyNames = keys.flatMap(({ expressions }, key) =>
      expressions.map((_, part) => `key_${key}_${part}`),
    );
    const fields = [...summedFields, ...groupColumns(keys), ...(filter === null ? [] : filterFields(filter))];
    this.columns = tableColumns([...new Set(fields)].flatMap(columnsOf));
  }

  static async open(
    keys: readonly GroupKey[],
    filter: FilterNode | null,
    mergeRows = rowsPerMerge,
  ): Promise<FlowGroups> {
    const scratch = await ScratchDatabase.open();
    const [writing, reading] = [await scratch.connect(), await scratch.connect()];
    const groups = new FlowGroups(keys, filter, scratch, writing, reading, mergeRows);
    await groups.prepare();
    return groups;
  }

  /** Throws what the engine throws when neither memory nor disk takes more. */
  add(batch: FlowBatch): void {
    if (batch.rows === 0) return;
    this.waiting.push(batch);
    if (this.waiting.length >= batchesPerWrite) this.write();
  }

  /** The groups in order, each layer's with what --top leaves out behind them. */
  async *groups(order: GroupOrder): AsyncGenerator<FlowGroup> {
    await this.settle();
    const result = await this.reading.api.stream(this.statement(order));
    for await (const rows of result.yieldRows()) {
      for (const row of rows) yield this.group(row as (bigint | number | string | null)[]);
    }
  }

  /** Sums of each layer that has records. */
  async totals(): Promise<Map<number, Sums>> {
    await this.settle();
    const reader = await this.reading.api.runAndReadAll(
      `SELECT flow_layer, ${sumAgain} FROM groups GROUP BY flow_layer ORDER BY flow_layer`,
    );
    return new Map(reader.getRows().map(([layer, ...sums]) => [Number(layer), sumsOf(sums)]));
  }

  close(): void {
    this.scratch.close();
  }

  private async prepare(): Promise<void> {
    const { api } = this.reading;
    await api.run(tableOf('stage_0', this.columns));
    await api.run(tableOf('stage_1', this.columns));
    const empty = this.grouping('stage_0', 'WHERE false');
    await api.run(`CREATE TABLE groups AS ${empty}`);
  }

  private grouping(table: string, where: string): string {
    const keys = this.keys.flatMap(({ expressions }) => expressions);
    const named = keys.map((expression, index) => `${expression} AS ${this.keyNames[index]}`);
    const by = ['flow_layer', ...this.keyNames].join(', ');
    return `SELECT ${['flow_layer', ...named].join(', ')}, ${sumList} FROM ${table} ${where} GROUP BY ${by}`;
  }

  private write(): void {
    const batches = this.waiting.splice(0);
    new ColumnWriter(this.writing.raw, this.columns, `stage_${this.stage}`).write(batches, 0);
    this.stagedRows += batches.reduce((sum, { rows }) => sum + rows, 0);
    // while one table is summed up the other is filled
    if (this.stagedRows < this.mergeRows || this.mergeRuns) return;
    this.merge();
  }

  private merge(): void {
    const table = `stage_${this.stage}`;
    this.stage = 1 - this.stage;
    this.stagedRows = 0;
    this.mergeRuns = true;
    const step = this.merging.then(() => this.mergeTable(table)).finally(() => (this.mergeRuns = false));
    // settle() awaits it and throws then
    step.catch(() => undefined);
    this.merging = step;
  }

  private async mergeTable(table: string): Promise<void> {
    const { api } = this.reading;
    const { sql, parameters } =
      this.filter === null ? { sql: 'true', parameters: [] } : filterToSql(this.filter);
    const { values, types } = bindings(parameters);
    await api.run(`INSERT INTO groups ${this.grouping(table, `WHERE ${sql}`)}`, values, types);
    await api.run(`DROP TABLE ${table}`);
    await api.run(tableOf(table, this.columns));
    const counted = await api.runAndReadAll('SELECT count(*) FROM groups');
    if (Number(counted.getRows()[0]?.[0]) > 2 * this.rowsAfterCompaction + this.mergeRows)
      await this.compact();
  }

  /** A group may stand in the table once for every merge. */
  private async compact(): Promise<void> {
    const { api } = this.reading;
    const by = ['flow_layer', ...this.keyNames].join(', ');
    await api.run(`CREATE TABLE compacted AS SELECT ${by}, ${sumAgain} FROM groups GROUP BY ${by}`);
    await api.run('DROP TABLE groups');
    await api.run('ALTER TABLE compacted RENAME TO groups');
    const counted = await api.runAndReadAll('SELECT count(*) FROM groups');
    this.rowsAfterCompaction = Number(counted.getRows()[0]?.[0]);
  }

  private async settle(): Promise<void> {
    await this.merging;
    if (this.waiting.length > 0) this.write();
    await this.merging;
    if (this.stagedRows > 0) this.merge();
    await this.merging;
    await this.compact();
  }

  private statement({ by, descending, top }: GroupOrder): string {
    const direction = descending ? 'DESC' : 'ASC';
    const first =
      typeof by === 'number' ? this.keyNames.filter((name) => name.startsWith(`key_${by}_`)) : [by];
    const order = [...first.map((name) => `${name} ${direction}`), ...this.keyNames].join(', ');
    const columns = ['flow_layer', ...this.keyNames, ...measures].join(', ');
    if (top === Infinity) return `SELECT ${columns}, 0 FROM groups ORDER BY flow_layer, ${order}`;
    const nulls = this.keyNames.map(() => 'NULL');
    return `
      WITH ranked AS (
        SELECT *, row_number() OVER (PARTITION BY flow_layer ORDER BY ${order}) AS place FROM groups)
      SELECT * EXCLUDE (place) FROM (
        SELECT ${columns}, 0 AS others, place FROM ranked WHERE place <= ${top}
        UNION ALL
        SELECT ${['flow_layer', ...nulls].join(', ')}, ${sumAgain}, count(*) AS others, ${top + 1} AS place
        FROM ranked WHERE place > ${top} GROUP BY flow_layer)
      ORDER BY flow_layer, place`;
  }

  private group(row: readonly (bigint | number | string | null)[]): FlowGroup {
    const otherGroups = Number(row.at(-1));
    let at = 1;
    const keys = this.keys.map(({ expressions, value }) => {
      const parts = row.slice(at, at + expressions.length);
      at += expressions.length;
      return otherGroups > 0 ? '' : value(parts.map((part) => part ?? 0));
    });
    const sums = sumsOf(row.slice(at));
    return { layer: Number(row[0]), keys: otherGroups > 0 ? null : keys, sums, otherGroups };
  }
}

const sumsOf = (values: readonly unknown[]): Sums =>
  Object.fromEntries(measures.map((name, index) => [name, Number(values[index])])) as Sums;
