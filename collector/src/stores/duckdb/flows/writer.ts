import type { FlowBatch } from '@wireglass/native';
import { columnNamed, numbersOf } from '../../../model/columns.js';
import { errorMessage } from '../../../model/errors.js';
import { ColumnWriter } from '../column-writer.js';
import { isFatal, type Connection } from '../database.js';
import type { TableColumn } from '../tables.js';

/** Rows committed together as soon as so many wait, whatever the clock says. */
export const rowsPerCommit = 65_536;

export interface WriterStats {
  rowsWritten: number;
  batchesWaiting: number;
  rowsLost: number;
  lastError: string | null;
}

interface Group {
  batches: FlowBatch[];
  rows: number;
}

const rowsOf = (batches: readonly FlowBatch[]): number => batches.reduce((sum, batch) => sum + batch.rows, 0);

/**
 * Group commit of closed records. Batches stay here until the commit that holds them has succeeded; a failed one is
 * tried again at the next commit, and beyond `maxWaitingRows` the oldest batches are given up and counted.
 */
export class FlowWriter {
  private waiting: FlowBatch[] = [];
  private waitingRows = 0;
  /** the group whose commit failed: whether it was stored nevertheless is not known */
  private doubtful: Group | null = null;
  private readonly counters = { rowsWritten: 0, rowsLost: 0 };
  private lastError: string | null = null;
  private writer: ColumnWriter;

  constructor(
    columns: readonly TableColumn[],
    private connection: Connection,
    private readonly maxWaitingRows: number,
    private readonly nowS: () => number = () => Math.floor(Date.now() / 1_000),
  ) {
    this.writer = new ColumnWriter(connection.raw, columns, 'flows');
  }

  /** Takes a batch. Commits at once where enough rows wait, so that a fast source is slowed down by the disk. */
  offer(batch: FlowBatch): void {
    if (batch.rows === 0) return;
    this.waiting.push(batch);
    this.waitingRows += batch.rows;
    if (this.doubtful === null && this.waitingRows >= rowsPerCommit) this.commit();
    while (this.heldRows() > this.maxWaitingRows) this.giveUpOldest();
  }

  /** Commits what waits; false when the disk refused. Does nothing while a failed group waits for recover(). */
  commit(): boolean {
    while (this.doubtful === null && this.waiting.length > 0) this.commitGroup(this.takeGroup());
    return this.doubtful === null;
  }

  /**
   * After a failed commit: finds out whether the group was stored after all (an engine that fails behind its commit
   * says so too late) and otherwise tries once more. Throws when the database cannot even be read.
   */
  async recover(): Promise<boolean> {
    const group = this.doubtful;
    if (group !== null) {
      const stored = await this.isStored(group);
      // giveUpOldest() may have emptied it meanwhile
      if (this.doubtful !== group) return this.commit();
      this.doubtful = null;
      if (stored) this.counters.rowsWritten += group.rows;
      else this.commitGroup(group);
    }
    return this.commit();
  }

  /** Goes on with a database that was opened again. */
  attach(columns: readonly TableColumn[], connection: Connection): void {
    this.connection = connection;
    this.writer = new ColumnWriter(connection.raw, columns, 'flows');
  }

  /** Whether a commit failed and recover() has to be called. */
  get failing(): boolean {
    return this.doubtful !== null;
  }

  /** The failure demands that the database be opened again. */
  get fatal(): boolean {
    return this.failing && this.lastError !== null && isFatal(new Error(this.lastError));
  }

  stats(): WriterStats {
    return {
      ...this.counters,
      batchesWaiting: this.waiting.length + (this.doubtful?.batches.length ?? 0),
      lastError: this.lastError,
    };
  }

  private heldRows(): number {
    return this.waitingRows + (this.doubtful?.rows ?? 0);
  }

  private takeGroup(): Group {
    let rows = 0;
    let count = 0;
    while (count < this.waiting.length && rows < rowsPerCommit) rows += this.waiting[count++]?.rows ?? 0;
    const batches = this.waiting.splice(0, count);
    this.waitingRows -= rows;
    return { batches, rows };
  }

  private commitGroup(group: Group): void {
    try {
      this.writer.write(group.batches, this.nowS());
      this.counters.rowsWritten += group.rows;
      this.lastError = null;
    } catch (error) {
      this.lastError = errorMessage(error);
      this.doubtful = group;
    }
  }

  private giveUpOldest(): void {
    const lost = this.doubtful === null ? this.waiting.splice(0, 1) : this.doubtful.batches;
    const rows = rowsOf(lost);
    if (this.doubtful === null) this.waitingRows -= rows;
    this.doubtful = null;
    this.counters.rowsLost += rows;
  }

  /** A group is one transaction: its first row tells for all. */
  private async isStored({ batches }: Group): Promise<boolean> {
    const first = batches[0];
    if (first === undefined) return true;
    const [flowId] = numbersOf(first, columnNamed('flow_id').place);
    const [recordIndex] = numbersOf(first, columnNamed('record_index').place);
    const reader = await this.connection.api.runAndReadAll(
      `SELECT count(*) FROM flows WHERE flow_id = ${flowId} AND record_index = ${recordIndex}`,
    );
    return Number(reader.getRows()[0]?.[0]) > 0;
  }
}
