import type { EngineCounters } from '@wireglass/native';
import type { CaptureEnd, CaptureStatus } from '../capture/capture-control.js';
import { ledger } from '../model/ledger.js';
import type { HistoryStore } from '../stores/history/history-store.js';
import { LossWatch } from './loss-watch.js';

const aliveIntervalMs = 30_000;

const nsOf = (time: string): bigint => BigInt(new Date(time).getTime()) * 1_000_000n;

/** Tells the history of captures: the list of them, and events of their begin, losses and end. */
export class CaptureHistory {
  private run = 0;
  private saidAliveMs = 0;
  private readonly losses: LossWatch;

  constructor(
    private readonly history: HistoryStore,
    private readonly clock: () => number = Date.now,
  ) {
    this.losses = new LossWatch(history, clock);
  }

  begin(run: number): void {
    this.run = run;
    this.losses.begin({ run: String(run) });
  }

  started(source: string, status: CaptureStatus): void {
    const { run } = this;
    const startNs = nsOf(status.started_at ?? new Date(this.clock()).toISOString());
    const startedBy = status.started_by ?? '';
    this.saidAliveMs = this.clock();
    this.history.captureStarted({
      run,
      startNs,
      startedBy,
      source,
      backend: status.backend,
      interfaces: status.interfaces.map(({ name }) => name),
      settings: { ...status.settings },
    });
    this.history.addEvent({
      timeNs: startNs,
      endNs: startNs,
      kind: 'capture_started',
      severity: 'info',
      title: `capture of ${source} started`,
      text: `by ${startedBy}`,
      tags: { run: String(run), source },
    });
  }

  reading(counters: EngineCounters): void {
    this.losses.read(counters);
    const nowMs = this.clock();
    if (nowMs - this.saidAliveMs < aliveIntervalMs) return;
    this.saidAliveMs = nowMs;
    this.history.captureAlive(this.run, BigInt(nowMs) * 1_000_000n);
  }

  ended({ source, status, counters }: CaptureEnd): void {
    const { run } = this;
    this.losses.read(counters);
    const endNs = status.ended_at === null ? BigInt(this.clock()) * 1_000_000n : nsOf(status.ended_at);
    const failed = status.state === 'failed';
    this.history.captureEnded(run, {
      endNs,
      endedBy: status.ended_by,
      state: failed ? 'failed' : 'finished',
      interfaces: status.interfaces.map(({ name }) => name),
      counters,
      ledger: ledger(counters, true),
      failures: status.failures,
    });
    const how = status.ended_by === null ? 'by itself' : `by ${status.ended_by}`;
    const reasons = status.failures.map(({ message }) => message).join('; ');
    this.history.addEvent({
      timeNs: endNs,
      endNs,
      kind: failed ? 'capture_failed' : 'capture_ended',
      severity: failed ? 'error' : status.failures.length > 0 ? 'warning' : 'info',
      title: `capture of ${source} ${failed ? 'failed' : 'ended'}`,
      text: `${how}: ${counters.captured_packets} packets, ${counters.records} flow records${reasons === '' ? '' : `; ${reasons}`}`,
      tags: { run: String(run), source },
    });
  }
}
