import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Config } from '../../../config/schema.js';
import { measurements } from '../../../model/metric-sample.js';
import { errorMessage } from '../../../model/errors.js';
import type { HttpClient } from '../http/http-client.js';
import { rollUps, rollUpTimes, sumAgain } from './statements.js';

type Settings = Config['influxdb'];

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** What continuous queries do not reach any more, less what a run of theirs may be late. */
const lateAfterMs = rollUpTimes.minute.forMs - 5 * minuteMs;
const saveEveryMs = 60_000;
const againAfterMs = 60_000;

export interface BackfillDependencies {
  http: Pick<HttpClient, 'send'>;
  /** where hours that wait are remembered */
  path: string;
  say: (level: 'info' | 'warn', message: string) => void;
  now?: () => number;
}

/**
 * Sums hours again whose points came too late for the continuous queries: after an outage, out of the spool, out of old
 * capture files. An hour is summed as a whole, which can be done any number of times.
 */
export class RollUpBackfill {
  private readonly hours = new Set<number>();
  private savedMs = 0;
  private nextMs = 0;
  private trouble: string | null = null;
  private readonly now: () => number;

  constructor(
    private readonly settings: Settings,
    private readonly dependencies: BackfillDependencies,
  ) {
    this.now = dependencies.now ?? Date.now;
  }

  stats(): { hoursWaiting: number; trouble: string | null } {
    return { hoursWaiting: this.hours.size, trouble: this.trouble };
  }

  /** Begins of hours whose sums may be too low, milliseconds since 1970. */
  waiting(): number[] {
    return [...this.hours].sort((one, other) => one - other).map((hour) => hour * hourMs);
  }

  /** Remembers what an earlier run had not done, and what passed since: nobody knows what the server did meanwhile. */
  async start(): Promise<void> {
    try {
      const saved = JSON.parse(await readFile(this.dependencies.path, 'utf8')) as {
        hours?: unknown;
        saved_ms?: unknown;
      };
      for (const hour of Array.isArray(saved.hours) ? saved.hours : [])
        if (Number.isSafeInteger(hour)) this.hours.add(hour as number);
      if (typeof saved.saved_ms === 'number') this.outage(saved.saved_ms);
    } catch {
      // the first run, or a file that was torn: what is there is summed by whoever asks for it
    }
  }

  /** Points of [fromMs, toMs] were stored. */
  stored(fromMs: number, toMs: number): void {
    if (fromMs < this.now() - lateAfterMs) this.add(fromMs, Math.min(toMs, this.now()));
    else if (this.now() - this.savedMs > saveEveryMs) void this.save();
  }

  /** The server was away since then: it may have summed nothing of what it had been given shortly before. */
  outage(sinceMs: number): void {
    this.nextMs = 0;
    this.add(sinceMs - rollUpTimes.minute.forMs, this.now());
  }

  /** All that is kept. */
  all(): void {
    this.add(0, this.now());
  }

  private add(fromMs: number, toMs: number): void {
    const oldest = Math.ceil((this.now() - this.settings.raw_retention_h * hourMs) / hourMs);
    for (
      let hour = Math.max(oldest, Math.floor(fromMs / hourMs));
      hour <= Math.floor(toMs / hourMs);
      hour += 1
    )
      this.hours.add(hour);
    void this.save();
  }

  private async save(): Promise<void> {
    this.savedMs = this.now();
    const { path } = this.dependencies;
    const text = JSON.stringify({ version: 1, saved_ms: this.savedMs, hours: [...this.hours] });
    // What cannot be saved is done in this run, or not at all.
    try {
      await writeFile(`${path}.tmp`, `${text}\n`, { mode: 0o600 });
      await rename(`${path}.tmp`, path);
    } catch (error) {
      this.trouble = errorMessage(error);
    }
  }

  /** Sums the latest hour that waits; resolves with when the next is due, in ms, null: none waits. */
  async step(signal: AbortSignal): Promise<number | null> {
    if (this.hours.size === 0) return null;
    if (this.now() < this.nextMs) return this.nextMs - this.now();
    const hour = Math.max(...this.hours);
    try {
      await this.sum(hour, signal);
      this.hours.delete(hour);
      this.trouble = null;
      await this.save();
      return this.hours.size > 0 ? 0 : null;
    } catch (error) {
      if (signal.aborted) return null;
      if (this.trouble === null) this.dependencies.say('warn', `sums of late points: ${errorMessage(error)}`);
      this.trouble = errorMessage(error);
      this.nextMs = this.now() + againAfterMs;
      return againAfterMs;
    }
  }

  private async sum(hour: number, signal: AbortSignal): Promise<void> {
    const from = hour * hourMs;
    // The current minute and hour are the continuous queries' own.
    const minuteTo = Math.min(from + hourMs, Math.floor(this.now() / minuteMs) * minuteMs);
    for (const measurement of measurements) {
      const statements = rollUps.map((rollUp) =>
        sumAgain(this.settings, measurement, rollUp, from, rollUp === 'minute' ? minuteTo : from + hourMs),
      );
      const answer = await this.dependencies.http.send({
        method: 'POST',
        path: '/query',
        query: { db: this.settings.database },
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from(new URLSearchParams({ q: statements.join('; ') }).toString()),
        signal,
        maxBytes: 1 << 20,
      });
      const error = /"error":"((?:[^"\\]|\\.)*)"/.exec(answer.text)?.[1];
      if (answer.status !== 200 || error !== undefined)
        throw new Error(`HTTP ${answer.status}: ${error ?? answer.text.slice(0, 200)}`);
    }
  }
}
