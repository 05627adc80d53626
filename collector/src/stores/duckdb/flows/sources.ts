import type { DuckDBConnection } from '@duckdb/node-api';
import type { FlowRecord } from '@wireglass/native';
import { hotTables, parts, touching, type HotTable, type SealedPart } from './manifest.js';

/** Live flows of one snapshot, in a table with the columns that a query reads. */
export interface LiveSource {
  /** qualified name of the table, of our own making; its rows are numbered (rowid) as recordAt() takes them */
  table: string;
  /** names of its columns: flow_id, record_index, and those that were asked for */
  columns: ReadonlySet<string>;
  /** a whole record */
  recordAt(row: number): FlowRecord;
  /** smallest flow id in it; null when it is empty */
  minFlowId: bigint | null;
  /** records that were stored after the snapshot was asked for lie in hot tables and parts from this sequence on */
  fromSequence: number;
}

/** What a query reads: one state of the store, which stays as it is until the lease ends. */
export interface SourceSet {
  /** where the paths of parts begin */
  directory: string;
  /** by their sequence; the last one is being written */
  hot: readonly HotTable[];
  /** sealed parts whose records touch the range, by their sequence */
  parts: readonly SealedPart[];
  /** the same for parts whose records are there no more; their sums may be (see minutes, hours) */
  removed: readonly SealedPart[];
}

/** Records with start_ns <= toNs and end_ns >= fromNs; absent: no bound. */
export interface SourceRange {
  fromNs?: bigint;
  toNs?: bigint;
}

/** Gives queries one state of the store to read, and keeps files until those that may read them are done. */
export class FlowSources {
  private nextLease = 1;
  private readonly running = new Set<number>();
  /** `directory` holds the files of parts */
  constructor(readonly directory: string) {}

  private waiting: { lastLease: number; remove: () => void }[] = [];

  /**
   * Runs `use` within a transaction on the connection that sees one state of everything: hot tables, parts, roll-ups.
   * `use` runs any number of SELECTs on it, one after the other.
   */
  async lease<Result>(
    connection: DuckDBConnection,
    range: SourceRange,
    use: (sources: SourceSet) => Promise<Result>,
  ): Promise<Result> {
    const lease = this.nextLease++;
    this.running.add(lease);
    try {
      await connection.run('BEGIN TRANSACTION READ ONLY');
      try {
        const known = (await parts(connection)).filter((part) => touching(part, range));
        return await use({
          directory: this.directory,
          hot: await hotTables(connection),
          parts: known.filter(({ records }) => records),
          removed: known.filter(({ records }) => !records),
        });
      } finally {
        // an interrupted statement has ended it already
        await connection.run('ROLLBACK').catch(() => undefined);
      }
    } finally {
      this.running.delete(lease);
      this.removeWhatIsFree();
    }
  }

  /** Calls `remove` when every query that may read what a transaction has just taken away is done. */
  whenUnused(remove: () => void): void {
    this.waiting.push({ lastLease: this.nextLease - 1, remove });
    this.removeWhatIsFree();
  }

  /** How many removals wait for queries. */
  get removalsWaiting(): number {
    return this.waiting.length;
  }

  private removeWhatIsFree(): void {
    const oldest = Math.min(...this.running);
    const free = this.waiting.filter(({ lastLease }) => lastLease < oldest);
    if (free.length === 0) return;
    this.waiting = this.waiting.filter(({ lastLease }) => lastLease >= oldest);
    for (const { remove } of free) remove();
  }
}
