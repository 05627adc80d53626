import { errorMessage } from '../model/errors.js';
import type { HistoryStore } from '../stores/history/history-store.js';

type Events = Pick<HistoryStore, 'addEvent' | 'changeEvent'>;

/** A part that stores or sends: null while all is well, else what is wrong. A rejection is trouble, too. */
export interface WatchedPart {
  kind: 'store' | 'sink';
  trouble: () => Promise<string | null> | string | null;
}

const readingIntervalMs = 2_000;
const diskFull = /no space left|disk full|ENOSPC|quota exceeded/i;

interface Trouble {
  id: string;
  sinceMs: number;
  reason: string;
}

/** Makes events of stores and sinks that fail, and that work again. */
export class TroubleWatch {
  private readonly troubles = new Map<string, Trouble>();
  private timer: NodeJS.Timeout | null = null;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly parts: Readonly<Record<string, WatchedPart>>,
    private readonly events: Events,
    private readonly clock: () => number = Date.now,
  ) {}

  async start(): Promise<void> {
    this.timer = setInterval(() => void this.read(), readingIntervalMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.reading;
  }

  /** Asks every part; one reading at a time. */
  read(): Promise<void> {
    this.reading ??= Promise.all(
      Object.entries(this.parts).map(async ([name, part]) => this.note(name, part, await troubleOf(part))),
    ).then(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private note(name: string, { kind }: WatchedPart, reason: string | null): void {
    const known = this.troubles.get(name);
    const nowMs = this.clock();
    const timeNs = BigInt(nowMs) * 1_000_000n;
    const tags = { part: name };
    if (reason !== null && known === undefined) {
      const isFull = diskFull.test(reason);
      const id = this.events.addEvent({
        timeNs,
        endNs: null,
        kind: kind === 'sink' ? 'sink_down' : isFull ? 'disk_full' : 'store_failed',
        severity: 'error',
        title: isFull ? `${name}: the disk is full` : `${name} ${kind === 'sink' ? 'is down' : 'fails'}`,
        text: reason,
        tags,
      });
      this.troubles.set(name, { id, sinceMs: nowMs, reason });
    } else if (reason !== null && known !== undefined && reason !== known.reason) {
      known.reason = reason;
      this.events.changeEvent(known.id, { text: reason });
    } else if (reason === null && known !== undefined) {
      this.troubles.delete(name);
      this.events.changeEvent(known.id, { endNs: timeNs });
      const seconds = Math.round((nowMs - known.sinceMs) / 1_000);
      this.events.addEvent({
        timeNs,
        endNs: timeNs,
        kind: kind === 'sink' ? 'sink_up' : 'store_recovered',
        severity: 'info',
        title: `${name} works again`,
        text: `after ${seconds} s; it said: ${known.reason}`,
        tags,
      });
    }
  }
}

async function troubleOf(part: WatchedPart): Promise<string | null> {
  try {
    return await part.trouble();
  } catch (error) {
    return errorMessage(error);
  }
}
