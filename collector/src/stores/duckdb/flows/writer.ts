import type { FlowBatch } from '@wireglass/native';
import { columnNamed, numbersOf } from '../../../model/columns.js';
import { errorMessage } from '../../../model/errors.js';
import { Serial } from '../../../model/serial.js';
import { ColumnWriter } from '../column-writer.js';
import { isFatal, type Connection } from '../database.js';
import type { HotTable } from './manifest.js';
import { createTable, wantedColumns } from './schema.js';

/** Rows committed together as soon as so many wait, whatever the clock says. */
export const rowsPerCommit = 65_536;
/** So long at most batches are copied before others get their turn in this thread. */
const copySliceMs = 10;

export interface WriterStats {
  rowsWritten: number;
  batchesWaiting: number;
  rowsLost: number;
  lastError: string | null;
}

interface Group {
  batches: FlowBatch[];
  rows: number;
  table: HotTable;
}

const rowsOf = (batches: readonly FlowBatch[]): number => batches.reduce((sum, batch) => sum + batch.rows, 0);
const otherTurns = (): Promise<void> => new Promise((next) => setImmediate(next));

/**
 * Group commit of closed records. A group is copied to a table in memory, in slices, and goes from there to the hot table
 * in one statement, which the engine runs in a thread of its own: whatever the disk does, this thread goes on. Batches stay
 * here until the commit that holds them has succeeded; a failed one is tried again, and while the disk refuses, the oldest
 * batches beyond `maxWaitingRows` are given up and counted.
 */
export class FlowWriter {
  private waiting: FlowBatch[] = [];
  private waitingRows = 0;
  private storing: Group | null = null;
  /** the group whose commit failed: whether it was stored nevertheless is not known */
  private doubtful: Group | null = null;
  /** from a commit that failed to one that succeeds */
  private refused = false;
  private held: (() => void)[] = [];
  private readonly counters = { rowsWritten: 0, rowsLost: 0 };
  private lastError: string | null = null;
  /** one thing at a time: groups, recovery, change of table */
  private readonly serial = new Serial();

  constructor(
    private connection: Connection,
    private table: HotTable,
    private readonly maxWaitingRows: number,
    private readonly stored: (table: HotTable, rows: number) => void,
    private readonly nowS: () => number = () => Math.floor(Date.now() / 1_000),
  ) {}

  /**
   * Takes a batch. Where more wait than the disk takes, the promise is settled when that has changed: whoever can wait
   * (a file) shall. It never waits for a disk that refuses.
   */
  offer(batch: FlowBatch): Promise<void> | null {
    if (batch.rows === 0) return null;
    this.waiting.push(batch);
    this.waitingRows += batch.rows;
    if (this.doubtful === null && this.storing === null && this.waitingRows >= rowsPerCommit)
      void this.commit();
    while (this.refused && this.canGiveUp && this.heldRows() > this.maxWaitingRows) this.giveUpOldest();
    // who holds places in the queue keeps snapshots out of it, too
    if (this.waitingRows < this.maxWaitingRows || this.refused) return null;
    return new Promise((go) => this.held.push(go));
  }

  /** Commits what waits; false when the disk refused. Does nothing while a failed group waits for recover(). */
  commit(): Promise<boolean> {
    const upTo = this.waiting.at(-1);
    return this.serial.run(() => this.commitUpTo(upTo));
  }

  /**
   * After a failed commit: finds out whether the group was stored after all (an engine that fails behind its commit
   * says so too late) and otherwise tries once more. Throws when the database cannot even be read.
   */
  recover(): Promise<boolean> {
    return this.serial.run(async () => {
      const group = this.doubtful;
      if (group !== null) {
        const stored = await this.isStored(group);
        // giveUpOldest() may have emptied it meanwhile
        if (this.doubtful === group) {
          this.doubtful = null;
          if (stored) this.count(group);
          else await this.store(group);
        }
      }
      return this.commitUpTo(this.waiting.at(-1));
    });
  }

  /**
   * Goes on with the table that `begin` makes; nothing is written meanwhile, and nothing to the old one afterwards. False
   * where a failed group may belong to the old one: nothing was done then.
   */
  changeTable(begin: () => Promise<HotTable>): Promise<boolean> {
    return this.serial.run(async () => {
      if (this.doubtful !== null) return false;
      this.table = await begin();
      return true;
    });
  }

  /** Goes on with a database that was opened again. */
  attach(connection: Connection, table: HotTable): void {
    this.connection = connection;
    this.table = table;
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
    const inHand = (this.storing?.batches.length ?? 0) + (this.doubtful?.batches.length ?? 0);
    return {
      ...this.counters,
      batchesWaiting: this.waiting.length + inHand,
      lastError: this.lastError,
    };
  }

  private async commitUpTo(last: FlowBatch | undefined): Promise<boolean> {
    while (this.doubtful === null && last !== undefined && this.waiting.includes(last))
      await this.store(this.takeGroup());
    return this.doubtful === null;
  }

  private heldRows(): number {
    return this.waitingRows + (this.doubtful?.rows ?? 0) + (this.storing?.rows ?? 0);
  }

  private takeGroup(): Group {
    let rows = 0;
    let count = 0;
    while (count < this.waiting.length && rows < rowsPerCommit) rows += this.waiting[count++]?.rows ?? 0;
    const batches = this.waiting.splice(0, count);
    this.waitingRows -= rows;
    return { batches, rows, table: this.table };
  }

  private async store(group: Group): Promise<void> {
    this.storing = group;
    try {
      await this.write(group);
      this.lastError = null;
      this.refused = false;
      this.count(group);
    } catch (error) {
      this.lastError = errorMessage(error);
      this.doubtful = group;
      this.refused = true;
    } finally {
      this.storing = null;
      if (this.waitingRows < rowsPerCommit || this.refused) this.release();
      else void this.commit();
    }
  }

  private count({ rows, table }: Group): void {
    this.counters.rowsWritten += rows;
    this.stored(table, rows);
  }

  private release(): void {
    for (const go of this.held.splice(0)) go();
  }

  private async write({ batches, table }: Group): Promise<void> {
    const { raw, api } = this.connection;
    // what a failed attempt has left goes, too
    await api.run('DROP TABLE IF EXISTS live.incoming');
    await api.run(createTable('live.incoming'));
    const copy = new ColumnWriter(raw, wantedColumns, 'incoming', 'live');
    const nowS = this.nowS();
    let sliceBegan = performance.now();
    for (const batch of batches) {
      copy.write([batch], nowS);
      if (performance.now() - sliceBegan < copySliceMs) continue;
      await otherTurns();
      sliceBegan = performance.now();
    }
    await api.run(`INSERT INTO ${table.table} SELECT * FROM live.incoming`);
    await api.run('DROP TABLE live.incoming').catch(() => undefined);
  }

  /** Of a group that is just being tried again nothing can be taken. */
  private get canGiveUp(): boolean {
    return this.waiting.length > 0 || this.doubtful !== null;
  }

  private giveUpOldest(): void {
    const lost = this.doubtful === null ? this.waiting.splice(0, 1) : this.doubtful.batches;
    const rows = rowsOf(lost);
    if (this.doubtful === null) this.waitingRows -= rows;
    this.doubtful = null;
    this.counters.rowsLost += rows;
  }

  /** A group is one transaction: its first row tells for all. */
  private async isStored({ batches, table }: Group): Promise<boolean> {
    const first = batches[0];
    if (first === undefined) return true;
    const [flowId] = numbersOf(first, columnNamed('flow_id').place);
    const [recordIndex] = numbersOf(first, columnNamed('record_index').place);
    const reader = await this.connection.api.runAndReadAll(
      `SELECT count(*) FROM ${table.table} WHERE flow_id = ${flowId} AND record_index = ${recordIndex}`,
    );
    return Number(reader.getRows()[0]?.[0]) > 0;
  }
}
