import type {
  EngineCounters,
  EngineFailure,
  EngineOptions,
  EngineState,
  EngineStatus,
  IntervalReport,
  Subscription,
} from '@wireglass/native';
import { noCounters } from '../model/no-counters.js';
import type { EngineControl } from './engine-control.js';

export { noCounters };

/** An engine whose packets, failures and end the test decides. */
export class FakeEngine implements EngineControl {
  /** options of each start that worked */
  readonly starts: EngineOptions[] = [];
  /** the next start fails with it */
  startError: Error | null = null;
  private state: EngineState = 'idle';
  private failures: EngineFailure[] = [];
  private current: EngineCounters = { ...noCounters };
  private release: (() => void)[] = [];
  private readonly intervalCallbacks = new Set<(report: IntervalReport) => void | Promise<void>>();
  private holdStop: Promise<void> = Promise.resolve();

  async start(options: EngineOptions): Promise<void> {
    const error = this.startError;
    this.startError = null;
    if (error !== null) throw error;
    this.starts.push(options);
    this.state = 'running';
    this.failures = [];
    this.current = { ...noCounters };
  }

  async stop(): Promise<void> {
    this.state = 'draining';
    await this.holdStop;
    this.end();
  }

  finished(): Promise<void> {
    if (this.state !== 'running' && this.state !== 'draining') return Promise.resolve();
    return new Promise((resolve) => this.release.push(resolve));
  }

  status(): EngineStatus {
    const source = this.starts.at(-1)?.source;
    const backend = source?.kind === 'live' ? 'libpcap' : (source?.kind ?? null);
    const interfaces =
      source?.kind === 'live' ? [{ name: source.interface, link_type: 'Ethernet', snaplen: 262_144 }] : [];
    return { state: this.state, backend, interfaces, failures: this.failures, progress: null };
  }

  counters(): EngineCounters {
    return { ...this.current };
  }

  subscribeIntervals(onReport: (report: IntervalReport) => void | Promise<void>): Subscription {
    this.intervalCallbacks.add(onReport);
    return {
      close: () => void this.intervalCallbacks.delete(onReport),
      drained: () => Promise.resolve(),
    };
  }

  /** An interval report to all who subscribed. */
  report(report: IntervalReport): void {
    for (const callback of this.intervalCallbacks) void callback(report);
  }

  /** Sets counters as if packets had come. */
  count(counters: Partial<EngineCounters>): void {
    this.current = { ...this.current, ...counters };
  }

  /** The source ends by itself, or fails. */
  end(failure?: EngineFailure): void {
    this.state = failure === undefined ? 'finished' : 'failed';
    if (failure !== undefined) this.failures = [failure];
    for (const resolve of this.release.splice(0)) resolve();
  }

  /** stop() waits until the function returned is called. */
  delayStop(): () => void {
    let go = (): void => undefined;
    this.holdStop = new Promise((resolve) => (go = resolve));
    return go;
  }
}
