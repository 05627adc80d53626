import type { EngineStatus, FlowBatch } from '@wireglass/native';
import { columnNamed, numbersOf } from '../../../model/columns.js';
import { AppError, errorMessage } from '../../../model/errors.js';
import { ColumnWriter, maxRowsPerWrite } from '../column-writer.js';
import type { Connection } from '../database.js';
import { createTable, wantedColumns } from './schema.js';
import type { LiveSource } from './sources.js';

/** What of the engine the live view needs. */
export interface SnapshotSource {
  status(): Pick<EngineStatus, 'state'>;
  /** asks for the live flows; they come as batches of kind snapshot under the id returned */
  requestSnapshot(): number;
}

/** Queries within this time share a snapshot. */
export const snapshotAgeMs = 500;
export const snapshotTimeoutMs = 5_000;

function isMetering(engine: SnapshotSource): boolean {
  const { state } = engine.status();
  return state === 'running' || state === 'draining';
}

interface View {
  source: LiveSource;
  takenAtMs: number;
  users: number;
  stale: boolean;
}

interface Pending {
  batches: FlowBatch[];
  done: (batches: FlowBatch[]) => void;
  failed: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** Live flows as tables in memory: a snapshot of the engine's cache, made when a query asks and shared for a while. */
export class LiveFlows {
  private readonly pending = new Map<number, Pending>();
  private current: Promise<View> | null = null;
  private tables = 0;

  constructor(
    private readonly engine: SnapshotSource,
    private readonly connection: Connection,
    /** waited for when a snapshot is complete, before anything reads it: commits what came ahead of it */
    private readonly beforeUse: () => Promise<void>,
    /** sequence of the hot table that is written to */
    private readonly currentSequence: () => number,
  ) {}

  /** Takes a batch of kind snapshot. */
  offer(batch: FlowBatch): void {
    const pending = this.pending.get(batch.snapshotId);
    if (pending === undefined) return;
    if (batch.rows > 0) pending.batches.push(batch);
    if (!batch.last) return;
    this.settle(batch.snapshotId);
    void this.beforeUse().finally(() => pending.done(pending.batches));
  }

  /** Runs `use` with the live flows; null when nothing is being metered. Throws `store_failed`. */
  async with<Result>(use: (live: LiveSource | null) => Promise<Result>): Promise<Result> {
    if (!isMetering(this.engine)) return use(null);
    const view = await this.view();
    if (view === null) return use(null);
    try {
      return await use(view.source);
    } finally {
      view.users--;
      await this.dropUnused(view);
    }
  }

  close(): void {
    for (const [id, { failed }] of this.pending) {
      this.settle(id);
      failed(new AppError('store_not_running', { reason: 'the flow store is being closed' }));
    }
  }

  /** The view to use, with its use already counted, so that nobody drops it on the way. */
  private async view(): Promise<View | null> {
    if (this.current !== null) {
      const view = await this.current.catch(() => null);
      if (view !== null && !view.stale && Date.now() - view.takenAtMs < snapshotAgeMs) return used(view);
      if (view !== null && !view.stale) {
        view.stale = true;
        this.current = null;
        await this.dropUnused(view);
      }
    }
    // another query may have asked for the next snapshot while this one waited
    this.current ??= this.take();
    try {
      return used(await this.current);
    } catch (error) {
      this.current = null;
      if ((error as { code?: unknown }).code === 'capture_not_running') return null;
      throw error;
    }
  }

  private async take(): Promise<View> {
    const fromSequence = this.currentSequence();
    const batches = await this.snapshot();
    const table = `live.snapshot_${++this.tables}`;
    try {
      await this.connection.api.run(createTable(table));
      const writer = new ColumnWriter(
        this.connection.raw,
        wantedColumns,
        table.slice('live.'.length),
        'live',
      );
      const perWrite = Math.floor(maxRowsPerWrite / 2_048);
      for (let start = 0; start < batches.length; start += perWrite) {
        writer.write(batches.slice(start, start + perWrite), 0);
      }
    } catch (error) {
      throw new AppError('store_failed', { reason: `live flows: ${errorMessage(error)}` }, { cause: error });
    }
    return {
      source: { table, minFlowId: minFlowId(batches), fromSequence },
      takenAtMs: Date.now(),
      users: 0,
      stale: false,
    };
  }

  private snapshot(): Promise<FlowBatch[]> {
    return new Promise((done, failed) => {
      const id = this.engine.requestSnapshot();
      const startedMs = Date.now();
      let endedChecks = 0;
      const timer = setInterval(() => {
        const ended = !isMetering(this.engine);
        // what the engine handed over before its end may still be on its way for a moment
        if (ended && ++endedChecks > 5) {
          this.settle(id);
          failed(new AppError('capture_not_running', { reason: 'the capture ended' }));
        } else if (Date.now() - startedMs > snapshotTimeoutMs) {
          this.settle(id);
          const reason = `the engine gave no live flows within ${snapshotTimeoutMs} ms`;
          failed(new AppError('store_failed', { reason }));
        }
      }, 100);
      this.pending.set(id, { batches: [], done, failed, timer });
    });
  }

  private settle(id: number): void {
    const pending = this.pending.get(id);
    if (pending !== undefined) clearInterval(pending.timer);
    this.pending.delete(id);
  }

  private async dropUnused(view: View): Promise<void> {
    if (!view.stale || view.users > 0) return;
    await this.connection.api.run(`DROP TABLE IF EXISTS ${view.source.table}`);
  }
}

function used(view: View): View {
  view.users++;
  return view;
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
