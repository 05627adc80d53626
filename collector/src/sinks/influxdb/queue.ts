import { errorMessage } from '../../model/errors.js';
import { OpenBatch, type Batch } from './batch.js';
import type { Spool, Taken } from './spool/spool.js';

export interface QueueSettings {
  batchPoints: number;
  flushIntervalMs: number;
  maxWaitingPoints: number;
}

export interface QueueStats {
  /** points in memory: not on disk yet, or the disk does not take them */
  pointsWaiting: number;
  /** points that memory had no room for while the disk did not take them */
  pointsRefused: number;
  /** why the disk did not take the last batch; null when it did */
  diskTrouble: string | null;
}

/** Batches to be sent, and what to do when they are stored, or are not. */
export interface QueueHead {
  batches: Batch[];
  acknowledge(): Promise<void>;
  release(): void;
}

/**
 * Points on their way: collected in memory for an interval, then in the spool. While the disk takes none they stay in
 * memory, within a limit, and go to the server from there, always behind what the spool still has.
 */
export class BatchQueue {
  private open = new OpenBatch();
  /** closed, in order, not on disk */
  private readonly closing: Promise<Batch>[] = [];
  private waiting: Batch[] = [];
  /** taken from memory, in front of all others */
  private fromMemory: Batch[] | null = null;
  private pointsWaiting = 0;
  private pointsRefused = 0;
  private diskTrouble: string | null = null;
  private flushing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private isMoveDue = false;
  private isMoving = false;
  private changes = 0;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly settings: QueueSettings,
    private readonly spool: Spool,
    private readonly onTrouble: (message: string) => void,
  ) {}

  stats(): QueueStats {
    return {
      pointsWaiting: this.pointsWaiting,
      pointsRefused: this.pointsRefused,
      diskTrouble: this.diskTrouble,
    };
  }

  /** Takes lines, or counts them where memory is full. */
  add(lines: readonly string[], firstNs: bigint, lastNs: bigint): void {
    const { batchPoints, maxWaitingPoints } = this.settings;
    const room = Math.max(0, maxWaitingPoints - this.pointsWaiting);
    if (lines.length > room) {
      if (this.pointsRefused === 0) this.onTrouble('memory is full, too: new points are lost');
      this.pointsRefused += lines.length - room;
    }
    for (let from = 0; from < Math.min(room, lines.length);) {
      const count = Math.min(batchPoints - this.open.points, room - from, lines.length - from);
      this.open.add(lines.slice(from, from + count), firstNs, lastNs);
      this.pointsWaiting += count;
      from += count;
      if (this.open.points >= batchPoints) this.closeBatch();
    }
    if (this.closing.length > 0) void this.move();
    if (this.open.points > 0)
      this.timer ??= setTimeout(() => void this.flush(), this.settings.flushIntervalMs);
  }

  private closeBatch(): void {
    if (this.open.points === 0) return;
    this.closing.push(this.open.close());
    this.open = new OpenBatch();
  }

  /** Resolves when what was added before is on disk, or the disk has refused it. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.closeBatch();
    return this.move();
  }

  /** One moving at a time, and one more that waits for it and takes all that has come meanwhile. */
  private move(): Promise<void> {
    if (!this.isMoveDue) {
      this.isMoveDue = true;
      this.flushing = this.flushing.then(() => this.moveToDisk());
    }
    return this.flushing;
  }

  private async moveToDisk(): Promise<void> {
    this.isMoveDue = false;
    this.waiting.push(...(await Promise.all(this.closing.splice(0))));
    const moving = [...this.waiting];
    if (moving.length === 0) return;
    this.isMoving = true;
    try {
      await this.spool.append(moving);
      this.waiting.splice(0, moving.length);
      this.pointsWaiting -= pointsOf(moving);
      if (this.diskTrouble !== null) this.onTrouble('the spool is written again');
      this.diskTrouble = null;
    } catch (error) {
      if (this.diskTrouble === null)
        this.onTrouble(`the spool cannot be written, points wait in memory: ${errorMessage(error)}`);
      this.diskTrouble = errorMessage(error);
    } finally {
      this.isMoving = false;
    }
    this.tell();
  }

  /** The oldest batches; null: there are none now. */
  async take(maxPoints: number): Promise<QueueHead | null> {
    if (this.fromMemory !== null) return this.memoryHead(this.fromMemory);
    await this.flushing;
    const taken = await this.spool.take(maxPoints);
    if (taken !== null) return this.spoolHead(taken);
    // What is neither moved nor being moved the disk has refused.
    const batch = this.isMoving ? undefined : this.waiting.shift();
    if (batch === undefined) return null;
    this.fromMemory = [batch];
    return this.memoryHead(this.fromMemory);
  }

  private spoolHead(taken: Taken): QueueHead {
    return {
      batches: taken.batches,
      acknowledge: () => this.spool.acknowledge(taken),
      release: () => this.spool.release(),
    };
  }

  private memoryHead(batches: Batch[]): QueueHead {
    return {
      batches,
      acknowledge: async () => {
        this.fromMemory = null;
        this.pointsWaiting -= pointsOf(batches);
        this.tell();
      },
      release: () => undefined,
    };
  }

  /** Grows with every change; see changed(). */
  get version(): number {
    return this.changes;
  }

  private tell(): void {
    this.changes += 1;
    for (const listener of this.listeners.splice(0)) listener();
  }

  /** Resolves when something was moved to the spool or taken from memory since `version`, or the signal is aborted. */
  changed(version: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || version !== this.changes) {
        resolve();
        return;
      }
      const done = (): void => {
        signal.removeEventListener('abort', done);
        const place = this.listeners.indexOf(done);
        if (place >= 0) this.listeners.splice(place, 1);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.listeners.push(done);
    });
  }

  /** Ends the timer; what is in memory only is counted as lost. */
  close(): number {
    if (this.timer !== null) clearTimeout(this.timer);
    const lost = this.pointsWaiting;
    this.pointsRefused += lost;
    this.pointsWaiting = 0;
    this.waiting = [];
    this.fromMemory = null;
    return lost;
  }
}

const pointsOf = (batches: readonly Batch[]): number => batches.reduce((sum, { points }) => sum + points, 0);
