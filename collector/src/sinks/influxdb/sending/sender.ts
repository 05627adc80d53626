import { errorMessage } from '../../../model/errors.js';
import type { QueueHead, BatchQueue } from '../queue.js';
import type { Refusal } from '../http/write-answer.js';
import { Backoff } from './backoff.js';
import type { BatchWriter, Problem, WriteResult } from './batch-writer.js';

export type SenderState = 'up' | Problem | 'starting';

export interface SenderStats {
  state: SenderState;
  /** what is wrong; null: nothing */
  detail: string | null;
  pointsStored: number;
  pointsRefused: Partial<Record<Refusal, number>>;
  /** what the server said of the last points that it did not take */
  lastRefusal: string | null;
}

export interface SenderSettings {
  retryInitialMs: number;
  retryMaxMs: number;
}

export interface SenderDependencies {
  queue: BatchQueue;
  writer: BatchWriter;
  /** before a batch is written, as long as there is something to be done; never rejects */
  prepare: (signal: AbortSignal) => Promise<void>;
  /** when nothing is left to be written; resolves with when to ask again, in ms, null: no need to; never rejects */
  idle: (signal: AbortSignal) => Promise<number | null>;
  /** points with begins in [firstNs, lastNs] were stored */
  stored: (firstNs: bigint, lastNs: bigint) => void;
  /** the server is missing something that prepare makes */
  missing: () => void;
  changed: (state: SenderState, detail: string | null) => void;
  refused: (points: number, refusal: Refusal, detail: string) => void;
}

/** Sends what the queue has, one request after the other, in order; waits after a failure and tries the same again. */
export class Sender {
  private readonly abort = new AbortController();
  /** ends a pause */
  private readonly wake = new AbortController();
  private readonly backoff: Backoff;
  private running: Promise<void> = Promise.resolve();
  private draining = false;
  private current: SenderStats = {
    state: 'starting',
    detail: null,
    pointsStored: 0,
    pointsRefused: {},
    lastRefusal: null,
  };

  constructor(
    settings: SenderSettings,
    private readonly dependencies: SenderDependencies,
  ) {
    this.backoff = new Backoff(settings.retryInitialMs, settings.retryMaxMs);
  }

  stats(): SenderStats {
    return { ...this.current, pointsRefused: { ...this.current.pointsRefused } };
  }

  start(): void {
    this.running = this.run();
  }

  /** Sends on for as long as it goes well and time is left, then ends. */
  async stop(graceMs: number): Promise<void> {
    this.draining = true;
    // A server that did not answer a moment ago is not waited for.
    if (this.current.state !== 'up' && this.current.state !== 'starting') this.abort.abort();
    const timer = setTimeout(() => this.abort.abort(), graceMs);
    this.wake.abort();
    await this.running;
    clearTimeout(timer);
    this.abort.abort();
  }

  private async run(): Promise<void> {
    const { queue, writer, idle, prepare } = this.dependencies;
    const { signal } = this.abort;
    while (!signal.aborted) {
      const { version } = queue;
      await prepare(signal);
      let waitMs: number | null = null;
      try {
        const head = await queue.take(writer.points);
        if (head === null) {
          if (this.draining) return;
          const againMs = await idle(signal);
          if (againMs !== 0) await this.wait(version, againMs);
          continue;
        }
        waitMs = await this.send(head);
      } catch (error) {
        // The spool cannot be read: the disk may recover.
        waitMs = this.failed('failing', `the spool cannot be read: ${errorMessage(error)}`, null);
      }
      if (waitMs === null) continue;
      if (this.draining) return;
      await pause(waitMs, this.wake.signal);
    }
  }

  /** Until something is to be sent, the time has passed, or the end has come. */
  private async wait(version: number, ms: number | null): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    const timer = ms === null ? null : setTimeout(end, ms);
    this.wake.signal.addEventListener('abort', end, { once: true });
    if (this.wake.signal.aborted) end();
    await this.dependencies.queue.changed(version, over.signal);
    this.wake.signal.removeEventListener('abort', end);
    if (timer !== null) clearTimeout(timer);
  }

  /** Returns how long to wait before the same is tried again; null: it is done. */
  private async send(head: QueueHead): Promise<number | null> {
    let result: WriteResult;
    try {
      result = await this.dependencies.writer.write(head.batches, this.abort.signal);
    } catch (error) {
      head.release();
      throw error;
    }
    if (result.kind === 'done') {
      // Counted first: who sees an empty queue sees the counts, too.
      this.succeeded(head, result);
      await head.acknowledge();
      return null;
    }
    head.release();
    if (result.kind === 'aborted') return null;
    if (result.problem === 'missing') this.dependencies.missing();
    return this.failed(result.problem, result.detail, result.retryAfterMs);
  }

  private succeeded(head: QueueHead, { stored, dropped, detail }: WriteResult & { kind: 'done' }): void {
    this.backoff.succeeded();
    this.current.pointsStored += stored;
    for (const [refusal, points] of dropped) {
      this.current.pointsRefused[refusal] = (this.current.pointsRefused[refusal] ?? 0) + points;
      this.current.lastRefusal = detail;
      this.dependencies.refused(points, refusal, detail ?? '');
    }
    for (const { firstNs, lastNs } of stored > 0 ? head.batches : [])
      this.dependencies.stored(firstNs, lastNs);
    this.set('up', null);
  }

  private failed(problem: Problem, detail: string, askedForMs: number | null): number {
    this.set(problem, detail);
    return this.backoff.nextMs(askedForMs);
  }

  private set(state: SenderState, detail: string | null): void {
    const before = this.current;
    this.current = { ...before, state, detail };
    if (before.state !== state) this.dependencies.changed(state, detail);
  }
}

/** Resolves after a time, or when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
