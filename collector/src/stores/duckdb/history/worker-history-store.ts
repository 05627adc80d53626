import { randomUUID } from 'node:crypto';
import { AppError, errorMessage } from '../../../model/errors.js';
import type {
  CaptureEnding,
  CaptureEntry,
  CaptureStart,
  EventChange,
  EventQuery,
  HistoryAnswer,
  HistoryEvent,
  HistoryRange,
  HistoryStats,
  HistoryStore,
  NewEvent,
} from '../../history/history-store.js';
import type { CallWorker, StoreLog } from '../messages.js';
import type { HistoryCalls, HistoryChange } from './calls.js';

const writeIntervalMs = 500;
/** Changes that wait to be stored; further ones are lost and counted. */
export const maxWaitingChanges = 1_024;
/** A transaction of many single rows takes much of the engine's memory: 30 KiB each. */
const changesPerWrite = 128;

/** The history in the stores' worker. What it is told of waits here until it is committed there. */
export class WorkerHistoryStore implements HistoryStore {
  private readonly waiting: HistoryChange[] = [];
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private lost = 0;
  private lastError: string | null = null;

  constructor(
    private readonly call: CallWorker<HistoryCalls>,
    private readonly log: StoreLog,
  ) {}

  async start(): Promise<void> {
    this.timer = setInterval(() => void this.write(), writeIntervalMs);
    this.timer.unref();
  }

  /** Stores what waits; what the store does not take now is lost and counted. */
  async stop(): Promise<void> {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    await this.flush().catch(() => undefined);
    if (this.waiting.length === 0) return;
    this.lost += this.waiting.length;
    this.log('error', `${this.waiting.length} entries of the history are lost: ${this.lastError}`);
    this.waiting.length = 0;
  }

  captureStarted(capture: CaptureStart): void {
    this.add({ kind: 'capture_started', capture });
  }

  captureAlive(run: number, timeNs: bigint): void {
    this.add({ kind: 'capture_alive', run, timeNs });
  }

  captureEnded(run: number, ending: CaptureEnding): void {
    this.add({ kind: 'capture_ended', run, ending });
  }

  addEvent(event: NewEvent): string {
    const id = randomUUID();
    this.add({ kind: 'event', event: { ...event, id } });
    return id;
  }

  changeEvent(id: string, change: EventChange): void {
    // an event that changes every second while the store fails takes one place
    const last = this.waiting.findLast((waiting) => waiting.kind === 'event_changed' && waiting.id === id);
    if (last?.kind === 'event_changed' && this.writing === null) last.change = { ...last.change, ...change };
    else this.add({ kind: 'event_changed', id, change });
  }

  captures(query: HistoryRange, signal?: AbortSignal): Promise<HistoryAnswer<CaptureEntry>> {
    return this.call('history.captures', query, signal);
  }

  events(query: EventQuery, signal?: AbortSignal): Promise<HistoryAnswer<HistoryEvent>> {
    return this.call('history.events', query, signal);
  }

  async stats(): Promise<HistoryStats> {
    const { captures, events } = await this.call('history.counts', null);
    return { captures, events, waiting: this.waiting.length, lost: this.lost, lastError: this.lastError };
  }

  async lastRun(): Promise<number> {
    return (await this.call('history.counts', null)).lastRun;
  }

  async flush(): Promise<void> {
    await this.writing;
    await this.write();
    if (this.waiting.length > 0)
      throw new AppError('store_failed', { reason: `the history is not stored: ${this.lastError}` });
  }

  private add(change: HistoryChange): void {
    if (this.waiting.length >= maxWaitingChanges) {
      this.lost += 1;
      return;
    }
    this.waiting.push(change);
  }

  /** Writes what waits; one write at a time. Never rejects. */
  private write(): Promise<void> {
    this.writing ??= this.writeAll().finally(() => (this.writing = null));
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const changes = this.waiting.slice(0, changesPerWrite);
      try {
        await this.call('history.apply', changes);
      } catch (error) {
        this.say(errorMessage(error));
        return;
      }
      this.waiting.splice(0, changes.length);
      this.say(null);
    }
  }

  private say(reason: string | null): void {
    if (reason !== null && this.lastError === null)
      this.log('error', `the history waits in memory, storing failed: ${reason}`);
    if (reason === null && this.lastError !== null) this.log('info', 'the history is stored again');
    this.lastError = reason;
  }
}
