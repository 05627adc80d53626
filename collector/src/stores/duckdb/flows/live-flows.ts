import type { EngineStatus, FlowBatch, FlowRecord } from '@wireglass/native';
import { AppError } from '../../../model/errors.js';
import type { Connection } from '../database.js';
import { Serial } from '../../../model/serial.js';
import { LiveView } from './live-view.js';
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

interface Pending {
  batches: FlowBatch[];
  done: (batches: FlowBatch[]) => void;
  failed: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** Live flows as tables in memory: a snapshot of the engine's cache, made when a query asks and shared for a while. */
export class LiveFlows {
  private readonly pending = new Map<number, Pending>();
  private current: Promise<LiveView> | null = null;
  private views = 0;
  private readonly serial = new Serial();
  private ageing: NodeJS.Timeout | null = null;

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

  /** Runs `use` with these fields of the live flows; null when nothing is being metered. Throws `store_failed`. */
  async with<Result>(
    fields: readonly (keyof FlowRecord)[],
    use: (live: LiveSource | null) => Promise<Result>,
  ): Promise<Result> {
    if (!isMetering(this.engine)) return use(null);
    const view = await this.view();
    if (view === null) return use(null);
    try {
      return await use(await view.with(fields));
    } finally {
      view.users--;
      await dropUnused(view);
    }
  }

  close(): void {
    if (this.ageing !== null) clearTimeout(this.ageing);
    for (const [id, { failed }] of this.pending) {
      this.settle(id);
      failed(new AppError('store_not_running', { reason: 'the flow store is being closed' }));
    }
  }

  /** The view to use, with its use already counted, so that nobody drops it on the way. */
  private async view(): Promise<LiveView | null> {
    const view = await this.current?.catch(() => null);
    if (view != null && !view.stale) return used(view);
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

  private async take(): Promise<LiveView> {
    const fromSequence = this.currentSequence();
    const batches = await this.snapshot();
    const name = `snapshot_${++this.views}`;
    const view = new LiveView(this.connection, this.serial, name, batches, fromSequence);
    this.ageing = setTimeout(() => {
      view.stale = true;
      this.current = null;
      void dropUnused(view);
    }, snapshotAgeMs);
    return view;
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
}

/** Snapshots are large: they go as soon as nobody reads them. */
async function dropUnused(view: LiveView): Promise<void> {
  if (view.stale && view.users === 0) await view.drop();
}

function used(view: LiveView): LiveView {
  view.users++;
  return view;
}
